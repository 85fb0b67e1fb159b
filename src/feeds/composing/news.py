"""What there is to tell in one pass: items, and which filter wants which of them.

Each item is matched once against all distinct filters; a filter, and an audience, has a mask with a bit for
each item. What an audience is told is built once for all that have the same filters and language.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from feeds import digest as digests_rule
from feeds import filters
from feeds.composing.told_once import ToldOnce
from feeds.filters.index import FilterIndex
from feeds.model import Audience, Correction, Digest, Filter, Item, Period, Vocabulary
from feeds.store import Connection, composing, history, items, limits, publishing, sharing

_INSTANT = timedelta(microseconds=1)


class Wishes:
    """All distinct filters, kept up to date by the counter that each new one moves."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._index = FilterIndex(vocabulary)
        self._known: tuple[str, int] = ("", 0)
        self._parsed = lru_cache(10_000)(self._parse)

    def follow(self, conn: Connection) -> FilterIndex:
        """The index with all filters that there are now."""
        now = (publishing.epoch(conn), limits.value(conn, sharing.FILTERS))
        if now[0] != self._known[0] or now[1] < self._known[1]:  # a backup was put back: other numbers
            self._index = FilterIndex(self._vocabulary)
        if now != self._known:
            self._index.add(sharing.filters_after(conn, self._index.last))
        self._known = now
        return self._index

    def read(self, texts: Sequence[str]) -> tuple[Filter, ...]:
        """Filters by their texts, topics by their slugs of today: two that became one are told once."""
        return tuple(dict.fromkeys(self._parsed(text) for text in texts))

    def _parse(self, text: str) -> Filter:
        return filters.current(filters.parse(text), self._vocabulary)


class News:
    """What was announced after `since_at`, up to `until_at`, as it was read in one snapshot."""

    def __init__(
        self, conn: Connection, wishes: Wishes, vocabulary: Vocabulary, since_at: datetime, until_at: datetime
    ) -> None:
        self.since_at, self.until_at = since_at, until_at
        self.state = composing.state(conn)
        self._wishes, self._vocabulary = wishes, vocabulary
        self.items: list[Item] = items.announced_between(conn, since_at, until_at)
        self._instants = [each.accepted_at for each in self.items]
        self._bits = {each.id: 1 << place for place, each in enumerate(self.items)}
        self._changes = history.corrections_between(conn, since_at, until_at)
        index = wishes.follow(conn)
        self._masks = _masks(index, self.items)
        self._once = ToldOnce(conn, self.items, index.preferring)
        self._by_start: dict[datetime, Sequence[Correction]] = {}
        # What was announced at that instant counts, too: it may have been sent before.
        earlier = [*(each.item.accepted_at for each in self._changes), *self._once.earlier.values()]
        starts = [since_at, *(at - _INSTANT for at in earlier)]
        self.floor = composing.floor(conn, min(starts))

    @property
    def corrected(self) -> bool:
        """Whether anything was corrected or withdrawn."""
        return bool(self._changes)

    @property
    def item_ids(self) -> list[str]:
        """Everything that somebody may have been sent before."""
        changed = (each.item.id for each in self._changes)
        return list(dict.fromkeys([*(each.id for each in self.items), *changed, *self._once.earlier]))

    def corrections(self, conn: Connection, since_at: datetime) -> Sequence[Correction]:
        """What was corrected or withdrawn since then."""
        if not self._changes:
            return ()
        if since_at not in self._by_start:
            self._by_start[since_at] = history.corrections_between(conn, since_at, self.until_at)
        return self._by_start[since_at]

    def mask(self, filter_ids: Sequence[int], since_at: datetime, had: Iterable[str] = ()) -> int:
        """A bit for each item that one of these filters wants, and that was announced after `since_at`. Where
        one version is enough, none of what somebody `had` counts again.
        """
        old = bisect_right(self._instants, since_at)
        found = 0
        for number in filter_ids:
            wanted = self._masks.get(number, 0) >> old << old
            found |= self._once.of(number, wanted, had) if wanted else 0
        return found

    def bit(self, item_id: str) -> int:
        """The bit of an item; 0 if it is none of these."""
        return self._bits.get(item_id, 0)

    def wanted(self, mask: int) -> list[Item]:
        """The items of a mask, oldest first."""
        found = []
        while mask:
            lowest = mask & -mask
            found.append(self.items[lowest.bit_length() - 1])
            mask ^= lowest
        return found

    def digest(self, audience: Audience, period: Period, mask: int, since_at: datetime) -> Digest | None:
        """These items as this audience is told them; None if there are none."""
        if not mask:
            return None
        found = self.wanted(mask)
        return digests_rule.build(audience, period, since_at, self.until_at, found, self._vocabulary)


def _masks(index: FilterIndex, found: Sequence[Item]) -> Mapping[int, int]:
    masks: defaultdict[int, int] = defaultdict(int)
    for place, item in enumerate(found):
        bit = 1 << place
        for number in index.matching(item):
            masks[number] |= bit
    return dict(masks)
