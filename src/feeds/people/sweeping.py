"""What time alone changes: pauses that are over, and what is erased when its time has come.

Bounded work each time; whoever calls it again goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from feeds import log
from feeds.people.changing import resume
from feeds.store import (
    Connection,
    Store,
    bodies,
    departures,
    limits,
    notices,
    processes,
    requests,
    returns,
    secrets,
    subscriptions,
)

logger = log.get("people")

# So many rows are looked at in one transaction.
_SOME = 500
KEPT = timedelta(days=30)
# Longer than soft bounces are counted, and than a tag is good (`delivering.returning`).
BOUNCES_KEPT = timedelta(days=60)
# The words of digests: longer than anybody sends a letter once more.
BODIES_KEPT = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How many people's pauses ended, and how many unconfirmed requests were erased."""

    resumed: int
    erased: int


def sweep(store: Store, now: datetime) -> Swept:
    """End pauses that are over; erase requests that nobody confirmed, ended links, and what is old of
    limits, letters, their words and bounces. Who was sent which item is kept."""
    with store.read() as conn:
        over = subscriptions.over(conn, now, _SOME)
    for subscriber_id, ids in over.items():
        resume(store, subscriber_id, ids, now)
    erased = store.transact(lambda conn: _erase(conn, now))
    bodies.forget_before(store, now - BODIES_KEPT)
    if over or erased:
        logger.info("people-swept", resumed=len(over), erased=erased)
    return Swept(resumed=len(over), erased=erased)


def _erase(conn: Connection, now: datetime) -> int:
    secrets.erase_ended_links(conn, now, _SOME)
    limits.erase_before(conn, now - KEPT, _SOME)
    notices.erase_finished(conn, now - KEPT, _SOME)
    notices.forget_words(conn, now - BODIES_KEPT, _SOME)
    returns.erase_before(conn, now - BOUNCES_KEPT, _SOME)
    departures.erase_before(conn, now - KEPT, _SOME)
    processes.erase_before(conn, now - KEPT)
    return requests.erase_ended(conn, now, _SOME)
