"""What became of an item on its way to one person, and to all (store)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from feeds.model import DeliveryState
from feeds.store.schema import delivery, digest, digest_item
from feeds.store.writing import chunks


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLetter:
    """Somebody's letter with an item; `change` is 0 where the item was news in it. `at`: when it came to its
    end, else when it was queued."""

    letter: int
    subscriber: int
    address: str
    state: DeliveryState
    reason: str
    at: datetime
    digest: int
    change: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One digest and what became of each of its members (P5): `members` is the sum of the others."""

    digest: int
    composed_at: datetime
    period: str
    subject: str
    members: int
    sent: int
    waiting: int
    in_hand: int
    refused: int
    suppressed: int
    uncertain: int


# Which state is told under which name.
ENDS = {
    DeliveryState.SENT: "sent", DeliveryState.QUEUED: "waiting", DeliveryState.SENDING: "in_hand",
    DeliveryState.REFUSED: "refused", DeliveryState.SUPPRESSED: "suppressed",
    DeliveryState.UNCERTAIN: "uncertain",
}  # fmt: skip


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


def who_has(conn: Connection, item_id: str, state: DeliveryState | None, limit: int) -> list[ItemLetter]:
    """Who was, or is to be, mailed an item, in all states or in one, the newest letters first."""
    mine = delivery.c
    at = func.coalesce(mine.finished_at, mine.queued_at, type_=mine.queued_at.type)
    query = (
        select(
            mine.id.label("letter"), mine.subscriber_id.label("subscriber"), mine.address, mine.state,
            mine.reason, at.label("at"), mine.digest_id.label("digest"), digest_item.c.change,
        )
        .join(digest_item, digest_item.c.digest_id == mine.digest_id)
        .where(digest_item.c.item_id == item_id, *([] if state is None else [mine.state == state]))
        .order_by(mine.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [ItemLetter(**row._mapping) for row in conn.execute(query)]


def accounts(conn: Connection, limit: int, number: int | None = None) -> list[Account]:
    """The newest digests, or one, with what became of their members, by query (P5)."""
    columns = (digest.c.id, digest.c.composed_at, digest.c.period, digest.c.subject)
    chosen = select(*columns).order_by(digest.c.id.desc()).limit(limit)
    rows = conn.execute(chosen if number is None else chosen.where(digest.c.id == number)).all()
    counts: dict[int, dict[str, int]] = {row.id: dict.fromkeys(ENDS.values(), 0) for row in rows}
    by_state = select(delivery.c.digest_id, delivery.c.state, func.count()).group_by(
        delivery.c.digest_id, delivery.c.state
    )
    for some in chunks(list(counts)):
        for digest_id, state, letters in conn.execute(by_state.where(delivery.c.digest_id.in_(some))):
            counts[digest_id][ENDS[state]] = letters
    return [
        Account(
            digest=row.id, composed_at=row.composed_at, period=row.period, subject=row.subject,
            members=sum(counts[row.id].values()), **counts[row.id],
        )
        for row in rows
    ]  # fmt: skip
