"""Subscribers and their subscriptions (store); the filters and audiences they share are in `sharing`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select, update

from feeds.model import Cadence, SubscriberState
from feeds.store import departures
from feeds.store.columns import findable
from feeds.store.schema import filter_, subscriber, subscription
from feeds.store.writing import chunks, insert

_ENDED = {
    SubscriberState.LEFT, SubscriberState.BOUNCED, SubscriberState.COMPLAINED, SubscriberState.BLOCKED,
    SubscriberState.ERASED,
}  # fmt: skip
# Why a subscription ended of which another one, of the same person, took the place.
CHANGED = "changed"
# The counter that each ending of what somebody wants moves (left, paused, bounced).
ENDINGS = "endings"
_GETS_MAIL = (subscription.c.ended_at.is_(None), subscriber.c.ended_at.is_(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubscriber:
    """Somebody who asked for mail. `address_key` is the form in which addresses are compared;
    `consent` says where and how they asked, `consent_at` when they confirmed (None: not yet)."""

    address: str
    address_key: str
    state: SubscriberState
    lang: str
    zone: str
    hour: int
    weekday: int
    consent: str
    consent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberRow(NewSubscriber):
    """A stored subscriber. `ended_at` is set while they are away for good (left, bounced)."""

    id: int
    created_at: datetime
    ended_at: datetime | None
    ended_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSubscriber(SubscriberRow):
    """A subscriber in a list, with the number of active subscriptions."""

    subscriptions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRow:
    """Subscriber x filter x cadence. `ended_at` is None while it is active.

    Until `paused_until` it brings nothing; then, with `catch_up`, what was announced since `owed_from`.
    """

    id: int
    subscriber_id: int
    filter_id: int
    filter_text: str
    cadence: Cadence
    created_at: datetime
    ended_at: datetime | None
    ended_reason: str | None
    name: str | None = None
    paused_until: datetime | None = None
    owed_from: datetime | None = None
    catch_up: bool | None = None


def add(conn: Connection, new: NewSubscriber, now: datetime) -> int | None:
    """Store a subscriber; the new id, or None when the address is there already."""
    values = {**asdict(new), "created_at": now}
    statement = insert(conn, subscriber).values(values).on_conflict_do_nothing(index_elements=["address_key"])
    added: int | None = conn.execute(statement.returning(subscriber.c.id)).scalar_one_or_none()
    return added


_Rows = Select[Any]


def _with_lock(query: _Rows) -> tuple[_Rows, _Rows]:
    # key_share: letters may be queued for them meanwhile. SQLite lets one writer in at a time anyway.
    return query, query.with_for_update(key_share=True)


# Made once: making a statement takes longer than carrying it out.
_BY_ID = _with_lock(select(subscriber).where(subscriber.c.id == bindparam("given")))
_BY_ADDRESS = _with_lock(select(subscriber).where(subscriber.c.address_key == bindparam("given")))
_EVER = (
    select(subscription, filter_.c.text.label("filter_text"))
    .join(filter_, filter_.c.id == subscription.c.filter_id)
    .where(subscription.c.subscriber_id == bindparam("given"))
    .order_by(subscription.c.id)
)
_HELD = _EVER.where(subscription.c.ended_at.is_(None))
_STATE = update(subscriber).where(
    subscriber.c.id == bindparam("who"),
    subscriber.c.state != bindparam("into", type_=subscriber.c.state.type),
)
_STATE = _STATE.values(state=bindparam("into"), ended_at=bindparam("at"), ended_reason=bindparam("why"))


def get(conn: Connection, subscriber_id: int, *, lock: bool = False) -> SubscriberRow | None:
    """The subscriber with this id; with `lock`, nobody else changes what they want until we are done."""
    return _first(conn, _BY_ID, subscriber_id, lock=lock)


def by_address(conn: Connection, address_key: str, *, lock: bool = False) -> SubscriberRow | None:
    """The subscriber whose address has this comparable form; `lock` as for `get`."""
    if not findable(address_key):
        return None
    return _first(conn, _BY_ADDRESS, address_key, lock=lock)


def listing(
    conn: Connection, *, state: SubscriberState | None = None, after_id: int = 0, limit: int = 100
) -> list[ListedSubscriber]:
    """A page of subscribers by id; the next page begins after the last id of this one. Erased ones are only
    listed by their state: there is nothing left of them."""
    active = (subscription.c.subscriber_id == subscriber.c.id, subscription.c.ended_at.is_(None))
    number = select(func.count()).select_from(subscription).where(*active).scalar_subquery()
    query = select(subscriber, number.label("subscriptions"))
    query = query.where(subscriber.c.id > after_id).order_by(subscriber.c.id).limit(limit)
    erased = subscriber.c.state == SubscriberState.ERASED
    rows = conn.execute(query.where(~erased if state is None else subscriber.c.state == state))
    return [ListedSubscriber(**row._mapping) for row in rows]


def count(conn: Connection) -> dict[SubscriberState, int]:
    """How many subscribers there are in each state that occurs."""
    rows = conn.execute(select(subscriber.c.state, func.count()).group_by(subscriber.c.state))
    return {row[0]: row[1] for row in rows}


def set_state(
    conn: Connection, subscriber_id: int, state: SubscriberState, now: datetime, reason: str = ""
) -> bool:
    """Change a state; False when it was that already. Left and bounced end with `reason`."""
    ended = state in _ENDED
    at, why = (now, reason) if ended else (None, None)
    return conn.execute(_STATE, {"who": subscriber_id, "into": state, "at": at, "why": why}).rowcount == 1


def amend(
    conn: Connection,
    subscriber_id: int,
    *,
    lang: str | None = None,
    zone: str | None = None,
    hour: int | None = None,
    weekday: int | None = None,
    consent: str | None = None,
    consent_at: datetime | None = None,
) -> None:
    """Change what is given of a subscriber; None leaves what is there."""
    given = {
        "lang": lang, "zone": zone, "hour": hour, "weekday": weekday,
        "consent": consent, "consent_at": consent_at,
    }  # fmt: skip
    values = {name: value for name, value in given.items() if value is not None}
    if values:
        conn.execute(update(subscriber).where(subscriber.c.id == subscriber_id).values(values))


def subscribe(
    conn: Connection,
    subscriber_id: int,
    filter_id: int,
    cadence: Cadence,
    now: datetime,
    *,
    name: str | None = None,
) -> int:
    """The id of the active subscription; one of another cadence to the same filter is ended by it.

    Its name and its pause live on in the new one, unless another `name` is given.
    """
    mine = (subscription.c.subscriber_id == subscriber_id, subscription.c.filter_id == filter_id)
    active = subscription.c.ended_at.is_(None)
    kept = {}
    if before := conn.execute(select(subscription).where(*mine, active)).first():
        kept = {key: before._mapping[key] for key in ("name", "paused_until", "owed_from", "catch_up")}
    other = update(subscription).where(*mine, active, subscription.c.cadence != cadence)
    conn.execute(other.values(ended_at=now, ended_reason=CHANGED))
    values = {
        "subscriber_id": subscriber_id, "filter_id": filter_id, "cadence": cadence, "created_at": now,
    } | kept  # fmt: skip
    if name is not None:
        values["name"] = name or None
        conn.execute(update(subscription).where(*mine, active).values(name=name or None))
    once = insert(conn, subscription).values(values)
    once = once.on_conflict_do_nothing(index_elements=["subscriber_id", "filter_id"], index_where=active)
    conn.execute(once)
    return int(conn.execute(select(subscription.c.id).where(*mine, active)).scalar_one())


def end_subscriptions(
    conn: Connection,
    subscriber_id: int,
    now: datetime,
    reason: str,
    *,
    ids: Sequence[int] | None = None,
) -> list[str]:
    """End somebody's active subscriptions, or those with these ids; the texts of those that ended."""
    where: list[ColumnElement[bool]] = [
        subscription.c.subscriber_id == subscriber_id,
        subscription.c.ended_at.is_(None),
    ]
    if ids is not None:
        where.append(subscription.c.id.in_(ids))
    statement = update(subscription).where(*where).values(ended_at=now, ended_reason=reason)
    ended = list(conn.scalars(statement.returning(subscription.c.filter_id)))
    if reason != CHANGED:
        departures.left(conn, subscriber_id, ended, now)
    texts = select(filter_.c.text).where(filter_.c.id.in_(ended)).order_by(filter_.c.text)
    return list(conn.scalars(texts)) if ended else []


def subscriptions_of(conn: Connection, subscriber_id: int, *, ended: bool = False) -> list[SubscriptionRow]:
    """A subscriber's active subscriptions, with `ended` the past ones too, oldest first."""
    rows = conn.execute(_EVER if ended else _HELD, {"given": subscriber_id})
    return [SubscriptionRow(**row._mapping) for row in rows]


def wishes(conn: Connection) -> dict[int, str]:
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


def _first(
    conn: Connection, queries: tuple[_Rows, _Rows], key: object, *, lock: bool
) -> SubscriberRow | None:
    row = conn.execute(queries[lock], {"given": key}).first()
    return None if row is None else SubscriberRow(**row._mapping)
