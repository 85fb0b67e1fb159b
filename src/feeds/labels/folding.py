"""The folded copy of a text that all matching is done on (labels, floor 1).

Owns: letters without case and accents, one kind of space, hyphen and quote,
and the way back to the original offsets. Knows nothing of countries or topics.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_HYPHENS = "-\u00ad\u2010\u2011\u2012\u2212\ufe63\uff0d"
_DASHES = "\u2013\u2014\u2015"
_QUOTES = "'\u2018\u2019\u201b\u02bc\u2032`\u00b4\uff07"


def _fold_char(char: str) -> str:
    # A hyphen becomes a space, so that "Guatemala-Honduras" is two words and
    # "Timor-Leste" and "Timor Leste" are one surface. The soft hyphen is no letter at all.
    if char == "\u00ad":
        return ""
    if char in _HYPHENS or char.isspace():
        return " "
    if char in _DASHES:
        return "\u2013"
    if char in _QUOTES:
        return "'"
    parts = unicodedata.normalize("NFKD", char).casefold()
    return "".join(c for c in unicodedata.normalize("NFKD", parts) if not unicodedata.combining(c))


class _Table(dict[int, str]):
    """Code point -> folded text, worked out once for each character met.

    Bounded by Unicode itself (1.1 million code points), in practice a few hundred.
    """

    def __missing__(self, code: int) -> str:
        folded = _fold_char(chr(code))
        self[code] = folded
        return folded


_TABLE = _Table()


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and, for each of its characters, where it stood in `original`."""

    original: str
    text: str
    starts: tuple[int, ...] | range

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets into the original for the folded slice `start:end` (not empty).

        Combining marks after the last letter belong to it.
        """
        first, last = self.starts[start], self.starts[end - 1] + 1
        while last < len(self.original) and unicodedata.combining(self.original[last]):
            last += 1
        return first, last

    def word_bounded(self, start: int, end: int) -> bool:
        """Whether `start:end` begins and ends between words, and not inside one original character."""
        text = self.text
        if start > 0 and (text[start - 1].isalnum() and text[start].isalnum()):
            return False
        if end < len(text) and (text[end].isalnum() and text[end - 1].isalnum()):
            return False
        return (start == 0 or self.starts[start - 1] != self.starts[start]) and (
            end >= len(text) or self.starts[end] != self.starts[end - 1]
        )


def fold(text: str) -> Folded:
    """Lower case, no accents, compatibility forms resolved, runs of blanks as one space."""
    if all(len(_TABLE[ord(char)]) == 1 for char in set(text)):
        # Nearly every text: each character becomes one, so only runs of blanks move anything.
        plain = text.translate(_TABLE)
        if "  " not in plain:
            return Folded(text, plain, range(len(text)))
    return _fold_with_map(text)


def _fold_with_map(text: str) -> Folded:
    letters = [(letter, offset) for offset, char in enumerate(text) for letter in _TABLE[ord(char)]]
    kept = [
        pair
        for index, pair in enumerate(letters)
        if pair[0] != " " or not index or letters[index - 1][0] != " "
    ]
    return Folded(text, "".join(letter for letter, _ in kept), tuple(offset for _, offset in kept))


def fold_surface(surface: str) -> str:
    """A table's surface or a pattern's word as it must stand in a folded text."""
    return fold(surface).text.strip()
