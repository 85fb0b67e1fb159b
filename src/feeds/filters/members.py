"""Who has which filter, and how often they get mail: how many people items reach, each counted once.

Bitmaps of people by filter, as `index` has bitmaps of filters by term: the question costs the union of those
that an item matches. Knows nothing of where people are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pyroaring import BitMap

from feeds.model import Cadence


class Pace(StrEnum):
    """When people get what is new, soonest first. `OTHERWISE`: on chosen days, or when items gathered."""

    AT_ONCE = "at-once"
    DAILY = "daily"
    WEEKLY = "weekly"
    OTHERWISE = "otherwise"


_PACES = {Cadence.IMMEDIATE: Pace.AT_ONCE, Cadence.DAILY: Pace.DAILY, Cadence.WEEKLY: Pace.WEEKLY}


@dataclass(frozen=True, slots=True)
class Reached:
    """How many people get something, by pace: whoever has several, at the soonest, because they get an item
    once."""

    by_pace: Mapping[Pace, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_pace.values())


@dataclass(frozen=True, slots=True)
class Reach:
    """How many people get something of several items, and how many get each of them, by its id."""

    together: Reached
    each: Mapping[str, Reached]


class Members:
    """People by filter and pace; never changed after it was made."""

    def __init__(self, rows: Iterable[tuple[int, str, Iterable[int]]]) -> None:
        """`rows`: number of a filter, cadence, numbers of people; both may come again with others."""
        self._by_pace: dict[Pace, dict[int, BitMap]] = {pace: {} for pace in Pace}
        known: dict[str, dict[int, BitMap]] = {}
        for number, cadence, people in rows:
            here = known.get(cadence)
            if here is None:
                here = known[cadence] = self._by_pace[_PACES.get(Cadence(cadence), Pace.OTHERWISE)]
            if number in here:
                here[number].update(people)
            else:
                here[number] = BitMap(people)

    def reached(self, *wanted: Iterable[int]) -> tuple[Reached, list[Reached]]:
        """Who has one of the filters of any of these sets, and who one of each set: of all together first."""
        each = [self._of(list(numbers)) for numbers in wanted]
        together = [BitMap.union(*theirs) if theirs else BitMap() for theirs in zip(*each, strict=True)]
        return _counted(together), [_counted(people) for people in each]

    def largest(self, numbers: Iterable[int], most: int, fewest: int) -> list[tuple[int, int]]:
        """Which of these filters the most people have, and how many: those that at least `fewest` have."""
        counts = [(number, self._having(number)) for number in numbers]
        ordered = sorted(counts, key=lambda each: (-each[1], each[0]))
        return [each for each in ordered[:most] if each[1] >= fewest]

    def _having(self, number: int) -> int:
        theirs = [by_number[number] for by_number in self._by_pace.values() if number in by_number]
        return len(BitMap.union(*theirs)) if theirs else 0

    def _of(self, numbers: list[int]) -> list[BitMap]:
        """Who has one of these filters, by pace."""
        found = []
        for by_number in self._by_pace.values():
            theirs = [by_number[number] for number in numbers if number in by_number]
            found.append(BitMap.union(*theirs) if theirs else BitMap())
        return found


def _counted(people: list[BitMap]) -> Reached:
    """Each of them once, at the soonest."""
    seen, counts = BitMap(), dict.fromkeys(Pace, 0)
    for pace, here in zip(Pace, people, strict=False):
        counts[pace] = len(here - seen)
        seen |= here
    return Reached(counts)
