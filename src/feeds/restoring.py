"""The first start on a restored backup: nothing old is mailed again (P10).

A backup does not know what was sent after it was made. So what it held queued
is set aside as uncertain, for a person to decide, and audiences count as
covered up to now: a digest missed is on the site, a digest doubled cannot be
taken back.
"""

from __future__ import annotations

from datetime import datetime

from feeds import log, schedule
from feeds.model import Cadence
from feeds.store import Connection, Store, deliveries, digests, items, notices, publishing, queueing

logger = log.get("restoring")


def after_restore(store: Store, now: datetime) -> bool:
    """Settle a database that `feeds backup` wrote and somebody put back; True if it was one."""
    with store.read() as conn:
        if publishing.get_meta(conn, publishing.BACKUP) is None:
            return False

    def run(conn: Connection) -> int:
        digests.lock_compose(conn)
        made_at = publishing.take_meta(conn, publishing.BACKUP)
        if made_at is None:
            return 0  # another process was quicker
        reason = f"restored from the backup of {made_at}: it may have been sent"
        aside = deliveries.set_aside(conn, reason, now) + notices.set_aside(conn, reason, now)
        queueing.forget_queueing(conn)
        _cover_all(conn, now)
        # Public folders may have come further than this database: none of their marks counts any more.
        publishing.set_meta(conn, publishing.EPOCH, now.isoformat())
        return aside

    aside = store.transact(run)
    logger.warning("backup-restored", set_aside=aside)
    return True


def _cover_all(conn: Connection, now: datetime) -> None:
    latest = items.latest_announced(conn)
    for row in digests.audiences(conn):
        wanted = row.audience
        period = None
        if wanted.cadence is not Cadence.IMMEDIATE:
            period = schedule.due_period(wanted.cadence, wanted.zone, wanted.hour, wanted.weekday, now).key
        digests.cover(conn, row.id, row.covered_at, max(row.covered_at, latest or row.covered_at), period)
        digests.caught_up(conn, row.id, [member.id for member in digests.members(conn, row.id)])
