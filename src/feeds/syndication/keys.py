"""Keys of what is published: which feeds and pages an item stands on."""

from __future__ import annotations

from feeds.model import FeedKey, Item, Kind

ALL = FeedKey(kind="all")
UNLABELLED = FeedKey(kind="unlabelled")
ITEM_PREFIX = "item/"


def stale_keys(item: Item) -> set[str]:
    """The keys of all feeds and pages that an item stands on."""
    return {key.stem for key in feed_keys(item)} | {ITEM_PREFIX + item.id}


def feed_keys(item: Item) -> list[FeedKey]:
    """Every feed an item belongs to, by its `about` labels."""
    keys = [ALL]
    for kind in Kind:
        keys += [FeedKey(kind=kind.value, code=code) for code in item.codes(kind)]
    return keys if item.codes(Kind.COUNTRY) else [*keys, UNLABELLED]


def feed_key(stem: str) -> FeedKey:
    """The key named by a stem such as ``country/pa`` or ``all``."""
    kind, _, code = stem.partition("/")
    return FeedKey(kind=kind, code=code)
