"""Markdown becomes rows: paragraphs without their marks, headings, links and the form beside them.

Owns what is text in Markdown. The only importer of markdown_it. Row numbers
are those of the file. Must not know items or front matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt, rules_core
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from feeds.errors import BulletinError
from feeds.model import Fault
from feeds.reading.clean import shown
from feeds.reading.markup import hypertext
from feeds.reading.markup.hidden import Curtain
from feeds.reading.markup.phrases import Line, Phrase
from feeds.reading.page import LINK_ALONE, Mark, Rows
from feeds.reading.text import dates
from feeds.reading.text.furniture import web_link
from feeds.richtext import Place, public_link

_DATED_HEADING = re.compile(r"(.{6,40}?)\s?[:–—|-]\s+(.+)")


# No paragraph of a person's has so many signs that could be marks; trying what thousands of brackets
# might belong to takes seconds. It is read as it stands.
_MOST_MARKS = 1_000
_MARK = re.compile(r"[][*_`!<&~\\]")
# Each takes time and memory; no bulletin that people read has so many.
MOST_PARTS = 62_000
_NOTE = re.compile(r"\[\^([\w-]{1,20})\]:?")
_FILE = re.compile(
    r"(?:\S+\.(?:jpe?g|png|gif|webp|heic|avif|svg|tiff?|bmp)|(?:IMG|DSC|PXL)[_-]?\w+)", re.IGNORECASE
)
_BREAK = re.compile(r"<br\b", re.IGNORECASE)
_CONTAINERS = {
    "bullet_list": "ul", "ordered_list": "ol", "list_item": "li", "blockquote": "blockquote",
    "table": "table", "tr": "tr",
}  # fmt: skip
_EMPHASIS = {"em": "em", "strong": "strong"}


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # HTML is told apart (and cleaned here), not passed on. What is inside paragraphs is read by `_children`.
    made = MarkdownIt("commonmark", {"html": True, "maxNesting": 20})
    return made.enable(["table", "strikethrough"]).disable("inline")


def rows_of(text: str, above: int = 0) -> Rows:
    """The rows of a Markdown text; `above` lines of the file stand before it.

    BulletinError (`parts-too-many`).
    """
    reading = _Reading(above)
    environment: dict[str, Any] = {}  # link addresses that stand apart
    for token in _blocks(text, environment):
        if token.type == "html_block":
            token.content = reading.curtain.visible(token.content)
        if not (reading.curtain.drawn and token.content and token.type != "html_block"):
            reading.take(token, environment)
        if reading.curtain.taken:
            reading.tell_hidden(token)
    return reading.rows


def _blocks(text: str, environment: dict[str, Any]) -> Iterator[Token]:
    """The blocks of a text in their order; what was walked over is given up at once: many take much room."""
    parser, found = _parser(), _Blocks()
    state = StateCore(text, parser, environment)
    rules_core.normalize(state)
    parser.block.parse(state.src, parser, environment, found)
    found.reverse()
    while found:
        yield found.pop()


class _Blocks(list[Token]):
    """The blocks that the parser has found so far, which may not be too many."""

    parts = 0

    def append(self, token: Token) -> None:
        self.parts += token.nesting > 0
        if self.parts > MOST_PARTS:
            raise BulletinError(Fault(code="parts-too-many", detail=f"{MOST_PARTS:,}"))
        super().append(token)


class _Reading:
    """One walk over the blocks of a text, and where in it the walk is."""

    def __init__(self, above: int) -> None:
        self.rows = Rows()
        self.curtain = Curtain()
        self._above = above
        self._level = 0
        self._places: list[Place] = []
        self._count = 0
        self._cells: list[tuple[str, Line]] = []
        self._row = 0
        self._tight = False

    def take(self, token: Token, environment: dict[str, Any]) -> None:
        at = (token.map[0] if token.map else 0) + self._above + 1
        if token.type == "paragraph_open":
            self._tight = token.hidden
        elif token.type == "heading_open":
            self._level = int(token.tag[1:])
        elif token.type == "heading_close":
            self._level = 0
        elif token.type == "inline":
            self._inline(self.curtain.seen(_children(token.content, environment)), at)
        elif token.type in ("fence", "code_block"):
            self._code(token.content, at)
        elif token.type == "html_block":
            self._html(token.content, at)
        elif (tag := _CONTAINERS.get(token.type.rpartition("_")[0])) is not None:
            self._container(token, tag, at)
        elif token.type in ("td_open", "th_open"):
            self._cells.append((token.tag, Line("", "")))

    def tell_hidden(self, token: Token) -> None:
        """What was hidden in a block is counted at its line."""
        at = (token.map[0] if token.map else 0) + self._above + 1
        self.rows.left_out += [(rule, at) for rule in self.curtain.taken]
        self.curtain.taken = []

    def _container(self, token: Token, tag: str, at: int) -> None:
        """A list, an entry, a quotation or a table begins or ends."""
        if token.nesting > 0:
            start = token.attrGet("start")
            self._places.append(self._place(f'{tag} start="{start}"' if start is not None else tag))
            self._row = at
            return
        if tag == "tr":
            self._table_row()
        self._places.pop()

    def _table_row(self) -> None:
        """The cells of a row are one line."""
        cells, self._cells = self._cells, []
        words = " | ".join(shown(line.words) for _, line in cells)
        markup = "".join(f"<{tag}>{line.markup}</{tag}>" for tag, line in cells)
        if any(line.words.strip() for _, line in cells):
            self.rows.block([words], [self._row], form=([markup], tuple(self._places)))

    def _place(self, tag: str) -> Place:
        self._count += 1
        return Place(tag, self._count)

    def _way(self, tag: str = "p") -> tuple[Place, ...]:
        """The places of one block; in a close list the entry itself is one."""
        if tag == "p" and self._tight and self._places:
            return tuple(self._places)
        return (*self._places, self._place(tag))

    def _code(self, content: str, at: int) -> None:
        phrase = Phrase()
        lines = content.rstrip("\n").split("\n")
        for number, line in enumerate(lines, 1):
            phrase.say(line)
            phrase.end_line(broken=number < len(lines))
        self._block(phrase.take()[:-1], at, None, "pre")

    def _html(self, content: str, at: int) -> None:
        """A piece of HTML: its blocks, in their own places within this one."""
        found = hypertext.structure_of(content).rows
        whole = self._place("")
        for row, words in enumerate(found.text, 1):
            if words and (rich := found.rich.get(row)):
                way = (Place(tag, (whole.number << 20) + number) for tag, number in rich.way)
                self.rows.block([words], [at], form=([rich.markup], (*self._places, *way)))
        self.rows.left_out += [(rule, at) for rule, _ in found.left_out]

    def _inline(self, children: Sequence[Token], at: int) -> None:
        lines = _lines(children)
        if self._cells:
            whole = Line(" ".join(line.words for line in lines), " ".join(line.markup for line in lines))
            self._cells[-1] = (self._cells[-1][0], whole)
            return
        if not any(shown(line.words) for line in lines):
            if any(child.type == "image" for child in children):
                self.rows.left_out.append(("picture", at))
            return
        words = [shown(line.words) for line in lines]
        whole_words, level = " ".join(words).strip(), self._level
        link, linked = _first_link(children)
        dated = _DATED_HEADING.fullmatch(whole_words) if level and len(lines) == 1 else None
        if dated and dates.parse(dated[1]):
            self.rows.block([dated[1]], [at])
            self.rows.block([dated[2]], [at], Mark(level, link))
            return
        alone = bool(whole_words) and whole_words == linked
        mark = Mark(level or (LINK_ALONE if alone else 0), link if level or alone else None)
        self._block(lines, at, mark if mark.heading else None, f"h{3 if level < 3 else 4}" if level else "p")

    def _block(self, lines: Sequence[Line], at: int, mark: Mark | None, tag: str) -> None:
        words = [shown(line.words) for line in lines]
        markup = [line.markup for line in lines]
        self.rows.block(words, range(at, at + len(lines)), mark, (markup, self._way(tag)))


def _children(content: str, environment: dict[str, Any]) -> Sequence[Token]:
    """The marks and words of a paragraph."""
    children: list[Token] = []
    marks = len(_MARK.findall(content))
    if not marks and "\n" not in content:
        return [Token("text", "", 0, content=content)]
    if marks > _MOST_MARKS:
        for line in content.split("\n"):
            children += [Token("text", "", 0, content=line), Token("softbreak", "br", 0)]
        return children[:-1]
    _parser().inline.parse(content, _parser(), environment, children)
    return children


def _lines(children: Sequence[Token]) -> list[Line]:
    """The lines of a paragraph with their form. A picture that stands alone has no words."""
    if len(children) == 1 and children[0].type == "text":  # most entries and cells
        return [Line.of(_words(children[0], pictured=False))]
    phrase = Phrase()
    pictured = all(child.type in ("image", "softbreak") or not child.content.strip() for child in children)
    for child in children:
        kind, _, end = child.type.rpartition("_")
        breaks = child.type == "html_inline" and _BREAK.match(child.content)
        if child.type in ("softbreak", "hardbreak") or breaks:
            phrase.end_line(broken=child.type != "softbreak")
        elif child.type == "link_open":
            phrase.open("a", public_link(str(child.attrGet("href") or "")))
        elif child.type == "link_close":
            phrase.close("a")
        elif kind in _EMPHASIS:
            phrase.open(kind) if end == "open" else phrase.close(kind)
        elif child.type == "code_inline":
            phrase.open("code")
            phrase.say(child.content)
            phrase.close("code")
        elif words := _words(child, pictured=pictured):
            phrase.say(words)
    return phrase.take()


def _words(child: Token, *, pictured: bool) -> str:
    """The words of a piece of a paragraph; the name of a picture's file is none."""
    if child.type == "image":
        return "" if pictured or _FILE.fullmatch(child.content.strip()) else child.content
    if child.type not in ("text", "text_special"):
        return ""
    words = child.content.removeprefix("mailto:")
    return _NOTE.sub(r"[\1]", words) if "[^" in words else words


def _first_link(children: Sequence[Token]) -> tuple[str | None, str]:
    """The first link's address and words."""
    for at, child in enumerate(children):
        if child.type == "link_open":
            end = next((n for n in range(at, len(children)) if children[n].type == "link_close"), at)
            address = str(child.attrGet("href") or "")
            return web_link(address), shown(_plain(children[at:end]))
    return None, ""


def _plain(children: Iterable[Token]) -> str:
    told = (child for child in children if not child.nesting and child.type != "html_inline")
    return "".join("\n" if child.type.endswith("break") else child.content for child in told)
