"""Bytes become text, or a fault that says what the bytes look like.

Owns the ladder: byte order mark, strict UTF-8, what the file declares, the configured fallback, and UTF-8
line by line. It warns when it had to guess. Must not know of lines' meaning or of items.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from feeds.errors import BulletinError
from feeds.model import Fault
from feeds.reading.clean import BREAKS, odd, shown
from feeds.reading.faults import N_
from feeds.reading.mixed_bytes import MixedBytes
from feeds.reading.single_bytes import encoding_of
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
_ASCII = bytes(range(0x20, 0x7F))
_C1 = re.compile("[\x80-\x84\x86-\x9f]")
# What browsers read these as: nobody who names them means the control characters.
_AS_BROWSERS = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254"}
# The characters of Windows-1252 as the bytes that stand for them, and the first two of a letter read so.
_AS_BYTES = {ord(bytes([each]).decode("cp1252", "replace")): each for each in range(0x80, 0xA0)}
_AS_BYTES.pop(0xFFFD, None)
_DOUBLED = re.compile("[\u00c2\u00c3][\x80-\xbf\u0152-\u0192\u2013-\u203a\u20ac\u2122]|\u00e2[\x80\u20ac]")
_SHIFTING = ("iso2022", "utf-16", "utf-32", "hz")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file, the encoding it was read in, and warnings about it."""

    text: str
    encoding: str
    faults: tuple[Fault, ...] = ()


def decode(data: bytes, fallback: str, declared: str | None = None) -> Decoded:
    """The text of `data`; raises BulletinError (`file-binary`) if it is not text.

    `fallback` is the encoding of bytes that are neither marked nor UTF-8, `declared` the one that the
    file says it has: it is believed only where the bytes agree.
    """
    for magic, looks_like in _MAGIC:
        if data.startswith(magic):
            raise _binary(looks_like)
    own = believed(data, declared) if declared else None
    decoded = _by_mark(data) or _shifting(data, own) or _without_mark(data, own, fallback)
    if _is_binary(decoded.text):
        raise _binary(_OTHER_BINARY)
    return decoded


def believed(data: bytes, declared: str) -> str | None:
    """Python's name of a declared encoding, if it is one for texts and the bytes can be in it."""
    try:
        codec = codecs.lookup(declared.strip().lower())
        if not codec._is_text_encoding:  # the only way to ask
            return None
        name = _AS_BROWSERS.get(codec.name, codec.name)
        plain, text = _ASCII.decode(name), data.decode(name)
    except (LookupError, ValueError, UnicodeError):
        return None
    shifts = name.startswith(_SHIFTING)
    return name if (shifts or plain == _ASCII.decode()) and not _C1.search(text) else None


def _shifting(data: bytes, own: str | None) -> Decoded | None:
    """Text whose bytes look like ASCII, or are pairs: nothing but its declaration tells it."""
    return Decoded(data.decode(own), own) if own and own.startswith(_SHIFTING) else None


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
            return _strictly(data[len(mark) :], encoding)
    return None


def _without_mark(data: bytes, own: str | None, fallback: str) -> Decoded:
    if b"\0" not in data:
        try:
            return _undoubled(data.decode("utf-8"))
        except UnicodeDecodeError:
            return mixed(data, own or encoding_of(data, fallback), told=own is None)
    encoding = _utf16_by_zeros(data)
    if encoding is None:
        raise _binary(_OTHER_BINARY)
    decoded = _strictly(data, encoding)
    guess = Fault(code="encoding-guessed", line=1, detail=_around(decoded.text, 0))
    return Decoded(decoded.text, encoding, (*decoded.faults, guess))


def _undoubled(text: str) -> Decoded:
    """A text that somebody took for Windows-1252 and saved as UTF-8 once more ("mÃ¡s"), as it was before.

    Only where all of it reads so: a name may well hold an “Ã”.
    """
    if not text.isascii() and _DOUBLED.search(text):
        try:
            once = text.translate(_AS_BYTES).encode("latin-1").decode("utf-8")
        except UnicodeError:
            return Decoded(text, "utf-8")
        at = next((at for at, char in enumerate(once) if not char.isascii()), 0)
        return Decoded(once, "utf-8", (_fault("encoding-guessed", once, at),))
    return Decoded(text, "utf-8")


def _strictly(data: bytes, encoding: str) -> Decoded:
    """`data` in its own encoding, or with a warning, losing nothing but what is broken."""
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        text = data.decode(encoding, "replace")
        at = len(data[: error.start].decode(encoding, "replace"))
    return Decoded(text, encoding, (_fault("encoding-damaged", text, at),))


def mixed(data: bytes, fallback: str, *, told: bool) -> Decoded:
    """Bytes that are not UTF-8 throughout: what is UTF-8 stays so, the rest is read in `fallback`.

    `told`: whether that is a guess, to be warned of where no line at all is UTF-8.
    """
    pieces = list(MixedBytes(data, fallback).pieces())
    text = "".join(piece for piece, _ in pieces)
    wrong = next((at for at, (_, guessed) in enumerate(pieces) if guessed), None)
    partly = any(not guessed and not piece.isascii() for piece, guessed in pieces)
    encoding = "utf-8" if partly else fallback
    if wrong is None or not (partly or told):
        return Decoded(text, encoding)
    at = sum(len(piece) for piece, _ in pieces[:wrong])
    odd_one = next((n for n, char in enumerate(pieces[wrong][0]) if not char.isascii()), 0)
    return Decoded(text, encoding, (_fault("encoding-guessed", text, at + odd_one),))


def _fault(code: str, text: str, at: int) -> Fault:
    return Fault(code=code, line=Sheet(text[:at]).scan.count("\n") + 1, detail=_around(text, at))


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
