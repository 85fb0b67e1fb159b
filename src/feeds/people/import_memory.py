"""What an import remembers from one part of a list to the next: ids by what they stand for.

Each memory has a bound and is emptied when it is full: a list of a million people takes no more than one of
fifty thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from feeds.config import WEEKDAYS
from feeds.model import Audience, Cadence, Habits
from feeds.people import placing
from feeds.people.entries import Entry, Said
from feeds.people.rules import JoiningDefaults
from feeds.store.importing import Times
from feeds.store.keys import audience_head
from feeds.store.subscribers import SubscriberRow

# An audience: when and in which language, as a place in `Memory.whens`, and its filters.
What = tuple[int, tuple[str, ...]]
# A filter that is forgotten costs one look-up; what people want comes back more often than how they want it.
_FILTERS, _OTHERS = 50_000, 20_000


class When(NamedTuple):
    """When and in which language: how the keys of such audiences begin, and what stands in their columns."""

    head: str
    times: Times


class Lone(NamedTuple):
    """What counts for somebody new who has one row: also the cadence, and the place in `Memory.whens`."""

    habits: Habits
    cadence: str
    when: int


@dataclass(slots=True)
class Memory:
    """Ids that were looked up before, in transactions that were committed."""

    filters: dict[str, int] = field(default_factory=dict)
    audiences: dict[What, int] = field(default_factory=dict)
    habits: dict[tuple[Habits | None, Said], Habits] = field(default_factory=dict)
    lone: dict[Said, Lone] = field(default_factory=dict)
    bare: dict[tuple[object, ...], int] = field(default_factory=dict)
    places: dict[Audience, int] = field(default_factory=dict)
    whens: list[When] = field(default_factory=list)

    def shrink(self) -> None:
        """Forget what has grown too large. The places in `whens` go with everything that names them."""
        if len(self.filters) > _FILTERS:
            self.filters.clear()
        if len(self.habits) > _OTHERS:
            self.habits.clear()
        if len(self.bare) > _OTHERS or len(self.lone) > _OTHERS:
            for known in (self.lone, self.bare, self.places, self.audiences):
                known.clear()
            self.whens.clear()
        if len(self.audiences) > _OTHERS:
            self.audiences.clear()

    def learn(self, learnt: Memory) -> None:
        """Keep what a transaction found, now that it is committed."""
        self.filters |= learnt.filters
        self.audiences |= learnt.audiences


@dataclass(slots=True)
class Ids:
    """Ids by what they stand for, remembered or learnt in this transaction; and what follows from habits."""

    memory: Memory
    learnt: Memory

    def filter(self, text: str) -> int:
        found = self.memory.filters.get(text)
        return self.learnt.filters[text] if found is None else found

    def habits(self, entries: Sequence[Entry], defaults: JoiningDefaults) -> Habits:
        """What counts for somebody new: what their rows say, the last one wins, else the defaults."""
        habits: Habits | None = None
        for entry in entries:
            pair = (habits, entry.habits)
            known = self.memory.habits.get(pair)
            if known is None:
                known = self.memory.habits[pair] = _after_row(habits, entry.habits, defaults)
            habits = known
        assert habits is not None
        return habits

    def lone(self, said: Said, defaults: JoiningDefaults, now: datetime) -> Lone:
        """What follows from the only row of somebody new, as nearly all have one."""
        known = self.memory.lone.get(said)
        if known is None:
            habits, cadence = _after_row(None, said, defaults), said.cadence or Cadence.WEEKLY
            known = Lone(habits, cadence.value, self.bare(habits, cadence, now))
            self.memory.lone[said] = known
        return known

    def bare(self, habits: Habits | SubscriberRow, cadence: Cadence, now: datetime) -> int:
        """When and in which language somebody gets what comes at this cadence: its place in `whens`."""
        when = (habits.lang, habits.zone, habits.hour, habits.weekday, cadence)
        known = self.memory.bare.get(when)
        if known is None:
            audience = placing.audience_without_filters(habits, cadence)
            known = self.memory.places.get(audience)  # a cadence does not use all of somebody's habits
            if known is None:
                known = self.memory.places[audience] = len(self.memory.whens)
                self.memory.whens.append(When(audience_head(audience), _times(audience, now)))
            self.memory.bare[when] = known
        return known


def _times(wanted: Audience, now: datetime) -> Times:
    period = placing.running_period(wanted, now)
    return (wanted.cadence.value, wanted.lang, wanted.zone, wanted.hour, wanted.weekday, period)


def _after_row(habits: Habits | None, said: Said, defaults: JoiningDefaults) -> Habits:
    before = habits or Habits(
        lang=defaults.lang, zone=defaults.zone, hour=defaults.hour,
        weekday=WEEKDAYS.index(defaults.weekday) + 1,
    )  # fmt: skip
    return Habits(
        lang=said.lang or before.lang, zone=said.zone or before.zone,
        hour=before.hour if said.hour is None else said.hour, weekday=said.weekday or before.weekday,
    )  # fmt: skip
