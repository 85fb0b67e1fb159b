"""Which feeds a selection is made of, for the OPML of just these."""

from __future__ import annotations

from collections.abc import Iterator

from feeds.model import FeedKey, Filter, Kind


def feeds_of(wanted: Filter, own: FeedKey) -> Iterator[tuple[str, list[FeedKey]]]:
    """The selection's `own` feed in a group without a name, then those of the countries, regions and topics
    that it asks for, each once, grouped by kind.
    """
    yield "", [own]
    asked = ((Kind.COUNTRY, wanted.countries), (Kind.REGION, wanted.regions), (Kind.TOPIC, wanted.topics))
    for kind, codes in asked:
        keys = [FeedKey(kind=kind.value, code=code) for code in codes]
        yield kind.value, [key for key in keys if key != own]
