"""The wire form of a letter: RFC 5322 bytes, the same for the same letter.

Every header value is made ready here and written verbatim. The standard
library encodes words and reads the result back, but writes no header: its
folding in Python 3.11.7 turns a Subject that merely shows an encoded word into
a header of its own (CVE-2024-6923), and long List-Unsubscribe URLs into encoded
words that break one-click (RFC 8058). Must not know of SMTP, folders, templates.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterator, Sequence
from email.header import Header, decode_header, make_header
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256

from feeds.errors import MailError
from feeds.mail.addresses import is_writable
from feeds.model import Letter

_LINE = 76  # RFC 2047 2 and RFC 2045 6.7 both say 76
LONGEST_LINE = 998  # RFC 5322 2.1.1
# Line ends of other worlds (VT, FS, NEL, U+2028 …) would split a header in
# some reader; the stdlib splits on them itself.
_ODD_SPACES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Direction overrides make a subject read as something else (threats T5).
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_BODY_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_FIELD_NAME = re.compile(r"[!-9;-~]+\Z")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>\Z")
_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9 !#$%&'*+/?^_`{|}~-]+\Z")
# Fields that machines read: never encoded, never folded.
_RAW = re.compile(
    r"(?:list-.*|auto-submitted|feedback-id|precedence|in-reply-to|references)\Z", re.IGNORECASE
)
_OURS = frozenset({"from", "to", "cc", "bcc", "subject", "date", "message-id", "mime-version"})


def to_bytes(letter: Letter) -> bytes:
    """A letter as it goes over the wire: CRLF, 7-bit, text first, then HTML.

    The same letter gives the same bytes, since even the boundary comes from
    the Message-ID. Raises MailError when a header cannot be written safely, or
    when the bytes, read again, do not hold just the headers that were meant.
    """
    headers = list(header_lines(letter))
    raw = _assembled(headers, letter)
    check_read_again(raw, [name for name, _ in headers], letter.subject)
    return raw


def stuffed(raw: bytes) -> bytes:
    """Whole lines with dots doubled at their beginning (RFC 5321 4.5.2), the end mark not included."""
    body = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
    return (b"." if body.startswith(b".") else b"") + body.replace(b"\r\n.", b"\r\n..")


def unstuffed(wire: bytes) -> bytes:
    """The letter whose `stuffed` form this is."""
    return wire[wire.startswith(b".") :].replace(b"\r\n..", b"\r\n.")


def clean_subject(text: str) -> str:
    """A subject without line ends, control characters and direction overrides."""
    spaced = _ODD_SPACES.sub(" ", _BIDI.sub("", text))
    return spaced.encode("utf-8", "replace").decode("utf-8").strip()


def header_lines(letter: Letter) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(letter.sender_name, letter.sender)
    yield "To", address_line(letter.recipient, "To")
    yield "Subject", _subject(letter.subject)
    yield "Date", format_datetime(letter.date_at)
    yield "Message-ID", id_line(letter.message_id)
    yield "MIME-Version", "1.0"
    seen = set(_OURS)
    for name, value in letter.headers:
        lower = name.lower()
        if _FIELD_NAME.match(name) is None or lower in seen or lower.startswith("content-"):
            raise MailError(f"the header {name!a} may not be set here, or stands twice")
        seen.add(lower)
        yield name, _extra(name, value)


def _safe(value: str, where: str) -> str:
    if any(char in value for char in "\r\n\0"):
        raise MailError(f"{where} holds a line break or NUL: {value[:60]!a}")
    return value


def address_line(address: str, where: str) -> str:
    if not is_writable(address):
        _safe(address, where)
        raise MailError(f"{where} is not an address that can be written: {address[:60]!a}")
    return address


def id_line(value: str) -> str:
    if _MESSAGE_ID.match(value) is None or len(value) > _LINE * 3:
        raise MailError(f"Message-ID is not of the form <opaque@domain>: {value[:60]!a}")
    return value


def _subject(text: str) -> str:
    subject = clean_subject(_safe(text, "Subject"))
    if subject.isascii() and "=?" not in subject and "  " not in subject:
        folded = _folded(subject, _LINE - len("Subject: "))
        if folded is not None:
            return folded
    return _encoded(subject, "Subject")


def _folded(text: str, first: int) -> str | None:
    """ASCII text with line breaks before single spaces, or None if a word is too long."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if len(longer) <= (first if len(lines) == 1 else _LINE - 1):
            lines[-1] = longer
        elif len(word) < _LINE and lines[0]:
            lines.append(word)
        else:
            return None
    return "\r\n ".join(lines)


@lru_cache(maxsize=512)  # a digest has one subject for all its members
def _encoded(text: str, name: str) -> str:
    """Text as RFC 2047 words of at most 75 octets, one a line."""
    return Header(text, "utf-8", maxlinelen=_LINE - 1, header_name=name).encode(linesep="\r\n")


def _phrase(text: str, name: str) -> str:
    """A name for people: bare, quoted or encoded (RFC 5322 3.2.5, RFC 2047 5.3)."""
    phrase = clean_subject(_safe(text, name))
    if not phrase.isascii() or "=?" in phrase or len(phrase) > 60:
        return _encoded(phrase, name)
    if _PLAIN_PHRASE.match(phrase):
        return phrase
    return '"' + phrase.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _mailbox(person: str, address: str) -> str:
    spec = address_line(address, "From")
    if not person.strip():
        return spec
    phrase = _phrase(person, "From")
    gap = " " if len(f"From: {phrase} <{spec}>") <= _LINE else "\r\n "
    return f"{phrase}{gap}<{spec}>"


def _extra(name: str, value: str) -> str:
    _safe(value, name)
    if name.lower() == "list-id" and not value.isascii() and "<" in value:
        person, _, rest = value.partition("<")
        return f"{_phrase(person, name)} <{rest}"
    if not _RAW.match(name) and (not value.isascii() or "=?" in value):
        return _encoded(clean_subject(value), name)
    if not value.isascii() or not value.isprintable() or len(name) + 2 + len(value) > LONGEST_LINE:
        raise MailError(f"{name} must be printable ASCII on one line of at most {LONGEST_LINE} characters")
    return value


def _assembled(headers: list[tuple[str, str]], letter: Letter) -> bytes:
    # "=_" stands in no quoted-printable and no base64 text (RFC 2045 6.7), so
    # the boundary cannot occur inside a part.
    boundary = b"=_" + sha256(letter.message_id.encode()).hexdigest()[:32].encode()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return b"".join(
        (
            lines.encode("ascii"),
            multipart_line(boundary),
            b"--" + boundary + b"\r\n" + _part(b"plain", letter.text),
            b"--" + boundary + b"\r\n" + _part(b"html", letter.html),
            b"--" + boundary + b"--\r\n",
        )
    )


def multipart_line(boundary: bytes) -> bytes:
    return b'Content-Type: multipart/alternative;\r\n boundary="' + boundary + b'"\r\n\r\n'


def _part(subtype: bytes, text: str) -> bytes:
    """One body: quoted-printable, or base64 where most letters would be escapes."""
    lines = body_lines(text)
    data = lines.encode("utf-8", "replace")
    if len(data) - len(lines) <= len(data) // 6:
        coding, body = b"quoted-printable", b2a_qp(data, istext=True)
    else:
        coding, body = b"base64", encodebytes(data.replace(b"\n", b"\r\n"))
    return part_head(subtype, coding) + body.replace(b"\n", b"\r\n") + b"\r\n"


def body_lines(text: str) -> str:
    """The lines of a body: one kind of line end, no control characters, an end of line at the end."""
    return _BODY_CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).rstrip("\n") + "\n"


def part_head(subtype: bytes, coding: bytes) -> bytes:
    return (
        b"Content-Type: text/" + subtype + b'; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: " + coding + b"\r\n\r\n"
    )


def check_read_again(raw: bytes, names: Sequence[str], subject: str) -> None:
    """Read a letter as a stranger would and hold it against what was meant. Raises MailError."""
    found = BytesHeaderParser(policy=compat32).parsebytes(raw)
    if found.keys() != [*names, "Content-Type"]:
        raise MailError("the written letter has other headers than it should")
    read = str(make_header(decode_header(found["Subject"].replace("\r\n", ""))))
    if read != clean_subject(subject):
        raise MailError("the written Subject does not read as it should")
