"""What an item lacks to be wanted: the nearest miss, for whoever asks why they did not get it (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from feeds.filters.matching import match
from feeds.model import Filter, Item, Vocabulary

PARTS = ("place", "topic", "word", "all words", "language", "not place", "not topic", "not word")
"""The conditions of a filter, in the order in which they are told."""

_FIELDS = {
    "place": ("countries", "regions"),
    "topic": ("topics",),
    "word": ("words",),
    "all words": ("all_words",),
    "language": ("languages",),
    "not place": ("not_countries", "not_regions"),
    "not topic": ("not_topics",),
    "not word": ("without",),
}


def unmet(wanted: Filter, item: Item, vocabulary: Vocabulary) -> list[str]:
    """The conditions, of `PARTS`, that keep the item out; none if it is wanted."""
    return [part for part, alone in _alone(wanted) if match(alone, item, vocabulary) is None]


def only_mentioned(wanted: Filter, item: Item, vocabulary: Vocabulary) -> bool:
    """Whether the item would have the place asked for, if mentions counted."""
    asked = _only(wanted, "place")
    loose = replace(asked, mentions=True)
    return match(asked, item, vocabulary) is None and match(loose, item, vocabulary) is not None


def _alone(wanted: Filter) -> Iterator[tuple[str, Filter]]:
    """Each condition of a filter as a filter of its own."""
    for part in PARTS:
        if any(getattr(wanted, field) for field in _FIELDS[part]):
            yield part, _only(wanted, part)


def _only(wanted: Filter, part: str) -> Filter:
    bare = Filter(mentions=wanted.mentions, members=wanted.members)
    return replace(bare, **{field: getattr(wanted, field) for field in _FIELDS[part]})
