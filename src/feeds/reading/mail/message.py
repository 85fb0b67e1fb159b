"""A mail that was saved as a file: its text, and what its subject and date say.

Owns which part of a mail is the bulletin. Attachments are not opened. Must not
know how its text or HTML is read on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from feeds.reading.clean import shown
from feeds.reading.encoding import Decoded, decode

MOST_PARTS = 50
_LONGEST_HEADER = 2_000
_STARTS = re.compile(rb"(?:[!-9;-~]{1,60}:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n){0,50}){3}")
_TELLS = re.compile(rb"^(?:From|Subject|Date|Message-ID|MIME-Version|Received|Return-Path):", re.I | re.M)
_FORWARDED = re.compile(r"(?:fwd?|re|rv|tr|enc|res)\s?:\s*", re.IGNORECASE)
_SIGNATURE = re.compile(r"^-- ?\r?$", re.MULTILINE)


class Mail(NamedTuple):
    """The text of a mail, whether it is HTML, and its subject and day."""

    decoded: Decoded
    is_html: bool
    subject: str | None
    day: date | None


def looks_like_mail(data: bytes) -> bool:
    """Whether a file begins with the headers of a mail: three lines, two names that only mails have."""
    start = data[:4_096].lstrip(b"\r\n")
    return bool(_STARTS.match(start)) and len(set(_TELLS.findall(start.partition(b"\n\n")[0]))) >= 2


def mail_of(data: bytes, fallback: str) -> Mail | None:
    """The mail in `data`, None if there is no text in it. Never runs or fetches anything."""
    try:
        message = message_from_bytes(data)
        parts = list(_texts(message))
    except (RecursionError, ValueError, LookupError):
        return None
    plain = next((part for part in parts if part.get_content_subtype() == "plain"), None)
    part = plain or next((part for part in parts if part.get_content_subtype() == "html"), None)
    if part is None:
        return None
    decoded = _decoded(part, fallback)
    if part is plain:
        text = _SIGNATURE.split(decoded.text, maxsplit=1)[0]
        decoded = Decoded(text, decoded.encoding, decoded.faults)
    return Mail(decoded, part is not plain, _subject(message), _day(message))


def _texts(message: Message) -> Iterator[Message]:
    """The parts that are text and not attached, in order; a few at most, without recursion."""
    waiting = [message]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        inside = part.get_payload()
        if isinstance(inside, list):
            waiting[:0] = [each for each in inside if isinstance(each, Message)]
        elif part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
            yield part


def _decoded(part: Message, fallback: str) -> Decoded:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = str(part.get_param("charset") or "").lower()
    try:
        return Decoded(data.decode(charset), charset)
    except (LookupError, ValueError):
        return decode(data, fallback)


def _subject(message: Message) -> str | None:
    raw = str(message.get("Subject") or "")[:_LONGEST_HEADER]
    try:
        words = "".join(
            piece if isinstance(piece, str) else piece.decode(charset or "ascii", "replace")
            for piece, charset in decode_header(raw)
        )
    except (HeaderParseError, LookupError, ValueError):
        words = raw
    words = shown(words)
    while prefix := _FORWARDED.match(words):
        words = words[prefix.end() :]
    return words or None


def _day(message: Message) -> date | None:
    """The day on the sender's own calendar."""
    try:
        return parsedate_to_datetime(str(message.get("Date") or "")[:100]).date()
    except (ValueError, TypeError, OverflowError):
        return None
