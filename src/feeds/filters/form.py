"""The one form of a filter: normal, as canonical text, and as a URL's query.

Owns the order of the parts and how they are written. Knows no vocabulary and
reads nothing back: that is `reading`'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlencode

from feeds.filters.words import distinct, quoted
from feeds.model import Filter

# In the canonical order. Stored texts hold it: a key may be added anywhere, none may move.
QUERY_KEYS = (
    "country", "region", "topic", "word", "q", "language", "not-country", "not-region", "not-topic",
    "without", "mentions", "members", "prefer", "all",
)  # fmt: skip
# What the text form writes with a minus.
MINUS = {"not-country": "-country", "not-region": "-region", "not-topic": "-topic", "without": "-word"}


def normal(filter: Filter) -> Filter:
    """The same filter sorted, in lower case and without repeats; words that fold alike are one.

    The languages that `prefer` names keep their order: it is what they say.
    `mentions` speaks of places and `members` of regions, so each is dropped where none is named.
    """
    regions = bool(filter.regions or filter.not_regions)
    return Filter(
        countries=_sorted(filter.countries),
        regions=_sorted(filter.regions),
        topics=_sorted(filter.topics),
        words=distinct(filter.words),
        without=distinct(filter.without),
        mentions=filter.mentions and bool(filter.countries or filter.not_countries or regions),
        members=filter.members or not regions,
        all_words=distinct(single for word in filter.all_words for single in word.split()),
        languages=_sorted(filter.languages),
        not_countries=_sorted(filter.not_countries),
        not_regions=_sorted(filter.not_regions),
        not_topics=_sorted(filter.not_topics),
        prefer=tuple(dict.fromkeys(code.lower() for code in filter.prefer)),
    )


def canonical(filter: Filter) -> str:
    """The one text of a filter: ``parse(canonical(f)) == f`` for each f that was parsed."""
    asked = [(MINUS.get(key, key), values) for key, values in _parts(filter)]
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
    # One value: all of its words are asked for, where the values of other keys are any of them.
    free = (" ".join(n.all_words),) if n.all_words else ()
    values = (
        n.countries, n.regions, n.topics, n.words, free, n.languages, n.not_countries, n.not_regions,
        n.not_topics, n.without, mentions, members, n.prefer,
    )  # fmt: skip
    return [(key, each) for key, each in zip(QUERY_KEYS, values, strict=False) if each]


def _sorted(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({code.lower() for code in codes}))
