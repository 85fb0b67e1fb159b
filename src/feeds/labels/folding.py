"""The folded copy of a text that all matching is done on (labels, floor 1).

Owns: letters without case and accents, one kind of space, quote and dash, and
the way back to the original offsets. Knows nothing of countries or topics.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

DASH = "|"  # every dash (not hyphen) folds to this: it ends a clause, as a bar does
SYMBOL = "^"  # every other sign outside ASCII
_HYPHENS = "-\u00ad\u2010\u2011\u2012\u2212\ufe63\uff0d"
_DASHES = "\u2013\u2014\u2015"
_QUOTES = "'\u2018\u2019\u201b\u02bc\u2032`\u00b4\uff07"
_BETWEEN = "\x01"  # stands between the texts that fold_many folds in one go


def _fold_char(char: str) -> str:
    # A hyphen becomes a space, so that "Guatemala-Honduras" is two words and
    # "Timor-Leste" and "Timor Leste" are one surface. The soft hyphen is no letter at all.
    if char == "\u00ad":
        return ""
    if char in _HYPHENS or char.isspace() or char == "\0":
        return " "
    if char in _DASHES:
        return DASH
    if char in _QUOTES:
        return "'"
    if char == "\u2026":
        return "."
    parts = unicodedata.normalize("NFKD", char).casefold()
    folded = "".join(c for c in unicodedata.normalize("NFKD", parts) if not unicodedata.combining(c))
    return "".join(c if c.isascii() or c.isalnum() else SYMBOL for c in folded)


class _Table(dict[int, str]):
    """Code point -> folded text, worked out once for each character met.

    Bounded by Unicode itself (1.1 million code points), in practice a few hundred.
    """

    def __missing__(self, code: int) -> str:
        folded = _fold_char(chr(code))
        self[code] = folded
        return folded


_TABLE = _Table()


def _byte_tables() -> tuple[bytes, bytes]:
    """For Windows-1252, which holds nearly every text in our four languages: byte -> folded ASCII letter
    (0: not one letter), and folded letter -> itself if it belongs to a word, else a space.
    """
    plain, words = bytearray(256), bytearray(b" " * 256)
    for byte in range(256):
        char = bytes([byte]).decode("cp1252", "replace")
        folded = _TABLE[ord(char)]
        plain[byte] = ord(folded) if len(folded) == 1 and folded.isascii() else 0
        if byte < 128 and chr(byte).isalnum():
            words[byte] = byte
    return bytes(plain), bytes(words)


_PLAIN, _WORDS = _byte_tables()
_BLANKS = re.compile(b"  +")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and, for each of its characters, where it stood in `original`.

    `scan` is the text with a space for whatever is no letter or digit, in UTF-8: in it a word
    is what stands between two spaces.
    """

    original: str
    text: str
    starts: Sequence[int]
    scan: bytes

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets into the original for the folded slice `start:end` (not empty).

        Combining marks after the last letter belong to it.
        """
        starts = self.starts
        first, last = starts[start], starts[end - 1] + 1
        while last < len(self.original) and unicodedata.combining(self.original[last]):
            last += 1
        return first, last


class _Squeezed(Sequence[int]):
    """Where each letter stood in a text whose runs of blanks became one: a few steps, not a list of all."""

    __slots__ = ("_after", "_length", "_removed")

    def __init__(self, after: list[int], removed: list[int], length: int) -> None:
        self._after = after
        self._removed = removed
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: Any) -> Any:
        return int(index) + self._removed[bisect_right(self._after, index)]


def fold(text: str) -> Folded:
    """Lower case, no accents, compatibility forms resolved, runs of blanks as one space."""
    try:
        plain = text.encode("latin-1").translate(_PLAIN)
    except UnicodeEncodeError:  # a dash or a curly quote
        try:
            plain = text.encode("cp1252").translate(_PLAIN)
        except UnicodeEncodeError:
            return _fold_each(text)
    if b"\0" in plain:
        return _fold_each(text)
    starts: Sequence[int] = range(len(text))
    if b"  " in plain:
        plain, starts = _squeezed(plain)
    return Folded(text, plain.decode("ascii"), starts, plain.translate(_WORDS))


def _squeezed(plain: bytes) -> tuple[bytes, Sequence[int]]:
    """Runs of blanks as one, and where each remaining byte stood."""
    after: list[int] = []
    removed = [0]
    for run in _BLANKS.finditer(plain):
        after.append(run.start() + 1 - removed[-1])
        removed.append(removed[-1] + run.end() - run.start() - 1)
    squeezed = _BLANKS.sub(b" ", plain)
    return squeezed, _Squeezed(after, removed, len(squeezed))


def _fold_each(text: str) -> Folded:
    """The same, character by character: for texts in which one can become none or several."""
    letters = [(letter, offset) for offset, char in enumerate(text) for letter in _TABLE[ord(char)]]
    kept = [
        pair
        for index, pair in enumerate(letters)
        if pair[0] != " " or not index or letters[index - 1][0] != " "
    ]
    folded = "".join(letter for letter, _ in kept)
    return Folded(text, folded, [offset for _, offset in kept], scan_form(folded).encode("utf-8"))


def scan_form(folded: str) -> str:
    """A folded text with a space for whatever is no letter or digit."""
    if folded.isascii():
        return folded.encode("ascii").translate(_WORDS).decode("ascii")
    return "".join(char if char.isalnum() else " " for char in folded)


def fold_surface(surface: str) -> str:
    """A table's surface or a pattern's word as it must stand in a folded text."""
    try:
        plain = surface.encode("latin-1").translate(_PLAIN)
    except UnicodeEncodeError:
        return fold(surface).text.strip()
    if b"\0" in plain or b"  " in plain:
        return fold(surface).text.strip()
    return plain.decode("ascii").strip()


def fold_many(surfaces: Iterable[str]) -> list[str]:
    """`fold_surface` of each (none holds a control character): one pass for a whole table."""
    given = list(surfaces)
    folded = _BETWEEN.join(given).translate(_TABLE).split(_BETWEEN) if given else []
    return [" ".join(one.split()) if "  " in one else one.strip() for one in folded]
