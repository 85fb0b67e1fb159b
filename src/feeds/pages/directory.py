"""The directory of countries, topics and regions, and the page that a typed name leads to (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feeds.filters import fold
from feeds.model import FeedKey, FeedListing, Kind, Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A country, topic or region; `hint` says in one line what a topic is about."""

    name: str
    url: str
    items: int
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """All of one kind, by name; `id` is where links on the page lead."""

    id: str
    name: str
    rows: Sequence[Row]


ORDER = (Kind.COUNTRY, Kind.TOPIC, Kind.REGION)

Listings = Sequence[tuple[str, Sequence[FeedListing]]]


def found(name: str, vocabulary: Vocabulary) -> FeedKey | None:
    """The feed of the country, topic or region that somebody typed, in any language of the site, whatever its
    case and accents; None if there is none.
    """
    wanted = fold(name)
    for kind in ORDER:
        for term in vocabulary.of(kind):
            if wanted and wanted in {fold(each) for each in (term.code, *term.names.values())}:
                return FeedKey(kind=kind.value, code=term.code)
    return None
