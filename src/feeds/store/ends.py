"""When items are to be withdrawn by themselves: the end that their file named (store)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from feeds.model import Item
from feeds.store import items
from feeds.store.schema import item


def expire_at(conn: Connection, ends: Mapping[str, datetime | None]) -> None:
    """When items are to be withdrawn by themselves; None: never."""
    if ends:
        rows = [{"mine": item_id, "at": at} for item_id, at in ends.items()]
        mine = update(item).where(item.c.id == bindparam("mine"))
        conn.execute(mine.values(expires_at=bindparam("at")), rows)


def expired(conn: Connection, now: datetime, limit: int) -> list[tuple[Item, datetime]]:
    """Items that stand though their time is over, with its end, the longest over first."""
    over = select(item.c.id, item.c.expires_at).where(item.c.expires_at <= now, item.c.withdrawn_at.is_(None))
    ends = {row.id: row.expires_at for row in conn.execute(over.order_by(item.c.expires_at).limit(limit))}
    found = items.by_ids(conn, list(ends))
    return [(found[item_id], at) for item_id, at in ends.items()]


def expiry(conn: Connection, item_id: str) -> datetime | None:
    """When an item is to be withdrawn by itself."""
    found: datetime | None = conn.scalar(select(item.c.expires_at).where(item.c.id == item_id))
    return found


def next_expiry(conn: Connection) -> datetime | None:
    """When the next item that stands is to be withdrawn by itself."""
    found: datetime | None = conn.scalar(
        select(func.min(item.c.expires_at)).where(item.c.withdrawn_at.is_(None))
    )
    return found
