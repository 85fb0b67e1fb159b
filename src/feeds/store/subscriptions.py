"""Single subscriptions: paused, renamed, ended and taken back, and what each has brought so far (store)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, text, update

from feeds.model import DeliveryState
from feeds.store import departures
from feeds.store.composing_tables import queueing
from feeds.store.schema import audience, audience_filter, delivery, membership, subscriber, subscription
from feeds.store.sharing import NOT_YET
from feeds.store.writing import chunks


@dataclass(frozen=True, slots=True)
class SoFar:
    """How many mails a subscription has had a part in, and when the last one was sent."""

    number: int
    last_at: datetime


def so_far(conn: Connection, subscriber_id: int) -> dict[int, SoFar]:
    """What was sent to a person, by filter id."""
    query = (
        select(audience_filter.c.filter_id, func.count(), func.max(delivery.c.finished_at))
        .join(audience_filter, audience_filter.c.audience_id == delivery.c.audience_id)
        .where(delivery.c.subscriber_id == subscriber_id, delivery.c.state == DeliveryState.SENT)
        .group_by(audience_filter.c.filter_id)
    )
    return {row[0]: SoFar(row[1], row[2]) for row in conn.execute(query)}


def pause(
    conn: Connection, owed_from: Mapping[int, datetime | None], until: datetime, *, catch_up: bool
) -> None:
    """Pause these subscriptions; `owed_from` says, for each, up to when it has brought what there was."""
    for subscription_id, at in owed_from.items():
        values = {"paused_until": until, "owed_from": at, "catch_up": catch_up}
        conn.execute(update(subscription).where(subscription.c.id == subscription_id).values(values))


def postpone(conn: Connection, ids: Sequence[int], until: datetime, *, catch_up: bool) -> None:
    """Another end for what is paused already."""
    values = {"paused_until": until, "catch_up": catch_up}
    conn.execute(update(subscription).where(subscription.c.id.in_(ids)).values(values))


def resume(conn: Connection, ids: Sequence[int]) -> None:
    """These bring mail again."""
    values = {"paused_until": None, "owed_from": None, "catch_up": None}
    conn.execute(update(subscription).where(subscription.c.id.in_(ids)).values(values))


def over(conn: Connection, now: datetime, limit: int) -> dict[int, list[int]]:
    """Subscriptions whose pause is over, by their subscriber."""
    past = (
        subscription.c.paused_until <= now, subscription.c.ended_at.is_(None),
        subscriber.c.ended_at.is_(None),
    )  # fmt: skip
    # Written out, or the partial index is not used.
    paused = text("paused_until IS NOT NULL")
    query = select(subscription.c.subscriber_id, subscription.c.id).join(subscriber).where(paused, *past)
    found: dict[int, list[int]] = defaultdict(list)
    for subscriber_id, subscription_id in conn.execute(query.order_by(subscription.c.id).limit(limit)):
        found[subscriber_id].append(subscription_id)
    return dict(found)


def rename(conn: Connection, subscriber_id: int, subscription_id: int, name: str) -> bool:
    """Give an active subscription another name, or none (""); False when they have no such one."""
    mine = (
        subscription.c.id == subscription_id, subscription.c.subscriber_id == subscriber_id,
        subscription.c.ended_at.is_(None),
    )  # fmt: skip
    return conn.execute(update(subscription).where(*mine).values(name=name or None)).rowcount == 1


def owe(conn: Connection, owed_from: Mapping[int, datetime]) -> None:
    """Note up to when subscriptions that end now have brought what there was, should they be taken back."""
    for subscription_id, at in owed_from.items():
        mine = (subscription.c.id == subscription_id, subscription.c.paused_until.is_(None))
        conn.execute(update(subscription).where(*mine).values(owed_from=at))


def take_back(conn: Connection, subscriber_id: int, ended_at: datetime, now: datetime) -> list[int]:
    """Make active again what ended at that instant, unless they have the same filter again; its ids."""
    mine = subscription.c.subscriber_id == subscriber_id
    again = select(subscription.c.filter_id).where(mine, subscription.c.ended_at.is_(None))
    ended = (mine, subscription.c.ended_at == ended_at, subscription.c.filter_id.not_in(again))
    rows = conn.execute(select(subscription.c.id, subscription.c.filter_id).where(*ended)).all()
    ids = [row.id for row in rows]
    back = update(subscription).where(subscription.c.id.in_(ids))
    conn.execute(back.values(ended_at=None, ended_reason=None))
    departures.left(conn, subscriber_id, [row.filter_id for row in rows], now, back=True)
    return ids


def names(conn: Connection, subscriber_ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """The names that people gave to their active subscriptions, by subscriber and filter."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for some in chunks(subscriber_ids):
        named = (subscription.c.ended_at.is_(None), subscription.c.name.is_not(None))
        query = select(subscription.c.subscriber_id, subscription.c.filter_id, subscription.c.name)
        for row in conn.execute(query.where(subscription.c.subscriber_id.in_(some), *named)):
            found[row.subscriber_id][row.filter_id] = row.name
    return dict(found)


def freeze(conn: Connection, subscriber_id: int, waiting_since: datetime | None) -> None:
    """Somebody's memberships stay where they are now, however far their audiences go on meanwhile."""
    mine = membership.c.subscriber_id == subscriber_id
    covered_at = func.coalesce(queueing.c.since_at, audience.c.covered_at).label("covered_at")
    query = select(audience.c.id, covered_at, membership.c.from_at)
    query = query.join(membership, membership.c.audience_id == audience.c.id)
    rows = conn.execute(query.join(queueing, NOT_YET, isouter=True).where(mine)).all()
    for row in rows:
        starts = [at for at in (row.covered_at, row.from_at, waiting_since) if at is not None]
        one = update(membership).where(mine, membership.c.audience_id == row.id)
        conn.execute(one.values(from_at=min(starts)))


def erase(conn: Connection, subscriber_id: int) -> None:
    """Erase all that a person ever wanted."""
    conn.execute(delete(membership).where(membership.c.subscriber_id == subscriber_id))
    conn.execute(delete(subscription).where(subscription.c.subscriber_id == subscriber_id))
