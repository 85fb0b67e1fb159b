"""Which items have the labels and the language of a filter: sets of the catalogue, joined and taken away."""

from __future__ import annotations

from collections.abc import Iterable

from pyroaring import BitMap

from feeds.model import Filter, Kind, Strength, Vocabulary
from feeds.publishing.catalogue import Catalogue
from feeds.syndication.keys import ALL


def labelled(catalogue: Catalogue, wanted: Filter, vocabulary: Vocabulary) -> BitMap:
    """The items that have the labels and the language of a filter and no label that it excludes, whatever
    their words.
    """
    found = catalogue.feed(ALL, vocabulary)
    if wanted.countries or wanted.regions:
        found &= _places(catalogue, wanted.countries, wanted.regions, wanted, vocabulary)
    if wanted.topics:
        found &= _topics(catalogue, wanted.topics)
    if wanted.not_countries or wanted.not_regions:
        found -= _places(catalogue, wanted.not_countries, wanted.not_regions, wanted, vocabulary)
    if wanted.languages:
        found &= catalogue.written_in(wanted.languages)
    return found - _topics(catalogue, wanted.not_topics) if wanted.not_topics else found


def _places(
    catalogue: Catalogue,
    countries: Iterable[str],
    regions: Iterable[str],
    how: Filter,
    vocabulary: Vocabulary,
) -> BitMap:
    """Items of countries and regions; `how` says whether members and mentions count."""
    countries, named = list(countries), list(regions)
    for region in regions if how.members else ():
        term = vocabulary.get(Kind.REGION, region)
        countries += term.members if term else ()
        named += vocabulary.within(region) if term else ()
    strengths = (Strength.ABOUT, Strength.MENTIONS) if how.mentions else (Strength.ABOUT,)
    asked = [(Kind.COUNTRY, code) for code in countries] + [(Kind.REGION, code) for code in named]
    return BitMap.union(
        BitMap(), *(catalogue.labelled(kind.value, code, each) for kind, code in asked for each in strengths)
    )


def _topics(catalogue: Catalogue, slugs: Iterable[str]) -> BitMap:
    return BitMap.union(BitMap(), *(catalogue.labelled(Kind.TOPIC.value, slug) for slug in slugs))
