"""The one shape that every form of bulletin is brought into before items are sought in it.

Owns what a form may tell about its lines: their numbers in the file, headings,
links, their markup, and what stands outside the text (front matter, mail headers). Must not
know how a form is read, nor where items begin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from feeds.model import Fault, Moment
from feeds.reading.text.lines import Sheet
from feeds.richtext import Place

# A line that is nothing but a link: a title where there are no headings.
LINK_ALONE = 7


class Mark(NamedTuple):
    """What structure says of a line: `heading` 1 to 6 (LINK_ALONE for a mere link), 0 for none."""

    heading: int = 0
    link: str | None = None


class Rich(NamedTuple):
    """A line with its form: its markup, and the places in which it stands, from the outside in."""

    markup: str
    way: tuple[Place, ...]


class Box(NamedTuple):
    """The rows of one item: its first and last, and those of its date and its title."""

    first: int
    last: int
    date: int
    title: int


@dataclass(slots=True)
class Span:
    """An element of a web page that could hold one item: its first and last row, its tag, the span round it.

    `apart`: what is round it belongs to the page (``<article>``).
    """

    first: int
    last: int
    tag: str
    parent: int
    apart: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a file says of its items beside their text; None where it says nothing.

    `one_item`: the whole text is the summary of one item, dates in it are prose.
    `title` and `link` are of no use to a file with several items. `said`: name, line and words of all
    that the head of the file says. `summary` is its text where there is no other, `tags` words that may
    name a label. `not_before` and `expires_at`: when the text may be shown.
    """

    date_on: date | None = None
    title: str | None = None
    lang: str | None = None
    link: str | None = None
    countries: tuple[str, ...] | None = None
    topics: tuple[str, ...] | None = None
    external_id: str | None = None
    translation_of: str | None = None
    one_item: bool = False
    said: tuple[tuple[str, int, str], ...] = ()
    summary: str = ""
    tags: tuple[str, ...] = ()
    not_before: Moment | None = None
    expires_at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A bulletin as rows. Rows count from 1; all mappings are by row.

    `numbers` gives the file's line of each row, None where they are the same but for the
    lines `above` the text. `boxes` are items that the structure itself sets apart, `undated`
    what looks like one but has no date. `source` holds the file's lines where an item's original
    is to be cut from them, `bare` says that text outside of items is no loss (a web page's
    menus). `skipped`:
    rows that are dates but head no item. `left_out`: what the form itself left out, by rule and line;
    `passed` the words of that.
    """

    sheet: Sheet
    encoding: str
    faults: tuple[Fault, ...] = ()
    context: Context = field(default_factory=Context)
    marks: Mapping[int, Mark] = field(default_factory=dict)
    rich: Mapping[int, Rich] = field(default_factory=dict)
    numbers: Sequence[int] | None = None
    above: int = 0
    boxes: Sequence[Box] = ()
    undated: Sequence[Box] = ()
    source: Sequence[str] | None = None
    bare: bool = False
    skipped: frozenset[int] = frozenset()
    left_out: Sequence[tuple[str, int]] = ()
    passed: str = ""

    def number(self, row: int) -> int:
        """The line of the file that a row stands on."""
        if self.numbers is None:
            return row + self.above
        return self.numbers[min(row, len(self.numbers)) - 1]


class Rows:
    """Builds the rows of a structured form: blocks with a blank row between them."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.numbers: list[int] = []
        self.marks: dict[int, Mark] = {}
        self.rich: dict[int, Rich] = {}
        self.left_out: list[tuple[str, int]] = []
        self.passed: list[str] = []

    def block(
        self,
        lines: Sequence[str],
        numbers: Sequence[int],
        mark: Mark | None = None,
        form: tuple[Sequence[str], tuple[Place, ...]] | None = None,
    ) -> None:
        """Adds lines that belong together; blank ones among them are dropped.

        `form`: the markup of each line, and where they stand.
        """
        markup, way = form or ([""] * len(lines), ())
        every = zip(lines, numbers, markup, strict=True)
        kept = [(line, number, words) for line, number, words in every if line.strip()]
        if not kept:
            return
        if self.text:
            self.text.append("")
            self.numbers.append(kept[0][1])
        if mark:
            self.marks[len(self.text) + 1] = mark
        for line, number, words in kept:
            self.text.append(line)
            self.numbers.append(number)
            if form:
                self.rich[len(self.text)] = Rich(words, way)

    def clear(self, row: int) -> None:
        """A row without words, as if it had been left out; the rows keep their numbers."""
        self.passed.append(self.text[row - 1])
        self.text[row - 1] = ""
        self.marks.pop(row, None)
        self.rich.pop(row, None)

    def __len__(self) -> int:
        return len(self.text)
