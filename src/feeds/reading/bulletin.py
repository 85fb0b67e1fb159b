"""A page becomes drafts and faults, whatever form it came in.

Owns the order of the steps: dates, layout, cuts, drafts; and what is done when
there is no date at all. Must not know bytes or forms.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from feeds.errors import BulletinError
from feeds.model import Draft, Fault, Moment
from feeds.reading.drafts import Sift, draft
from feeds.reading.faults import N_
from feeds.reading.faults import cut as shortened
from feeds.reading.head import Setting, is_withheld_title
from feeds.reading.page import LINK_ALONE, Context, Page
from feeds.reading.tally import Tally
from feeds.reading.text import cuts, dates
from feeds.reading.text.cuts import Cut
from feeds.reading.text.heads import Head, heads
from feeds.reading.text.layout import (
    MOST_VOTES,
    Layout,
    begins_with_title,
    decide,
    headed,
    telling,
    undated_headings,
)
from feeds.reading.text.names import DayOfName
from feeds.reading.text.near import near_dates, settled
from feeds.reading.waiting import Waiting

_ORDERS = {"dmy": N_("the day before the month"), "mdy": N_("the month before the day")}


def drafts_of(
    page: Page, setting: Setting, lang: str | None, name_day: DayOfName
) -> tuple[list[Draft], tuple[Fault, ...], Moment | None]:
    """The items of a page in its order, all its faults by line, and until when their own text says to wait.

    `setting` is the configured one, `name_day` the day in the file's name. BulletinError: `file-empty`,
    `not-for-publication`, or `no-items` where neither a line nor anything else gives a date.
    """
    order = setting.order
    tally = Tally(page.faults)
    for rule, line in page.left_out:
        tally.left_out(rule, line)
    if not page.context.title and page.sheet.first(0, len(page.sheet.scan)) is None:
        raise BulletinError(Fault(code="file-empty"))
    order_of = dates.OrderOf(page.sheet.scan, order)
    found = _heads(page, order_of, tally)
    first = None if page.context.one_item else next(found, None)
    pieces: Iterable[Cut]
    if first is None:
        page, pieces = _undated(page, found, name_day, tally)
    else:
        page, pieces = _dated(page, first, found, tally)
    waiting = Waiting(page, setting, tally)
    sifted = (kept for piece in pieces if (kept := waiting.sifted(piece)))
    made = [item for piece in sifted if (item := _item(page, piece, tally, lang))]
    if page.context.said:
        made = _with_head(page, made, order_of, tally)
    if order_of.proven and order_of.proven != order:
        tally.add("date-order", None, _ORDERS[order_of.proven])
    return made, tally.faults(), waiting.until


def _heads(page: Page, order_of: dates.OrderOf, tally: Tally) -> Iterator[Head]:
    """The date lines of a page; only a text that holds lines that are nearly dates is looked at twice."""
    found = heads(page.sheet, order_of)
    near = [] if page.boxes or page.context.one_item else near_dates(page.sheet, order_of)
    return settled(page, found, near, tally) if near else found


def _with_head(page: Page, made: list[Draft], order_of: dates.OrderOf, tally: Tally) -> list[Draft]:
    """The drafts with what the head of the file says of one item only; told if there are several."""
    context = page.context
    if context.one_item:
        if context.title and _seems_several(page, order_of):
            _tell_said(context, ("title",), tally)
    elif len(made) == 1 and not tally.blocked():
        link, own = made[0].link or context.link, context.external_id
        return [replace(made[0], link=link, external_id=own, translation_of=context.translation_of)]
    elif made:
        _tell_said(context, ("id", "link", "translation"), tally)
    return made


def _tell_said(context: Context, names: Sequence[str], tally: Tally) -> None:
    for name, line, words in context.said:
        if name in names:
            tally.add("head-of-one", line, f"{name}: {words}")


def _seems_several(page: Page, order_of: dates.OrderOf) -> bool:
    """Whether a text that is taken for one item has two dates at least, each with a title and a text."""
    found = list(islice(heads(page.sheet, order_of), MOST_VOTES))
    ends = [*(head.start for head in found), len(page.sheet.scan)][1:]
    below = (telling(page.sheet, head.end, end) for head, end in zip(found, ends, strict=True))
    return sum(map(begins_with_title, below)) > 1


def _item(page: Page, piece: Cut, tally: Tally, lang: str | None) -> Draft | None:
    if piece.day is not None:
        made = draft(page, piece, tally, lang)
        if made is None or not is_withheld_title(made.title):
            return made
        tally.add("item-not-for-publication", made.line, made.title)
        return None
    _stray(page, piece, tally)
    return None


def _stray(page: Page, piece: Cut, tally: Tally) -> None:
    """Lines before the first item: a fault, unless rules leave them out or they frame a web page."""
    headings = (not row or page.marks.get(piece.body_row + at) for at, row in enumerate(piece.body))
    if page.bare or (page.marks and all(headings)):
        for at, row in enumerate(piece.body):
            if row:
                tally.left_out("outside-items", page.number(piece.body_row + at))
        return
    kept = Sift(page, tally).kept(piece.body, piece.body_row)
    if words := next((row for row in kept if row), ""):
        at = piece.body.index(words)
        tally.add("text-before-first-date", page.number(piece.body_row + at), words)


def _dated(page: Page, first: Head, found: Iterator[Head], tally: Tally) -> tuple[Page, Iterable[Cut]]:
    """The cuts of a page with dates; only a page that needs it is looked at as a whole."""
    if page.boxes:
        return _boxed(page, [first, *found], tally)
    if not page.marks and page.sheet.first(0, first.start) is None:
        return page, cuts.date_first(page, chain([first], found), tally)
    every = [first, *found]
    if page.marks and (told := headed(page, every)):
        return _headed(page, every, *told, tally)
    if not _are_headings(page, every) and decide(page.sheet, every) is Layout.TITLE_FIRST:
        return page, cuts.title_first(page, every, ())
    return page, cuts.date_first(page, every, tally)


def _are_headings(page: Page, every: Sequence[Head]) -> bool:
    """Whether most dates are headings themselves: what stands under a heading belongs to it."""
    return 2 * sum(bool((mark := page.marks.get(head.row)) and mark.heading) for head in every) > len(every)


def _boxed(page: Page, every: Sequence[Head], tally: Tally) -> tuple[Page, Iterable[Cut]]:
    """Items that the structure sets apart; other dates in them, and all between them, are left out."""
    days = {head.row: head for head in every}
    page = _owned(page, len(page.boxes))
    page = replace(page, skipped=frozenset(days) - {box.date for box in page.boxes})
    inside = {row for box in (*page.boxes, *page.undated) for row in range(box.first, box.last + 1)}
    every_row = page.sheet.rows(page.sheet.scan)
    for box in page.undated:
        tally.add("date-missing", page.number(box.title), every_row[box.title - 1])
    for row, words in enumerate(every_row, 1):
        if words and row not in inside:
            tally.left_out("outside-items", page.number(row))
    return page, cuts.boxed(page, [days.get(box.date) for box in page.boxes])


def _headed(
    page: Page, every: Sequence[Head], layout: Layout, rows: Sequence[int], tally: Tally
) -> tuple[Page, Iterable[Cut]]:
    """Items under headings. A date without a heading ("updated on" under a date) heads nothing."""
    kept: list[Head] = []
    for at, head in enumerate(every):
        low, high = (kept[-1].row if kept else 0), head.row
        if layout is Layout.DATE_FIRST:
            low, high = head.row, every[at + 1].row if at + 1 < len(every) else 1 << 62
        if bisect_left(rows, high) > bisect_right(rows, low):
            kept.append(head)
    page = _owned(page, len(kept))
    page = replace(page, skipped=frozenset(head.row for head in every) - {head.row for head in kept})
    undated, level = undated_headings(page, kept, layout, rows)
    if layout is Layout.TITLE_FIRST:
        return page, _shortened(page, cuts.title_first(page, kept, rows), undated, level, tally)
    pieces = _shortened(page, cuts.date_first(page, kept, tally), undated, level, tally)
    return page, chain.from_iterable(cuts.by_headings(page, piece, rows) for piece in pieces)


def _shortened(
    page: Page, pieces: Iterable[Cut], undated: Sequence[int], level: int, tally: Tally
) -> Iterator[Cut]:
    """Cuts that end where a heading without a date begins: its text belongs to no item above it."""
    for piece in pieces:
        low, high = bisect_left(undated, piece.body_row), bisect_right(undated, piece.last)
        for row in undated[low:high]:
            at = row - piece.body_row
            if page.marks[row].heading < level and not any(piece.body[at + 1 :]):  # "Part two"
                tally.left_out("outside-items", page.number(row))
            else:
                tally.add("date-missing", page.number(row), piece.body[at])
        yield cuts.until(page, piece, undated[low]) if low < high else piece


def _undated(
    page: Page, found: Iterator[Head], name_day: DayOfName, tally: Tally
) -> tuple[Page, Sequence[Cut]]:
    """The whole text as one item, or one under each heading, with the day that the file gives it."""
    context, sheet = page.context, page.sheet
    told = sheet.first(0, len(sheet.scan))
    line = page.number(1 + told[0]) if told else 1
    words = told[1] if told else context.title or ""
    # The name of a post says its day; a date in its text is part of that.
    asks = context.one_item and context.date_on is None and not name_day.is_post
    head = next(found, None) if asks else None
    day = context.date_on or (head.reading if head else name_day.day)
    if day is None:
        raise BulletinError(Fault(code="no-items", detail=shortened(words)))
    is_post = context.title and name_day.is_post  # that is where such systems keep the day
    if name_day.day and day is name_day.day and not is_post:
        tally.add("date-from-name", line, name_day.day.isoformat())
    piece = cuts.whole(page, day, words, head)
    rows = [row for row, mark in sorted(page.marks.items()) if 0 < mark.heading < LINK_ALONE]
    if context.title:
        pieces = [cuts.titled(piece, context.title)]
    else:
        pieces = list(cuts.by_headings(page, piece, rows, several=True))
    return _owned(page, len(pieces)), pieces


def _owned(page: Page, items: int) -> Page:
    """The page, told whether its link and id belong to one item: several cannot share them."""
    return replace(page, context=replace(page.context, one_item=items == 1))
