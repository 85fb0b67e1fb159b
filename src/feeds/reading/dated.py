"""The form of the press office: date line, title, paragraphs, over and over.

Owns where an item begins and ends, which lines are its title, and which
faults block it. Works line by line, each line looked at a fixed number of
times. Must not know bytes, encodings or other forms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from feeds.model import Draft, Fault
from feeds.reading import dates
from feeds.reading.faults import cut
from feeds.reading.lines import Line

TITLE_LIMIT = 500
SUMMARY_LIMIT = 50_000
# No one wraps by hand beyond this: the end of a longer line ends a paragraph.
WRAP = 120
TITLE_LINES = 3
_ENDS = (".", "!", "?", ":", "…")


@dataclass(frozen=True, slots=True)
class Section:
    """A date line and all lines up to the next one; `head` None before the first date."""

    head: Line | None
    date_on: date | dates.NotADay | None
    body: tuple[Line, ...]

    def blocks(self) -> list[list[Line]]:
        """The lines with words, in runs without a blank line or rule between them."""
        blocks: list[list[Line]] = []
        for line in self.body:
            if not line.rule:
                if line.parted or not blocks:
                    blocks.append([])
                blocks[-1].append(line)
        return blocks


def sections(found: Iterable[Line], order: dates.DateOrder) -> Iterator[Section]:
    """The lines grouped under their date lines; text before the first date comes first, if any."""
    head: Line | None = None
    date_on: dates.Reading = None
    body: list[Line] = []
    for line in found:
        reading = dates.parse(line.text, order)
        if reading is None or _is_title(reading, date_on, body):
            body.append(line)
            continue
        if head or body:
            yield Section(head, date_on, tuple(body))
        head, date_on, body = line, reading, []
    if head or body:
        yield Section(head, date_on, tuple(body))


def _is_title(reading: dates.Reading, date_on: dates.Reading, body: list[Line]) -> bool:
    """Whether "8 March" stands where a title is due; anywhere else it is a date without a year."""
    incomplete = isinstance(reading, dates.NotADay) and reading.code == "date-incomplete"
    return incomplete and isinstance(date_on, date) and all(line.rule for line in body)


def draft(section: Section, text: str, lang: str | None) -> tuple[Draft | None, Fault | None]:
    """The item of a section, and its fault if there is one; a blocked section gives no item.

    `text` is the decoded file, for the item's original. The fault's line is the section's
    first, so that a fault covers all lines from its own to the next item or fault.
    """
    if section.head is None:
        return None, _fault("text-before-first-date", section.body[0])
    if isinstance(section.date_on, dates.NotADay):
        return None, _fault(section.date_on.code, section.head)
    blocks = section.blocks()
    if section.date_on is None or not blocks:
        return None, _fault("title-missing", section.head)
    title, summary = _split(blocks)
    if len(title) > TITLE_LIMIT:
        return None, _fault("title-too-long", section.head, title)
    if len(summary) > SUMMARY_LIMIT:
        return None, _fault("summary-too-long", section.head, title)
    last = section.body[-1]
    item = Draft(
        line=section.head.number,
        end_line=last.number,
        date_on=section.date_on,
        title=title,
        summary=summary,
        lang=lang,
        original=text[section.head.start : last.end],
    )
    return item, None if summary else _fault("summary-missing", section.head, title)


def _split(blocks: list[list[Line]]) -> tuple[str, str]:
    """Title and summary; the summary's paragraphs stand apart by one blank line."""
    first, *rest = blocks
    count = _title_lines(blocks)
    paragraphs = (words for block in (first[count:], *rest) for words in _paragraphs(block))
    return _joined(first[:count]), "\n\n".join(paragraphs)


def _title_lines(blocks: list[list[Line]]) -> int:
    """How many lines the title has: one, unless the item is plainly wrapped by hand.

    Plainly: a block follows that has several lines, no line is longer than WRAP, and in the
    title's block no line ends a sentence and each next word would not have fitted. As a
    block must follow, a title never swallows the whole summary.
    """
    first, *rest = blocks
    if not 1 < len(first) <= TITLE_LINES or all(len(block) == 1 for block in rest):
        return 1
    width = max(len(line.text) for block in blocks for line in block)
    if width > WRAP or any(line.text.endswith(_ENDS) for line in first):
        return 1
    forced = (
        len(line.text) + 1 + len(below.text.split(" ", 1)[0]) > width for line, below in pairwise(first)
    )
    return len(first) if all(forced) else 1


def _paragraphs(block: list[Line]) -> Iterator[str]:
    """The paragraphs of lines without blank ones between: wrapped lines are joined."""
    start = 0
    for position, line in enumerate(block, 1):
        if len(line.text) > WRAP or position == len(block):
            yield _joined(block[start:position])
            start = position


def _joined(some: list[Line]) -> str:
    return " ".join(line.text for line in some)


def _fault(code: str, line: Line, detail: str | None = None) -> Fault:
    return Fault(code=code, line=line.number, detail=cut(detail or line.text))
