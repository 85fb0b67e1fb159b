"""The OPML of a selection: the feed of all of it, and those of what it asks for."""

from __future__ import annotations

from feeds.model import FeedKey, Filter
from feeds.syndication.selection import feeds_of

PANAMA = FeedKey(kind="country", code="pa")


def test_a_selection_is_its_own_feed_and_those_of_its_labels_by_kind() -> None:
    wanted = Filter(countries=("hn", "pa"), regions=("caribbean",), topics=("health",), not_countries=("mx",))
    own = FeedKey(kind="filter", code="x")
    assert list(feeds_of(wanted, own)) == [
        ("", [own]),
        ("country", [FeedKey(kind="country", code="hn"), PANAMA]),
        ("region", [FeedKey(kind="region", code="caribbean")]),
        ("topic", [FeedKey(kind="topic", code="health")]),
    ]


def test_a_feed_that_is_the_whole_selection_stands_there_once() -> None:
    assert list(feeds_of(Filter(countries=("pa",)), PANAMA)) == [
        ("", [PANAMA]), ("country", []), ("region", []), ("topic", []),
    ]  # fmt: skip
