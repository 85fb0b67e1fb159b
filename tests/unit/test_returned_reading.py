"""What a mail that came back says: by the standards, and by its tag where they fail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds.mail.envelope import BounceAddress
from feeds.mail.returned import MOST_BYTES, Kind
from feeds.mail.returned.reading import read
from feeds.tokens import Tokens
from returned import complaint, plain, report

BOX = BounceAddress("bounces@example.org")
TOKENS = Tokens([b"k" * 32])
TAG = TOKENS.bounce("17")
TO = BOX.tagged(TAG)
LINK = TOKENS.unsubscribe(3, 4)


@pytest.mark.parametrize(
    ("status", "said", "kind", "code"),
    [
        ("5.1.1", "550 5.1.1 no such user", Kind.HARD, "5.1.1"),
        ("5.1.2", "Host not found", Kind.HARD, "5.1.2"),
        ("5.1.6", "550 moved", Kind.HARD, "5.1.6"),
        ("5.1.10", "556 5.1.10 takes no mail", Kind.HARD, "5.1.10"),
        ("5.0.0", "550 5.1.1 unknown here", Kind.HARD, "5.1.1"),
        ("5.2.2", "552 5.2.2 over quota", Kind.SOFT, "5.2.2"),
        ("4.4.1", "connection timed out", Kind.SOFT, "4.4.1"),
        ("5.0.0", "550 it did not work", Kind.SOFT, "5.0.0"),
        ("", "550 no such user here", Kind.SOFT, ""),
        ("5.7.1", "550 5.7.1 blocked by a list", Kind.POLICY, "5.7.1"),
        ("5.1.1", "550 5.7.515 not authenticated", Kind.POLICY, "5.7.515"),
        ("5.1.8", "553 sender domain not found", Kind.POLICY, "5.1.8"),
        ("4.7.0", "421 4.7.0 too much mail from 192.0.2.1", Kind.POLICY, "4.7.0"),
        ("5.3.4", "552 too big", Kind.POLICY, "5.3.4"),
    ],
)  # fmt: skip
def test_a_report_says_whose_fault_it_is(status: str, said: str, kind: Kind, code: str) -> None:
    found = read(report(TO, status=status, said=said), BOX)
    assert (found.kind, found.status, found.tags) == (kind, code, (TAG,))


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", "Delayed (5 more tries)"])
def test_a_report_of_no_failure_is_none(action: str) -> None:
    assert read(report(TO, action=action), BOX).kind is Kind.DELAYED


def test_the_servers_words_are_one_line_without_addresses() -> None:
    found = read(report(TO, said="550 5.1.1 <ana@example.org>:\n no\tsuch user"), BOX)
    assert found.reason == "550 5.1.1 <a…@example.org>: no such user"


def test_a_report_without_a_tagged_recipient_is_known_by_the_letter_that_it_gives_back() -> None:
    elsewhere = (
        report(TO).replace(f"Delivered-To: {TO}".encode(), b"X: y").replace(b"To: " + TO.encode(), b"")
    )
    assert TO.encode() in elsewhere
    assert read(elsewhere, BOX).tags == (TAG,)


@pytest.mark.parametrize(
    ("mail", "kind", "code"),
    [
        (plain(TO, "From: MAILER-DAEMON@mx.test", body="no such mailbox. (#5.1.1)"), Kind.HARD, "5.1.1"),
        (plain(TO, "From: Postmaster <postmaster@mx.test>", body="it bounced"), Kind.SOFT, ""),
        (plain(TO, "From: Mail@x.test", "X-Failed-Recipients: a@x.test", "Auto-Submitted: auto-replied",
               body="550 5.7.1 your host 192.0.2.5 is listed"), Kind.POLICY, "5.7.1"),
        (plain(TO, "From: x@x.test", "Return-Path: <>", body="Version 5.1.1.7 of 5.1.1 says 5.2.2"),
         Kind.HARD, "5.1.1"),
        (plain(TO, "From: MAILER-DAEMON@x", "Content-Type: multipart/report", body="garbage"), Kind.SOFT, ""),
    ],
)  # fmt: skip
def test_what_is_no_report_is_known_by_its_tag_and_the_codes_it_names(
    mail: bytes, kind: Kind, code: str
) -> None:
    found = read(mail, BOX)
    assert (found.kind, found.status, found.tags) == (kind, code, (TAG,))


@pytest.mark.parametrize(
    "head",
    [
        ("Auto-Submitted: auto-replied",),
        ("Auto-Submitted: auto-replied; owner-email=ana@example.org", "Return-Path: <>"),
        ("X-Autoreply: yes",),
        ("X-Auto-Response-Suppress: All", "Return-Path: <>"),
        ("Precedence: auto_reply",),
        ("Subject: Out of office: Labour migration",),
        ("Subject: Automatic reply: Labour migration", "Return-Path: <>"),
        ("Subject: =?utf-8?q?Respuesta_autom=C3=A1tica=3A_Migraci=C3=B3n?=",),
        ("List-Id: <staff.example.net>",),
    ],
)
def test_out_of_office_and_other_answers_of_machines_are_told_from_bounces(head: tuple[str, ...]) -> None:
    assert read(plain(TO, "From: Ana <ana@example.org>", *head, body="550 5.1.1"), BOX).kind is Kind.AUTOMATIC


def test_a_person_s_words_are_left_alone() -> None:
    mail = plain(TO, "From: Ana <ana@example.org>", "Auto-Submitted: no", "Subject: Re: News", body="Thanks")
    assert read(mail, BOX).kind is Kind.OTHER


def test_a_wish_to_leave_is_known_by_the_link_in_its_subject() -> None:
    for subject in (f"unsubscribe {LINK}", f"Fwd: Unsubscribe: {LINK}", f"=?utf-8?q?unsubscribe_{LINK}?="):
        found = read(plain(BOX.unsubscribe, "From: a@example.org", f"Subject: {subject}"), BOX)
        assert (found.kind, found.tokens) == (Kind.LEAVE, (LINK,))
    other = read(plain(BOX.unsubscribe, "From: a@example.org", "Subject: unsubscribe me"), BOX)
    assert (other.kind, other.tokens) == (Kind.OTHER, ())


@pytest.mark.parametrize(
    ("what", "kind"),
    [("abuse", Kind.COMPLAINT), ("Fraud", Kind.COMPLAINT), ("opt-out", Kind.LEAVE), ("not-spam", Kind.OTHER),
     ("auth-failure", Kind.OTHER), ("", Kind.OTHER)],
)  # fmt: skip
def test_a_complaint_names_the_letter_by_its_envelope_and_its_link(what: str, kind: Kind) -> None:
    found = read(complaint(what=what, mail_from=f"<{TO}>", token=LINK), BOX)
    assert (found.kind, found.tags) == (kind, (TAG,))
    assert set(found.tokens) == ({LINK} if kind is not Kind.OTHER else set())


def test_the_same_mail_has_the_same_key_and_another_another() -> None:
    one = read(report(TO), BOX).key
    assert read(b"Received: by y\n" + report(TO), BOX).key == one
    assert read(report(TO, name="other"), BOX).key != one
    nameless = plain(TO, "From: a@b").replace(b"Message-ID: <plain@mx.example.net>", b"Message-ID:")
    assert read(nameless, BOX).key == read(nameless, BOX).key != read(nameless + b"x", BOX).key


def _nested(levels: int) -> bytes:
    parts = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(levels))
    return f"From: MAILER-DAEMON@x\nTo: {TO}\n{parts}".encode() + b"\n" * 200_000


@pytest.mark.parametrize(
    "mail",
    [
        b"", b"\0" * 1000, b"\xff\xfe" * 50_000, b"From: \xff\nSubject: =?x?q?=\n\n",
        b"A: b\n" * 60_000, b"Content-Type: message/rfc822\n\n" * 3000, _nested(2000), _nested(14),
        b"Content-Type: multipart/report; boundary=\n\n--\n" * 50,
        b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n!!!!\n",
        report(TO).replace(b"Action: failed", b"Action: \xff\xff").replace(b"Status: 5", b"Status: \xe9"),
        report(TO)[: len(report(TO)) // 2],
        b"Subject: " + b"=?utf-8?q?a?= " * 15_000 + b"\n\n",
    ],
    ids=range(13),
)  # fmt: skip
def test_no_mail_stops_the_reader(mail: bytes) -> None:
    assert read(mail, BOX).kind in Kind


def test_a_mail_with_too_many_parts_is_known_by_its_head() -> None:
    found = read(_nested(2000), BOX)
    assert (found.kind, found.tags) == (Kind.SOFT, (TAG,))


def test_only_the_beginning_of_a_long_mail_is_read() -> None:
    long = report(TO) + b"x" * (2 * MOST_BYTES)
    assert read(long, BOX).kind is Kind.HARD
    late = plain("someone@example.org", "From: MAILER-DAEMON@x", body="x\n" * MOST_BYTES + TO)
    assert read(late, BOX).tags == ()


@examples(60)
@given(st.binary(max_size=600), st.integers(min_value=0, max_value=len(report(TO))))
def test_any_bytes_anywhere_in_a_report_are_read_to_something(noise: bytes, at: int) -> None:
    whole = report(TO)
    assert read(whole[:at] + noise + whole[at:], BOX).kind in Kind
