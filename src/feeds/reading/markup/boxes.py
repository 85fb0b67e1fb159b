"""The parts of a web page that hold one item each: a list's entry, a card, the page's one text.

Owns that decision, from structure alone. A page without such parts (headings,
dates and paragraphs one after the other) gets none, and is read by its
headings. Must not know HTML.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from feeds.reading.page import LINK_ALONE, Box, Mark, Span

# Blocks have a blank row between them: so many rows are one block apart.
_NEAR = 4
_NEXT = 2


def boxes_of(
    marks: Mapping[int, Mark], spans: Sequence[Span], days: Mapping[int, Sequence[int]]
) -> list[Box]:
    """The boxes of a page in its order, none overlapping; empty if less than half of the dates have one.

    `days`: for each date row, the indexes of the spans round it, innermost first. Mere links are
    titles where headings are none.
    """
    for real in (True, False):
        titles = {
            row: mark.heading
            for row, mark in marks.items()
            if mark.heading and (mark.heading < LINK_ALONE) == real and row not in days
        }
        found = [box for box in _boxes(titles, spans, days) if real or _stands_by(box)]
        if found and 2 * len(found) >= len({box.date for box in found} | _untitled(found, days)):
            return found
    return []


def _stands_by(box: Box) -> bool:
    """Whether a mere link stands right at the date, as a title does: else it ends the text of its item."""
    return abs(box.title - box.date) <= _NEXT


def _boxes(titles: Mapping[int, int], spans: Sequence[Span], days: Mapping[int, Sequence[int]]) -> list[Box]:
    rows, dates = sorted(titles), sorted(days)
    own: dict[int, tuple[int, list[Span]]] = {}
    known: dict[int, int | None] = {}
    for day in dates:
        around = days[day]
        step = next((step for step, at in enumerate(around) if _count(rows, spans[at])), None)
        if step is None:
            continue
        at = around[step]
        if at not in known:  # once for each part: a page may have all its dates in one
            known[at] = _title_of(spans[at], rows, dates, titles)
        title = known[at]
        if title is not None and title not in own:
            own[title] = (day, [spans[at] for at in around[step:]])
    taken = sorted(day for day, _ in own.values())
    found = sorted(_widest(title, day, around, rows, titles, taken) for title, (day, around) in own.items())
    apart: list[Box] = []
    for box in found:
        if not apart or box.first > apart[-1].last:
            apart.append(box)
    return apart


def _between(rows: Sequence[int], span: Span) -> Sequence[int]:
    return rows[bisect_left(rows, span.first) : bisect_right(rows, span.last)]


def _count(rows: Sequence[int], span: Span) -> int:
    return bisect_right(rows, span.last) - bisect_left(rows, span.first)


def _title_of(span: Span, rows: Sequence[int], dates: Sequence[int], titles: Mapping[int, int]) -> int | None:
    """The one highest heading of the part, None where it is a row of several items.

    Several: two dates in it have a heading of their own beside them, or its highest headings
    are alike.
    """
    inside = _between(rows, span)
    beside = {_beside(other, inside) for other in _between(dates, span)} - {None}
    highest = min(titles[row] for row in inside)
    like = [row for row in inside if titles[row] == highest]
    if len(beside) > 1 or len(like) > 1:
        return None
    # A page's own name over it is higher than the title beside the date.
    return beside.pop() if beside else like[0]


def _beside(day: int, inside: Sequence[int]) -> int | None:
    """The nearest heading, if at most one block stands between it and the date."""
    at = bisect_left(inside, day)
    nearest = min(inside[max(at - 1, 0) : at + 1], key=lambda row: abs(row - day))
    return nearest if abs(nearest - day) <= _NEAR else None


def _widest(
    title: int,
    day: int,
    around: Sequence[Span],
    rows: Sequence[int],
    titles: Mapping[int, int],
    taken: Sequence[int],
) -> Box:
    """The largest part round a date and its title that holds no other date or like heading."""
    box = Box(around[0].first, around[0].last, day, title)
    for span, inner in zip(around[1:], around, strict=False):
        if inner.apart or _count(taken, span) > 1:
            break
        if sum(titles[row] <= titles[title] for row in _between(rows, span)) > 1:
            break
        box = Box(span.first, span.last, day, title)
    return box


def _untitled(found: Sequence[Box], days: Mapping[int, Sequence[int]]) -> set[int]:
    """Dates outside of all boxes."""
    firsts = [box.first for box in found]
    outside = set()
    for day in days:
        at = bisect_right(firsts, day) - 1
        if at < 0 or found[at].last < day:
            outside.add(day)
    return outside
