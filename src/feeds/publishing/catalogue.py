"""All items of the site in memory, without their words: which stand in a feed, and in what order.

Feeds, pages and filters are answered from here: sets of numbers, one number for each item, and days to
walk back through. It is read once by a process, and then follows the changes. At 300,000 items it
should take some 60 MB (reckoned, not measured) and be read in seconds; a feed is answered in well
under a millisecond.
"""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from pyroaring import BitMap

from feeds.filters.once import Told, once
from feeds.model import FeedKey, Kind, Strength, Vocabulary
from feeds.publishing.index_places import IndexPlaces
from feeds.store import Connection, outlines, translations
from feeds.store.outlines import Outline

# Fewer are sorted at once sooner than days are walked.
_FEW = 300
_DAY_S = 86_400.0
_EPOCH = date(1970, 1, 1).toordinal()
# Later than any day.
_NO_DAY = date.max.toordinal()


class Days:
    """Items by day, to be walked back from the latest. `day_at` holds an instant of the day of each item,
    in seconds; `order` is the order within a day.
    """

    def __init__(self, day_at: array[float], order: Callable[[int], Any]) -> None:
        self._day_at = day_at
        self._order = order
        self._days: list[int] = []
        self._by_day: dict[int, BitMap] = {}

    def add(self, numbers: Iterable[int]) -> None:
        """Items whose instants are known."""
        days: dict[int, list[int]] = defaultdict(list)
        for number in numbers:
            days[int(self._day_at[number] // _DAY_S)].append(number)
        for day, some in days.items():
            if day in self._by_day:
                self._by_day[day].update(some)
            else:
                self._by_day[day] = BitMap(some)
                insort(self._days, day)

    def discard(self, number: int) -> None:
        """Before its instant changes."""
        self._by_day[int(self._day_at[number] // _DAY_S)].discard(number)

    def counts(self, among: BitMap) -> Iterator[tuple[int, int]]:
        """How many of these are on each day that has some, the latest first; days since 1970."""
        for day in reversed(self._days):
            if count := among.intersection_cardinality(self._by_day[day]):
                yield day, count

    def beside(self, number: int, among: BitMap, *, later: bool) -> int | None:
        """The one of these that comes next after an item, or with `later` next before it, in time."""
        day = int(self._day_at[number] // _DAY_S)
        here, order = self._order(number), self._order
        there = [each for each in among & self._by_day[day] if each != number]
        same = [each for each in there if (order(each) > here) is later]
        if same:
            return min(same, key=order) if later else max(same, key=order)
        at = bisect_left(self._days, day)
        for other in self._days[at + 1 :] if later else reversed(self._days[:at]):
            if found := among & self._by_day[other]:
                return min(found, key=order) if later else max(found, key=order)
        return None

    def earliest(self, among: BitMap) -> int | None:
        """The first day that has one of these."""
        return next((day for day in self._days if among.intersect(self._by_day[day])), None)

    def between(self, first: int, after: int) -> BitMap:
        """All of the days from the first on, up to the one after the last."""
        days = self._days[bisect_left(self._days, first) : bisect_left(self._days, after)]
        return BitMap.union(BitMap(), *(self._by_day[day] for day in days))

    def latest(self, among: BitMap, limit: int) -> list[int]:
        """At most `limit` of these, the latest first."""
        if len(among) <= _FEW:
            return heapq.nlargest(limit, among, key=lambda n: (self._day_at[n] // _DAY_S, self._order(n)))
        found: list[int] = []
        for day in reversed(self._days):
            if there := among & self._by_day[day]:
                found += sorted(there, key=self._order, reverse=True) if len(there) > 1 else there
            if len(found) >= limit:
                break
        return found[:limit]


class Catalogue:
    """The items up to the change numbered `seq` of the database that is known as `site`."""

    def __init__(self, site: str, seq: int) -> None:
        self.site = site
        self.seq = seq
        self.ids: list[str] = []
        self.live = BitMap()
        self.withdrawn = BitMap()
        self._numbers: dict[str, int] = {}
        self._labelled: dict[tuple[str, str, str], BitMap] = defaultdict(BitMap)
        self._placed = BitMap()  # about any country
        self._spoken: dict[str, BitMap] = defaultdict(BitMap)
        self._versions: dict[int, Told] = {}
        self.standing = IndexPlaces()
        self._of_key: dict[str, set[int]] = defaultdict(set)
        self._linked = BitMap()  # has other versions
        seconds = [array("d") for _ in range(5)]
        self._seconds = seconds
        listed_at, dated_at, accepted_at, updated_at, taken_at = seconds
        # Those that came as old news share the noon of their day.
        self._listed = Days(listed_at, lambda n: (listed_at[n], accepted_at[n]))
        self._dated = Days(dated_at, updated_at.__getitem__)
        self._updated = Days(updated_at, updated_at.__getitem__)
        self._taken = Days(taken_at, taken_at.__getitem__)

    def read(self, conn: Connection, item_ids: Sequence[str] | None = None) -> None:
        """What is stored of all items, or of these, in place of what was known of them."""
        found = list(outlines.outlines(conn, item_ids))
        self._forget([self._numbers[each.id] for each in found if each.id in self._numbers])
        numbers = [self._put(each) for each in found]
        for days in (self._listed, self._dated, self._updated):
            days.add(numbers)
        self._taken.add(n for n in numbers if n in self.withdrawn)
        self._label(outlines.outlined_labels(conn, item_ids))
        self._link(translations.linked(conn, item_ids))

    def _forget(self, numbers: Sequence[int]) -> None:
        gone = BitMap(numbers)
        for each in (self.live, self._placed, *self._spoken.values(), *self._labelled.values()):
            each -= gone
        for number in numbers:
            for days in (self._listed, self._dated, self._updated):
                days.discard(number)
            if number in self.withdrawn:
                self._taken.discard(number)
        self.withdrawn -= gone
        self._linked -= gone

    def _put(self, row: Outline) -> int:
        number = self._numbers.setdefault(row.id, len(self.ids))
        if number == len(self.ids):
            self.ids.append(row.id)
            for each in self._seconds:
                each.append(0.0)
        for kept, at in zip(self._seconds, _seconds(row), strict=True):
            kept[number] = at
        (self.live if row.withdrawn_at is None else self.withdrawn).add(number)
        self._spoken[row.lang].add(number)
        return number

    def _label(self, labels: Iterable[outlines.OutlinedLabel]) -> None:
        found: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for item_id, kind, code, strength in labels:
            found[kind, code, strength].append(self._numbers[item_id])
        for key, numbers in found.items():
            self._labelled[key].update(numbers)
            if key[0] == Kind.COUNTRY.value and key[2] == Strength.ABOUT.value:
                self._placed.update(numbers)

    def _link(self, linked: Iterable[translations.Linked]) -> None:
        for each in linked:
            number = self._numbers[each.item_id]
            self._versions[number] = Told(each.key, each.lang, each.accepted_at, each.item_id)
            self._of_key[each.key].add(number)
            self._linked.add(number)

    # -- which

    def labelled(self, kind: str, code: str, strength: Strength = Strength.ABOUT) -> BitMap:
        """Items with a label, withdrawn ones too. Not to be changed by who asks."""
        return self._labelled.get((kind, code, strength.value)) or BitMap()

    def feed(self, key: FeedKey, vocabulary: Vocabulary) -> BitMap:
        """The items of a feed, withdrawn ones too.

        A region's are its own, those of its member countries, and those of the regions within it.
        """
        match key.kind:
            case "all":
                return self.live | self.withdrawn
            case "unlabelled":
                return (self.live | self.withdrawn) - self._placed
            case Kind.REGION.value:
                term = vocabulary.get(Kind.REGION, key.code)
                regions = (key.code, *vocabulary.within(key.code))
                own = [self.labelled(key.kind, code) for code in regions]
                countries = [
                    self.labelled(Kind.COUNTRY.value, code) for code in (term.members if term else ())
                ]
                return BitMap.union(BitMap(), *own, *countries)
            case _:
                return self.labelled(key.kind, key.code)

    def codes(self, kind: Kind) -> list[str]:
        """The codes of a kind that live items are about."""
        about = Strength.ABOUT.value
        return sorted(
            code
            for (of, code, strength), numbers in self._labelled.items()
            if of == kind.value and strength == about and numbers.intersect(self.live)
        )

    def written_in(self, languages: Iterable[str]) -> BitMap:
        """The items in one of these languages."""
        return BitMap.union(BitMap(), *(self._spoken[each] for each in languages if each in self._spoken))

    def once(self, among: BitMap, prefer: Sequence[str]) -> BitMap:
        """These items without those of which a better version is among them; withdrawn ones all stay."""
        versions = ((n, self._versions[n]) for n in among & self._linked & self.live)
        return among - BitMap(once(versions, prefer))

    def numbers(self, item_ids: Iterable[str]) -> BitMap:
        """The numbers of these items, those that are not known left out."""
        known = self._numbers
        return BitMap([known[each] for each in item_ids if each in known])

    def ids_of(self, among: BitMap) -> list[str]:
        """The ids of these items, in the order in which they became known."""
        return self._ids(among)

    def pairs(self, given: Iterable[tuple[int, str]]) -> Iterator[tuple[int, int]]:
        """These values with the numbers of their items, in place of ids."""
        known = self._numbers
        return ((value, known[item_id]) for value, item_id in given if item_id in known)

    # -- in which order

    def newest(self, among: BitMap, limit: int) -> list[str]:
        """In the order of feeds: what was announced last first; what came as old news stands by its date."""
        return self._ids(self._listed.latest(among & self.live, limit))

    def by_date(self, among: BitMap, limit: int) -> list[str]:
        """In the order of pages: by date, the latest first."""
        return self._ids(self._dated.latest(among & self.live, limit))

    def taken_back(self, among: BitMap, limit: int) -> list[str]:
        """The items that were withdrawn, the latest first."""
        return self._ids(self._taken.latest(among & self.withdrawn, limit))

    def count_since(self, among: BitMap, first: date) -> int:
        """How many of these are dated that day or later and not withdrawn."""
        return self.count(among & self._dated.between(first.toordinal() - _EPOCH, _NO_DAY))

    def oldest(self) -> date | None:
        """The day of the oldest item that is not withdrawn; None where there is none."""
        day = self._dated.earliest(self.live)
        return None if day is None else date.fromordinal(day + _EPOCH)

    def months(self, among: BitMap, most: int | None = None) -> list[tuple[str, int]]:
        """The months in which these items stand in feeds, the latest first; withdrawn ones don't count. With
        `most`, no more than so many.
        """
        counts: dict[str, int] = {}
        for day, count in self._listed.counts(among & self.live):
            month = date.fromordinal(day + _EPOCH).isoformat()[:7]
            if len(counts) == most and month not in counts:
                break
            counts[month] = counts.get(month, 0) + count
        return list(counts.items())

    def in_month(self, among: BitMap, month: str) -> BitMap:
        """Those of these items that stand in a month such as ``2021-09`` in feeds, withdrawn ones too."""
        year, number = map(int, month.split("-"))
        first = date(year, number, 1).toordinal() - _EPOCH
        after = date(year + number // 12, number % 12 + 1, 1).toordinal() - _EPOCH
        return among & self._listed.between(first, after)

    def month_of(self, item_id: str) -> str:
        """The month in which an item stands in feeds."""
        day = int(self._seconds[0][self._numbers[item_id]] // _DAY_S)
        return date.fromordinal(day + _EPOCH).isoformat()[:7]

    def shared(self, among: BitMap, kind: Kind, most: int) -> list[tuple[str, int]]:
        """The labels of a kind that most of these items have, those first that more of them have; withdrawn
        ones don't count.
        """
        live, about = among & self.live, Strength.ABOUT.value
        counts = [
            (code, count)
            for (of, code, strength), numbers in self._labelled.items()
            if of == kind.value and strength == about and (count := live.intersection_cardinality(numbers))
        ]
        return heapq.nsmallest(most, counts, key=lambda pair: (-pair[1], pair[0]))

    def walk(self, item_id: str, among: BitMap, most: int, *, later: bool) -> list[str]:
        """At most so many of these items that come next to one in time, the nearest first: older ones, with
        `later` newer ones.
        """
        live, number, found = among & self.live, self._numbers[item_id], list[int]()
        while len(found) < most:
            after = self._dated.beside(found[-1] if found else number, live, later=later)
            if after is None:
                break
            found.append(after)
        return self._ids(found)

    def versions_of(self, item_ids: Iterable[str]) -> list[str]:
        """All other versions of these items, withdrawn ones too."""
        mine = [n for n in self.numbers(item_ids) if n in self._linked]
        keys = {self._versions[n].key for n in mine}
        there = (n for key in keys for n in self._of_key[key] if n in self._linked)
        return self._ids(n for n in there if n not in mine and self._versions[n].key in keys)

    def changed_at(self, item_id: str) -> datetime:
        """When an item was last changed."""
        return datetime.fromtimestamp(self._seconds[3][self._numbers[item_id]], UTC)

    def count(self, among: BitMap) -> int:
        """How many of these are not withdrawn."""
        return among.intersection_cardinality(self.live)

    def updated_at(self, among: BitMap) -> datetime | None:
        """When one of these last changed, was corrected or withdrawn."""
        latest = self._updated.latest(among, 1)
        return datetime.fromtimestamp(self._seconds[3][latest[0]], UTC) if latest else None

    def _ids(self, numbers: Iterable[int]) -> list[str]:
        return [self.ids[number] for number in numbers]


def _seconds(row: Outline) -> tuple[float, float, float, float, float]:
    """Of an item: where it stands in feeds, its day, and when it was announced, changed and withdrawn."""
    day = (row.date_on.toordinal() - _EPOCH) * _DAY_S
    accepted = datetime.fromisoformat(row.accepted_at).timestamp()
    updated = accepted
    if row.updated_at != row.accepted_at:
        updated = datetime.fromisoformat(row.updated_at).timestamp()
    listed = accepted if row.mailable else min(day + _DAY_S / 2, accepted)
    taken = datetime.fromisoformat(row.withdrawn_at).timestamp() if row.withdrawn_at else 0.0
    return listed, day, accepted, updated, taken
