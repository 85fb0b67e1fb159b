"""A restored copy: nothing leaves it until a person says so, and then nothing old (P10).

A copy does not know what was sent after it was made. So what it held queued is set aside as uncertain, for a
person to decide, and audiences count as covered up to now: a digest missed is on the site, a digest doubled
cannot be taken back.
"""

from __future__ import annotations

from datetime import datetime

from feeds import log, schedule
from feeds.errors import StoreError
from feeds.model import Cadence
from feeds.store import Connection, Store, copies, deliveries, digests, items, notices, publishing, queueing

logger = log.get("restoring")


class Held(StoreError):  # noqa: N818 (a state, which a person ends)
    """The database is a restored copy that nobody has released yet."""


def require_released(store: Store) -> None:
    """Raises Held while the database is a restored copy."""
    with store.read() as conn:
        copy = copies.standing(conn)
    if copy is not None:
        raise Held(
            f"The database at {store.where} is a restored copy ({copy}): no mail leaves until "
            "`feeds restore --go`."
        )


def release(store: Store, now: datetime, *, moved: bool = False) -> int | None:
    """Let mail leave again; how many letters were set aside. None: it is no copy, or no more.

    `moved`: nothing was sent since the copy was made, so it goes on where that stood.
    """
    store.settle_in()

    def run(conn: Connection) -> int | None:
        digests.lock_compose(conn)
        copy = copies.release(conn)
        if copy is None:
            return None
        # Public folders may have come further than this database: none of their marks counts any more.
        publishing.set_meta(conn, publishing.EPOCH, now.isoformat())
        return 0 if moved else _nothing_old(conn, copy, now)

    aside = store.transact(run)
    if aside is not None:
        logger.warning("backup-restored", set_aside=aside)
    return aside


def _nothing_old(conn: Connection, copy: str, now: datetime) -> int:
    reason = f"restored from a backup ({copy}): it may have been sent"
    aside = deliveries.set_aside(conn, reason, now) + notices.set_aside(conn, reason, now)
    queueing.forget_queueing(conn)
    _cover_all(conn, now)
    return aside


def _cover_all(conn: Connection, now: datetime) -> None:
    latest = items.latest_announced(conn)
    for row in digests.audiences(conn):
        wanted = row.audience
        period = None
        if wanted.cadence is not Cadence.IMMEDIATE:
            period = schedule.due_period(wanted.cadence, wanted.zone, wanted.hour, wanted.weekday, now).key
        digests.cover(conn, row.id, row.covered_at, max(row.covered_at, latest or row.covered_at), period)
        digests.caught_up(conn, row.id, [member.id for member in digests.members(conn, row.id)])
