"""Text becomes numbered lines, blank ones left out.

Owns line numbers (from 1, as an editor counts) and where each line stands in
the text. Must not know what a line means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from feeds.reading.clean import BREAKS, shown

# From the first visible character to the line's end: a mebibyte of blank lines is one step.
_LINE = re.compile(rf"\S[^{BREAKS}]*")
_WORDLY = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank.

    `text` is what is shown of it; `start` and `end` bound it in the decoded
    text. `parted` says that a blank line or a rule stands before it. A `rule`
    has no letter and no digit (``-----``): it parts, and is never shown.
    """

    number: int
    start: int
    end: int
    text: str
    parted: bool
    rule: bool


def lines(text: str) -> Iterator[Line]:
    """Yields the lines of a decoded text that are not blank, in order.

    Blank: nothing but white space (NBSP too) and characters that the cleaner drops.
    """
    number, end, parted = 1, 0, True
    for match in _LINE.finditer(text):
        below = breaks(text[end : match.start()])
        number, end, parted = number + below, match.end(), parted or below > 1
        words = shown(match[0])
        if not words:
            parted = True
            continue
        rule = not _WORDLY.search(words)
        yield Line(number, match.start(), end, words, parted, rule)
        parted = rule


def breaks(text: str) -> int:
    """How many line ends a text holds; CRLF is one."""
    if text == "\n" or text == "\n\n":
        return len(text)
    return sum(map(text.count, BREAKS)) - text.count("\r\n")
