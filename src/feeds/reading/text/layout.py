"""Which layout has this file: the date first, or the title first?

Owns that decision, a pure rule over the whole file: a single item can look
like either, what the rest of the file proves decides (docs/bulletins.md). Must
not make items.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from itertools import pairwise, takewhile

from feeds.reading.page import LINK_ALONE, Page
from feeds.reading.text.countries import country_line
from feeds.reading.text.furniture import rule_of
from feeds.reading.text.heads import Head
from feeds.reading.text.lines import Sheet, is_rule
from feeds.reading.text.wholes import names_whole

# A line longer than this is text, whatever it ends with; thirty words are about 200 characters.
LONGEST_TITLE = 220
# So many dates decide for the rest: each look costs the lines around one.
MOST_VOTES = 1_000
# No one wraps by hand beyond this: the end of a longer line ends a paragraph.
WRAP = 120
TITLE_LINES = 3
_ENDS = (".", "!", "?", ":", "…")
_BULLETS = ("- ", "* ", "+ ", "• ", "· ", "– ")
_NO_TITLE_ENDS = (".", ":", ";", ",", "…")


class Layout(Enum):
    """What an item begins with."""

    DATE_FIRST = "date first"
    TITLE_FIRST = "title first"


def title_like(row: str) -> bool:
    """Whether a line could be a title: short, no entry of a list, and not the end of a sentence."""
    fits = len(row) <= LONGEST_TITLE and not _is_entry(row)
    return fits and not row.endswith(_NO_TITLE_ENDS) and not is_rule(row)


def _is_entry(row: str) -> bool:
    return row.startswith(_BULLETS)


def wrapped_title(first: Sequence[str], width: int) -> bool:
    """Whether lines are one title that was wrapped by hand at `width` characters.

    No line ends a sentence, and each next word would not have fitted.
    """
    return not any(line.endswith(_ENDS) for line in first) and _filled(first, width)


def _filled(lines: Sequence[str], width: int) -> bool:
    """Whether lines were broken by hand because the next word would not have fitted."""
    fitted = (len(line) + 1 + len(below.split(" ", 1)[0]) <= width for line, below in pairwise(lines))
    return width <= WRAP and not any(fitted)


def decide(sheet: Sheet, found: Sequence[Head]) -> Layout:
    """The layout of a text without headings that has words above its first date.

    Each date votes: for "title first" if the line above could be a title and the line below
    could not, for "date first" the other way round. With as many votes on either side, the end
    decides: a date with nothing below it has its title above.
    """
    first = last = 0
    for above, below in _around(sheet, found[:MOST_VOTES]):
        up = bool(above[-1]) and title_like(above[-1])
        # One list has ended above, and another one begins below.
        down = begins_with_title(below) or (_is_entry(above[-1]) and _is_entry(below[0]))
        first += down and not up
        last += up and not down
    if first != last:
        return Layout.DATE_FIRST if first > last else Layout.TITLE_FIRST
    ends_with_text = sheet.first(found[-1].end, len(sheet.scan)) is not None
    return Layout.DATE_FIRST if ends_with_text else Layout.TITLE_FIRST


def begins_with_title(rows: Sequence[str]) -> bool:
    """Whether lines below a date begin with a title and go on."""
    block = first_block(rows)
    return bool(block) and title_like(" ".join(block)) and any(rows[len(block) :])


def first_block(rows: Sequence[str]) -> list[str]:
    """The first line, or all lines of a first block that is broken by hand."""
    block = list(takewhile(bool, rows))
    return block if not block or _filled(block[:2], max(map(len, block))) else block[:1]


def _around(sheet: Sheet, found: Sequence[Head]) -> Iterator[tuple[list[str], list[str]]]:
    """The lines that stand above and below each date."""
    ends = [0, *(head.end for head in found)]
    starts = [*(head.start for head in found), len(sheet.scan)]
    parts = [telling(sheet, start, end) for start, end in zip(ends, starts, strict=True)]
    return pairwise(parts)


def telling(sheet: Sheet, start: int, end: int) -> list[str]:
    """The lines of a part that may tell: not left out, nor a country line; blank ones only between.

    Of a long part the beginning and the end are enough.
    """
    reach = 20 * LONGEST_TITLE
    raw = sheet.scan[start:end].strip()
    if len(raw) > 2 * reach:
        raw = raw[:reach] + "\n" + raw[-reach:]
    rows = [row for row in sheet.rows(raw) if not row or not (is_rule(row) or rule_of(row, alone=False))]
    if len(rows) > 1 and country_line(rows[0] or "."):
        del rows[0]
    if len(rows) > 1 and country_line(rows[-1] or "."):
        del rows[-1]
    return "\n".join(rows).strip().split("\n")


def headed(page: Page, found: Sequence[Head]) -> tuple[Layout, list[int]] | None:
    """The layout of a page with headings, and the rows of the headings that count; None if they don't.

    Headings count if at least half of the dates have one above or below them before the next
    date. Where both are so, the nearer one is the title. Mere links count if headings don't. What names
    the whole ("News") is none of them.
    """
    dates = [head.row for head in found]
    marked = [(row, mark.heading) for row, mark in sorted(page.marks.items()) if mark.heading]
    marked = _without_name(page, marked, dates)
    levels, own = dict(marked), set(dates)
    for real in (True, False):
        rows = [row for row, level in marked if (level < LINK_ALONE) == real and row not in own]
        layout = _headed(rows, dates, levels)
        if layout and (real or _stand_by(page, rows, dates, layout)):
            return layout, rows
    return None


def _without_name(page: Page, marked: list[tuple[int, int]], dates: Sequence[int]) -> list[tuple[int, int]]:
    """The headings without the first, if it stands over all dates and names the whole: "News"."""
    if not marked or not dates or marked[0][0] >= dates[0]:
        return marked
    words = page.sheet.rows(page.sheet.scan)[marked[0][0] - 1]
    return marked[1:] if names_whole(words) else marked


def _stand_by(page: Page, rows: Sequence[int], dates: Sequence[int], layout: Layout) -> bool:
    """Whether mere links stand right at the dates, as titles do: else they end the texts of items."""
    text = page.sheet.rows(page.sheet.scan)
    full = [row for row, words in enumerate(text, 1) if words and not is_rule(words)]
    links = set(rows)
    if layout is Layout.TITLE_FIRST:
        return all((at := bisect_left(full, day)) and full[at - 1] in links for day in dates)
    below = (bisect_right(full, day) for day in dates)
    return 2 * sum(at < len(full) and full[at] in links for at in below) >= len(dates)


def _headed(rows: Sequence[int], dates: Sequence[int], levels: Mapping[int, int]) -> Layout | None:
    above = below = far_above = far_below = 0
    bounds = [0, *dates, 1 << 62]
    for before, day, after in zip(bounds, dates, bounds[2:], strict=False):
        at = bisect_left(rows, day)
        up = bool(at) and rows[at - 1] > before
        down = at < len(rows) and rows[at] < after
        if own := levels.get(day):  # the date is a heading itself, over its titles or under one
            down = down and levels[rows[at]] > own
            up = up and levels[rows[at - 1]] < own and not down
        if up:
            above, far_above = above + 1, far_above + day - rows[at - 1]
        if down:
            below, far_below = below + 1, far_below + rows[at] - day
    if 2 * max(above, below) < len(dates) or not rows:
        return None
    # One heading over the first of several dates that are headings themselves is the name of the whole.
    if len(dates) > 1 and above <= 1 and not below and all(levels.get(day) for day in dates):
        return None
    if above != below and not _only_the_ends_differ(above, below, len(dates)):
        return Layout.TITLE_FIRST if above > below else Layout.DATE_FIRST
    if far_above * below != far_below * above:
        nearer_above = far_above * below < far_below * above
        return Layout.TITLE_FIRST if nearer_above else Layout.DATE_FIRST
    nothing_below = rows[-1] < dates[-1] or len(dates) == 1
    return Layout.TITLE_FIRST if above >= below and nothing_below else Layout.DATE_FIRST


def _only_the_ends_differ(above: int, below: int, dates: int) -> bool:
    """A heading over the whole page, or one at its foot, gives one side one more."""
    return abs(above - below) == 1 and dates > 1 and min(above, below) > 0


def undated_headings(
    page: Page, found: Sequence[Head], layout: Layout, rows: Sequence[int]
) -> tuple[list[int], int]:
    """The headings as high as those of dated items, below the first of these, without a date; that level.

    `found`: the dates that head items; `rows`: the headings that count. One dated item shows no
    such rule on a web page, where headings of all kinds surround it; nor do mere links.
    """
    titles, levels = set[int](), Counter[int]()
    for head in found:
        at = bisect_left(rows, head.row) - (layout is Layout.TITLE_FIRST)
        if 0 <= at < len(rows):
            titles.add(rows[at])
            own = page.marks.get(head.row)
            levels[own.heading if own and own.heading else page.marks[rows[at]].heading] += 1
    most = max(levels.values(), default=0)
    level = min((level for level, count in levels.items() if count == most), default=LINK_ALONE)
    if len(found) < 1 + page.bare or level == LINK_ALONE:
        return [], level
    after = rows[bisect_right(rows, min(titles)) :]
    return [row for row in after if row not in titles and page.marks[row].heading <= level], level
