"""Audiences as composing sees them, and the digests made for them (store).

Unique keys and a compare-and-set decide which process makes a digest (P8).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from feeds import filters
from feeds.model import Audience, Cadence, DeliveryState, Digest, Filter, RenderedDigest, SubscriberState
from feeds.store import writing
from feeds.store.schema import (
    audience,
    audience_filter,
    delivery,
    digest,
    digest_item,
    filter_,
    membership,
    subscriber,
)
from feeds.store.writing import chunks, insert


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceRow:
    """An audience with what it was last sent. `members` counts the active ones."""

    id: int
    audience: Audience
    covered_at: datetime
    last_period: str | None
    members: int


def audiences(
    conn: Connection, cadence: Cadence | None = None, *, ids: Sequence[int] | None = None
) -> list[AudienceRow]:
    """All audiences, those of one cadence, or those with these ids, by id; empty ones too.

    Empty ones want covering as well, or who comes back to one would get old news.
    """
    where: list[ColumnElement[bool]] = []
    if cadence is not None:
        where.append(audience.c.cadence == cadence)
    if ids is not None:
        where.append(audience.c.id.in_(ids))
    rows = conn.execute(select(audience).where(*where).order_by(audience.c.id)).all()
    wishes, members = _wishes(conn, where), _member_counts(conn, where)
    return [_audience(row, wishes.get(row.id, ()), members.get(row.id, 0)) for row in rows]


def _wishes(conn: Connection, where: Iterable[ColumnElement[bool]]) -> dict[int, tuple[Filter, ...]]:
    query = (
        select(audience_filter.c.audience_id, filter_.c.text)
        .join(filter_, filter_.c.id == audience_filter.c.filter_id)
        .join(audience, audience.c.id == audience_filter.c.audience_id)
        .where(*where)
        .order_by(audience_filter.c.audience_id, audience_filter.c.position)
    )
    found: dict[int, list[Filter]] = defaultdict(list)
    for audience_id, text in conn.execute(query):
        found[audience_id].append(_parsed(text))
    return {audience_id: tuple(parsed) for audience_id, parsed in found.items()}


@lru_cache(maxsize=10_000)
def _parsed(text: str) -> Filter:
    return filters.parse(text)


def _member_counts(conn: Connection, where: Iterable[ColumnElement[bool]]) -> dict[int, int]:
    query = (
        select(membership.c.audience_id, func.count())
        .join(subscriber, subscriber.c.id == membership.c.subscriber_id)
        .join(audience, audience.c.id == membership.c.audience_id)
        .where(subscriber.c.state == SubscriberState.ACTIVE, *where)
        .group_by(membership.c.audience_id)
    )
    return {row[0]: row[1] for row in conn.execute(query)}


def _audience(row: Row[Any], wishes: tuple[Filter, ...], members: int) -> AudienceRow:
    wanted = Audience(
        cadence=row.cadence, filters=wishes, lang=row.lang, zone=row.zone, hour=row.hour, weekday=row.weekday
    )
    return AudienceRow(
        id=row.id, audience=wanted, covered_at=row.covered_at, last_period=row.last_period, members=members
    )


def lock_compose(conn: Connection) -> None:
    """Hold composing until the transaction ends, so that two composers see each other's deliveries."""
    writing.lock(conn, "compose")


def members(conn: Connection, audience_id: int) -> list[tuple[int, str]]:
    """The active members of an audience: id and address, by id."""
    query = (
        select(subscriber.c.id, subscriber.c.address)
        .join(membership, membership.c.subscriber_id == subscriber.c.id)
        .where(membership.c.audience_id == audience_id, subscriber.c.state == SubscriberState.ACTIVE)
        .order_by(subscriber.c.id)
    )
    return [(row.id, row.address) for row in conn.execute(query)]


def already_mailed(conn: Connection, audience_id: int, item_ids: Iterable[str]) -> dict[int, set[str]]:
    """Which of these items each member was sent, or will be, in a digest of any audience (P4).

    Only suppressed deliveries do not count. Members without any are left out.
    """
    had: dict[int, set[str]] = defaultdict(set)
    for some in chunks(sorted(set(item_ids))):
        query = (
            select(delivery.c.subscriber_id, digest_item.c.item_id)
            .join(digest_item, digest_item.c.digest_id == delivery.c.digest_id)
            .join(membership, membership.c.subscriber_id == delivery.c.subscriber_id)
            .where(
                membership.c.audience_id == audience_id,
                digest_item.c.item_id.in_(some),
                delivery.c.state != DeliveryState.SUPPRESSED,
            )
        )
        for subscriber_id, item_id in conn.execute(query):
            had[subscriber_id].add(item_id)
    return dict(had)


def insert_digest(
    conn: Connection,
    audience_id: int,
    made: Digest,
    *,
    variant: str,
    rendered: RenderedDigest,
    composed_at: datetime,
) -> int | None:
    """Store a digest with its items; its id, or None when this audience, period and variant has one."""
    entries = made.entries()
    values = {
        "audience_id": audience_id, "period": made.period.key, "variant": variant,
        "since_at": made.since_at, "until_at": made.until_at, "items": len(entries),
        "lang": made.audience.lang, "subject": rendered.subject, "text": rendered.text,
        "html": rendered.html, "composed_at": composed_at,
    }  # fmt: skip
    statement = insert(conn, digest).values(values)
    once = statement.on_conflict_do_nothing(index_elements=["audience_id", "period", "variant"])
    digest_id: int | None = conn.execute(once.returning(digest.c.id)).scalar_one_or_none()
    if digest_id is None:
        return None
    rows = [
        {"digest_id": digest_id, "item_id": entry.item.id, "position": position, "reason": entry.reason}
        for position, entry in enumerate(entries)
    ]
    if rows:
        conn.execute(digest_item.insert(), rows)
    return digest_id


def cover(
    conn: Connection,
    audience_id: int,
    expected_covered_at: datetime,
    covered_at: datetime,
    period: str | None,
) -> bool:
    """Move an audience on to `covered_at` and `period` (None keeps the last); False when another did."""
    still = (audience.c.id == audience_id, audience.c.covered_at == expected_covered_at)
    values: dict[str, Any] = {"covered_at": covered_at}
    if period is not None:
        values["last_period"] = period
    return conn.execute(update(audience).where(*still).values(values)).rowcount == 1
