"""The compose pass: audiences that are due -> digests and their deliveries, set by set.

Work grows with distinct wishes and distinct mails: items are matched against filters once, words are made
once for all who are told the same, and members are joined to digests inside the database, batch by batch in
short transactions. Unique keys and a compare-and-set on what the audience has covered make any number of
composers safe (P8); an item that a member was already sent is left out of that member's digest (P4).
Whenever a process dies, the next one goes on from the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from feeds import log, schedule
from feeds.composing.batch import Batch, Composed, Done
from feeds.composing.looking import Looked, Looker
from feeds.composing.news import News
from feeds.composing.parts import finish_parts
from feeds.composing.renewing import renew
from feeds.composing.rules import ComposeRules
from feeds.composing.telling import Teller
from feeds.composing.variants import Stale
from feeds.restoring import require_released
from feeds.store import Conflict, Store, composing, deliveries, items, queueing, tracing

logger = log.get("compose")

_MANY = 1000
# So often a pass begins anew because an item was changed meanwhile; the next tick goes on.
_TRIES = 100


@dataclass(slots=True)
class ComposeReport:
    """Digests made, audiences whose digest failed, with the reason (P9), and letters composed anew.

    `letters`: how many were queued; `longest_s`: the longest transaction.
    """

    composed: list[Composed] = field(default_factory=list)
    failed: list[tuple[int, str]] = field(default_factory=list)
    renewed: int = 0
    letters: int = 0
    longest_s: float = 0.0


def compose(
    store: Store,
    rules: ComposeRules,
    now: datetime,
    *,
    early: bool = False,
    dry_run: bool = False,
    stopped: Callable[[], bool] = lambda: False,
) -> ComposeReport:
    """Make every digest that is due at `now`.

    With `early`, daily and weekly audiences get the digest of their running
    period at once; its own hour then brings nothing more. With `dry_run`
    nothing is stored. Once `stopped` says so, what is left waits for the next pass. Raises Held on a
    restored copy.
    """
    report = ComposeReport()
    require_released(store)
    if not dry_run:
        _renew_all(store, rules, now, report)
        _follow_zones(store, rules, now)
    work = _Pass(store, rules, now, report, early=early, dry_run=dry_run, stopped=stopped)
    for _ in range(_TRIES):
        try:
            work.run()
            break
        except Stale:
            continue
    if report.composed and not dry_run:
        with store.read() as conn:
            about = tracing.of_newest_digests(conn, len(report.composed))
        logger.info("composed", bulletins=about, digests=len(report.composed), letters=report.letters)
    return report


def _renew_all(store: Store, rules: ComposeRules, now: datetime, report: ComposeReport) -> None:
    """First of all what waits for new words: who gets them is owed no note of the same change."""
    with store.read() as conn:
        waiting = deliveries.outdated(conn)
    for digest_id in waiting:
        try:
            report.renewed += renew(store, rules, digest_id, now)
        except Exception as error:  # it waits, and the others go on (P9)
            logger.exception("renew-failed", digest=digest_id)
            report.failed.append((digest_id, f"{type(error).__name__}: {error}"))
    if waiting:
        logger.info("renewed", digests=len(waiting), letters=report.renewed)


def _follow_zones(store: Store, rules: ComposeRules, now: datetime) -> None:
    """Once a day: when zone data says something else than before, each audience is looked at anew."""
    if rules.memory.zones_seen_on == now.date():
        return
    with store.read() as conn:
        says = schedule.zone_data(composing.zones(conn), now.year)
        same = composing.get_zone_data(conn) == says
    if not same:
        last = 0
        while last := store.transact(partial(composing.look_again, limit=5_000, after=last)):
            pass
        store.transact(lambda conn: composing.set_zone_data(conn, says))
    rules.memory.zones_seen_on = now.date()


class _Pass:
    """One pass. It may begin anew: what was written stays, and is not due any more."""

    def __init__(
        self,
        store: Store,
        rules: ComposeRules,
        now: datetime,
        report: ComposeReport,
        *,
        early: bool,
        dry_run: bool,
        stopped: Callable[[], bool],
    ) -> None:
        self._store, self._rules, self._now, self._report = store, rules, now, report
        self._early, self._dry_run, self._stopped = early, dry_run, stopped
        self._pace = rules.pace()
        self._analyzed = 0
        self._failed: set[int] = set()

    def run(self) -> None:
        """Look at all that is due. Raises Stale when items were changed meanwhile."""
        if not self._dry_run:
            self._finish_parts()
        found = self._news()
        if found is None:
            return
        news, ids = found
        teller = Teller(self._rules)
        looker = Looker(self._rules, news, teller, self._now, early=self._early)
        batch = Batch(self._rules, news, teller, self._now, self._parts_from)
        at = 0
        while at < len(ids) and not self._stopped():
            some = ids[at : at + self._pace.size]
            at += len(some)
            waiting = self._look(looker, some)
            while waiting and not self._stopped():
                taken, waiting = self._part(waiting)
                waiting = self._write(batch, teller, taken) + waiting
        if not self._dry_run:
            self._finish_parts()
            self._analyze()

    def _finish_parts(self) -> None:
        finish_parts(self._store, self._rules, self._now, self._pace, self._report, self._stopped)

    @property
    def _parts_from(self) -> int:
        return 10**12 if self._dry_run else self._pace.parts_from

    def _news(self) -> tuple[News, Sequence[int]] | None:
        """What there is to tell to whom, in one snapshot; None if nobody is due."""
        with self._store.read() as conn:
            latest = items.latest_announced(conn)
            ids = composing.due(conn, self._now, latest, self._rules.gap, early=self._early)
            ids = [each for each in ids if each not in self._failed]
            if not ids:
                return None
            covered_at, owed_from = composing.covered_since(conn, ids), composing.owed_since(conn)
            starts = [at for at in (covered_at, owed_from) if at is not None]
            until_at = latest or min(starts)
            memory = self._rules.memory
            news = News(conn, memory.wishes, self._rules.vocabulary, min(starts), until_at)
            return news, composing.order(conn, ids)

    def _look(self, looker: Looker, ids: Sequence[int]) -> list[Looked]:
        with self._store.read() as conn:
            rows = {row.id: row for row in composing.rows(conn, ids)}
            numbers = sorted({number for row in rows.values() for number in row.filters})
            texts = composing.texts(conn, numbers)
        found = []
        for key in ids:
            if key not in rows:
                continue
            try:
                found.append(looker.look(rows[key], texts))
            except Exception as error:  # one bad digest never holds up the others (P9)
                logger.exception("compose-failed", audience=key)
                self._fail(key, f"{type(error).__name__}: {error}")
        return found

    def _fail(self, audience_id: int, reason: str) -> None:
        self._failed.add(audience_id)
        self._report.failed.append((audience_id, reason))

    def _part(self, waiting: list[Looked]) -> tuple[list[Looked], list[Looked]]:
        """As many as go into one transaction: an audience counts as one member more."""
        size = number = 0
        for looked in waiting:
            size += 1 + (looked.row.members if looked.main else 0)
            if number and size > self._pace.size:
                break
            number += 1
        return waiting[:number], waiting[number:]

    def _write(self, batch: Batch, teller: Teller, some: list[Looked]) -> list[Looked]:
        """Write a batch; those that must wait for the next one."""
        self._pace.let_others()
        size = len(some) + sum(each.row.members for each in some if each.main)
        try:
            with self._pace.measured(size):
                done = self._transact(batch, some)
        except Conflict as error:  # a race lost three times over
            if len(some) == 1:
                self._fail(some[0].row.id, str(error))
                return []
            return [left for each in some for left in self._write(batch, teller, [each])]
        if not self._dry_run:
            teller.kept(done.passages)
        for key, reason in done.failed:
            self._fail(key, reason)
        report = self._report
        report.composed += done.composed
        report.letters += done.letters
        report.longest_s = self._pace.longest_s
        self._analyze_after(done)
        return done.later

    def _transact(self, batch: Batch, some: list[Looked]) -> Done:
        if not self._dry_run:
            return self._store.transact(lambda conn: batch.write(conn, some))
        with self._store.rehearse() as conn:
            return batch.write(conn, some)

    def _analyze_after(self, done: Done) -> None:
        """So many new rows change how PostgreSQL should look for them: soon, and at the end."""
        if self._analyzed == 0 and self._report.letters >= _MANY and done.letters:
            self._analyze()

    def _analyze(self) -> None:
        if self._report.letters - self._analyzed >= _MANY and not self._dry_run:
            self._analyzed = self._report.letters
            self._store.transact(queueing.analyze)
