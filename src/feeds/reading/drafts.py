"""The lines of one item become a draft, or the fault that blocks it.

Owns what is title, text, link and countries among the lines of a cut, and the
limits of each. Must not know where items begin, nor bytes or forms.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain, takewhile

from feeds import richtext
from feeds.model import Draft
from feeds.reading.page import Page, Rich
from feeds.reading.tally import Tally
from feeds.reading.text.countries import country_line
from feeds.reading.text.cuts import SUMMARY_LIMIT, TITLE_LIMIT, Cut
from feeds.reading.text.furniture import LONGEST, link_line, rule_of
from feeds.reading.text.layout import TITLE_LINES, WRAP, title_like, wrapped_title
from feeds.reading.text.lines import is_rule
from feeds.reading.text.private import is_private_line, without_private_links
from feeds.richtext import is_private_link, public_link

# So many blank lines may stand between a title and its country line.
_NEAR = 12
_ENTRY = re.compile(r"[-*+•·–] \S|[0-9]{1,2}[.)] \S")


def draft(page: Page, cut: Cut, tally: Tally, lang: str | None) -> Draft | None:
    """The draft of a cut with a day; a fault that blocks it goes to `tally`.

    The fault's line is the item's first, so that a fault covers all lines from its own to
    the next item or fault.
    """
    line = page.number(cut.first)
    if not isinstance(cut.day, date):
        if cut.day:
            tally.add(cut.day.code, line, cut.head)
        return None
    sift = Sift(page, tally)
    lead = sift.kept(cut.lead, cut.lead_row, titled=True)
    body = sift.kept(cut.body, cut.body_row, titled=not lead)
    countries = _take_countries(lead, body)
    title, blocks = _joined(lead), _blocks(body) if lead else []
    if not lead and not cut.lead:
        title, blocks = _split(_blocks(body))
    summary = _text(blocks)
    context = page.context
    if context.one_item:
        summary = summary or context.summary
    code = _blocking(title, summary, cut)
    if code:
        tally.add(code, line, title if code != "title-missing" else cut.head or _joined(body[:1]))
        return None
    if not summary:
        tally.add("summary-missing", line, title)
    return Draft(
        line=line,
        end_line=max(page.number(cut.last), line),
        date_on=cut.day,
        title=title,
        summary=summary,
        body=_body(page, blocks, summary, (lead or body)[:1]) if page.rich else "",
        lang=context.lang or lang,
        link=_link(page, sift),
        link_said=sift.said or "link" in {name for name, _, _ in context.said},
        passed=page.passed,
        original=_original(page, cut),
        countries=context.countries if context.countries is not None else countries,
        topics=context.topics,
        external_id=context.external_id if context.one_item else None,
        translation_of=context.translation_of if context.one_item else None,
        tags=context.tags,
    )


def _blocking(title: str, summary: str, cut: Cut) -> str | None:
    if not title:
        return "title-missing"
    if len(title) > TITLE_LIMIT:
        return "title-too-long"
    return "summary-too-long" if len(summary) > SUMMARY_LIMIT or cut.too_long else None


def _original(page: Page, cut: Cut) -> str:
    if page.source is not None:
        return "\n".join(page.source[page.number(cut.first) - 1 : page.number(cut.last)])
    return page.sheet.text[cut.start : cut.end]


def _link(page: Page, sift: Sift) -> str | None:
    """The item's own address. A page that says its own is not asked what it points to."""
    own = page.context.link if page.context.one_item else None
    return (own or sift.link) if page.bare else (sift.link or own)


def _body(page: Page, blocks: Sequence[Sequence[str]], summary: str, title: Sequence[str]) -> str:
    """The lines of the text with their form; empty where plain paragraphs would show the same."""
    made = richtext.Builder()
    lines = [(row, _rich(page, row)) for row in chain.from_iterable(blocks)]
    outside = _common([_rich(page, row).way for row in title] + [rich.way for _, rich in lines])
    for _, rich in lines:
        made.add(rich.markup, rich.way[outside:])
    body = made.body()
    plain = richtext.from_plain(summary).replace("\n", "")
    return "" if body.replace("\n", "") == plain else body


def _rich(page: Page, row: str) -> Rich:
    found = page.rich.get(row.number) if isinstance(row, Row) else None
    return found or Rich(html.escape(row, quote=False), (richtext.Place("p", -id(row)),))


def _common(ways: Sequence[Sequence[richtext.Place]]) -> int:
    """How many places stand round the whole item: it may be an entry of the page's own list or table."""
    shared = [column[0] for column in zip(*ways, strict=False) if len(set(column)) == 1]
    inmost = (at for at in range(len(shared), 0, -1) if shared[at - 1].tag in ("li", "td", "th"))
    return next(inmost, 0)


class Row(str):
    """A shown line that knows its number on the page."""

    number: int
    entry: tuple[richtext.Place, ...]

    @classmethod
    def of(cls, words: str, number: int, page: Page) -> Row:
        """The line with its number, and the entry of a list that it stands in."""
        row = cls(words)
        row.number = number
        way = found.way if (found := page.rich.get(number)) else ()
        row.entry = way if any(place.tag == "li" for place in way) else ()
        return row


class Sift:
    """Takes the lines out of an item that no reader wants, and its link."""

    def __init__(self, page: Page, tally: Tally) -> None:
        self.link: str | None = None
        self.said = False
        self._page = page
        self._tally = tally
        self._titled = False

    def kept(self, rows: Sequence[str], first: int, *, titled: bool = False) -> list[str]:
        """The rows that stay, blank ones included; the first link line becomes the link, and so does what
        the first row points to if it is a title (`titled`).
        """
        self._titled = titled
        plain, rich = not self._page.marks, self._page.rich
        kept: list[str] = []
        for at, row in enumerate(rows):
            # Nearly all that is read is longer than any rule's line and holds no address.
            long = plain and len(row) > LONGEST and "://" not in row and "www." not in row
            if long or not row or not self._leaves(rows, at, first):
                words = row if long or "://" not in row else without_private_links(row)
                kept.append(Row.of(words, first + at, self._page) if rich and row else words)
                self._titled = self._titled and not row
        return kept

    def _leaves(self, rows: Sequence[str], at: int, first: int) -> bool:
        row = rows[at]
        if first + at in self._page.skipped:
            self._tally.left_out("second-date", self._page.number(first + at))
            return True
        mark = self._page.marks.get(first + at) if self._page.marks else None
        if mark and mark.link and mark.heading and self._titled and not self.link:
            self.link = mark.link
        if len(row) <= LONGEST:
            alone = not (at and rows[at - 1]) and not (at + 1 < len(rows) and rows[at + 1])
            alone = alone and not self._is_cell(first + at)
            if rule := rule_of(row, alone):
                if rule == "read-more" and mark and mark.link and not self.link:
                    self.link = mark.link
                self._tally.left_out(rule, self._page.number(first + at))
                return True
        return self._is_private(row, first + at) or self._is_link(row)

    def _is_cell(self, number: int) -> bool:
        """Whether a line is a cell, or an entry that is no link: a number there is a figure, no page's."""
        rich, mark = self._page.rich.get(number), self._page.marks.get(number)
        places = ("td", "th") if mark and mark.link else ("td", "th", "li")
        return rich is not None and any(place.tag in places for place in rich.way)

    def _is_link(self, row: str) -> bool:
        """Whether a line is the item's address and nothing else."""
        if self.link or not (found := link_line(row)) or is_private_link(found):
            return False
        self.link, self.said = public_link(found), True
        return True

    def _is_private(self, row: str, number: int) -> bool:
        """Whether a line is its receiver's own business."""
        if not is_private_line(row):
            return False
        self._tally.left_out("private-line", self._page.number(number))
        return True


def _take_countries(lead: list[str], body: list[str]) -> tuple[str, ...] | None:
    """The codes of a country line beside the title, which is taken out.

    Below a title any line that only names countries is one. Above a title it must be clear
    that the next line is the title, for "Haiti" may be the title itself.
    """
    if lead:
        return _take(lead, _telling(lead, _telling(lead, 0) + 1)) or _take(body, _telling(body, 0))
    first = _telling(body, 0)
    second = _telling(body, first + 1) if first >= 0 else -1
    if second >= 0 and country_line(body[first]) and title_like(body[second]):
        return _take(body, first)
    return _take(body, second)


def _take(rows: list[str], at: int) -> tuple[str, ...] | None:
    codes = country_line(rows[at]) if at >= 0 else None
    if codes:
        del rows[at]
    return codes


def _telling(rows: Sequence[str], start: int) -> int:
    """The next line with words, -1 if there is none near."""
    for at in range(start, min(len(rows), start + _NEAR)):
        if rows[at] and not is_rule(rows[at]):
            return at
    return -1


def _blocks(rows: Sequence[str]) -> list[list[str]]:
    """The lines with words, in runs without a blank line or rule between them."""
    blocks: list[list[str]] = []
    apart = True
    for row in rows:
        if not row or is_rule(row):
            apart = True
        elif apart:
            blocks.append([row])
            apart = False
        else:
            blocks[-1].append(row)
    return blocks


def _split(blocks: list[list[str]]) -> tuple[str, list[list[str]]]:
    """The title, and the blocks of the text, of an item that begins with its title."""
    if not blocks:
        return "", []
    first, *rest = blocks
    count = (_entry_lines(first) or _title_lines(blocks)) if len(first) > 1 else 1
    return _joined(first[:count]), [first[count:], *rest] if len(first) > count else rest


def _entry_lines(rows: Sequence[str]) -> int:
    """How many of the first lines are one entry of a list: there, a line's end is a space."""
    entry = rows[0].entry if isinstance(rows[0], Row) else ()
    same = takewhile(lambda row: isinstance(row, Row) and row.entry == entry, rows)
    count = sum(1 for _ in same) if entry else 0
    if isinstance(rows[0], Row) and not entry:  # a sentence goes on: in a paragraph, too, that end is a space
        count = sum(1 for _ in takewhile(lambda row: row[:1].islower(), rows[1:]))
        count += bool(count)
    return count if len(_joined(rows[:count])) <= TITLE_LIMIT else 0


def _title_lines(blocks: list[list[str]]) -> int:
    """How many lines the title has: one, unless the item is plainly wrapped by hand.

    Plainly: a block follows that has several lines, and the title's block looks wrapped. As
    a block must follow, a title never swallows the whole summary.
    """
    first, *rest = blocks
    if len(first) > TITLE_LINES or all(len(block) == 1 for block in rest):
        return 1
    return len(first) if wrapped_title(first, max(len(line) for block in blocks for line in block)) else 1


def _text(blocks: Sequence[Sequence[str]]) -> str:
    """Paragraphs, one blank line apart."""
    return "\n\n".join(
        [paragraph for block in blocks for paragraph in (block if len(block) == 1 else _paragraphs(block))]
    )


def _paragraphs(block: Sequence[str]) -> Iterator[str]:
    """The paragraphs of lines without blank ones between: wrapped lines are joined, entries of a list not."""
    start = 0
    for position, line in enumerate(block, 1):
        if len(line) > WRAP or position == len(block) or _ENTRY.match(block[position]):
            yield " ".join(block[start:position])
            start = position


def _joined(rows: Sequence[str]) -> str:
    return " ".join(row for row in rows if row and not is_rule(row))
