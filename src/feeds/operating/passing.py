"""Notes of how each pass of this process goes, for whoever looks from outside.

Written seldom: what goes well twice in a minute is news once, for an idle site should hardly write. A note
that cannot be written is left out; the pass itself says what is wrong with the database.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feeds.errors import StoreError
from feeds.store import Store, limits, passes
from feeds.store.figures import LETTERS
from feeds.store.passes import PassRow

EVERY = timedelta(minutes=1)
# A pass that runs so long is told before its end.
LONG = timedelta(seconds=30)
# What a process that is gone has left.
KEPT = timedelta(days=2)


def is_news(before: PassRow | None, row: PassRow) -> bool:
    """Whether a run is worth a row: the first, one that ends otherwise than the last, or some time later."""
    if before is None or before.failed != row.failed or before.ended_at is None:
        return True
    return (row.ended_at or row.began_at) - before.ended_at >= EVERY


@dataclass
class Passes:
    """The notes of one process, which `process` names; threads may share it."""

    store: Store
    process: str
    host: str
    now: Callable[[], datetime]
    _noted: dict[str, PassRow] = field(default_factory=dict)
    _running: dict[str, datetime] = field(default_factory=dict)

    def begun(self, name: str) -> None:
        """A pass begins."""
        self._running[name] = self.now()

    def ended(self, name: str, failed: str = "") -> None:
        """It has ended; `failed` says why early."""
        at = self.now()
        self._note(self._row(name, self._running.pop(name, at), at, failed))

    def tell_long(self) -> None:
        """Note those that run for long."""
        at = self.now()
        for name, began_at in list(self._running.items()):
            if at - began_at >= LONG:
                self._note(self._row(name, began_at, None, ""))

    def _row(self, name: str, began_at: datetime, ended_at: datetime | None, failed: str) -> PassRow:
        took = max(timedelta(0), (ended_at or self.now()) - began_at)
        return PassRow(
            process=self.process, name=name, host=self.host, began_at=began_at, ended_at=ended_at,
            took_ms=int(took / timedelta(milliseconds=1)), failed=failed,
        )  # fmt: skip

    def _note(self, row: PassRow) -> None:
        if not is_news(self._noted.get(row.name), row):
            return
        try:
            with self.store.write() as conn:
                if not self._noted:
                    passes.forget(conn, self.now() - KEPT)
                passes.note(conn, row)
        except StoreError:
            return
        self._noted[row.name] = row


@dataclass
class LetterCount:
    """Adds what became of letters to the numbers that the site keeps for ever, while passes go on."""

    store: Store
    _of: Mapping[str, int] = field(default_factory=dict)
    _before: Counter[str] = field(default_factory=Counter)
    _told: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, outcomes: Mapping[str, int]) -> None:
        """A pass begins, whose counts grow in `outcomes`."""
        with self._lock:
            self._before += Counter(self._of)
            self._of = outcomes

    def note(self) -> None:
        """Add what has come since. What cannot be written now is added the next time."""
        with self._lock:
            found = self._before + Counter(self._of)
            if more := found - self._told:
                with suppress(StoreError):
                    self._add(more)
                    self._told = found

    def _add(self, more: Mapping[str, int]) -> None:
        with self.store.write() as conn:
            for name, number in sorted(more.items()):
                limits.move(conn, LETTERS + name, number)
