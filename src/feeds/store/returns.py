"""What came back: mails that were dealt with, and the letters that bounced (store).

No words of a mail and no address are kept: the key of each mail that had an effect, and one row for each
letter with what its report said. `erase_before` ends both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, exists, func, literal, select, update

from feeds.model import DeliveryState
from feeds.store.schema import bounce, delivery, notice, returned, subscriber
from feeds.store.writing import insert

# Before the Message-ID of a letter that was seen to arrive.
ARRIVED = "arrived/"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLetter:
    """A letter as far as a report about it goes. `subscriber_id` None: it was to nobody who subscribed."""

    number: str
    address: str
    at: datetime
    subscriber_id: int | None
    audience_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceRow:
    """What was reported of a letter, by its number."""

    letter: str
    kind: str
    status: str
    at: datetime


def add(conn: Connection, key: str, now: datetime) -> bool:
    """Note that a mail is dealt with; False when it was before."""
    once = insert(conn, returned).on_conflict_do_nothing(index_elements=["key"])
    return conn.execute(once.returning(returned.c.key), {"key": key, "at": now}).first() is not None


def letter(conn: Connection, number: str, mark: str) -> SentLetter | None:
    """The letter of this number, `mark` being that of notices; None when it is gone or never went out."""
    table = notice if number.startswith(mark) else delivery
    mine = table.c
    at = func.coalesce(mine.finished_at, mine.queued_at, type_=mine.queued_at.type)
    query = select(mine.address, at.label("at"), mine.subscriber_id, mine.audience_id)
    went = mine.state.not_in([DeliveryState.SUPPRESSED])
    row = conn.execute(query.where(mine.id == int(number.removeprefix(mark)), went)).first()
    return None if row is None else SentLetter(number=number, **row._mapping)


def note(
    conn: Connection, number: str, subscriber_id: int, kind: str, status: str, now: datetime, *, worse: str
) -> bool:
    """Note what became of a letter; False when as much was known; the kind `worse` is more than any other."""
    values = {"letter": number, "subscriber_id": subscriber_id, "kind": kind, "status": status, "at": now}
    once = insert(conn, bounce).on_conflict_do_nothing(index_elements=["letter"])
    if conn.execute(once.returning(bounce.c.letter), values).first() is not None:
        return True
    if kind != worse:
        return False
    before = update(bounce).where(bounce.c.letter == number, bounce.c.kind != worse)
    return conn.execute(before.values(kind=kind, status=status, at=now)).rowcount == 1


def instants(conn: Connection, subscriber_id: int, kind: str, since: datetime) -> list[datetime]:
    """When letters to this person bounced so, since then; the oldest first."""
    mine = bounce.c
    query = select(mine.at).where(mine.subscriber_id == subscriber_id, mine.kind == kind, mine.at > since)
    return list(conn.scalars(query.order_by(mine.at)))


def people_at(conn: Connection, host: str, kind: str, since: datetime) -> list[int]:
    """Whose letters to this host bounced so, since then."""
    query = (
        select(bounce.c.subscriber_id)
        .join(subscriber, subscriber.c.id == bounce.c.subscriber_id)
        .where(bounce.c.at > since, bounce.c.kind == kind, _is_at(subscriber.c.address_key, host))
        .distinct()
        .order_by(bounce.c.subscriber_id)
    )
    return list(conn.scalars(query))


def sent_to(conn: Connection, host: str, since: datetime) -> int:
    """How many people were sent a digest at this host since then. Walks the deliveries: ask seldom."""
    mine = delivery.c
    query = select(func.count(func.distinct(mine.subscriber_id))).where(
        mine.state == DeliveryState.SENT, mine.finished_at > since, _is_at(func.lower(mine.address), host)
    )
    return conn.scalar(query) or 0


def arrived(conn: Connection, message_id: str, address_key: str, now: datetime) -> bool:
    """Note that a digest to this address lies in a box that we read; False when it is none of those."""
    theirs = select(delivery.c.id).join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
    mine = theirs.where(delivery.c.message_id == message_id, subscriber.c.address_key == address_key)
    if conn.scalar(mine) is None:
        return False
    add(conn, f"{ARRIVED}{message_id}", now)
    return True


def unseen(conn: Connection, address_key: str, since: datetime) -> list[datetime]:
    """When digests to this address were sent, since then, that have not arrived in a box that we read."""
    mine = delivery.c
    seen = exists().where(returned.c.key == literal(ARRIVED) + mine.message_id)
    query = (
        select(mine.finished_at)
        .join(subscriber, subscriber.c.id == mine.subscriber_id)
        .where(
            subscriber.c.address_key == address_key, mine.state == DeliveryState.SENT,
            mine.finished_at >= since, ~seen,
        )
        .order_by(mine.finished_at)
    )  # fmt: skip
    return list(conn.scalars(query))


def of_subscriber(conn: Connection, subscriber_id: int) -> list[BounceRow]:
    """What came back of somebody's letters, oldest first."""
    mine = bounce.c
    query = select(mine.letter, mine.kind, mine.status, mine.at).where(mine.subscriber_id == subscriber_id)
    return [BounceRow(**row._mapping) for row in conn.execute(query.order_by(mine.at, mine.letter))]


def forget(conn: Connection, subscriber_ids: Sequence[int]) -> None:
    """Forget what bounced of these people."""
    conn.execute(delete(bounce).where(bounce.c.subscriber_id.in_(subscriber_ids)))


def counts(conn: Connection, since: datetime) -> dict[str, int]:
    """How many letters bounced in which way since then."""
    query = select(bounce.c.kind, func.count()).where(bounce.c.at > since).group_by(bounce.c.kind)
    return {str(kind): n for kind, n in conn.execute(query.order_by(bounce.c.kind))}


def erase_before(conn: Connection, before: datetime, limit: int) -> None:
    """Erase what came back before then, `limit` rows of each at most."""
    for table, key in ((returned, returned.c.key), (bounce, bounce.c.letter)):
        old = list(conn.scalars(select(key).where(table.c.at < before).limit(limit)))
        if old:
            conn.execute(delete(table).where(key.in_(old)))


def _is_at(address: ColumnElement[str], host: str) -> ColumnElement[bool]:
    return address.endswith(f"@{host}", autoescape=True)
