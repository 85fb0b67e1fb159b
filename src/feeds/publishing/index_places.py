"""Which item stands at a place of the index of words, in memory: an index answers with places alone.

It follows the index, which follows the log of changes. At 300,000 items it takes some 35 MB, where the rows
that hold an item's words would be read for each one that is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyroaring import BitMap

from feeds.store import Connection, publishing, searching

if TYPE_CHECKING:
    from feeds.publishing.catalogue import Catalogue

# More changes than these since the last time, and all places are read anew.
_MOST_CHANGES = 5_000


class IndexPlaces:
    """Places as of a change up to which the index had come."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._mark = 0

    def at(self, conn: Connection, catalogue: Catalogue, places: Sequence[int]) -> BitMap:
        """The numbers of the items at these places; of items that have moved meanwhile nothing is known."""
        self.follow(conn, catalogue)
        return BitMap([number for place in places if (number := self._numbers.get(place)) is not None])

    def follow(self, conn: Connection, catalogue: Catalogue) -> None:
        """Come as far as the index."""
        mark = searching.indexed_up_to(conn)
        if mark == self._mark:
            return
        changed = publishing.changes_between(conn, self._mark, mark, _MOST_CHANGES + 1)
        anew = not self._mark or mark < self._mark or len(changed) > _MOST_CHANGES
        prefix = publishing.ITEM_PREFIX
        ids = None if anew else [key.removeprefix(prefix) for key in changed if key.startswith(prefix)]
        if anew:
            self._numbers.clear()
        self._numbers.update(catalogue.pairs(searching.places(conn, ids)))
        self._mark = mark
