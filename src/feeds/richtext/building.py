"""Putting a body together from the lines of a file and the places in which they stood.

A place is the way from the outside in: a list, its entry, a paragraph. Lines of one place are one
piece of text; where two places part, tags are closed and opened. So whatever lines a reading leaves
out, what is left is whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from feeds.richtext.cleaning import safe

MOST_DEEP = 8


class Place(NamedTuple):
    """An element: its tag with attributes (``ol start="3"``), and a number that tells it from its like."""

    tag: str
    number: int


class Builder:
    """Collects the lines of one item in their order."""

    def __init__(self) -> None:
        self._made: list[str] = []
        self._open: tuple[Place, ...] = ()

    def add(self, markup: str, way: Iterable[Place], joint: str = " ") -> None:
        """One line, as markup, in its place. `joint` stands between two lines of one place."""
        places = tuple(way)[:MOST_DEEP]
        if places and places == self._open:
            self._made.append(joint)
        else:
            self._go(places)
        self._made.append(markup)

    def body(self) -> str:
        """All of it, made safe."""
        self._go(())
        return safe("".join(self._made))

    def _go(self, places: tuple[Place, ...]) -> None:
        shared = 0
        for one, other in zip(self._open, places, strict=False):
            if one != other:
                break
            shared += 1
        for place in reversed(self._open[shared:]):
            self._made.append(f"</{place.tag.partition(' ')[0]}>")
        for place in places[shared:]:
            self._made.append(f"<{place.tag}>")
        self._open = places
