"""What somebody has, as their pages show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from feeds import filters, schedule
from feeds.model import Cadence, Filter, Habits, LinkPurpose, SubscriberState
from feeds.store import Connection, secrets, subscribers, subscriptions
from feeds.store.subscribers import SubscriberRow, SubscriptionRow

_NONE: Mapping[int, subscriptions.SoFar] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One subscription: `sent` mails so far had a part of it; `next_at` is when the next one can come."""

    id: int
    filter: Filter
    name: str
    cadence: Cadence
    created_at: datetime
    paused_until: datetime | None
    catch_up: bool
    last_sent_at: datetime | None = None
    sent: int = 0
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Habits):
    """Somebody and all that they have; `feed_made_at` is when the address of their private feed was made."""

    id: int
    address: str
    state: SubscriberState
    created_at: datetime
    subscriptions: tuple[Held, ...]
    feed_made_at: datetime | None = None


def person(conn: Connection, subscriber_id: int, now: datetime) -> Person | None:
    """Somebody with all that they have now; None when there is no such subscriber (any more)."""
    row = subscribers.get(conn, subscriber_id)
    if row is None or row.state is SubscriberState.ERASED:
        return None
    rows = subscribers.subscriptions_of(conn, subscriber_id)
    feed = secrets.live_link(conn, subscriber_id, LinkPurpose.FEED, now)
    return Person(
        id=row.id, address=row.address, state=row.state, created_at=row.created_at, lang=row.lang,
        zone=row.zone, hour=row.hour, weekday=row.weekday, feed_made_at=feed.made_at if feed else None,
        subscriptions=held(rows, subscriptions.so_far(conn, row.id), row, now),
    )  # fmt: skip


def held(
    rows: Iterable[SubscriptionRow],
    so_far: Mapping[int, subscriptions.SoFar] = _NONE,
    owner: SubscriberRow | None = None,
    now: datetime | None = None,
) -> tuple[Held, ...]:
    """Active subscriptions as pages show them; with an owner and the time, when each comes next."""
    return tuple(_held(row, so_far.get(row.filter_id), owner, now) for row in rows)


def _held(
    row: SubscriptionRow,
    so_far: subscriptions.SoFar | None,
    owner: SubscriberRow | None,
    now: datetime | None,
) -> Held:
    return Held(
        id=row.id, filter=filters.parse(row.filter_text), name=row.name or "", cadence=row.cadence,
        created_at=row.created_at, paused_until=row.paused_until, catch_up=bool(row.catch_up),
        last_sent_at=so_far.last_at if so_far else None, sent=so_far.number if so_far else 0,
        next_at=next_at(row.cadence, owner, max(now, row.paused_until or now)) if owner and now else None,
    )  # fmt: skip


def next_at(cadence: Cadence, habits: Habits | SubscriberRow, now: datetime) -> datetime | None:
    """When the next mail of a cadence can come; None: as soon as something is published."""
    if cadence is Cadence.IMMEDIATE:
        return None
    return schedule.next_due(cadence, habits.zone, habits.hour, habits.weekday, now)
