"""The count of each hour, made by whichever process comes first."""

from __future__ import annotations

from datetime import datetime, timedelta

from feeds.model import Kind
from feeds.operating import topics
from feeds.store import Store, daybook, glances, items

HOURS_KEPT = timedelta(days=8)


def count_hour(store: Store, now: datetime) -> bool:
    """Count what there is, unless this hour is counted; whether it was done."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    with store.read() as conn:
        if daybook.has(conn, hour):
            return False
        counts = daybook.counts(conn, now)
        readers = topics.readers_of(glances.subscriptions_by_filter(conn))
        counts |= {f"{topics.READERS}{slug}": number for slug, number in readers.items()}
        listed = items.feed_listings(conn)
        counts |= {
            f"{topics.ITEMS}{code}": n for (kind, code), (n, _) in listed.items() if kind == Kind.TOPIC
        }
    with store.write() as conn:
        daybook.note(conn, hour, counts)
        daybook.thin_out(conn, now - HOURS_KEPT)
        daybook.forget(conn, (topics.READERS, topics.ITEMS), hour)
    return True
