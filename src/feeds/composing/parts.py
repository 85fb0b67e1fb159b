"""Audiences with very many members: their digest is queued part by part, each in a short transaction.

The digest is stored and the audience moved on in the first one; a row says how far its members have it. Who
dies in between leaves that row, and the next pass, of whatever process, goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from feeds.composing.batch import Batch
from feeds.composing.looking import Looked
from feeds.composing.news import News
from feeds.composing.pace import Pace
from feeds.composing.rules import ComposeRules
from feeds.composing.telling import Teller
from feeds.model import Audience, Period
from feeds.store import Store, composing, queueing
from feeds.store.composing import Mark
from feeds.store.queueing import QueueingRow

if TYPE_CHECKING:
    from feeds.composing.compose import ComposeReport


def finish_parts(
    store: Store,
    rules: ComposeRules,
    now: datetime,
    pace: Pace,
    report: ComposeReport,
    stopped: Callable[[], bool],
) -> None:
    """Queue what is left of all digests that are queued part by part. Raises Stale when items change."""
    with store.read() as conn:
        waiting = queueing.begun(conn)
    for row in waiting:
        _Parts(store, rules, now, pace, report, row).run(stopped)


class _Parts:
    """The parts of one audience."""

    def __init__(
        self,
        store: Store,
        rules: ComposeRules,
        now: datetime,
        pace: Pace,
        report: ComposeReport,
        row: QueueingRow,
    ) -> None:
        self._store, self._rules, self._now, self._pace, self._report = store, rules, now, pace, report
        self._row: QueueingRow | None = row
        self._teller = Teller(rules)

    def run(self, stopped: Callable[[], bool]) -> None:
        """Part by part until all have it, or another process has taken it over."""
        if self._row is None:
            return
        looked, news = self._read(self._row)
        batch = Batch(self._rules, news, self._teller, self._now, 0)
        while (row := self._row) is not None and not stopped():
            self._pace.let_others()
            with self._pace.measured(self._pace.size):
                work = partial(batch.write_part, looked=looked, row=row, size=self._pace.size)
                done, self._row = self._store.transact(work)
            self._teller.kept(done.passages)
            self._report.composed += done.composed
            self._report.letters += done.letters

    def _read(self, row: QueueingRow) -> tuple[Looked, News]:
        with self._store.read() as conn:
            (due,) = composing.rows(conn, [row.audience_id])
            texts = composing.texts(conn, due.filters)
            owed_from = composing.owed_since(conn)
            since_at = min(row.since_at, owed_from or row.since_at)
            news = News(conn, self._rules.memory.wishes, self._rules.vocabulary, since_at, row.until_at)
        wishes = self._rules.memory.wishes.read([texts[number] for number in due.filters])
        audience = Audience(
            cadence=due.cadence, filters=wishes, lang=due.lang, zone=due.zone, hour=due.hour,
            weekday=due.weekday,
        )  # fmt: skip
        period = Period(key=row.period, due_at=row.due_at)
        mark = Mark(due.id, due.covered_at, due.covered_at, due.last_period, None)
        digest = news.digest(audience, period, news.mask(due.filters, row.since_at), row.since_at)
        main = self._teller.telling(digest) if digest and row.digest_id is not None else None
        return Looked(due, audience, mark, period, main), news
