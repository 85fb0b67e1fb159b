"""Whether an item is wanted, and for which of the filter's reasons.

Owns the question put to one item. Knows nothing of how a filter is written or
read; the member countries of regions come in with the vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from feeds.filters.form import normal
from feeds.filters.words import fold
from feeds.model import Filter, Item, Kind, Reason, Strength, Vocabulary


def match(filter: Filter, item: Item, vocabulary: Vocabulary) -> Reason | None:
    """What of the filter the item matches, in the filter's order; None if it is not wanted.

    A region takes items that carry its label and, with `members`, items of its member countries and of
    the regions that lie within it.
    Words match whole words of title and summary, whatever their case and accents.
    What the filter excludes takes an item out, whatever else it has.
    Topics that were renamed count, on both sides, under the slug of today.
    """
    places = _places(filter, item, vocabulary)
    topics = _common(*(_current(codes, vocabulary) for codes in (filter.topics, item.codes(Kind.TOPIC))))
    if places is None or (filter.topics and not topics):
        return None
    words = _wanted_words(filter, item.title, item.summary, item.lang)
    if words is None or _unwanted(filter, item, vocabulary):
        return None
    return replace(places, topics=topics, words=words)


def match_text(filter: Filter, title: str, summary: str, lang: str) -> bool:
    """Whether a text has the words and the language that a filter asks for, and none that it excludes;
    its labels are not looked at.
    """
    return _wanted_words(filter, title, summary, lang) is not None


def _wanted_words(filter: Filter, title: str, summary: str, lang: str) -> tuple[str, ...] | None:
    """The words of the filter that a text has; None if it is not wanted for its words or its language."""
    if filter.languages and lang not in filter.languages:
        return None
    if not (filter.words or filter.all_words or filter.without):
        return ()
    hay = hay_of(title, summary)
    words, all_words = _found(filter.words, hay), _found(filter.all_words, hay)
    if (filter.words and not words) or len(all_words) < len(filter.all_words):
        return None
    return None if _found(filter.without, hay) else tuple(dict.fromkeys((*words, *all_words)))


def _unwanted(filter: Filter, item: Item, vocabulary: Vocabulary) -> bool:
    """Whether the item is of a place or topic that the filter excludes.

    Excluded places are told by the same rule as those asked for: what an item is about, with `mentions`
    also what it mentions.
    """
    if filter.not_topics:
        topics = _current(item.codes(Kind.TOPIC), vocabulary)
        if not set(topics).isdisjoint(_current(filter.not_topics, vocabulary)):
            return True
    if not (filter.not_countries or filter.not_regions):
        return False
    excluded = replace(filter, countries=filter.not_countries, regions=filter.not_regions)
    return _places(excluded, item, vocabulary) is not None


def current(filter: Filter, vocabulary: Vocabulary) -> Filter:
    """The filter with its topics by the slugs of today: what somebody asked for outlives a new name."""
    if not vocabulary.renamed:
        return filter
    topics, unwanted = (_current(each, vocabulary) for each in (filter.topics, filter.not_topics))
    return normal(replace(filter, topics=topics, not_topics=unwanted))


def _current(slugs: tuple[str, ...], vocabulary: Vocabulary) -> tuple[str, ...]:
    if not vocabulary.renamed:
        return slugs
    return tuple(dict.fromkeys(vocabulary.current(Kind.TOPIC, slug) for slug in slugs))


def _places(filter: Filter, item: Item, vocabulary: Vocabulary) -> Reason | None:
    strength = None if filter.mentions else Strength.ABOUT
    here = item.codes(Kind.COUNTRY, strength)
    named = item.codes(Kind.REGION, strength)
    countries = _common(filter.countries, here)
    regions = tuple(
        code
        for code in filter.regions
        if code in named or (filter.members and _reaches(code, here, named, vocabulary))
    )
    wanted = filter.countries or filter.regions
    return None if wanted and not (countries or regions) else Reason(countries=countries, regions=regions)


def _reaches(region: str, here: Sequence[str], named: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Whether one of the countries is a member of the region, or one of the regions lies within it."""
    term = vocabulary.get(Kind.REGION, region)
    if term is None:
        return False
    if not set(here).isdisjoint(term.members):
        return True
    return bool(named) and not set(named).isdisjoint(vocabulary.within(region))


def _common(wanted: Sequence[str], there: Sequence[str]) -> tuple[str, ...]:
    return tuple(code for code in wanted if code in there)


def hay_of(title: str, summary: str) -> str:
    """The words of an item, folded, with a space at both ends."""
    # The bar keeps a phrase from running out of the title into the summary.
    return f" {fold(title)} | {fold(summary)} "


def _found(words: Sequence[str], hay: str) -> tuple[str, ...]:
    return tuple(word for word in words if f" {fold(word)} " in hay)
