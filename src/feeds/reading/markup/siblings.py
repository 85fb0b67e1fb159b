"""The parts of a web page that stand beside the boxes of items and are made as they are.

Owns what becomes of them: an entry with a date whose title is no heading is an item all the same,
one without a date is a fault. Without this both would be taken for the frame of the page. Must not
know HTML.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from feeds.reading.page import Box, Mark, Span
from feeds.reading.text.furniture import rule_of
from feeds.reading.text.lines import is_rule

# The part round it and its tag. An article is one wherever it stands; anything else is like its neighbours.
_Kind = tuple[int, str]


class Siblings:
    """The parts of a page; `rows` are its lines, `days` as in boxes."""

    def __init__(
        self,
        rows: Sequence[str],
        marks: Mapping[int, Mark],
        spans: Sequence[Span],
        days: Mapping[int, Sequence[int]],
    ) -> None:
        self._rows, self._marks, self._spans, self._days = rows, marks, spans, days
        self._dates = sorted(days)
        self._known: dict[int, bool] = {}  # parts lie within parts: each row is asked for again and again

    def entries(self) -> list[Box]:
        """The entries of a list, headings or not; empty unless each date of the page has one, with a text."""
        found = [at for day in self._dates if (at := self._entry(day)) is not None]
        found = [at for at in found if len(self._telling(self._spans[at])) > 1]
        kinds = Counter(self._kind(at) for at in found)
        if len(found) < len(self._dates) or 1 in kinds.values():
            return []
        return [self._box(at) for at in found]

    def dated(self, boxes: Sequence[Box]) -> list[Box]:
        """The boxes, and the parts of their kind that have a date of their own but no heading."""
        kinds, found = self._kinds(boxes), list(boxes)
        for day in self._dates:
            at = self._entry(day)
            if at is not None and self._kind(at) in kinds and not _within(self._spans[at], found):
                insort(found, self._box(at))
        return found

    def undated(self, boxes: Sequence[Box]) -> list[Box]:
        """The parts of the kind of the boxes that have a title and no date; `date` is 0."""
        kinds, found = self._kinds(boxes), list[Box]()
        levels = {self._level(box.title) for box in boxes}
        for at, span in enumerate(self._spans):
            if self._kind(at) not in kinds or _within(span, boxes) or _within(span, found[-1:]):
                continue
            if self._count(span):
                continue
            title = self._title(span)
            if title and (span.tag == "article" or self._level(title) in levels - {0}):
                found.append(Box(span.first, span.last, 0, title))
        return found

    def _kinds(self, boxes: Iterable[Box]) -> set[_Kind]:
        """The kinds of parts that more than one box is of."""
        places = {(box.first, box.last) for box in boxes}
        kinds = Counter(
            self._kind(at) for at, span in enumerate(self._spans) if (span.first, span.last) in places
        )
        return {kind for kind, count in kinds.items() if count > 1 or kind[1] == "article"}

    def _kind(self, at: int) -> _Kind:
        span = self._spans[at]
        return (-1 if span.tag == "article" else span.parent, span.tag)

    def _count(self, span: Span) -> int:
        return bisect_right(self._dates, span.last) - bisect_left(self._dates, span.first)

    def _entry(self, day: int) -> int | None:
        """The innermost entry round a date, if it holds no other date and has more to say."""
        for at in self._days[day]:
            if self._count(self._spans[at]) > 1:
                return None
            if self._title(self._spans[at]):
                return at
        return None

    def _box(self, at: int) -> Box:
        span = self._spans[at]
        day = self._dates[bisect_left(self._dates, span.first)]
        return Box(span.first, span.last, day, self._title(span))

    def _title(self, span: Span) -> int:
        """The first heading of a part, else its first line that no rule leaves out; 0 if it has none."""
        telling = self._telling(span)
        return next((row for row in telling if self._level(row)), telling[0] if telling else 0)

    def _telling(self, span: Span) -> list[int]:
        return [row for row in range(span.first, span.last + 1) if self._tells(row)]

    def _tells(self, row: int) -> bool:
        if (known := self._known.get(row)) is None:
            words = self._rows[row - 1]
            known = bool(words) and row not in self._days and not is_rule(words)
            known = self._known[row] = known and not rule_of(words, alone=False)
        return known

    def _level(self, row: int) -> int:
        mark = self._marks.get(row)
        return mark.heading if mark else 0


def _within(span: Span, boxes: Sequence[Box]) -> bool:
    """Whether a part overlaps one of the boxes, which stand in order and apart."""
    at = bisect_right(boxes, span.last, key=lambda box: box.first) - 1
    return at >= 0 and boxes[at].last >= span.first
