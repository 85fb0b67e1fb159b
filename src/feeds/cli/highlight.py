"""Evidence in its place: a text with the words that gave its labels marked, wrapped for a terminal.

Text and labels in, styled text out. Whoever prints leaves the styles out where nobody sees them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import click

from feeds.cli import show
from feeds.model import Kind, Label

COLOURS = {Kind.COUNTRY: "yellow", Kind.REGION: "magenta", Kind.TOPIC: "cyan"}

Mark = tuple[int, int, Kind]
"""From where to where a text is evidence, and for which kind of label."""


def marks(labels: Sequence[Label], field: str) -> list[Mark]:
    """The places of all evidence in one field; countries before regions before topics."""
    order = list(Kind)
    found = {
        (piece.start, piece.end, label.kind)
        for label in labels
        for piece in label.evidence
        if piece.field == field and piece.words
    }
    return sorted(found, key=lambda mark: (order.index(mark[2]), mark))


def highlighted(text: str, found: Sequence[Mark], *, title: bool = False) -> str:
    """The text with its evidence coloured by kind: underlined in a title, which is bold, else bold.

    Where two kinds of evidence overlap, the first has it.
    """
    return "".join(_styled(text[start:end], kind, title) for start, end, kind in _pieces(text, found))


def wrapped(text: str, found: Sequence[Mark], width: int, indent: str) -> str:
    """The text highlighted, in lines of at most `width` columns, each indented; paragraphs stay apart."""
    room = max(20, width - len(indent))
    lines = (_part(text, found, start, end) for start, end in _lines(text, room))
    return "\n".join(indent + line if line else "" for line in lines)


def _part(text: str, found: Sequence[Mark], start: int, end: int) -> str:
    inside = [(max(first, start), min(last, end), kind) for first, last, kind in found]
    moved = [(first - start, last - start, kind) for first, last, kind in inside if first < last]
    return highlighted(text[start:end], moved)


def _pieces(text: str, found: Sequence[Mark]) -> Iterator[tuple[int, int, Kind | None]]:
    """The text cut wherever a mark begins or ends, each piece with the kind that has it."""
    edges = {0, len(text)} | {edge for start, end, _ in found for edge in (start, end) if edge < len(text)}
    cuts = sorted(edges)
    for start, end in pairwise(cuts):
        yield start, end, next((kind for first, last, kind in found if first <= start < last), None)


def _styled(piece: str, kind: Kind | None, title: bool) -> str:
    if kind is None:
        return click.style(piece, bold=True) if title else piece
    return click.style(piece, fg=show.colour(COLOURS[kind]), bold=True, underline=title or None)


def _lines(text: str, room: int) -> Iterator[tuple[int, int]]:
    """Where each line begins and ends; an empty one between paragraphs. A longer word has its own."""
    for number, paragraph in enumerate(re.finditer(r"[^\n]+", text)):
        if number:
            yield paragraph.start(), paragraph.start()
        start = end = -1
        for word in re.finditer(r"\S+", paragraph[0]):
            first, last = paragraph.start() + word.start(), paragraph.start() + word.end()
            if start >= 0 and last - start > room:
                yield start, end
                start = first
            start, end = (first if start < 0 else start), last
        yield start, end
