"""The wire form of letters, addresses, the outbox folder and what SMTP replies mean."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrying import OneByOne
from chance import examples
from feeds.errors import InputError, MailError
from feeds.mail.addresses import address_key, masked, normal_address
from feeds.mail.message import check_read_again, clean_subject, to_bytes
from feeds.mail.outbox import OutboxTransport, outbox_name, read_mail, read_outbox
from feeds.mail.verdicts import Stage, by_loss, by_reply
from feeds.model import Deferred, HostAway, Letter, Refused, Sent, Uncertain

GOLDEN = Path(__file__).parents[1] / "golden" / "mails" / "letter.eml"
LONG_URL = "https://feeds.example.org/unsubscribe/" + "Zm9v" * 30

LETTER = Letter(
    message_id="<d41d8cd98f00b204@feeds.example.org>",
    sender="news@feeds.example.org",
    sender_name="Boletín de la región",
    recipient="Ana.Lopez@example.org",
    subject="Migración laboral: 3 noticias sobre Panamá, Costa Rica y la República Dominicana",
    text="Hola:\n\n.un punto al principio\nUna línea larga " + "que sigue " * 12 + "\nFrom here on\n",
    html="<!doctype html>\n<p>Hola: <b>3 noticias</b> — año 2026</p>\n",
    date_at=datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
    headers=(
        ("List-Id", "Boletín <digest.feeds.example.org>"),
        ("List-Unsubscribe", f"<{LONG_URL}>, <mailto:leave@feeds.example.org?subject=leave>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Auto-Submitted", "auto-generated"),
    ),
)


def letter(**changes: Any) -> Letter:
    return replace(LETTER, **changes)


def parsed(**changes: Any) -> Message:
    return message_from_bytes(to_bytes(letter(**changes)))


def subject_of(message: Message) -> str:
    return str(make_header(decode_header(message["Subject"].replace("\r\n", ""))))


def body(message: Message, subtype: str) -> str:
    for part in message.walk():
        if part.get_content_subtype() == subtype:
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            return payload.decode("utf-8").replace("\r\n", "\n")
    raise AssertionError(f"no {subtype} part")


def test_a_letter_is_written_as_the_golden_file() -> None:
    raw = to_bytes(LETTER)
    if os.environ.get("FEEDS_ACCEPT"):
        GOLDEN.parent.mkdir(parents=True, exist_ok=True)
        GOLDEN.write_bytes(raw)
    assert raw == GOLDEN.read_bytes()


def test_the_same_letter_gives_the_same_bytes_and_another_id_another_boundary() -> None:
    assert to_bytes(LETTER) == to_bytes(LETTER)
    other = letter(message_id="<other@feeds.example.org>")
    assert message_from_bytes(to_bytes(other)).get_boundary() != parsed().get_boundary()


def test_headers_stand_once_in_their_order() -> None:
    assert parsed().keys() == [
        "From", "To", "Subject", "Date", "Message-ID", "MIME-Version",
        "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted", "Content-Type",
    ]  # fmt: skip


def test_text_comes_first_and_both_bodies_come_back() -> None:
    message = parsed()
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip
    assert body(message, "plain") == LETTER.text
    assert body(message, "html") == LETTER.html


def test_lines_are_short_ascii_and_end_in_crlf() -> None:
    raw = to_bytes(LETTER)
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    long_lines = [line for line in raw.split(b"\r\n") if len(line) > 76]
    assert [line.partition(b":")[0] for line in long_lines] == [b"List-Unsubscribe"]


def test_the_unsubscribe_header_is_one_raw_line() -> None:
    expected = f"List-Unsubscribe: <{LONG_URL}>, <mailto:leave@feeds.example.org?subject=leave>\r\n"
    assert expected.encode() in to_bytes(LETTER)


def test_a_text_outside_latin_letters_is_base64_and_comes_back() -> None:
    text = "Новости региона каждый день\n" * 20
    message = parsed(text=text)
    assert message.get_payload()[0]["Content-Transfer-Encoding"] == "base64"  # type: ignore[index]
    assert body(message, "plain") == text


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?=0d=0aBcc:_victim=40evil.test?=",
        "Plain =?utf-8?q?=0d=0aBcc:_victim=40evil.test?= words",
        "=?utf-8?b?DQpCY2M6IHZpY3RpbUBldmlsLnRlc3Q=?=",
        "Short and plain",
        "Two  spaces and a colon: here",
        "word " * 60 + "end",
        "x" * 300,
        "Niños 👩‍👩‍👧 y ñandúes " * 9 + "fin",
        "",
    ],
)
def test_a_subject_comes_back_letter_for_letter(subject: str) -> None:
    message = parsed(subject=subject)
    assert subject_of(message) == subject
    assert "Bcc" not in message


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1e", "\t"])
def test_odd_line_ends_in_a_subject_become_spaces(odd: str) -> None:
    assert subject_of(parsed(subject=f"One{odd}two")) == "One two"


def test_direction_overrides_are_taken_out_of_a_subject() -> None:
    assert subject_of(parsed(subject="a\u202eb\u2066c")) == "abc"


@examples(60)
@given(st.text(st.characters(exclude_characters="\r\n\0"), max_size=120))
def test_no_subject_makes_a_header_or_gets_lost(subject: str) -> None:
    message = parsed(subject=subject)
    assert message.keys() == parsed().keys()
    assert subject_of(message) == clean_subject(subject)


@examples(60)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=300))
def test_any_text_comes_back(text: str) -> None:
    assert body(parsed(text=text, html=text), "plain").rstrip("\n") == text.rstrip("\n")


@pytest.mark.parametrize("bad", ["\r", "\n", "\0", "\r\nBcc: v@evil.test"])
@pytest.mark.parametrize(
    "field", ["subject", "sender", "sender_name", "recipient", "message_id", "List-Id", "X-Any"]
)
def test_a_line_break_or_nul_in_any_header_is_an_error(field: str, bad: str) -> None:
    if field[0].isupper():
        changes: dict[str, Any] = {"headers": ((field, f"one{bad}two"),)}
    else:
        changes = {field: getattr(LETTER, field) + bad}
    with pytest.raises(MailError):
        to_bytes(letter(**changes))


@pytest.mark.parametrize(
    "header",
    [
        ("Bcc", "v@evil.test"),
        ("subject", "twice"),
        ("Content-Type", "text/html"),
        ("Bad name", "x"),
        ("", "x"),
        ("List-Help", "<https://example.org/ñ>"),
        ("List-Help", "<https://example.org/" + "x" * 1000 + ">"),
    ],
)
def test_headers_that_may_not_be_set_are_errors(header: tuple[str, str]) -> None:
    with pytest.raises(MailError):
        to_bytes(letter(headers=(header,)))


def test_an_extra_header_may_not_stand_twice() -> None:
    with pytest.raises(MailError):
        to_bytes(letter(headers=(("X-A", "1"), ("x-a", "2"))))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Feeds", "From: Feeds <news@feeds.example.org>"),
        ("", "From: news@feeds.example.org"),
        ("Office, the", 'From: "Office, the" <news@feeds.example.org>'),
        ('Say "hi" \\', 'From: "Say \\"hi\\" \\\\" <news@feeds.example.org>'),
        ("Región", "From: =?utf-8?q?Regi=C3=B3n?= <news@feeds.example.org>"),
    ],
)
def test_the_senders_name_is_bare_quoted_or_encoded(name: str, line: str) -> None:
    assert f"{line}\r\n".encode() in to_bytes(letter(sender_name=name))


@pytest.mark.parametrize("slipped", [b"Bcc: v@evil.test\r\n", b"\r\n", b"no header at all\r\n"])
def test_the_second_net_catches_what_should_not_be_there(slipped: bytes) -> None:
    raw = to_bytes(LETTER)
    names = parsed().keys()[:-1]
    check_read_again(raw, names, LETTER.subject)
    with pytest.raises(MailError):
        check_read_again(raw.replace(b"Date: ", slipped + b"Date: ", 1), names, LETTER.subject)
    with pytest.raises(MailError):
        check_read_again(raw, names, "another")


# Addresses


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ana@Example.ORG", "Ana@example.org"),
        ("  ana@example.org ", "ana@example.org"),
        ("ana@münchen.de", "ana@xn--mnchen-3ya.de"),
        ("ana+lists@site.test", "ana+lists@site.test"),
    ],
)
def test_an_address_keeps_its_local_part_and_gets_an_ascii_domain(typed: str, kept: str) -> None:
    assert normal_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "ana", "ana@", "@example.org", "a b@example.org", "ana@example", "ana@exa mple.org",
        "jörg@example.org", "a@x.org\r\nBcc:b@x.org", "a@x.org>\r\nRCPT TO:<b@x.org", "ana@x.org\0",
        "<ana@x.org>", "Ana <ana@x.org>", '"a b"@x.org', "a@[127.0.0.1]", "a@x.org, b@x.org",
        "x" * 65 + "@example.org", "ana@" + "x" * 250 + ".org", "ana@x.org\u2028", "ana@localhost",
    ],
)  # fmt: skip
def test_what_cannot_be_mailed_is_refused_with_a_reason(typed: str) -> None:
    with pytest.raises(InputError) as caught:
        normal_address(typed)
    [problem] = caught.value.problems
    assert problem.where == "address"
    assert len(problem.what) > 15


def test_a_test_domain_is_taken_only_when_allowed() -> None:
    with pytest.raises(InputError):
        normal_address("ana@site.test", allow_test=False)


def test_spellings_of_one_mailbox_share_a_key() -> None:
    assert address_key("Ana@Example.org") == address_key("ana@example.org")
    assert address_key("ana@example.org") != address_key("bo@example.org")


def test_a_masked_address_shows_one_letter_and_the_domain() -> None:
    assert masked("maria@x.org") == "m…@x.org"
    assert masked("not an address") == "…"


# The outbox


def send(folder: Path, one: Letter) -> Any:
    return asyncio.run(OneByOne(OutboxTransport(folder)).send(one))


def test_the_outbox_keeps_a_letter_whole_and_shows_it(tmp_path: Path) -> None:
    assert isinstance(send(tmp_path / "out", LETTER), Sent)
    [caught] = read_outbox(tmp_path / "out")
    assert (caught.recipient, caught.subject) == (LETTER.recipient, LETTER.subject)
    assert caught.date_at == LETTER.date_at
    opened = read_mail(tmp_path / "out", caught.name)
    assert opened is not None
    assert (opened.text, opened.html) == (LETTER.text, LETTER.html)
    assert dict(opened.headers)["List-Unsubscribe"].startswith(f"<{LONG_URL}>")
    assert opened.source.startswith("From: ")
    assert caught.size == len(to_bytes(LETTER))


def test_the_same_message_id_again_is_the_same_file(tmp_path: Path) -> None:
    send(tmp_path, LETTER)
    send(tmp_path, LETTER)
    send(tmp_path, letter(message_id="<second@feeds.example.org>"))
    assert len(list(tmp_path.iterdir())) == 2


def test_the_newest_mail_comes_first_and_the_list_is_bounded(tmp_path: Path) -> None:
    for day in (3, 1, 2):
        send(tmp_path, letter(message_id=f"<d{day}@x.test>", date_at=datetime(2026, 1, day, tzinfo=UTC)))
    assert [mail.date_at.day for mail in read_outbox(tmp_path)] == [3, 2, 1]
    assert len(read_outbox(tmp_path, limit=2)) == 2


def test_names_that_are_no_caught_mail_open_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.eml").write_bytes(b"Subject: s\r\n\r\nx")
    out = tmp_path / "out"
    out.mkdir()
    for name in ("../secret.eml", "..", "", "/etc/passwd", ".x.eml", "gone.eml", "a\n.eml", "x.txt"):
        assert read_mail(out, name) is None


def test_an_outbox_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert read_outbox(tmp_path / "none") == []


def test_other_files_and_a_mail_without_a_date_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / ".1234.tmp").write_bytes(b"half")
    (tmp_path / "notes.txt").write_bytes(b"mine")
    (tmp_path / "odd.eml").write_bytes(b"\xff\xfe no mail at all")
    assert [mail.name for mail in read_outbox(tmp_path)] == ["odd.eml"]


def test_a_folder_that_cannot_be_written_is_our_fault_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    receipt = send(tmp_path / "file", LETTER)
    assert isinstance(receipt, HostAway)
    assert receipt.ours
    (tmp_path / outbox_name(LETTER.message_id)).mkdir()
    assert isinstance(send(tmp_path, LETTER), HostAway)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    "message_id", ["<../../x@y>", "<.hidden@y>", "<" + "a" * 200 + "@y>", "<a/b@y>", "\ud800"]
)
def test_no_message_id_leaves_the_folder(message_id: str) -> None:
    name = outbox_name(message_id)
    assert len(name) == 36
    assert name.removesuffix(".eml").isalnum()


# What replies mean (every stage with a real server: tests/integration/test_smtp.py)


@pytest.mark.parametrize("stage", list(Stage))
def test_only_a_loss_at_the_final_dot_is_uncertain(stage: Stage) -> None:
    receipt = by_loss(stage, "gone")
    assert isinstance(receipt, Uncertain if stage is Stage.END else HostAway)


@pytest.mark.parametrize("stage", [Stage.RECIPIENT, Stage.DATA, Stage.END])
@pytest.mark.parametrize("code", [400, 450, 499])
def test_a_4xx_about_the_letter_defers_it(stage: Stage, code: int) -> None:
    assert isinstance(by_reply(stage, code, "later"), Deferred)


def test_an_enhanced_code_of_another_class_is_not_believed() -> None:
    assert isinstance(by_reply(Stage.RECIPIENT, 450, "5.1.1 no such user"), Deferred)
    assert isinstance(by_reply(Stage.RECIPIENT, 552, "2.1.1 odd"), Deferred)


def test_a_reason_is_bounded_and_printable() -> None:
    receipt = by_reply(Stage.RECIPIENT, 550, "5.1.1 \x1b[31m\ud800" + "x" * 5000)
    assert isinstance(receipt, Refused)
    assert receipt.reason.isprintable()
    assert len(receipt.reason) < 400


@pytest.mark.parametrize(
    ("stage", "code", "text", "gone"),
    [
        (Stage.RECIPIENT, 550, "5.1.1 no such user", True),
        (Stage.RECIPIENT, 550, "5.1.2 no such host", True),
        (Stage.RECIPIENT, 551, "5.1.6 moved", True),
        (Stage.RECIPIENT, 556, "5.1.10 null MX", True),
        (Stage.RECIPIENT, 550, "5.2.1 disabled", False),
        (Stage.RECIPIENT, 550, "no such user", False),
        (Stage.RECIPIENT, 550, "4.1.1 two minds", False),
        (Stage.END, 550, "5.1.1 no such user", False),
    ],
)
def test_only_the_server_that_knows_its_mailboxes_can_say_that_one_is_gone(
    stage: Stage, code: int, text: str, gone: bool
) -> None:
    receipt = by_reply(stage, code, text)
    assert isinstance(receipt, Refused)
    assert receipt.gone is gone
