"""Who left, was erased or gets no mail any more, in the order it happened (store).

These rows are what a journal outside the database copies, so that a backup which does not know of a
leaving cannot take it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from feeds.model import SubscriberState, Suppression
from feeds.store.running_tables import departure
from feeds.store.schema import filter_, subscriber

LEFT = "left"
TAKEN_BACK = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureRow:
    """One departure. `what`: ``left`` or a suppression's reason, after a minus if it was taken back.

    The address is there as its key, or only as `hash`; `filter_key` names the filter that was left.
    """

    id: int
    at: datetime
    what: str
    hash: str | None
    address_key: str | None
    filter_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """Somebody who may have departed since."""

    id: int
    address_key: str
    created_at: datetime


def left(
    conn: Connection, subscriber_id: int, filter_ids: Sequence[int], at: datetime, *, back: bool = False
) -> None:
    """Somebody's subscriptions to these filters ended at this instant, or (`back`) that was taken back."""
    what = (TAKEN_BACK if back else "") + LEFT
    rows = [{"at": at, "what": what, "subscriber_id": subscriber_id, "filter_id": id_} for id_ in filter_ids]
    if rows:
        conn.execute(departure.insert(), rows)


def suppressed(conn: Connection, address_hash: str, reason: Suppression, at: datetime) -> None:
    """The address with this hash gets no mail from now on."""
    conn.execute(departure.insert(), {"at": at, "what": reason.value, "hash": address_hash})


def lifted(conn: Connection, address_hash: str, reason: Suppression, at: datetime) -> None:
    """The address with this hash is not suppressed any more for this reason."""
    conn.execute(departure.insert(), {"at": at, "what": TAKEN_BACK + reason.value, "hash": address_hash})


def after(conn: Connection, number: int, limit: int) -> list[DepartureRow]:
    """Departures with higher numbers, the lowest first; of who was erased since only that."""
    query = (
        select(
            departure.c.id, departure.c.at, departure.c.what, departure.c.hash, subscriber.c.address_key,
            filter_.c.key.label("filter_key"),
        )
        .join(subscriber, subscriber.c.id == departure.c.subscriber_id, isouter=True)
        .join(filter_, filter_.c.id == departure.c.filter_id, isouter=True)
        .where(departure.c.id > number)
        .where(departure.c.hash.is_not(None) | (subscriber.c.state != SubscriberState.ERASED))
    )  # fmt: skip
    rows = conn.execute(query.order_by(departure.c.id).limit(limit))
    return [DepartureRow(**row._mapping) for row in rows]


def erase_before(conn: Connection, at: datetime, limit: int) -> None:
    """Erase what the journals have had long enough to copy."""
    old = select(departure.c.id).where(departure.c.at < at).limit(limit)
    conn.execute(delete(departure).where(departure.c.id.in_(old)))


def people(conn: Connection, after_id: int, limit: int) -> list[PersonRow]:
    """Everybody with an address, by number."""
    query = select(subscriber.c.id, subscriber.c.address_key, subscriber.c.created_at)
    query = query.where(subscriber.c.id > after_id, subscriber.c.state != SubscriberState.ERASED)
    return [PersonRow(**row._mapping) for row in conn.execute(query.order_by(subscriber.c.id).limit(limit))]
