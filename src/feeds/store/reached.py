"""Whom something reaches: who has which filter, and who was sent an item (store)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, Text, cast, func, select, tuple_

from feeds.model import DeliveryState
from feeds.store import history
from feeds.store.schema import delivery, digest_item, subscriber, subscription
from feeds.store.writing import chunks

# The database puts people together: far fewer rows, and no other thread has to wait meanwhile.
_PEOPLE = func.aggregate_strings(cast(subscription.c.subscriber_id, Text), ",")
_RUNNING = (
    select(subscription.c.filter_id, subscription.c.cadence, _PEOPLE)
    .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
    .where(
        subscription.c.ended_at.is_(None), subscription.c.paused_until.is_(None),
        subscriber.c.ended_at.is_(None),
    )
    .group_by(subscription.c.filter_id, subscription.c.cadence)
)  # fmt: skip
_AT_ONCE = 10_000


def running(conn: Connection) -> Iterator[tuple[int, str, Iterable[int]]]:
    """(filter's id, cadence, ids of subscribers) of all subscriptions that bring mail now."""
    rows = conn.execute(_RUNNING)
    while some := rows.fetchmany(_AT_ONCE):
        for filter_id, cadence, people in some:
            yield filter_id, cadence, map(int, people.split(","))


def told(conn: Connection, item_ids: Sequence[str]) -> int:
    """How many people were sent, or will be, one of these items, and get mail still: those who are told of a
    correction or a withdrawal."""
    parts = chunks(item_ids)
    return _people(conn, [(digest_item.c.item_id.in_(some), digest_item.c.change == 0) for some in parts])


def told_of_withdrawal(conn: Connection, item_ids: Sequence[str]) -> int:
    """How many people were told of the last withdrawal of one of these items, or will be, and get mail still:
    those who are told that it stands again."""
    parts = chunks(list(history.last_withdrawals(conn, item_ids).items()))
    which = tuple_(digest_item.c.item_id, digest_item.c.change)
    return _people(conn, [(which.in_(some),) for some in parts])


def _people(conn: Connection, parts: Sequence[tuple[ColumnElement[bool], ...]]) -> int:
    """Whoever got a letter with an item for which one of these conditions holds, each counted once."""
    people: set[int] = set()
    for which in parts:
        theirs = (
            select(delivery.c.subscriber_id)
            .join(digest_item, digest_item.c.digest_id == delivery.c.digest_id)
            .join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
            .where(
                *which, delivery.c.state != DeliveryState.SUPPRESSED, subscriber.c.ended_at.is_(None),
            )
            .distinct()
        )  # fmt: skip
        if len(parts) == 1:
            return conn.scalar(select(func.count()).select_from(theirs.subquery())) or 0
        people.update(conn.scalars(theirs))
    return len(people)
