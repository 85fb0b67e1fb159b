"""Items that may match a filter, found by their labels (store)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, func, or_, select

from feeds.model import Filter, Item, Kind
from feeds.store import items
from feeds.store.schema import item, label


def oldest_on(conn: Connection) -> date | None:
    """The date of the oldest item that is published; None where there is none."""
    oldest: date | None = conn.scalar(select(func.min(item.c.date_on)).where(item.c.withdrawn_at.is_(None)))
    return oldest


def candidates(
    conn: Connection, wanted: Filter, countries: Collection[str], regions: Collection[str],
    topics: Collection[str], since: date, limit: int,
) -> list[Item]:  # fmt: skip
    """Items dated `since` or later that have one of these places and one of these topics, newest first.

    Empty collections ask for nothing. `wanted` is only asked whether it names places and topics at all:
    its own rules are for `filters.match`.
    """
    where = [item.c.date_on >= since, item.c.withdrawn_at.is_(None)]
    if wanted.countries or wanted.regions:
        country = (label.c.kind == Kind.COUNTRY) & label.c.code.in_(sorted(countries))
        region = (label.c.kind == Kind.REGION) & label.c.code.in_(sorted(regions))
        where.append(item.c.id.in_(select(label.c.item_id).where(or_(country, region))))
    if wanted.topics:
        topic = (label.c.kind == Kind.TOPIC) & label.c.code.in_(sorted(topics))
        where.append(item.c.id.in_(select(label.c.item_id).where(topic)))
    query = select(item.c.id).where(*where).order_by(item.c.date_on.desc(), item.c.updated_at.desc())
    ids = list(conn.scalars(query.limit(limit)))
    found = items.by_ids(conn, ids)
    return [found[each] for each in ids]
