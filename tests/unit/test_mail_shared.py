"""A mail written once for many: each letter reads as if it had been written for its reader alone."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Any

import pytest

from feeds.errors import MailError
from feeds.mail.message import to_bytes, unstuffed
from feeds.mail.shared import SharedMail
from feeds.model import Letter

SLOTS = ("\ufdd0", "\ufdd1", "slot-of-headers")
WORDS = {"\ufdd0": "4f-2a.Zm9vYmFyYmF6cXV1eA_-", "\ufdd1": "x" * 75, "slot-of-headers": "4f-2a.Zm9v"}
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MODEL = Letter(
    message_id="", sender="news@feeds.example.org", sender_name="Boletín de la región", recipient="",
    subject="Migración laboral: Honduras y México acuerdan contratos, y 8 más", date_at=NOW,
    text="Hola:\n\nhttps://feeds.example.org/unsubscribe/\ufdd0\n.\n", html="<p>\ufdd0</p>\n<p>\ufdd1</p>\n",
    headers=(
        ("List-Id", "<digest.feeds.example.org>"),
        ("List-Unsubscribe", "<https://x.org/slot-of-headers>, <mailto:a@x.org?subject=slot-of-headers>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ),
)  # fmt: skip


def written(
    model: Letter = MODEL, words: dict[str, str] = WORDS, recipient: str = "ana@example.org"
) -> bytes:
    return SharedMail(model, SLOTS).to(recipient, "<id@feeds.example.org>", NOW, words)


def filled(text: str) -> str:
    for slot, word in WORDS.items():
        text = text.replace(slot, word)
    return text


def bodies(message: Message) -> list[str]:
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    return [part.decode().replace("\r\n", "\n").rstrip("\n") for part in parts if isinstance(part, bytes)]


def alone(model: Letter) -> Letter:
    """The letter as it would be written for one reader, without slots."""
    headers = tuple((name, filled(value)) for name, value in model.headers)
    return replace(
        model, message_id="<id@feeds.example.org>", recipient="ana@example.org", text=filled(model.text),
        html=filled(model.html), headers=headers,
    )  # fmt: skip


def test_a_letter_reads_as_the_one_that_the_email_package_builds() -> None:
    ours = message_from_bytes(unstuffed(written()), policy=policy.default)
    theirs = EmailMessage(policy=policy.SMTP)
    one = alone(MODEL)
    theirs["From"], theirs["To"] = f'"{one.sender_name}" <{one.sender}>', one.recipient
    theirs["Subject"], theirs["Date"], theirs["Message-ID"] = one.subject, NOW, one.message_id
    for name, value in one.headers:
        theirs[name] = value
    theirs.set_content(one.text)
    theirs.add_alternative(one.html, subtype="html")
    assert bodies(ours) == bodies(theirs)
    # Read again, as the package's own folding of long addresses cannot be compared as text.
    for name in ("From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe-Post"):
        assert str(ours[name]) == str(theirs[name]), name
    assert ours["List-Unsubscribe"] == filled(MODEL.headers[1][1])
    assert [part.get_content_type() for part in ours.walk()] == [
        "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip


def test_its_headers_are_those_of_the_same_letter_alone_byte_for_byte() -> None:
    head, _, _ = unstuffed(written()).partition(b"\r\nContent-Type:")
    same, _, _ = to_bytes(alone(MODEL)).partition(b"\r\nContent-Type:")
    assert head == same


@pytest.mark.parametrize("seed", range(150))
def test_any_text_with_slots_anywhere_comes_back_in_short_lines_with_dots_doubled(seed: int) -> None:
    dice = random.Random(seed)
    letters = "ab .\n=é\ufdd0\ufdd1 \t—xyz.👩"
    text, html = ("".join(dice.choices(letters, k=dice.randint(0, 300))) for _ in range(2))
    wire = written(replace(MODEL, text=text, html=html))
    assert wire.isascii()
    assert not wire.startswith(b".")
    lines = wire.split(b"\r\n")
    assert all(line.startswith(b"..") for line in lines if line.startswith(b"."))
    assert max(len(line) for line in unstuffed(wire).split(b"\r\n") if not line.startswith(b"List-")) <= 76
    assert wire.count(b"\n") == wire.count(b"\r") == wire.count(b"\r\n")
    assert bodies(message_from_bytes(unstuffed(wire))) == [filled(each).rstrip("\n") for each in (text, html)]


def test_each_reader_gets_their_own_words_and_nobody_elses() -> None:
    shared = SharedMail(MODEL, SLOTS)
    for name in ("ana", "bob", "eve"):
        words = dict.fromkeys(SLOTS, f"of-{name}")
        wire = shared.to(f"{name}@example.org", f"<{name}@feeds.example.org>", NOW, words)
        message = message_from_bytes(unstuffed(wire))
        assert (message["To"], message["Message-ID"]) == (
            f"{name}@example.org",
            f"<{name}@feeds.example.org>",
        )
        assert message["List-Unsubscribe"].count(f"of-{name}") == 2
        assert wire.count(b"of-") == wire.count(f"of-{name}".encode()) == 5
    assert shared.size > len(MODEL.html)


@pytest.mark.parametrize("word", ["", ".dot", "a b", "a\r\nBcc: x@y", "a\0", "é", "a/b", "x" * 76, '"'])
@pytest.mark.parametrize("slot", SLOTS)
def test_a_word_that_could_break_out_is_an_error(slot: str, word: str) -> None:
    with pytest.raises(MailError):
        written(words=WORDS | {slot: word})


@pytest.mark.parametrize("recipient", ["a@x\r\nBcc: b@x", "", "a b@x.org", "a@x.org\0", "jörg@x.org"])
def test_an_address_that_cannot_be_written_is_an_error(recipient: str) -> None:
    with pytest.raises(MailError):
        written(recipient=recipient)


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": "a@x\nBcc: b@x"},
        {"subject": "two\nlines"},
        {"headers": (("Bcc", "a@x.org"),)},
        {"headers": (("List-Help", "one\r\ntwo"),)},
        {"headers": (("List-Help", "<https://x.org/" + "y" * 920 + "/slot-of-headers>"),)},
    ],
)
def test_what_all_get_alike_must_be_writable_too(changes: dict[str, Any]) -> None:
    with pytest.raises(MailError):
        SharedMail(replace(MODEL, **changes), SLOTS)


def test_the_first_letter_of_a_mail_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = SharedMail(MODEL, SLOTS)
    shared._names.append("X-Not-There")
    with pytest.raises(MailError, match="other headers"):
        shared.to("ana@example.org", "<id@feeds.example.org>", NOW, WORDS)
    shared._names.pop()
    shared.to("ana@example.org", "<id@feeds.example.org>", NOW, WORDS)
