"""Lines that are nearly dates: which of them head an item all the same, and which are told of.

Owns that decision. A date with something beside it ("Date: …", a place, a full stop) heads an
item where it stands as a date line would: apart, with a whole item above and a title below. A
misspelt date that stands so is a warning. Everywhere else both are prose, for a place and a date
begin many a text. Must not know the grammar of dates.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from feeds.reading.page import LINK_ALONE, Page
from feeds.reading.tally import MOST_FAULTS, Tally
from feeds.reading.text import dates
from feeds.reading.text.dress import LONGEST, MAYBE_YEAR
from feeds.reading.text.heads import Head
from feeds.reading.text.layout import (
    MOST_VOTES,
    Layout,
    begins_with_title,
    decide,
    first_block,
    telling,
    title_like,
)
from feeds.reading.text.lines import Sheet, is_rule
from feeds.reading.text.months import FULL
from feeds.reading.text.slips import is_slip

# The commonest date lines are passed over at once, and lines without a figure: only for speed.
_COMMON = (
    rf"[0-9]{{1,2}}(?:/[0-9]{{1,2}}/| (?:de )?(?i:{'|'.join(FULL)}),? (?:de )?)(?:19|2[01])[0-9]{{2}}\r?$"
)
# A day and a word, or the other way round, and nothing else: perhaps a date without its year, misspelt.
_BARE = r"(?:[0-3]?[0-9]\.? (?:de )?[^\W\d_]{4,11}|[^\W\d_]{4,11} [0-3]?[0-9])[.:]?\r?$"
_LINE = rf"(?!{_COMMON})(?:(?=[^\n]{{0,{LONGEST}}}?{MAYBE_YEAR})|(?={_BARE}))([^\n]{{6,{2 * LONGEST}}}+)$"
_FIRST, _OTHERS = re.compile(_LINE, re.MULTILINE), re.compile("\n" + _LINE, re.MULTILINE)
# So much of the text beside a line is looked at: a title and what stands beside it.
_REACH = 1_000
_GAP = re.compile(r"\n[^\S\n]*\n")
_ENDS = re.compile(r"[.!?…:;][\"”»’)]*$")
_EVENT = re.compile(
    r"(?:time|place|venue|where|hora|hor[aá]rio|lugar|local|d[oó]nde|onde|heure|lieu|où)\s?:", re.IGNORECASE
)
_MOST_WORDS_BEFORE = 6
# What an office writes before the day of a text: "Press release of", "Comunicado del", "Embargoed until".
_NAMES_A_DAY = re.compile(
    r"\b(?:press|releas|news|bulletin|statement|communiqu|notice|announce|circular|updat|embargo|publi|post(?:ed)?\b"
    r"|issu|dated?\b|comunicad|nota\b|bolet|noticia|aviso|actuali[sz]|emiti|difundi|divulga|informe|fecha|data\b"
    r"|atuali|note\b|avis\b|mis(?:e)? à jour|stand\b|mitteilung|meldung|veröffentlich)",
    re.IGNORECASE,
)
_AND_TITLE = re.compile(r"(.{6,40}?)\s?[:–—|-]\s+([^\W\d_].{5,})")


class Near(NamedTuple):
    """A line that is nearly a date: as in Head, `reading` None if it is misspelt.

    `soft`: a full stop or a place stands beside the date, so it may be the end of a sentence.
    """

    start: int
    end: int
    row: int
    text: str
    reading: dates.Reading
    soft: bool


def near_dates(sheet: Sheet, order: dates.OrderOf) -> list[Near]:
    """The lines of a text that are nearly dates, in order; of the misspelt ones as many as can be told of."""
    scan, found, row, counted, slips = sheet.scan, list[Near](), 1, 0, 0
    for match in _lines(scan):
        text = sheet.shown(match[1])
        if not 0 < len(text) <= LONGEST or dates.parse(text, order.order) is not None:
            continue
        reading, soft = dates.dressed(text, order(text)) or (None, True)
        if reading is None:
            if slips > MOST_FAULTS or not (is_slip(text) or _has_title(text, order) or _ends_with_day(text)):
                continue
            slips += 1
        start = match.start(1)
        row += scan.count("\n", counted, start)
        counted = start
        found.append(Near(start, match.end(1), row, text, reading, soft))
    return found


def _lines(scan: str) -> Iterator[re.Match[str]]:
    if first := _FIRST.match(scan):
        yield first
    yield from _OTHERS.finditer(scan)


def _has_title(text: str, order: dates.OrderOf) -> bool:
    """ "17 November 2026: Two towns", which is read under headings only."""
    both = _AND_TITLE.fullmatch(text) if title_like(text) else None
    return both is not None and dates.parse(both[1], order(both[1])) is not None


@lru_cache(maxsize=4_096)
def _ends_with_day(text: str) -> bool:
    """ "Press release of 25 November 2026", "Stand: 25. November 2026": words that name a date, and it."""
    words = text.split(" ")
    if not text[-1].isdigit() or not (words[0].endswith(":") or _NAMES_A_DAY.search(text)):
        return False
    tails = (" ".join(words[at:]) for at in range(1, min(len(words), _MOST_WORDS_BEFORE + 1)))
    return any(isinstance(dates.parse(tail), date) for tail in tails)


def settled(page: Page, found: Iterator[Head], near: Sequence[Near], tally: Tally) -> Iterator[Head]:
    """The date lines of a page, with those of `near` that head an item; others that may be meant are told.

    `found` is kept as a whole only if the layout has to be found out.
    """
    some = list(islice(found, MOST_VOTES))
    first = min([near[0].start, *(head.start for head in some[:1])])
    layout = Layout.DATE_FIRST
    if page.marks or page.sheet.first(0, first):
        some += found
        every = [*some, *(_head(each) for each in near if each.reading is not None)]
        layout = decide(page.sheet, sorted(every, key=_start)) if every else layout
    rule = _Rule(page, some, near, layout)
    coming = chain(some, found)
    below = next(coming, None)
    above: Head | None = None
    for each in near:
        while below and below.start < each.start:
            yield below
            above, below = below, next(coming, None)
        until = below.start if below else len(page.sheet.scan)
        if rule.may_head(each, above, until):
            above = _head(each)
            yield above
        elif above is not None and rule.may_be_meant(each, above, until):
            tally.add("date-like-line", page.number(each.row), each.text)
    yield from chain([below] if below else [], coming)


def _start(head: Head) -> int:
    return head.start


def _head(each: Near) -> Head:
    assert each.reading is not None
    return Head(each.start, each.end, each.row, each.text, each.reading)


class _Rule:
    """Whether a line stands where a date line of this file would."""

    def __init__(self, page: Page, heads: Sequence[Head], near: Sequence[Near], layout: Layout) -> None:
        self._sheet = page.sheet
        self._titles = {
            row: mark.heading for row, mark in page.marks.items() if 0 < mark.heading < LINK_ALONE
        }
        self._near, self._starts = near, [each.start for each in near]
        self._whole: Head | None = None
        self._layout = layout
        self._dense = _is_dense(page.sheet, heads)
        beside = [level for head in heads for level in self._beside(head.row)]
        self._lowest = max(beside, default=min(self._titles.values(), default=0))

    def may_head(self, each: Near, above: Head | None, until: int) -> bool:
        """`above`: the date line before it, if there is one; `until`: where the next one begins."""
        if each.reading is None:
            return False
        if self._titles:
            return any(level <= self._lowest for level in self._beside(each.row))
        if not self._stands_apart(each):
            return False
        if self._layout is Layout.TITLE_FIRST:
            return not self._ends_sentence(each) and self._has_title_above(each, above, until)
        below = self._below(each, until)
        begins = bool(below[0]) and self._begins(below, soft=each.soft) and _may_begin(below[0])
        return begins and self._ends_item(each, above)

    def may_be_meant(self, each: Near, above: Head, until: int) -> bool:
        """Whether a person would take it for a date line, though it is not taken."""
        its_own = each.soft and each.reading == above.reading  # the dateline of the item above
        if self._titles or its_own or not self._stands_apart(each):
            return False
        if self._layout is Layout.TITLE_FIRST:
            return self._has_title_above(each, above, until)
        below = self._below(each, until)
        if not below[0] or not self._is_whole(each, above):
            return False
        if _AND_TITLE.fullmatch(each.text):
            return True
        # Words or a place beside a date, over one last paragraph: a dateline, or prose.
        doubtful = each.text[0].isalpha() or (each.soft and each.reading)
        is_title = not doubtful and title_like(" ".join(first_block(below)))
        return (is_title or self._begins(below, soft=False)) and _may_begin(below[0])

    def _begins(self, rows: Sequence[str], *, soft: bool) -> bool:
        """Whether lines begin with a title; without blank lines, a capital tells its text from its rest."""
        lone = self._dense and not soft and len(rows) > 1 and rows[1][:1].isupper()
        return title_like(rows[0]) if lone else begins_with_title(rows)

    def _beside(self, row: int) -> list[int]:
        """The levels of the headings next to a row: blocks have a blank row between them."""
        return [self._titles[at] for at in (row - 2, row - 1, row + 1, row + 2) if at in self._titles]

    def _stands_apart(self, each: Near) -> bool:
        """Below a blank line; below a full stop where the file, or the line itself, leaves no doubt."""
        line = self._sheet.shown(_line_above(self._sheet.scan, each.start))
        if not line or is_rule(line):
            return True
        if self._layout is Layout.TITLE_FIRST:
            return title_like(line)
        return (self._dense or not each.soft) and bool(_ENDS.search(line))

    def _ends_sentence(self, each: Near) -> bool:
        """Whether the date may be the end of a sentence that was broken by hand."""
        return bool(_ENDS.search(each.text)) and bool(_line_above(self._sheet.scan, each.start).strip())

    def _below(self, each: Near, until: int) -> list[str]:
        """The lines below; none if the next one is nearly a date, too: that is no title."""
        until = min(until, each.end + _REACH)
        at = bisect_right(self._starts, each.start)
        for coming in self._near[at : at + 1]:
            if not self._sheet.scan[each.end : coming.start].strip():
                return [""]
            until = min(until, coming.end)
        return telling(self._sheet, each.end, until)

    def _is_whole(self, each: Near, above: Head) -> bool:
        """Whether a title and a text stand under the date line above; more text makes it no less so."""
        if self._whole is not above:
            rows = telling(self._sheet, above.end, min(each.start, above.end + 2 * _REACH))
            self._whole = above if sum(map(bool, rows)) > 1 else None
        return self._whole is above

    def _ends_item(self, each: Near, above: Head | None) -> bool:
        """Whether a whole item stands above; if prose is near, its text has to be at its end."""
        if above is None or not self._is_whole(each, above):
            return above is None
        if not each.soft:
            return True
        return bool(_ENDS.search(telling(self._sheet, max(above.end, each.start - _REACH), each.start)[-1]))

    def _has_title_above(self, each: Near, above: Head | None, until: int) -> bool:
        start = max(above.end if above else 0, each.start - _REACH)
        rows = telling(self._sheet, start, each.start)
        alone = len(rows) == 1 or not rows[-2] or bool(_ENDS.search(rows[-2]))
        return alone and bool(rows[-1]) and title_like(rows[-1]) and bool(self._below(each, until)[0])


def _may_begin(row: str) -> bool:
    """Whether a title may begin so: not within a sentence, nor as what stands under an event's date."""
    return not row[0].islower() and not _EVENT.match(row)


def _is_dense(sheet: Sheet, heads: Sequence[Head]) -> bool:
    """Whether the file has its items one under the other without a blank line."""
    some = heads[1:MOST_VOTES]
    if not some:
        return not _GAP.search(sheet.scan)
    tight = sum(bool(_line_above(sheet.scan, head.start).strip()) for head in some)
    return 2 * tight > len(some)


def _line_above(scan: str, start: int) -> str:
    """The end of the line above the one in which `start` stands."""
    begin = scan.rfind("\n", 0, start)
    return scan[max(scan.rfind("\n", 0, max(begin, 0)) + 1, begin - _REACH) : max(begin, 0)]
