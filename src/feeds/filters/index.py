"""The index over all distinct filters: which of them want an item, without asking each one.

Bitmaps of filter numbers by what they ask for: an item's candidates are ORs over its labels and ANDs over
the kinds of terms; words are looked at last. Always the same answer as `matching.match`, which a test holds.
Regions and renamed topics are followed by the vocabulary when a filter is added: another vocabulary means
another index. Knows nothing of where filters are kept or of who has them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pyroaring import BitMap

from feeds.filters.matching import current, hay_of
from feeds.filters.reading import of_canonical
from feeds.filters.words import fold
from feeds.model import Filter, Item, Kind, Strength, Vocabulary

_Key = tuple[str, str]


@dataclass(slots=True)
class _Terms:
    """Numbers by term, and those that ask for none of the kind."""

    by_term: dict[_Key, BitMap] = field(default_factory=dict)
    free: BitMap = field(default_factory=BitMap)

    def wanted(self, keys: Iterable[_Key]) -> BitMap:
        """The filters that ask for nothing of the kind, or for one of these."""
        return BitMap.union(self.free, *self.among(keys))

    def among(self, keys: Iterable[_Key]) -> list[BitMap]:
        return [found for key in keys if (found := self.by_term.get(key)) is not None]


class FilterIndex:
    """Filters by number. `add` is cheap, so an index follows the store by what is new there."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._places = {strength: _Terms() for strength in Strength}
        self._not_places = {strength: _Terms() for strength in Strength}
        self._topics, self._not_topics, self._languages = _Terms(), _Terms(), _Terms()
        self._words = _Terms()
        self._to_check: dict[int, _Words] = {}
        self._checked, self._every = BitMap(), BitMap()
        self._reached: dict[tuple[str, bool], tuple[_Key, ...]] = {}

    def __len__(self) -> int:
        return len(self._every)

    @property
    def last(self) -> int:
        """The highest number that is here; 0 when there is none."""
        return int(self._every.max()) if self._every else 0

    def add(self, rows: Iterable[tuple[int, str]]) -> None:
        """Add filters by their numbers and canonical texts. One that is here already changes nothing."""
        batch = _Batch()
        for number, text in rows:
            self._add(batch, number, current(of_canonical(text), self._vocabulary))
        batch.merge()

    def _add(self, batch: _Batch, number: int, wanted: Filter) -> None:
        strength = Strength.MENTIONS if wanted.mentions else Strength.ABOUT
        here = self._reach(wanted.countries, wanted.regions, members=wanted.members)
        batch.put(self._places[strength], here, number)
        batch.put(self._topics, [("topic", slug) for slug in wanted.topics], number)
        batch.put(self._languages, [("language", code) for code in wanted.languages], number)
        unwanted = self._reach(wanted.not_countries, wanted.not_regions, members=wanted.members)
        if unwanted:
            batch.put(self._not_places[strength], unwanted, number)
        if wanted.not_topics:
            batch.put(self._not_topics, [("topic", slug) for slug in wanted.not_topics], number)
        batch.put(self._words, _firsts(wanted), number)
        if words := _words(wanted):
            self._to_check[number] = words
            batch.one(self._checked, number)
        batch.one(self._every, number)

    def _reach(self, countries: Sequence[str], regions: Sequence[str], *, members: bool) -> list[_Key]:
        """The labels by which an item is about one of these places."""
        keys: list[_Key] = [("country", code) for code in countries]
        for code in regions:
            keys += self._of_region(code, members=members)
        return list(dict.fromkeys(keys))

    def _of_region(self, code: str, *, members: bool) -> tuple[_Key, ...]:
        known = self._reached.get((code, members))
        if known is None:
            keys: list[_Key] = [("region", code)]
            term = self._vocabulary.get(Kind.REGION, code) if members else None
            if term is not None:
                keys += [("country", member) for member in term.members]
                keys += [("region", inner) for inner in self._vocabulary.within(code)]
            known = self._reached[code, members] = tuple(keys)
        return known

    def matching(self, item: Item) -> BitMap:
        """The numbers of the filters that want this item."""
        about, every = _places(item, Strength.ABOUT), _places(item, None)
        topics = {("topic", self._vocabulary.current(Kind.TOPIC, slug)) for slug in item.codes(Kind.TOPIC)}
        hay = hay_of(item)
        found = self._places[Strength.ABOUT].wanted(about) | self._places[Strength.MENTIONS].wanted(every)
        found &= self._topics.wanted(topics)
        found &= self._languages.wanted([("language", item.lang)])
        found &= self._words.wanted([("word", token) for token in set(hay.split())])
        unwanted = self._not_topics.among(topics)
        unwanted += self._not_places[Strength.ABOUT].among(about)
        unwanted += self._not_places[Strength.MENTIONS].among(every)
        if unwanted:
            found -= BitMap.union(*unwanted)
        checked = found & self._checked
        if checked:
            found -= BitMap([number for number in checked if not self._to_check[number].fit(hay)])
        return found


class _Words(NamedTuple):
    """What has to be looked for in an item's words: folded, with a space at both ends."""

    any: tuple[str, ...]
    all: tuple[str, ...]
    none: tuple[str, ...]

    def fit(self, hay: str) -> bool:
        if any(word in hay for word in self.none) or not all(word in hay for word in self.all):
            return False
        return not self.any or any(word in hay for word in self.any)


def _words(wanted: Filter) -> _Words | None:
    """What is left to look for once one of `_firsts` is there: nothing, if single words are any of them."""
    single = not (wanted.all_words or wanted.without) and not any(" " in fold(word) for word in wanted.words)
    if single:
        return None
    parts = (wanted.words, wanted.all_words, wanted.without)
    return _Words(*(tuple(f" {fold(word)} " for word in part) for part in parts))


def _firsts(wanted: Filter) -> list[_Key]:
    """Words one of which is in each item that the filter takes: the longest, hence rarest, of each phrase."""
    if wanted.all_words:
        return [("word", max((token for word in wanted.all_words for token in fold(word).split()), key=len))]
    return [("word", max(fold(word).split(), key=len)) for word in wanted.words]


def _places(item: Item, strength: Strength | None) -> list[_Key]:
    countries = [("country", code) for code in item.codes(Kind.COUNTRY, strength)]
    return countries + [("region", code) for code in item.codes(Kind.REGION, strength)]


class _Batch:
    """Numbers gathered for many bitmaps, and put into each at once: that is what makes building fast."""

    def __init__(self) -> None:
        self._numbers: dict[int, list[int]] = defaultdict(list)
        self._maps: dict[int, BitMap] = {}

    def put(self, terms: _Terms, keys: Sequence[_Key], number: int) -> None:
        if not keys:
            self.one(terms.free, number)
        for key in keys:
            found = terms.by_term.get(key)
            if found is None:
                found = terms.by_term[key] = BitMap()
            self.one(found, number)

    def one(self, bitmap: BitMap, number: int) -> None:
        self._maps[id(bitmap)] = bitmap
        self._numbers[id(bitmap)].append(number)

    def merge(self) -> None:
        for key, bitmap in self._maps.items():
            bitmap.update(self._numbers[key])
