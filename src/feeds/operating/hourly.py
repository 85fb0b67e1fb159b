"""The count of each hour, made by whichever process comes first."""

from __future__ import annotations

from datetime import datetime, timedelta

from feeds.store import Store, daybook

HOURS_KEPT = timedelta(days=8)


def count_hour(store: Store, now: datetime) -> bool:
    """Count what there is, unless this hour is counted; whether it was done."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    with store.read() as conn:
        if daybook.has(conn, hour):
            return False
        counts = daybook.counts(conn, now)
    with store.write() as conn:
        daybook.note(conn, hour, counts)
        daybook.thin_out(conn, now - HOURS_KEPT)
    return True
