"""A mail that was saved as a file: its text, and what its subject and date say.

Owns which parts of a mail are its text. A mail that is attached to another one as a whole is the one that
counts; other attachments are not opened. Must not know how its text or HTML is read on.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from feeds.errors import BulletinError
from feeds.model import Fault
from feeds.reading.clean import shown
from feeds.reading.encoding import Decoded, decode
from feeds.reading.faults import cut
from feeds.reading.mail.wording import kind_of, without_prefixes

MOST_PARTS = 50
MOST_DEEP = 20
_LONGEST_HEADER = 2_000
_STARTS = re.compile(rb"(?:[!-9;-~]{1,60}:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n){0,50}){3}")
_TELLS = re.compile(rb"^(?:From|Subject|Date|Message-ID|MIME-Version|Received|Return-Path):", re.I | re.M)
_TAGS = re.compile(r"<(?:style|script|head|title)\b.*?</(?:style|script|head|title)>|<[^>]*>", re.I | re.S)
_ADDRESSES = re.compile(
    r"[<(\[]?(?:https?://|mailto:|www\.)[^\s<>\"')\]]+[>)\]]?|\[(?:cid|image)[^\]]{0,200}\]", re.I
)
_SENSITIVE = frozenset({"private", "personal", "company-confidential", "confidential"})
_WORD = re.compile(r"\w+")
# Two parts say the same if nearly all words of each are in the other.
_ALIKE = 0.95
_FEW_WORDS = 0.2
_HARDLY = 0.5
_EXCUSE = 60


class Mail(NamedTuple):
    """The text of a mail, whether it is HTML, its subject and day, whether it forwards or answers another.

    `whole_subject` has what programs and lists put before it; `is_withheld`: the sender calls it private.
    """

    decoded: Decoded
    is_html: bool
    subject: str | None
    day: date | None
    forwards: bool
    answers: bool
    whole_subject: str = ""
    is_withheld: bool = False


@dataclass(frozen=True, slots=True)
class _Text:
    """A piece of a mail's text."""

    words: str
    is_html: bool
    encoding: str
    faults: tuple[Fault, ...] = field(default=())


def looks_like_mail(data: bytes) -> bool:
    """Whether a file begins with the headers of a mail: three lines, two names that only mails have."""
    start = data[:4_096].lstrip(b"\r\n")
    return bool(_STARTS.match(start)) and len(set(_TELLS.findall(start.partition(b"\n\n")[0]))) >= 2


def mail_of(data: bytes, fallback: str) -> Mail | None:
    """The mail in `data`, None if there is no text in it. Never runs or fetches anything."""
    try:
        message = _original(message_from_bytes(data))
        parts = _Parts(fallback).of(message)
    except (RecursionError, ValueError, LookupError):
        return None
    if not parts:
        return None
    words, is_html = _joined(parts)
    faults = tuple(fault for part in parts for fault in part.faults)
    subject, lists = _header(message, "Subject"), _lists(message)
    kind = kind_of(subject, lists)
    return Mail(
        decoded=Decoded(words, parts[0].encoding, faults),
        is_html=is_html,
        subject=without_prefixes(subject, lists) or None,
        day=_day(message),
        forwards=kind == "forwards",
        answers=kind == "answers",
        whole_subject=subject,
        is_withheld=_header(message, "Sensitivity").lower() in _SENSITIVE,
    )


def _original(message: Message) -> Message:
    """The mail that is attached to a mail, if there is one. BulletinError if there are several."""
    for _ in range(MOST_DEEP):
        attached = _attached(message)
        if len(attached) > 1:
            names = ", ".join(_header(each, "Subject") for each in attached[:5])
            raise BulletinError(Fault(code="mail-unclear", detail=cut(names)))
        if not attached:
            return message
        message = attached[0]
    return message


def _attached(message: Message) -> list[Message]:
    """The mails that are attached to a mail as a whole."""
    found: list[Message] = []
    waiting = [message]
    for _ in range(MOST_PARTS):
        if not waiting:
            break
        part = waiting.pop(0)
        inside = part.get_payload()
        if not isinstance(inside, list) or part.get_content_type() == "multipart/report":
            continue
        inner = [each for each in inside if isinstance(each, Message)]
        if part.get_content_type() == "message/rfc822":
            found += inner
        else:
            waiting[:0] = inner
    return found


class _Parts:
    """The pieces of a mail's text in their order; a few at most, and not from any depth."""

    def __init__(self, fallback: str) -> None:
        self._fallback = fallback
        self._left = MOST_PARTS

    def of(self, part: Message, depth: int = 0) -> list[_Text]:
        """The text of a part: of several ways to say the same, one."""
        self._left -= 1
        if self._left < 0 or depth > MOST_DEEP or part.get_content_disposition() == "attachment":
            return []
        inside = part.get_payload()
        if isinstance(inside, list):
            every = (self.of(each, depth + 1) for each in inside if isinstance(each, Message))
            told = [texts for texts in every if texts]
            if part.get_content_type() == "multipart/alternative":
                return _best(told)
            return [text for texts in told for text in texts]
        kind = part.get_content_type()
        if kind not in ("text/plain", "text/html"):
            return []
        text = _decoded(part, self._fallback)
        made = _Text(text.text, kind == "text/html", text.encoding, text.faults)
        return [made] if _words_of(made) else []


def _best(told: Sequence[list[_Text]]) -> list[_Text]:
    """Of several ways to say the same: the plain text; the HTML, if it says just that with its form, or if
    the plain one hardly says anything, or only that it cannot show HTML.
    """
    plain = next((texts for texts in told if not any(text.is_html for text in texts)), None)
    rich = next((texts for texts in told if any(text.is_html for text in texts)), None)
    if plain is None or rich is None:
        return plain or rich or []
    ours, theirs = (Counter(word for text in texts for word in _words_of(text)) for texts in (plain, rich))
    shared = (ours & theirs).total()
    alike = shared >= _ALIKE * max(ours.total(), theirs.total())
    excuse = "html" in ours and ours.total() <= _EXCUSE and shared < _HARDLY * ours.total()
    return rich if alike or excuse or ours.total() < _FEW_WORDS * theirs.total() else plain


def _words_of(text: _Text) -> list[str]:
    """The words of a piece as people see them, without addresses."""
    words = html.unescape(_TAGS.sub(" ", text.words)) if text.is_html else text.words
    return [word.casefold() for word in _WORD.findall(_ADDRESSES.sub(" ", words))]


def _joined(parts: Sequence[_Text]) -> tuple[str, bool]:
    """All pieces as one text; as HTML if one of them is."""
    if not any(part.is_html for part in parts):
        return "\n\n".join(part.words for part in parts), False
    return "\n".join(part.words if part.is_html else _as_html(part.words) for part in parts), True


def _as_html(text: str) -> str:
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n"))
    return "".join(
        f"<p>{html.escape(block).replace(chr(10), '<br>')}</p>" for block in blocks if block.strip()
    )


def _decoded(part: Message, fallback: str) -> Decoded:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = str(part.get_param("charset") or "").lower()
    return decode(data, fallback, charset or None)


def _lists(message: Message) -> frozenset[str]:
    """The names of the lists that a mail came by."""
    told = f"{_header(message, 'List-Id')} {_header(message, 'List-Post')}"
    return frozenset(word.lower() for word in re.findall(r"[\w-]+(?=[.@])", told))


def _header(message: Message, name: str) -> str:
    raw = _as_written(message, name)[:_LONGEST_HEADER]
    try:
        words = "".join(
            piece if isinstance(piece, str) else piece.decode(charset or "ascii", "replace")
            for piece, charset in decode_header(raw)
        )
    except (HeaderParseError, LookupError, ValueError):
        words = raw
    return shown(words)


def _as_written(message: Message, name: str) -> str:
    """A header as it stands there; letters that no code stands for are UTF-8, or of the West."""
    said = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
    data = str(said).encode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _day(message: Message) -> date | None:
    """The day on the sender's own calendar."""
    try:
        return parsedate_to_datetime(str(message.get("Date") or "")[:100]).date()
    except (ValueError, TypeError, OverflowError):
        return None
