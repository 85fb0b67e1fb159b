"""What stands beside the news of a country, region or topic: what else it goes with, and its months (pure).

All of it follows from the feed's own items, so that a page is written anew only when its feed changes. Must
not know how it was counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feeds.filters import to_query
from feeds.model import FeedKey, Filter, Kind, Vocabulary
from feeds.pages.archives import Month

Counts = Sequence[tuple[str, int]]
SHOWN = 6
"""Rows of a list; the rest of it is folded."""
MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """How many items of a feed have which topic and which country, those with most first; its newest months
    that have items.
    """

    topics: Counts = ()
    countries: Counts = ()
    months: Sequence[Month] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A list with its heading: (name, address, count); `folded` are those that few items have."""

    id: str
    heading: str
    rows: Sequence[tuple[str, str, int]]
    folded: Sequence[tuple[str, str, int]] = ()


def both(key: FeedKey, kind: Kind, code: str) -> Filter:
    """The news of a country, region or topic that have another label too, of a kind that it is not."""
    parts = {Kind.COUNTRY.value: "countries", Kind.REGION.value: "regions", Kind.TOPIC.value: "topics"}
    return Filter(**{parts[key.kind]: (key.code,), parts[kind.value]: (code,)})  # type: ignore[arg-type]


def together(key: FeedKey, kind: Kind, code: str) -> str:
    """Where the news with a row's label are: with the feed's own, if a filter can ask for both."""
    kinds = {key.kind, kind.value}
    if Kind.TOPIC.value in kinds and len(kinds) == 2 and key.code:
        return f"/filter?{to_query(both(key, kind, code))}"
    return FeedKey(kind=kind.value, code=code).page


def others(counts: Counts, key: FeedKey, kind: Kind) -> Counts:
    """Without the page's own label, which all of its items have."""
    return [pair for pair in counts if (kind.value, pair[0]) != (key.kind, key.code)]


def addable(key: FeedKey, sides: Sides, vocabulary: Vocabulary) -> tuple[Kind, list[str]]:
    """What can be added to a page's label: a topic to places, a country of its items to a topic."""
    if key.kind == Kind.TOPIC.value:
        return Kind.COUNTRY, [code for code, _ in sides.countries]
    return Kind.TOPIC, [term.code for term in vocabulary.of(Kind.TOPIC) if not term.retired]
