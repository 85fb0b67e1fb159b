"""What seldom happens to a subscriber's row: another address, an end that is looked for, erasing (store)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from feeds.model import SubscriberState
from feeds.store.schema import subscriber


def ended_since(conn: Connection, state: SubscriberState, at: datetime, limit: int) -> list[int]:
    """Who came to this end at that instant or later, by id."""
    query = select(subscriber.c.id).where(subscriber.c.state == state, subscriber.c.ended_at >= at)
    return list(conn.scalars(query.order_by(subscriber.c.id).limit(limit)))


def move(conn: Connection, subscriber_id: int, address: str, address_key: str) -> None:
    """Give somebody another address."""
    values = {"address": address, "address_key": address_key}
    conn.execute(update(subscriber).where(subscriber.c.id == subscriber_id).values(values))


def overwrite(conn: Connection) -> None:
    """From now on what is deleted or replaced is overwritten in the file: SQLite leaves it readable else."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("PRAGMA secure_delete=ON")


def erase(conn: Connection, subscriber_id: int, now: datetime) -> None:
    """Leave nothing of somebody but the number, which links in old mails carry."""
    values = {
        "address": "", "address_key": f"erased/{subscriber_id}", "state": SubscriberState.ERASED,
        "lang": "en", "zone": "UTC", "hour": 0, "weekday": 1, "consent": "", "consent_at": None,
        "ended_at": now, "ended_reason": "erased",
    }  # fmt: skip
    conn.execute(update(subscriber).where(subscriber.c.id == subscriber_id).values(values))
