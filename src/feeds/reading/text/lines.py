"""A decoded text as lines: where they end, which number they have, what is shown of them.

Owns line ends and line numbers (from 1, as an editor counts). Nothing here
keeps a line as an object: a file may have half a million of them. Must not
know what a line means.
"""

from __future__ import annotations

import re
from itertools import accumulate

from feeds.reading.clean import BREAKS, is_tidy, odd, shown

_LONE_CR = re.compile(r"\r(?!\n)")
_WORDLY = re.compile(r"[^\W_]")
_GAP = re.compile(r"\n\s*\n")
# So much of the first line is enough to tell it by.
_ENOUGH = 2_000
_VISIBLE = re.compile(r"\S[^\n]*")


class Sheet:
    """A decoded text, ready to be cut into lines.

    `text` is as it stood in the file. `scan` has the same length, character for character,
    with every lone line end as ``\\n`` and every other space as a plain one, so that the
    quick searches of `str` and `re` find them; ``\\r\\n`` stays. `tidy` says that the cleaner
    has nothing else to do in it.
    """

    __slots__ = ("_starts", "scan", "text", "tidy")

    def __init__(self, text: str) -> None:
        self.text = text
        self.scan, self.tidy = _scanned(text)
        self._starts: list[int] = []

    def shown(self, raw: str) -> str:
        """One line of `scan` as people see it."""
        return " ".join(raw.split()) if self.tidy else shown(raw)

    def rows(self, raw: str) -> list[str]:
        """The shown lines of a part of `scan`, blank ones as empty strings."""
        if self.tidy:
            rows = [line.strip() for line in raw.split("\n")]
            if "  " in raw:
                return [" ".join(row.split()) if "  " in row else row for row in rows]
            return rows
        return [shown(line) for line in raw.split("\n")]

    def row_end(self, start: int, row: int) -> int:
        """Where a row of the part that begins at `start` ends, its own spaces included."""
        begin = self.offset(start, row)
        end = self.scan.find("\n", begin)
        return self._before_cr(begin, len(self.scan) if end < 0 else end)

    def last_end(self, start: int, end: int) -> int:
        """Where the last line with words of a part ends, its own spaces included."""
        last = start + len(self.scan[start:end].rstrip())
        found = self.scan.find("\n", last, end)
        return self._before_cr(start, end if found < 0 else found)

    def _before_cr(self, start: int, end: int) -> int:
        return end - 1 if end > start and self.scan[end - 1] == "\r" else end

    def row_starts(self) -> list[int]:
        """Where each row begins, and one past the end: for forms whose rows are few. Not to be changed."""
        if not self._starts:
            self._starts = list(accumulate((len(row) + 1 for row in self.scan.split("\n")), initial=0))
        return self._starts

    def offset(self, start: int, row: int) -> int:
        """Where a row of the part that begins at `start` begins."""
        for _ in range(row):
            start = self.scan.index("\n", start) + 1
        return start

    def first(self, start: int, end: int) -> tuple[int, str] | None:
        """The first line of a part that is not blank: how many line ends stand before it, and its words."""
        at = start
        while at < end:
            match = _VISIBLE.search(self.scan, at, end)
            if match is None:
                return None
            words = self.shown(match[0][:_ENOUGH]) or self.shown(match[0])
            if words:
                return self.scan.count("\n", start, match.start()), words
            at = match.end()
        return None


def is_rule(row: str) -> bool:
    """A line without a letter and a digit (``-----``): it parts, and is never shown."""
    return not row[0].isalnum() and not _WORDLY.search(row)


def squeezed(text: str) -> str:
    """The text with each run of blank lines as one: a mebibyte of them is one step."""
    return _GAP.sub("\n\n", text)


def _scanned(text: str) -> tuple[str, bool]:
    """(scan, tidy) of a text, by looking at its few different odd characters."""
    different = odd(text)
    tidy = is_tidy(text, different)
    scan = text.replace("\t", " ") if "\t" in text else text
    if text.count("\r") != text.count("\r\n"):
        scan = _LONE_CR.sub("\n", scan)
    for char in different:
        if char in BREAKS:
            scan = scan.replace(char, "\n")
        elif char.isspace():
            scan = scan.replace(char, " ")
    return scan, tidy
