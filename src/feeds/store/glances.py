"""What the operator's page shows of the queue and of what comes next, in bounded queries (store)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, literal, select, text

from feeds.model import Cadence
from feeds.store import deliveries
from feeds.store.schema import (
    audience,
    audience_filter,
    delivery,
    filter_,
    membership,
    subscriber,
    subscription,
)

# Of so many letters that wait the longest it is told where they go.
LOOKED_AT = 20_000
# Members are counted up to here.
COUNTED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRow:
    """Letters that wait for readers at one mail host; `deferred` of them were put off before."""

    host: str
    waiting: int
    deferred: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRow:
    """An audience and when it is looked at next; `filters` are their texts in order."""

    due_at: datetime
    cadence: Cadence
    filters: Sequence[str]
    members: int


def by_host(conn: Connection, limit: int) -> list[HostRow]:
    """Where the letters go that have been due the longest, the host with the most first."""
    mine = delivery.c
    longest = select(mine.address, mine.tries).where(deliveries.QUEUE.queued)
    waiting: Counter[str] = Counter()
    deferred: Counter[str] = Counter()
    for address, tries in conn.execute(longest.order_by(mine.next_at, mine.id).limit(LOOKED_AT)):
        host = address.rpartition("@")[2].lower()
        waiting[host] += 1
        deferred[host] += tries > 0
    first = sorted(waiting.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
    return [HostRow(host=host, waiting=number, deferred=deferred[host]) for host, number in first]


def next_audiences(conn: Connection, limit: int) -> list[NextRow]:
    """The daily and weekly audiences that are looked at next, the first one first."""
    mine = audience.c
    # Written out, not bound: a partial index is used only when the text of its condition is seen.
    due = select(mine.id, mine.next_at, mine.cadence).where(
        text("cadence <> 'immediate'"), mine.next_at.is_not(None)
    )
    rows = conn.execute(due.order_by(mine.next_at).limit(limit)).all()
    return [
        NextRow(
            due_at=row.next_at,
            cadence=row.cadence,
            filters=_filters(conn, row.id),
            members=_members(conn, row.id),
        )
        for row in rows
    ]


def _filters(conn: Connection, audience_id: int) -> list[str]:
    mine = audience_filter.c
    query = select(filter_.c.text).join(audience_filter, mine.filter_id == filter_.c.id)
    return list(conn.scalars(query.where(mine.audience_id == audience_id).order_by(mine.position)))


def _members(conn: Connection, audience_id: int) -> int:
    some = select(literal(1)).where(membership.c.audience_id == audience_id).limit(COUNTED).subquery()
    return conn.scalar(select(func.count()).select_from(some)) or 0


def subscriptions_by_filter(conn: Connection) -> list[tuple[str, int]]:
    """Each filter that somebody subscribes to, with how many. Walks through all: ask once an hour."""
    mine = subscription.c
    counted = (
        select(mine.filter_id, func.count().label("number"))
        .join(subscriber, subscriber.c.id == mine.subscriber_id)
        .where(mine.ended_at.is_(None), subscriber.c.ended_at.is_(None))
        .group_by(mine.filter_id)
        .subquery()
    )
    query = select(filter_.c.text, counted.c.number).join(counted, counted.c.filter_id == filter_.c.id)
    return [(row.text, row.number) for row in conn.execute(query)]
