"""The index over all distinct filters: which of them want an item, without asking each one.

Bitmaps of filter numbers by what they ask for: an item's candidates are ORs over its labels and ANDs over
the kinds of terms; words are looked at last. Always the same answer as `matching.match`, which a test holds.
Regions and renamed topics are followed by the vocabulary when a filter is added: another vocabulary means
another index. Knows nothing of where filters are kept or of who has them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pyroaring import BitMap

from feeds.filters.matching import current, hay_of
from feeds.filters.reading import of_canonical
from feeds.filters.words import fold
from feeds.model import Filter, Item, Kind, Strength, Vocabulary


class _Terms:
    """Numbers by term. They are gathered and put into the bitmaps at once: that makes building fast."""

    __slots__ = ("_by_term", "_new")

    def __init__(self) -> None:
        self._by_term: dict[str, BitMap] = {}
        self._new: defaultdict[str, list[int]] = defaultdict(list)

    def put(self, terms: Iterable[str], number: int) -> None:
        for term in terms:
            self._new[term].append(number)

    def merge(self) -> None:
        for term, numbers in self._new.items():
            known = self._by_term.get(term)
            if known is None:
                self._by_term[term] = BitMap(numbers)
            else:
                known.update(numbers)
        self._new.clear()

    def among(self, terms: Iterable[str]) -> list[BitMap]:
        """The bitmaps of these terms, as far as somebody asks for them."""
        by_term = self._by_term
        return [by_term[term] for term in terms if term in by_term]


# The term of those that ask for nothing of a kind: no label and no word is empty.
_FREE = ("",)


class FilterIndex:
    """Filters by number. `add` is cheap, so an index follows the store by what is new there."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._places = {strength: _Terms() for strength in Strength}
        self._not_places = {strength: _Terms() for strength in Strength}
        self._topics, self._not_topics, self._languages, self._words = _Terms(), _Terms(), _Terms(), _Terms()
        self._to_check: dict[int, _Words] = {}
        self.preferring: dict[int, tuple[str, ...]] = {}
        """The filters that want one of several versions only, and which: `once` finds it."""
        self._with_words, self._every = BitMap(), BitMap()
        self._reached: dict[tuple[str, bool], tuple[str, ...]] = {}

    def __len__(self) -> int:
        return len(self._every)

    @property
    def last(self) -> int:
        """The highest number that is here; 0 when there is none."""
        return int(self._every.max()) if self._every else 0

    def add(self, rows: Iterable[tuple[int, str]]) -> None:
        """Add filters by their numbers and canonical texts. One that is here already changes nothing."""
        numbers, with_words = [], []
        for number, text in rows:
            wanted = current(of_canonical(text), self._vocabulary)
            self._add(number, wanted)
            numbers.append(number)
            if wanted.prefer:
                self.preferring[number] = wanted.prefer
            if wanted.words or wanted.all_words or wanted.without:
                self._add_words(number, wanted)
                with_words.append(number)
        self._every.update(numbers)
        self._with_words.update(with_words)
        for terms in (*self._places.values(), *self._not_places.values(), self._topics, self._not_topics):
            terms.merge()
        self._languages.merge()
        self._words.merge()

    def _add(self, number: int, wanted: Filter) -> None:
        strength = Strength.MENTIONS if wanted.mentions else Strength.ABOUT
        here = self._reach(wanted.countries, wanted.regions, members=wanted.members)
        self._places[strength].put(here or _FREE, number)
        self._topics.put(wanted.topics or _FREE, number)
        self._languages.put(wanted.languages or _FREE, number)
        self._not_topics.put(wanted.not_topics, number)
        if wanted.not_countries or wanted.not_regions:
            unwanted = self._reach(wanted.not_countries, wanted.not_regions, members=wanted.members)
            self._not_places[strength].put(unwanted, number)

    def _add_words(self, number: int, wanted: Filter) -> None:
        self._words.put(_firsts(wanted) or _FREE, number)
        if words := _words(wanted):
            self._to_check[number] = words

    def _reach(self, countries: Sequence[str], regions: Sequence[str], *, members: bool) -> Sequence[str]:
        """The labels by which an item is about one of these places; regions stand there with an @."""
        if not regions:
            return countries
        return list(dict.fromkeys([*countries, *(k for r in regions for k in self._of_region(r, members))]))

    def _of_region(self, code: str, members: bool) -> tuple[str, ...]:
        known = self._reached.get((code, members))
        if known is None:
            terms = [f"@{code}"]
            term = self._vocabulary.get(Kind.REGION, code) if members else None
            if term is not None:
                terms += [*term.members, *(f"@{inner}" for inner in self._vocabulary.within(code))]
            known = self._reached[code, members] = tuple(terms)
        return known

    def matching(self, item: Item) -> BitMap:
        """The numbers of the filters that want this item."""
        about, every = _places(item, Strength.ABOUT), _places(item, None)
        topics = {self._vocabulary.current(Kind.TOPIC, slug) for slug in item.codes(Kind.TOPIC)}
        asked = self._places[Strength.ABOUT].among(("", *about))
        asked += self._places[Strength.MENTIONS].among(("", *every))
        found = BitMap.union(*asked) if asked else BitMap()
        for terms, theirs in ((self._topics, topics), (self._languages, {item.lang} - {""})):
            asked = terms.among(("", *theirs))
            found &= BitMap.union(*asked) if asked else BitMap()
        unwanted = self._not_topics.among(topics)
        unwanted += self._not_places[Strength.ABOUT].among(about)
        unwanted += self._not_places[Strength.MENTIONS].among(every)
        if unwanted:
            found -= BitMap.union(*unwanted)
        return self._found_words(found, item)

    def _found_words(self, found: BitMap, item: Item) -> BitMap:
        """Those that ask for no words, or whose words are there."""
        asked = found & self._with_words
        if not asked:
            return found
        hay = hay_of(item.title, item.summary)
        near = self._words.among(("", *set(hay.split())))
        here = asked & BitMap.union(*near) if near else BitMap()
        missing = asked - here
        missing.update(number for number in here if not self._has(number, hay))
        return found - missing

    def _has(self, number: int, hay: str) -> bool:
        words = self._to_check.get(number)
        return words is None or words.fit(hay)


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


def _firsts(wanted: Filter) -> list[str]:
    """Words one of which is in each item that the filter takes: the longest, hence rarest, of each phrase."""
    if wanted.all_words:
        return [max((token for word in wanted.all_words for token in fold(word).split()), key=len)]
    return [max(fold(word).split(), key=len) for word in wanted.words]


def _places(item: Item, strength: Strength | None) -> list[str]:
    return [*item.codes(Kind.COUNTRY, strength), *(f"@{code}" for code in item.codes(Kind.REGION, strength))]
