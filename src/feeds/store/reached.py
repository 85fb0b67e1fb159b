"""Whom something reaches: who has which filter, and who was sent an item (store)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from feeds.model import DeliveryState
from feeds.store.driven import Driven
from feeds.store.schema import delivery, digest_item, subscriber, subscription
from feeds.store.writing import chunks

_RUNNING = (
    select(subscription.c.filter_id, subscription.c.cadence, subscription.c.subscriber_id)
    .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
    .where(
        subscription.c.ended_at.is_(None), subscription.c.paused_until.is_(None),
        subscriber.c.ended_at.is_(None),
    )
)  # fmt: skip
_BY_DIALECT = {name: Driven(_RUNNING) for name in ("sqlite", "postgresql")}
_AT_ONCE = 10_000


def running(conn: Connection) -> Iterator[Any]:
    """(filter's id, cadence, subscriber's id) of every subscription that brings mail now."""
    rows = _BY_DIALECT[conn.dialect.name].run(conn)
    while some := rows.fetchmany(_AT_ONCE):
        yield from some


def told(conn: Connection, item_ids: Sequence[str]) -> int:
    """How many people were sent, or will be, one of these items, and get mail still: those who are told of a
    correction or a withdrawal."""
    people: set[int] = set()
    for some in chunks(item_ids):
        theirs = (
            select(delivery.c.subscriber_id)
            .join(digest_item, digest_item.c.digest_id == delivery.c.digest_id)
            .join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
            .where(
                digest_item.c.item_id.in_(some), digest_item.c.change == 0,
                delivery.c.state != DeliveryState.SUPPRESSED, subscriber.c.ended_at.is_(None),
            )
            .distinct()
        )  # fmt: skip
        if len(item_ids) == len(some):
            return conn.scalar(select(func.count()).select_from(theirs.subquery())) or 0
        people.update(conn.scalars(theirs))
    return len(people)
