"""What became of an item on its way to one person, and to all (store)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from feeds.model import DeliveryState
from feeds.store.schema import delivery, digest, digest_item


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWithItem:
    """A letter to somebody that holds an item; `change` is 0 where the item was news in it."""

    id: int
    period: str
    subject: str
    state: DeliveryState
    tries: int
    reason: str
    message_id: str
    queued_at: datetime
    next_at: datetime
    finished_at: datetime | None
    change: int


def letters_with(conn: Connection, subscriber_id: int, item_id: str) -> list[LetterWithItem]:
    """The letters to a subscriber that hold an item, the first one first."""
    names = ("id", "period", "state", "tries", "reason", "message_id", "queued_at", "next_at", "finished_at")
    columns = [delivery.c[name] for name in names]
    query = (
        select(*columns, digest.c.subject, digest_item.c.change)
        .join(digest, digest.c.id == delivery.c.digest_id)
        .join(digest_item, digest_item.c.digest_id == delivery.c.digest_id)
        .where(delivery.c.subscriber_id == subscriber_id, digest_item.c.item_id == item_id)
        .order_by(delivery.c.id)
    )
    return [LetterWithItem(**row._mapping) for row in conn.execute(query)]


def states_of(conn: Connection, item_id: str) -> dict[tuple[DeliveryState, str], int]:
    """How many letters with an item are in each state, and for which reason where they were not sent."""
    query = (
        select(delivery.c.state, delivery.c.reason, func.count())
        .join(digest_item, digest_item.c.digest_id == delivery.c.digest_id)
        .where(digest_item.c.item_id == item_id)
        .group_by(delivery.c.state, delivery.c.reason)
    )
    counts: dict[tuple[DeliveryState, str], int] = {}
    for state, reason, number in conn.execute(query):
        told = "" if state is DeliveryState.SENT else reason  # each server thanks in its own words
        counts[state, told] = counts.get((state, told), 0) + number
    return counts
