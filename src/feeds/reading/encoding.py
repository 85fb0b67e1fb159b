"""Bytes become text, or a fault that says what the bytes look like.

Owns the ladder: byte order mark, strict UTF-8, the configured fallback. It
warns when it had to guess. Must not know of lines' meaning or of items.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from feeds.errors import BulletinError
from feeds.model import Fault
from feeds.reading.clean import BREAKS, odd, shown
from feeds.reading.faults import N_
from feeds.reading.text.lines import Sheet

_OTHER_BINARY = N_("a program, a picture or other binary data")
_UTF_32 = N_("text in UTF-32")
# First bytes -> what it is, in words that `explain` translates.
_MAGIC = (
    (b"PK\x03\x04", N_("a Word, LibreOffice or zip file")),
    (b"PK\x05\x06", N_("an empty zip file")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", N_("an old Word or Office file")),
    (b"%PDF-", N_("a PDF document")),
    (b"{\\rtf", N_("a rich text (RTF) document")),
    (b"\x1f\x8b", N_("a gzip file")),
    (b"7z\xbc\xaf\x27\x1c", N_("a 7-Zip file")),
    (b"Rar!\x1a\x07", N_("a RAR file")),
    (b"\x89PNG\r\n\x1a\n", N_("a PNG picture")),
    (b"\xff\xd8\xff", N_("a JPEG picture")),
    (b"GIF8", N_("a GIF picture")),
    (codecs.BOM_UTF32_LE, _UTF_32),
    (codecs.BOM_UTF32_BE, _UTF_32),
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_AROUND = 30


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file, the encoding it was read in, and warnings about it."""

    text: str
    encoding: str
    faults: tuple[Fault, ...] = ()


def decode(data: bytes, fallback: str) -> Decoded:
    """The text of `data`; raises BulletinError (`file-binary`) if it is not text.

    `fallback` is the encoding of bytes that are neither marked nor UTF-8.
    """
    for magic, looks_like in _MAGIC:
        if data.startswith(magic):
            raise _binary(looks_like)
    decoded = _by_mark(data) or _without_mark(data, fallback)
    if _is_binary(decoded.text):
        raise _binary(_OTHER_BINARY)
    return decoded


def _is_binary(text: str) -> bool:
    """A zero, or more than one control character in ten: a stray escape passes, a program does not."""
    if not _CONTROL.search(odd(text)):
        return False
    controls = len(text) - len(_CONTROL.sub("", text))
    # CRLF counts once, so that line ends alone never decide.
    return "\0" in text or controls * 10 > len(text) - text.count("\r\n")


def _by_mark(data: bytes) -> Decoded | None:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding, encoding, "encoding-damaged")
    return None


def _without_mark(data: bytes, fallback: str) -> Decoded:
    if b"\0" not in data:
        return _strictly(data, "utf-8", fallback, "encoding-guessed")
    encoding = _utf16_by_zeros(data)
    if encoding is None:
        raise _binary(_OTHER_BINARY)
    decoded = _strictly(data, encoding, encoding, "encoding-damaged")
    guess = Fault(code="encoding-guessed", line=1, detail=_around(decoded.text, 0))
    return Decoded(decoded.text, encoding, (*decoded.faults, guess))


def _strictly(data: bytes, encoding: str, otherwise: str, code: str) -> Decoded:
    """`data` in `encoding`, or with a warning in `otherwise`, losing nothing but what is broken."""
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        text = data.decode(otherwise, "replace")
        at = len(data[: error.start].decode(otherwise, "replace"))
    fault = Fault(code=code, line=Sheet(text[:at]).scan.count("\n") + 1, detail=_around(text, at))
    return Decoded(text, otherwise, (fault,))


def _utf16_by_zeros(data: bytes) -> str | None:
    """UTF-16 saved without its mark: in Latin text every other byte is zero."""
    pairs = max(len(data) // 2, 1)
    low, high = data[0::2].count(0), data[1::2].count(0)
    if high * 2 >= pairs and low * 20 <= pairs:
        return "utf-16-le"
    if low * 2 >= pairs and high * 20 <= pairs:
        return "utf-16-be"
    return None


def _around(text: str, at: int) -> str:
    """The words around a character, within its line."""
    piece = text[max(at - _AROUND, 0) : at + _AROUND]
    before = max(piece.rfind(end, 0, min(at, _AROUND)) for end in BREAKS) + 1
    after = min((found for end in BREAKS if (found := piece.find(end, before)) >= 0), default=len(piece))
    return shown(piece[before:after])


def _binary(looks_like: str) -> BulletinError:
    return BulletinError(Fault(code="file-binary", detail=looks_like))
