"""The lines of one item become a draft, or the fault that blocks it.

Owns what is title, text, link and countries among the lines of a cut, and the
limits of each. Must not know where items begin, nor bytes or forms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from feeds.model import Draft
from feeds.reading.page import Page
from feeds.reading.tally import Tally
from feeds.reading.text.countries import country_line
from feeds.reading.text.cuts import SUMMARY_LIMIT, TITLE_LIMIT, Cut
from feeds.reading.text.furniture import LONGEST, link_line, rule_of
from feeds.reading.text.layout import TITLE_LINES, WRAP, title_like, wrapped_title
from feeds.reading.text.lines import is_rule

# So many blank lines may stand between a title and its country line.
_NEAR = 12


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
    lead = sift.kept(cut.lead, cut.lead_row)
    body = sift.kept(cut.body, cut.body_row)
    countries = _take_countries(lead, body)
    title, summary = _joined(lead), _text(_blocks(body)) if lead else ""
    if not lead and not cut.lead:
        title, summary = _split(_blocks(body))
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
        lang=context.lang or lang,
        link=sift.link or (context.link if context.one_item else None),
        original=_original(page, cut),
        countries=context.countries if context.countries is not None else countries,
        topics=context.topics,
        external_id=context.external_id if context.one_item else None,
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


class Sift:
    """Takes the lines out of an item that no reader wants, and its link."""

    def __init__(self, page: Page, tally: Tally) -> None:
        self.link: str | None = None
        self._page = page
        self._tally = tally

    def kept(self, rows: Sequence[str], first: int) -> list[str]:
        """The rows that stay, blank ones included; the first link line becomes the link."""
        plain = not self._page.marks
        kept: list[str] = []
        for at, row in enumerate(rows):
            # Nearly all that is read is longer than any rule's line and holds no address.
            long = plain and len(row) > LONGEST and "://" not in row and "www." not in row
            if long or not row or not self._leaves(rows, at, first):
                kept.append(row)
        return kept

    def _leaves(self, rows: Sequence[str], at: int, first: int) -> bool:
        row = rows[at]
        if first + at in self._page.skipped:
            self._tally.left_out("second-date", self._page.number(first + at))
            return True
        mark = self._page.marks.get(first + at) if self._page.marks else None
        if mark and mark.link and mark.heading and not self.link:
            self.link = mark.link
        if len(row) <= LONGEST:
            alone = not (at and rows[at - 1]) and not (at + 1 < len(rows) and rows[at + 1])
            if rule := rule_of(row, alone):
                if rule == "read-more" and mark and mark.link and not self.link:
                    self.link = mark.link
                self._tally.left_out(rule, self._page.number(first + at))
                return True
        if not self.link and (found := link_line(row)):
            self.link = found
            return True
        return False


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


def _split(blocks: list[list[str]]) -> tuple[str, str]:
    """Title and summary of an item that begins with its title."""
    if not blocks:
        return "", ""
    first, *rest = blocks
    count = _title_lines(blocks) if len(first) > 1 else 1
    return _joined(first[:count]), _text([first[count:], *rest] if len(first) > count else rest)


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
    """The paragraphs of lines without blank ones between: wrapped lines are joined."""
    start = 0
    for position, line in enumerate(block, 1):
        if len(line) > WRAP or position == len(block):
            yield " ".join(block[start:position])
            start = position


def _joined(rows: Sequence[str]) -> str:
    return " ".join(row for row in rows if row and not is_rule(row))
