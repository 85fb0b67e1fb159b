"""The items that bulletins speak of, as they stand now: what is stored, and what was decided since."""

from __future__ import annotations

from collections.abc import Collection

from feeds.errors import StoreError
from feeds.model import Item
from feeds.store import Connection, history, items


class StoredItems:
    """Items by id, each loaded once; a burst names those that it needs in one go."""

    def __init__(self, conn: Connection, item_ids: Collection[str]) -> None:
        self._conn = conn
        self._items: dict[str, Item] = {}
        self._chosen: set[str] = set()
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
        return item_id in self._chosen

    def put(self, item: Item) -> None:
        """The item stands so from now on."""
        self._items[item.id] = item

    def _load(self, item_ids: Collection[str]) -> None:
        wanted = sorted(item_ids)
        self._items |= items.by_ids(self._conn, wanted)
        self._chosen |= history.labelled_by_hand(self._conn, wanted)
