"""What people want, taken together: filters that somebody has, and how many have them (store)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from feeds.store.schema import filter_, subscriber, subscription
from feeds.store.writing import chunks

_GETS_MAIL = (subscription.c.ended_at.is_(None), subscriber.c.ended_at.is_(None))


def texts(conn: Connection) -> dict[int, str]:
    """The filters that somebody is subscribed to, by id, with their texts."""
    query = select(filter_.c.id, filter_.c.text).join(subscription, subscription.c.filter_id == filter_.c.id)
    return {row.id: row.text for row in conn.execute(query.join(subscriber).where(*_GETS_MAIL).distinct())}


def count_of(conn: Connection, filter_ids: Sequence[int]) -> int:
    """How many subscribers have at least one of these filters."""
    found: set[int] = set()
    for some in chunks(filter_ids):
        query = select(subscription.c.subscriber_id).join(subscriber).distinct()
        found.update(conn.scalars(query.where(subscription.c.filter_id.in_(some), *_GETS_MAIL)))
    return len(found)
