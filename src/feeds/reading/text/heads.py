"""The lines of a text that are dates: each may head an item.

Owns finding them, in one quick search of the whole text. Must not know what
stands between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import NamedTuple

from feeds.reading.text import dates
from feeds.reading.text.lines import Sheet

_WORDLY = re.compile(r"[^\W_]")


class Head(NamedTuple):
    """A date line: where it stands in the text, its row (from 1), its words, its day or why it has none."""

    start: int
    end: int
    row: int
    text: str
    reading: date | dates.NotADay


def heads(sheet: Sheet, order: dates.OrderOf) -> Iterator[Head]:
    """The date lines in order.

    "8 March" directly under a full date is no date line but the title that is due there.
    """
    scan, count = sheet.scan, sheet.scan.count
    parse, known, shown, tidy = dates.parse, dates.known, sheet.shown, sheet.tidy
    first, others = dates.MAYBE if tidy else dates.MAYBE_HIDDEN
    new = tuple.__new__  # half the price of Head(...), once for each of perhaps 100,000 lines
    row, counted, below = 1, 0, -1
    for match in chain(filter(None, [first.match(scan)]), others.finditer(scan)):
        text = match[1].rstrip() if tidy else shown(match[1])
        if "  " in text:
            text = " ".join(text.split())
        if len(text) > dates.LONGEST:
            continue
        # What `parse` asks besides, the pattern has asked, but of the line as it stands.
        look = known if tidy and text[-1].isalnum() else parse
        reading = look(text, order.order if order.settled else order(text))
        if reading is None:
            continue
        start, end = match.start(1), match.end()  # without the spaces before it
        if type(reading) is dates.NotADay:
            incomplete = reading.code == "date-incomplete"
            if incomplete and below >= 0 and not _WORDLY.search(scan, below, start):
                continue
            below = -1
        else:
            below = end
        row += count("\n", counted, start)
        counted = start
        yield new(Head, (start, end, row, text, reading))
