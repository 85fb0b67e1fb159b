"""The items that bulletins speak of, as they stand now: what is stored, and what was decided since."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from feeds.errors import StoreError
from feeds.model import Item


class Loaded(NamedTuple):
    """Items by id, and those of them whose labels somebody has chosen by hand."""

    items: dict[str, Item]
    chosen: set[str]


Load = Callable[[Sequence[str]], Loaded]


class StoredItems:
    """Items by id, each loaded once; a burst names those that it needs in one go.

    `read` keeps them as they were loaded, so that whoever writes can see whether they still are so.
    """

    def __init__(self, load: Load, item_ids: Collection[str]) -> None:
        self._load_more = load
        self._items: dict[str, Item] = {}
        self.read = Loaded({}, set())
        self._load(item_ids)

    def item(self, item_id: str) -> Item:
        """An item as it stands now, whichever file brought it."""
        if item_id not in self._items:
            self._load([item_id])
        if (item := self._items.get(item_id)) is None:
            raise StoreError(f"item {item_id} is known but not stored: run `feeds check`")
        return item

    def is_chosen(self, item_id: str) -> bool:
        """Whether somebody has chosen the item's labels by hand."""
        return item_id in self.read.chosen

    def put(self, item: Item) -> None:
        """The item stands so from now on."""
        self._items[item.id] = item

    def _load(self, item_ids: Collection[str]) -> None:
        loaded = self._load_more(sorted(item_ids))
        self._items |= loaded.items
        self.read = Loaded(self.read.items | loaded.items, self.read.chosen | loaded.chosen)
