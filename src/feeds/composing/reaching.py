"""Who gets it: how many people items would reach, told before anybody decides to send them.

By the same index over all filters that composing matches with. Who has which filter is read as a whole now
and then, and kept: at a million people that takes seconds, so whoever asks gets what was read last, and a
newer reading is made meanwhile. The first one is begun when the process starts; a page that is asked for
before it is there says that it is being counted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from feeds.composing.news import Wishes
from feeds.filters.members import Members, Reach
from feeds.model import Item, Vocabulary
from feeds.store import Store, reached, sharing

FRESH_S = 30.0
# What is read faster than this, nobody minds waiting for.
QUICK_S = 0.1
# So long a page waits for the first reading.
PATIENCE_S = 0.2


class Reaching:
    """Answers for one process; any thread may ask.

    `clock` only grows, in seconds; `later` runs what it is given, in its own time.
    """

    def __init__(
        self,
        store: Store,
        vocabulary: Vocabulary,
        clock: Callable[[], float],
        later: Callable[[Callable[[], None]], None],
    ) -> None:
        self._store = store
        self._wishes = Wishes(vocabulary)
        self._clock = clock
        self._later = later
        self._asking, self._reading, self._beginning = threading.Lock(), threading.Lock(), threading.Lock()
        self._there, self._begun = threading.Event(), False
        self._members: Members | None = None
        self._read_at = self._took_s = 0.0

    def reach(self, items: Sequence[Item]) -> Reach:
        """Whom these items reach; those that are too old to be mailed, or withdrawn, reach nobody."""
        members = self._known()
        with self._asking, self._store.read() as conn:
            index = self._wishes.follow(conn)
            found = [index.matching(item) if _goes_out(item) else () for item in items]
        together, each = members.reached(*found)
        return Reach(together, {item.id: theirs for item, theirs in zip(items, each, strict=True)})

    def reach_soon(self, items: Sequence[Item]) -> Reach | None:
        """The same for whoever cannot wait: None while it is counted for the first time."""
        if self._members is None:
            self.begin()
            if not self._there.wait(PATIENCE_S):
                return None
        return self.reach(items)

    def largest(self, items: Sequence[Item], most: int, fewest: int) -> list[tuple[str, int]]:
        """The filters that most people have among those that want one of these items, by their texts, with
        how many; none while that is counted. What fewer than `fewest` people want is theirs alone to know.
        """
        if self._members is None:
            return []
        members = self._known()
        with self._asking, self._store.read() as conn:
            index = self._wishes.follow(conn)
            wanting = {number for item in items if _goes_out(item) for number in index.matching(item)}
            found = members.largest(wanting, most, fewest)
            texts = sharing.filter_texts(conn, [number for number, _ in found])
        return [(texts[number], count) for number, count in found]

    def begin(self) -> None:
        """Have the first reading made, unless it is there or under way."""
        with self._beginning:
            if self._begun or self._members is not None:
                return
            self._begun = True
        self._later(self._prepare)

    def _prepare(self) -> None:
        try:
            self.prepare()
        finally:  # where it failed, whoever asks next begins again
            self._begun = False

    def prepare(self) -> None:
        """Read who has what, so that the first who asks need not wait for it."""
        with self._asking, self._store.read() as conn:
            self._wishes.follow(conn)
        self._read()

    def _known(self) -> Members:
        known = self._members
        if known is None or (self._is_old() and self._took_s < QUICK_S):
            return self._read()
        if self._is_old() and not self._reading.locked():
            self._later(self._read_again)
        return known

    def _is_old(self) -> bool:
        return self._clock() - self._read_at > FRESH_S

    def _read_again(self) -> None:
        if self._is_old():
            self._read()

    def _read(self) -> Members:
        with self._reading:
            begun = self._clock()
            with self._store.read() as conn:
                members = Members(reached.running(conn))
            self._read_at, self._took_s, self._members = begun, self._clock() - begun, members
            self._there.set()
            return members


def _goes_out(item: Item) -> bool:
    return item.mailable and item.withdrawn_at is None
