"""How a mail with many items stays under the size at which mail programs clip it (pure).

Owns: the limit, and what gives way first. Must not know what an item is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

HTML_BUDGET = 85_000  # bytes; Gmail hides what lies beyond 102 kB, the foot of the mail first
MOST_CARDS = 60
MOST_HEADLINES = 150


@dataclass(frozen=True, slots=True)
class Layout:
    """How many items are shown as cards, how many as bare headlines after them, how many notes:
    what is told in this mail alone (the changes of a digest, the faults of a receipt)."""

    cards: int
    headlines: int
    notes: int

    def smaller(self, size: int) -> Layout:
        """A layout that should fit when this one gave `size` bytes: fewer cards, or else fewer headlines.

        Reckoned in cards: a headline costs about a quarter of one, the frame
        about four, and a card that no longer fits becomes a headline. Notes go
        last: items stand on the web, a note does not.
        """
        one_card = size / (self.cards + self.headlines / 4 + self.notes + 4)
        surplus = ceil((size - HTML_BUDGET) / one_card)
        if self.cards:
            becoming = min(surplus // 3, MOST_HEADLINES - self.headlines)
            gone = min(self.cards, surplus + becoming)
            left = min(self.headlines + gone, MOST_HEADLINES)
            return replace(self, cards=self.cards - gone, headlines=left)
        if self.headlines:
            return replace(self, headlines=max(0, self.headlines - 4 * surplus))
        return replace(self, notes=max(0, self.notes - surplus))


def fitted(layout: Layout, make: Callable[[Layout], str]) -> str:
    """The HTML that `make` gives for `layout`, or for the first smaller one that is within `HTML_BUDGET`."""
    while True:
        html = make(layout)
        size = len(html.encode())
        if size <= HTML_BUDGET or layout == Layout(0, 0, 0):
            return html
        layout = layout.smaller(size)
