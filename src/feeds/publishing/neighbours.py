"""What stands beside an item in time: the next older and the next newer one of its first label.

Asked for when somebody follows the link. Were they written into the page, each new item, and each one that
is withdrawn or gets another date, would change the pages of others.
"""

from __future__ import annotations

from feeds.model import FeedKey
from feeds.pages.lists import label_keys
from feeds.publishing.catalogue import Catalogue
from feeds.publishing.filtered import Filtered
from feeds.store import Connection, items
from feeds.syndication.keys import ALL


def beside(filtered: Filtered, item_id: str, *, later: bool) -> str | None:
    """The path of the page beside an item: another item's, or at the end that of the feed. None where there
    is no such item, or it was withdrawn.
    """

    def run(conn: Connection, catalogue: Catalogue) -> str | None:
        item = items.by_ids(conn, [item_id], bare=True).get(item_id)
        if item is None or item.withdrawn_at is not None:
            return None
        key = first_feed(label_keys(item))
        among = catalogue.feed(key, filtered.vocabulary)
        found = catalogue.beside(item_id, among, later=later)
        return f"/items/{found}/" if found else key.page

    return filtered.look(run)


def first_feed(keys: list[FeedKey]) -> FeedKey:
    """Where somebody who reads an item goes on: in the news of its first label, or in all of them."""
    return keys[0] if keys else ALL
