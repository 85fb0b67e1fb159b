"""A list of people -> subscribers, in bounded transactions, each statement for many of them at once.

Nobody is taken back by a list: who left, bounced, complained, was blocked or erased is named and left as
they are. Ended in the middle, the same list goes on where it was: how far it came is in the same transaction
as its rows. So none of them waits for the disk; the last one does, for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from feeds.errors import Problem
from feeds.people import ahead, import_parts
from feeds.people.entries import Entry, EntryReader, Refused, judged
from feeds.people.import_memory import Memory
from feeds.people.import_parts import Faults, ImportRules
from feeds.people.tables import Row
from feeds.store import Store, importing

Fault = tuple[int, Problem]


@dataclass(slots=True)
class Imported:
    """How many rows were looked at, how many are in, and the longest a transaction took."""

    rows: int = 0
    good: int = 0
    added: int = 0
    faults: int = 0
    skipped: int = 0
    longest_s: float = 0.0


def import_rows(
    store: Store,
    rules: ImportRules,
    rows: Iterable[Row],
    reader: EntryReader,
    key: str,
    now: datetime,
    tell: Callable[[Fault], None],
    *,
    dry_run: bool = False,
    report: Imported | None = None,
    in_two: bool = False,
) -> Imported:
    """Take a list in; each fault is told as it is found. `key` names the list, so that it can go on.

    With `dry_run` nothing is stored: rows are judged, also against who is known. `in_two`: in two processes,
    where `ahead.worthwhile` says that this can be.
    """
    report = report if report is not None else Imported()
    with store.read() as conn:
        report.skipped = 0 if dry_run else importing.rows_done(conn, key)
        bounds = importing.bounds(conn)
    run = _Run(store, rules, key, now, tell, report, bounds, dry_run, bounds.fewest)
    report.rows = report.skipped
    judge = ahead.judged_ahead if in_two else judged
    for one in judge(islice(rows, report.skipped, None), reader):
        run.take(one)
    run.put()
    if not dry_run:
        store.transact(lambda conn: importing.forget_rows(conn, key))
    return report


@dataclass(slots=True)
class _Run:
    """An import under way: what it works with, the part it collects, and of how many rows (`size`)."""

    store: Store
    rules: ImportRules
    key: str
    now: datetime
    tell: Callable[[Fault], None]
    report: Imported
    bounds: importing.Bounds
    dry_run: bool
    size: int
    memory: Memory = field(default_factory=Memory)
    part: list[Entry] = field(default_factory=list)

    def take(self, one: Entry | Refused) -> None:
        """One row more; a part that is full is stored."""
        self.report.rows += 1
        if isinstance(one, Entry):
            self.part.append(one)
        else:
            self.report.faults += 1
            for problem in one.error.problems:
                self.tell((one.line, problem))
        if len(self.part) >= self.size:
            self.put()

    def put(self) -> None:
        """Store the part in a transaction, tell what it refused, and say how long the next one should be."""
        begun = self.rules.clock()
        added, faults = self._rehearsed() if self.dry_run else self._stored()
        took = self.rules.clock() - begun
        for entry, problem in faults:
            self.tell((entry.line, problem))
        self.report.added += added
        self.report.faults += len(faults)
        self.report.good += len(self.part) - len(faults)
        self.report.longest_s = max(self.report.longest_s, took)
        self.part = []
        wanted = int(self.size * self.bounds.seconds / max(took, 0.001) * 0.8)
        self.size = min(max(wanted, self.bounds.fewest), self.bounds.most, self.size * 2)

    def _stored(self) -> tuple[int, Faults]:
        self.memory.shrink()
        rules, memory, part, rows = self.rules, self.memory, self.part, self.report.rows
        added, faults, learnt = self.store.transact(
            lambda conn: import_parts.put(conn, rules, memory, part, self.key, rows, self.now), lasting=False
        )
        memory.learn(learnt)
        return added, faults

    def _rehearsed(self) -> tuple[int, Faults]:
        with self.store.read() as conn:
            known, faults = import_parts.judge(conn, self.rules, self.part)
        return len({each.key for each in self.part} - known.keys() - {e.key for e, _ in faults}), faults
