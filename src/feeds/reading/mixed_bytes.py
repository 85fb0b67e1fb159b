"""Bytes of which some are UTF-8 and some are not: each line, and if need be each letter, in its own encoding.

Owns which of them are UTF-8. A line that somebody pasted in another encoding must not spoil the others. Where
nothing is UTF-8 all is read at once. Must not know what a line means.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# A letter of UTF-8 that is no ASCII, exactly.
_LETTER = (
    rb"(?:[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})"
)
_LETTERS = re.compile(_LETTER)
_RUNS = re.compile(rb"((?:[\x00-\x7f]++|" + _LETTER + rb")++)|(?:(?!" + _LETTER + rb")[\x80-\xff])++")
_ASCII = bytes(range(0x80))
# So many lines are looked at one by one; a file with more of them is not one into which somebody pasted some.
MOST_LINES = 20_000


class MixedBytes:
    """Bytes that are not UTF-8 throughout, and the encoding of those that are not."""

    def __init__(self, data: bytes, fallback: str) -> None:
        self._data, self._fallback = data, fallback
        without, self._letters = _LETTERS.subn(b"", data)
        self._others = len(without.translate(None, _ASCII))
        self._mostly = self._letters > self._others
        self._latin = _is_latin(fallback)

    def pieces(self) -> Iterator[tuple[str, bool]]:
        """The text in pieces, and whether each was read in the fallback encoding."""
        if not self._letters or not (self._mostly or self._latin):
            yield self._data.decode(self._fallback, "replace"), True
            return
        end = 0
        for start, stop in self._lines():
            if start > end:
                yield self._bulk(self._data[end:start])
            yield from self._line(self._data[start:stop])
            end = stop
        if end < len(self._data):
            rest = self._data[end:]
            yield from self._line(rest) if self._next(end) >= 0 else [self._bulk(rest)]

    def _bulk(self, raw: bytes) -> tuple[str, bool]:
        """What lies between the lines that are looked at: like most of the file."""
        if not self._mostly:
            text = raw.decode(self._fallback, "replace")
            return text, not raw.isascii()
        return raw.decode("utf-8", "replace"), False

    def _lines(self) -> Iterator[tuple[int, int]]:
        """Where the lines begin and end that are unlike most of the file."""
        data, end = self._data, 0
        mark = b"\n" if b"\n" in data else b"\r"
        for _ in range(MOST_LINES):
            at = self._next(end)
            if at < 0:
                return
            start = data.rfind(mark, end, at) + 1 or end
            end = data.find(mark, at) + 1 or len(data)
            yield start, end

    def _next(self, start: int) -> int:
        """The next byte that is unlike most of the file, -1 if there is none."""
        if not self._mostly:
            found = _LETTERS.search(self._data, start)
            return found.start() if found else -1
        runs = _RUNS.finditer(self._data, start)
        return next((run.start() for run in runs if not run[1]), -1)

    def _line(self, raw: bytes) -> Iterator[tuple[str, bool]]:
        """One line: as UTF-8, letter by letter, or as a whole in the fallback encoding."""
        letters = _LETTERS.findall(raw)
        others = len(_LETTERS.sub(b"", raw).translate(None, _ASCII))
        is_utf8 = (
            self._mostly or all(_is_plausible(letter) for letter in letters) or len(letters) > 2 * others + 1
        )
        if not letters or not is_utf8 or (others and not self._latin):
            yield raw.decode(self._fallback, "replace"), True
            return
        for run in _RUNS.finditer(raw):
            yield (run[0].decode(), False) if run[1] else (run[0].decode(self._fallback, "replace"), True)


def _is_latin(encoding: str) -> bool:
    """Whether an encoding has one byte for each letter and these are Latin: two of those are hardly UTF-8."""
    try:
        return all(unicodedata.name(char).startswith("LATIN") for char in b"\xe9\xd3".decode(encoding))
    except (UnicodeError, ValueError, LookupError):
        return False


def _is_plausible(letter: bytes) -> bool:
    """Whether a letter is of those that Latin texts have; "É»" in Windows-1252 would be another one."""
    point = ord(letter.decode())
    return 0xA0 <= point <= 0x17F or 0x2010 <= point <= 0x2122 or point >= 0x1F000
