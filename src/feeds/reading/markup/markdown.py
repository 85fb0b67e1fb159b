"""Markdown becomes rows: paragraphs without their marks, headings and links beside them.

Owns what is text in Markdown. The only importer of markdown_it. Row numbers
are those of the file. Must not know items or front matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from feeds.reading.clean import shown
from feeds.reading.markup import hypertext
from feeds.reading.page import LINK_ALONE, Mark, Rows
from feeds.reading.text import dates
from feeds.reading.text.furniture import web_link

_DATED_HEADING = re.compile(r"(.{6,40}?)\s?[:–—|-]\s+(.+)")


# No paragraph of a person's has so many signs that could be marks; trying what thousands of brackets
# might belong to takes seconds. It is read as it stands.
_MOST_MARKS = 1_000
_MARK = re.compile(r"[][*_`!<&\\]")


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # HTML is told apart (and cleaned here), not passed on. What is inside paragraphs is read by `_children`.
    return MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).disable("inline")


def rows_of(text: str, above: int = 0) -> Rows:
    """The rows of a Markdown text; `above` lines of the file stand before it."""
    rows = Rows()
    level = 0
    environment: dict[str, Any] = {}  # link addresses that stand apart
    for token in _parser().parse(text, environment):
        at = (token.map[0] if token.map else 0) + above + 1
        if token.type == "heading_open":
            level = int(token.tag[1:])
        elif token.type == "heading_close":
            level = 0
        elif token.type == "inline":
            _inline(rows, _children(token.content, environment), level, at)
        elif token.type in ("fence", "code_block"):
            lines = token.content.split("\n")
            rows.block(lines, range(at, at + len(lines)))
        elif token.type == "html_block":
            for line in hypertext.words(token.content):
                rows.block([line], [at])
    return rows


def _children(content: str, environment: dict[str, Any]) -> Sequence[Token]:
    """The marks and words of a paragraph."""
    children: list[Token] = []
    if len(_MARK.findall(content)) > _MOST_MARKS:
        for line in content.split("\n"):
            children += [Token("text", "", 0, content=line), Token("softbreak", "br", 0)]
        return children[:-1]
    _parser().inline.parse(content, _parser(), environment, children)
    return children


def _inline(rows: Rows, children: Sequence[Token], level: int, at: int) -> None:
    lines = [shown(line) for line in "".join(_words(children)).split("\n")]
    whole = " ".join(lines).strip()
    link, linked = _first_link(children)
    if level and len(lines) == 1 and (dated := _DATED_HEADING.fullmatch(whole)) and dates.parse(dated[1]):
        rows.block([dated[1]], [at])
        rows.block([dated[2]], [at], Mark(level, link))
        return
    alone = bool(whole) and whole == linked
    mark = Mark(level or (LINK_ALONE if alone else 0), link if level or alone else None)
    rows.block(lines, range(at, at + len(lines)), mark if mark.heading else None)


def _words(children: Sequence[Token]) -> Iterator[str]:
    for child in children:
        if child.type in ("text", "code_inline", "image"):
            yield child.content
        elif child.type in ("softbreak", "hardbreak"):
            yield "\n"


def _first_link(children: Sequence[Token]) -> tuple[str | None, str]:
    """The first link's address and words."""
    for at, child in enumerate(children):
        if child.type == "link_open":
            end = next((n for n in range(at, len(children)) if children[n].type == "link_close"), at)
            address = str(child.attrGet("href") or "")
            return web_link(address), shown("".join(_words(children[at:end])))
    return None, ""
