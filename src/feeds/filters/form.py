"""The one form of a filter: normal, as canonical text, and as a URL's query.

Owns the order of the parts and how they are written. Knows no vocabulary and
reads nothing back: that is `reading`'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlencode

from feeds.filters.words import distinct, quoted
from feeds.model import Filter

# In the canonical order.
QUERY_KEYS = ("country", "region", "topic", "word", "without", "mentions", "members", "all")


def normal(filter: Filter) -> Filter:
    """The same filter sorted, in lower case and without repeats; words that fold alike are one.

    `mentions` speaks of places and `members` of regions, so each is dropped where none is asked for.
    """
    return Filter(
        countries=_sorted(filter.countries),
        regions=_sorted(filter.regions),
        topics=_sorted(filter.topics),
        words=distinct(filter.words),
        without=distinct(filter.without),
        mentions=filter.mentions and bool(filter.countries or filter.regions),
        members=filter.members or not filter.regions,
    )


def canonical(filter: Filter) -> str:
    """The one text of a filter: ``parse(canonical(f)) == f`` for each f that was parsed."""
    asked = [(key.replace("without", "-word"), values) for key, values in _parts(filter)]
    return " ".join(f"{key}:{','.join(map(quoted, values))}" for key, values in asked) or "all"


def to_query(filter: Filter) -> str:
    """The one query of a filter, encoded, without the question mark; everything is ``all=yes``."""
    pairs = [
        (key, ",".join(f'"{value}"' if "," in value else value for value in values))
        for key, values in _parts(filter)
    ]
    return urlencode(pairs or [("all", "yes")], safe=",", quote_via=quote)


def everything(filter: Filter) -> bool:
    """Whether the filter takes each and every item."""
    return normal(filter) == Filter()


def _parts(filter: Filter) -> list[tuple[str, tuple[str, ...]]]:
    """The parts that ask for something, in the canonical order, under the query's keys."""
    n = normal(filter)
    mentions = ("yes",) if n.mentions else ()
    members = () if n.members else ("no",)
    values = (n.countries, n.regions, n.topics, n.words, n.without, mentions, members)
    return [(key, each) for key, each in zip(QUERY_KEYS, values, strict=False) if each]


def _sorted(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({code.lower() for code in codes}))
