"""The text is cut into items: which lines belong together, and which of them is the title.

Owns where an item begins and ends in each layout. Looks at each line a fixed
number of times. Must not know what becomes of an item's lines.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from feeds.reading.page import Page
from feeds.reading.tally import Tally
from feeds.reading.text.countries import country_line
from feeds.reading.text.dates import NotADay
from feeds.reading.text.furniture import rule_of
from feeds.reading.text.heads import Head
from feeds.reading.text.layout import TITLE_LINES, title_like, wrapped_title
from feeds.reading.text.lines import is_rule, squeezed

TITLE_LIMIT = 500
SUMMARY_LIMIT = 50_000
# So much of an item is looked at for lines with words before it is called too long.
_LONGEST = 8 * SUMMARY_LIMIT


class Cut(NamedTuple):
    """The lines of one item.

    `day` None and `head` empty: lines that belong to no item. `lead`: the lines that are the
    title, if that is known, beginning at `lead_row`; `body` all others, beginning at
    `body_row`. `first` and `last` are the item's rows, `start` and `end` bound it in the text.
    """

    day: date | NotADay | None
    head: str
    first: int
    last: int
    start: int
    end: int
    body: Sequence[str]
    body_row: int
    lead: Sequence[str] = ()
    lead_row: int = 0
    too_long: bool = False


def date_first(page: Page, found: Iterable[Head], tally: Tally) -> Iterator[Cut]:
    """An item is a date line and all lines down to the next one.

    A date that is none, or has nothing under it, is a fault at once: a file may hold nothing else.
    """
    head: Head | None = None
    for below in found:
        bare = head and (type(head.reading) is NotADay or below.start == head.end + 1)
        if not head or not bare:
            yield from _under(page, head, below.start)
        elif tally.full():
            tally.add_unlisted(page.number(head.row))
        else:
            code = head.reading.code if isinstance(head.reading, NotADay) else "title-missing"
            tally.add(code, page.number(head.row), head.text)
        head = below
    yield from _under(page, head, len(page.sheet.scan))


def _under(page: Page, head: Head | None, until: int) -> Iterator[Cut]:
    """The item of one date line; what stands before the first date is no item."""
    sheet = page.sheet
    start, row = (head.end, head.row) if head else (0, 1)
    raw = sheet.scan[start:until]
    sparse = len(raw) > _LONGEST
    if sparse:
        raw = squeezed(raw)
    too_long = len(raw) > _LONGEST
    rows = sheet.rows(raw[: 2 * TITLE_LIMIT] if too_long else raw)
    while rows and not rows[-1]:
        rows.pop()
    if not head and not rows:
        return
    begin = head.start if head else start
    end, last = (head.end, row) if head else (start, row)
    if sparse:
        end = sheet.last_end(start, until)
        last = row + sheet.scan.count("\n", start, end)
    elif rows:
        last = row + len(rows) - 1
        end = sheet.last_end(start, until) if sheet.tidy else sheet.row_end(start, len(rows) - 1)
    day, words = (head.reading, head.text) if head else (None, "")
    yield Cut(day, words, row, last, begin, end, rows, row, (), 0, too_long)


def title_first(page: Page, found: Sequence[Head], headings: Sequence[int]) -> Iterator[Cut]:
    """An item is a title, its date line, and all lines down to the next title.

    `headings`: the rows that are titles where the form has headings, else the last lines
    above each date are looked at.
    """
    sheet = page.sheet
    starts = [*(head.start for head in found), len(sheet.scan)]
    # The lines above the first date have no head; then the lines under each.
    lead, lead_row, lead_at = [""], 1, 0
    for head, until in zip((None, *found), starts, strict=True):
        row, start = (head.row, head.end) if head else (1, 0)
        rows = sheet.rows(sheet.scan[start:until])
        tail = len(rows) if head is found[-1] else _title_row(rows, row, headings)
        body = rows[:tail]
        while body and not body[-1]:
            body.pop()
        end = sheet.row_end(start, len(body) - 1) if body else (head.end if head else 0)
        last = row + max(len(body) - 1, 0)
        if head is None:
            if body:
                yield Cut(None, "", 1, last, 0, end, body, 1)
        elif any(lead):
            yield Cut(head.reading, head.text, lead_row, last, lead_at, end, body, row, lead, lead_row)
        else:
            yield Cut(head.reading, head.text, row, last, head.start, end, body, row, [""], row)
        lead, lead_row = rows[tail:], row + tail
        lead_at = sheet.offset(start, tail) if tail < len(rows) else until


def _title_row(rows: Sequence[str], row: int, headings: Sequence[int]) -> int:
    """Where among the lines above a date its title begins; the number of lines if it has none."""
    if headings:
        at = bisect_left(headings, row + len(rows))
        found = headings[at - 1] - row if at else -1
        return found if found >= 0 else len(rows)
    last = _last_telling(rows, len(rows))
    if last > 0 and country_line(rows[last]) is not None:
        above = _last_telling(rows, last)
        last = above if above >= 0 and title_like(rows[above]) else last
    if last < 0 or len(rows[last]) > TITLE_LIMIT:
        return len(rows)
    first = last
    while first > 0 and rows[first - 1] and not is_rule(rows[first - 1]):
        first -= 1
    if first == last:
        return first if title_like(rows[first]) or _last_telling(rows, first) >= 0 else len(rows)
    if len(rows[first : last + 1]) <= TITLE_LINES and wrapped_title(rows[first : last + 1], _width(rows)):
        return first
    return last if title_like(rows[last]) else len(rows)


def _last_telling(rows: Sequence[str], until: int) -> int:
    """The last line with words that no rule leaves out, -1 if there is none."""
    for at in range(until - 1, -1, -1):
        if rows[at] and not is_rule(rows[at]) and not rule_of(rows[at], alone=False):
            return at
    return -1


def boxed(page: Page, found: Sequence[Head | None]) -> Iterator[Cut]:
    """Items that the structure itself sets apart; `found` are their dates, in the order of the boxes."""
    rows, starts = page.sheet.rows(page.sheet.scan), page.sheet.row_starts()
    for (first, last, at, title), head in zip(page.boxes, found, strict=True):
        if head is None:
            continue
        body = ["" if row in (title, at) else rows[row - 1] for row in range(first, last + 1)]
        start, end, lead = starts[first - 1], starts[last] - 1, [rows[title - 1]]
        yield Cut(head.reading, head.text, first, last, start, end, body, first, lead, title)


def by_headings(page: Page, piece: Cut, headings: Sequence[int], *, several: bool = False) -> Iterator[Cut]:
    """A cut whose title is its first heading; or several, one for each heading of that level.

    `several` says so; so does a date that is a heading itself.
    """
    low, high = bisect_left(headings, piece.first), bisect_right(headings, piece.last)
    level = min((page.marks[row].heading for row in headings[low:high]), default=0)
    titles = [row for row in headings[low:high] if page.marks[row].heading == level]
    own = page.marks.get(piece.first)
    if piece.day is None or not titles:
        yield piece
        return
    if not several and not (own and own.heading):
        titles = [headings[low]]
    starts = page.sheet.row_starts()
    above = len(titles) > 1 and titles[0] > piece.first and any(piece.body[: titles[0] - piece.body_row])
    if above:  # a greeting belongs to none of them
        rows = piece.body[: titles[0] - piece.body_row]
        yield Cut(None, "", piece.first, titles[0] - 1, 0, 0, rows, piece.body_row)
    for at, (title, until) in enumerate(pairwise([*titles, piece.last + 1])):
        first = title if at or above else piece.first
        body = list(piece.body[first - piece.body_row : until - piece.body_row])
        body[title - first] = ""
        while body and not body[-1]:
            body.pop()
        last = first + max(len(body) - 1, title - first)
        start, end = starts[first - 1], starts[last] - 1
        lead = [piece.body[title - piece.body_row]]
        yield Cut(piece.day, piece.head, first, last, start, end, body, first, lead, title)


def until(page: Page, piece: Cut, row: int) -> Cut:
    """The cut without what stands from a row of its body on."""
    body = list(piece.body[: row - piece.body_row])
    while body and not body[-1]:
        body.pop()
    last = max(piece.body_row + len(body) - 1, piece.first, piece.lead_row)
    return piece._replace(body=body, last=last, end=page.sheet.row_starts()[last] - 1)


def whole(page: Page, day: date | NotADay, head: str, at: Head | None) -> Cut:
    """All lines as one item; the date line `at`, if there is one, is no text of it."""
    scan = page.sheet.scan
    too_long = len(scan) > _LONGEST and len(squeezed(scan)) > _LONGEST
    rows = page.sheet.rows(scan[: 2 * TITLE_LIMIT] if too_long else scan)
    while rows and not rows[-1]:
        rows.pop()
    if at and at.row <= len(rows):
        rows[at.row - 1] = ""
    first = next((number for number, row in enumerate(rows, 1) if row), 1)
    start = page.sheet.offset(0, first - 1)
    end = page.sheet.last_end(0, len(scan))
    last = 1 + scan.count("\n", 0, end)
    return Cut(day, head, first, last, start, end, rows[first - 1 :], first, too_long=too_long)


def titled(piece: Cut, title: str) -> Cut:
    """The cut with a title from elsewhere; a first line that says the same is not text."""
    body = list(piece.body)
    if body and body[0].casefold() == title.casefold():
        body[0] = ""
    return piece._replace(body=body, lead=[title], lead_row=0)


def _width(rows: Iterable[str]) -> int:
    return max(map(len, rows))
