"""Of items that are versions of one another, which one an audience is told, and that it is told once.

Only filters that say so (`prefer`) are treated like this. Where no filter of a pass does, nothing is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from feeds.filters.once import Told, once
from feeds.model import Item
from feeds.store import Connection, translations


class ToldOnce:
    """The versions among the items of one pass. `earlier`: other versions that were announced before, with
    their instants: who had one of them is not told the same again.
    """

    def __init__(
        self, conn: Connection, items: Sequence[Item], preferring: Mapping[int, Sequence[str]]
    ) -> None:
        self._preferring = preferring
        self.earlier: dict[str, datetime] = {}
        self._bits: dict[int, Told] = {}
        self._of_key: defaultdict[str, int] = defaultdict(int)
        self._keys: dict[str, str] = {}
        self._known: dict[tuple[int, Sequence[str]], int] = {}
        if preferring and items:
            self._read(conn, items)

    def _read(self, conn: Connection, items: Sequence[Item]) -> None:
        places = {each.id: place for place, each in enumerate(items)}
        self._keys = {each.item_id: each.key for each in translations.linked(conn, list(places))}
        for item_id, key in self._keys.items():
            item, bit = items[places[item_id]], 1 << places[item_id]
            self._bits[bit] = Told(key, item.lang, item.accepted_at, item.id)
            self._of_key[key] |= bit
        for item_id, key, at in translations.of_keys(conn, sorted(self._of_key)):
            if item_id not in places:
                self.earlier[item_id] = at
                self._keys[item_id] = key

    def of(self, number: int, wanted: int, had: Iterable[str] = ()) -> int:
        """The bits of those items of `wanted` that a filter, by its number, is told of: one of each set of
        versions, and none of a set of which its reader `had` one.
        """
        prefer = self._preferring.get(number)
        if prefer is None or not self._bits:
            return wanted
        if (wanted, prefer) not in self._known:
            versions = ((bit, told) for bit, told in self._bits.items() if bit & wanted)
            self._known[wanted, prefer] = wanted & ~sum(once(versions, prefer))
        found = self._known[wanted, prefer]
        for item_id in had:
            found &= ~self._of_key.get(self._keys.get(item_id, ""), 0)
        return found
