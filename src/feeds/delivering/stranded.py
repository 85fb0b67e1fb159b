"""The other way of the mails of alarms: past a mail server that does not take them.

That mail is behind is told by mail. What the first server did not take within minutes, because it is away,
defers it, or is asked by nobody, is sent by a second one. Both ways claim from the same queue, so each mail
leaves once (P4).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from feeds import log
from feeds.delivering.books import Books, Held
from feeds.delivering.deliver import DeliverReport, DeliverRules, books_of, send
from feeds.mail import Transport
from feeds.restoring import require_released
from feeds.store import Connection, Store, notices

logger = log.get("deliver")

# The first server gets the next try of a deferred letter within this time.
WAITED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrandedBooks(Books):
    """Takes only mails of alarms in hand that have waited for too long."""

    def _claim(self, conn: Connection, limit: int, now: datetime) -> list[Held]:
        before = now - WAITED
        found = notices.claim_stranded(conn, self.owner, now, self.lease, limit, before=before)
        return [Held(each, notices.QUEUE) for each in found]


async def send_stranded(
    store: Store, transport: Transport, rules: DeliverRules, stop: asyncio.Event | None = None
) -> DeliverReport:
    """Send the mails of alarms that the first server did not take. `rules.owner` must be another than that
    of `deliver`, which takes back what is its own. Raises Held on a restored copy.
    """
    report = DeliverReport()
    await asyncio.to_thread(require_released, store)
    if await asyncio.to_thread(_any, store, rules):
        await send(books_of(store, rules, StrandedBooks), [transport], rules, stop or asyncio.Event(), report)
    if report.handled or report.away:
        away = report.away.reason if report.away else None
        logger.warning("alarms-sent-otherwise", away=away, **dict(report.outcomes))
    return report


def _any(store: Store, rules: DeliverRules) -> bool:
    with store.read() as conn:
        return notices.stranded(conn, rules.now() - WAITED)
