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
from feeds.model import (
    Audience,
    Cadence,
    DeliveryState,
    Digest,
    Filter,
    Reason,
    RenderedDigest,
    SubscriberState,
)
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
    """An audience with what it was last sent. `members` counts the active ones.

    `owed_from` is the earliest instant from which one of them is owed more than the audience, or None.
    """

    id: int
    audience: Audience
    covered_at: datetime
    last_period: str | None
    members: int
    owed_from: datetime | None = None

    @property
    def owes(self) -> bool:
        """Whether a member came here with news waiting that the audience has covered before."""
        return self.owed_from is not None and self.owed_from < self.covered_at


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """An active member. `from_at`: what was announced after it is theirs; None: as the audience."""

    id: int
    address: str
    from_at: datetime | None


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
    wishes, members = _wishes(conn, where), _members(conn, where)
    return [_audience(row, wishes.get(row.id, ()), *members.get(row.id, (0, None))) for row in rows]


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


def _members(
    conn: Connection, where: Iterable[ColumnElement[bool]]
) -> dict[int, tuple[int, datetime | None]]:
    """By audience how many active members there are, and the earliest instant one of them is owed from."""
    query = (
        select(membership.c.audience_id, func.count(), func.min(membership.c.from_at))
        .join(subscriber, subscriber.c.id == membership.c.subscriber_id)
        .join(audience, audience.c.id == membership.c.audience_id)
        .where(subscriber.c.state == SubscriberState.ACTIVE, *where)
        .group_by(membership.c.audience_id)
    )
    return {row[0]: (row[1], row[2]) for row in conn.execute(query)}


def _audience(
    row: Row[Any], wishes: tuple[Filter, ...], members: int, owed_from: datetime | None
) -> AudienceRow:
    wanted = Audience(
        cadence=row.cadence, filters=wishes, lang=row.lang, zone=row.zone, hour=row.hour, weekday=row.weekday
    )
    return AudienceRow(
        id=row.id, audience=wanted, covered_at=row.covered_at, last_period=row.last_period,
        members=members, owed_from=owed_from,
    )  # fmt: skip


def lock_compose(conn: Connection) -> None:
    """Hold composing until the transaction ends, so that two composers see each other's deliveries."""
    writing.lock(conn, "compose")


def members(conn: Connection, audience_id: int) -> list[MemberRow]:
    """The active members of an audience, by id."""
    query = (
        select(subscriber.c.id, subscriber.c.address, membership.c.from_at)
        .join(membership, membership.c.subscriber_id == subscriber.c.id)
        .where(membership.c.audience_id == audience_id, subscriber.c.state == SubscriberState.ACTIVE)
        .order_by(subscriber.c.id)
    )
    return [MemberRow(**row._mapping) for row in conn.execute(query)]


def caught_up(conn: Connection, audience_id: int, subscriber_ids: Sequence[int]) -> None:
    """From now on these members stand where the audience stands.

    Name those that `members` gave, no others: somebody who came in between is still owed.
    """
    for some in chunks(subscriber_ids):
        theirs = (membership.c.audience_id == audience_id, membership.c.subscriber_id.in_(some))
        conn.execute(update(membership).where(*theirs).values(from_at=None))


def already_mailed(
    conn: Connection, audience_id: int, item_ids: Iterable[str]
) -> dict[int, dict[str, datetime]]:
    """Which of these items each member was sent, or will be, in a digest of any audience (P4).

    With each the instant up to which that digest knew of changes. Only
    suppressed deliveries do not count. Members without any are left out.
    """
    had: dict[int, dict[str, datetime]] = defaultdict(dict)
    for some in chunks(sorted(set(item_ids))):
        query = (
            select(delivery.c.subscriber_id, digest_item.c.item_id, digest.c.until_at)
            .join(digest_item, digest_item.c.digest_id == delivery.c.digest_id)
            .join(digest, digest.c.id == delivery.c.digest_id)
            .join(membership, membership.c.subscriber_id == delivery.c.subscriber_id)
            .where(
                membership.c.audience_id == audience_id,
                digest_item.c.item_id.in_(some),
                delivery.c.state != DeliveryState.SUPPRESSED,
                digest_item.c.change == 0,
            )
            .order_by(digest.c.until_at)
        )
        for subscriber_id, item_id, until_at in conn.execute(query):
            had[subscriber_id][item_id] = until_at
    return dict(had)


def insert_digest(
    conn: Connection,
    audience_id: int,
    made: Digest,
    *,
    variant: str,
    rendered: RenderedDigest,
    page: str,
    composed_at: datetime,
) -> int | None:
    """Store a digest with its items; its id, or None when this audience, period and variant has one.

    `page` is the key of its page on the web: nobody can guess it.
    """
    entries = made.entries()
    values = {
        "audience_id": audience_id, "period": made.period.key, "variant": variant,
        "since_at": made.since_at, "until_at": made.until_at, "items": len(entries),
        "lang": made.audience.lang, "subject": rendered.subject, "text": rendered.text,
        "html": rendered.html, "composed_at": composed_at,
        "page": page, "heading": rendered.heading,
    }  # fmt: skip
    statement = insert(conn, digest).values(values)
    once = statement.on_conflict_do_nothing(index_elements=["audience_id", "period", "variant"])
    digest_id: int | None = conn.execute(once.returning(digest.c.id)).scalar_one_or_none()
    if digest_id is None:
        return None
    told = [(entry.item.id, entry.reason, 0) for entry in entries]
    told += [(each.item.id, Reason(), each.n) for each in made.corrections]
    rows = [
        {"digest_id": digest_id, "item_id": item_id, "position": position, "reason": reason, "change": change}
        for position, (item_id, reason, change) in enumerate(told)
    ]
    if rows:
        conn.execute(digest_item.insert(), rows)
    return digest_id


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDigest:
    """A digest as it was composed. `told` are the items of which it tells a change."""

    id: int
    audience_id: int
    period: str
    variant: str
    since_at: datetime
    until_at: datetime
    composed_at: datetime
    item_ids: tuple[str, ...]
    told: tuple[str, ...]


def stored(conn: Connection, digest_id: int) -> StoredDigest:
    """A digest with its items in their order."""
    names = ("id", "audience_id", "period", "variant", "since_at", "until_at", "composed_at")
    row = conn.execute(select(*(digest.c[name] for name in names)).where(digest.c.id == digest_id)).one()
    query = select(digest_item.c.item_id, digest_item.c.change).where(digest_item.c.digest_id == digest_id)
    held = conn.execute(query.order_by(digest_item.c.position)).all()
    return StoredDigest(
        **row._mapping,
        item_ids=tuple(each.item_id for each in held if not each.change),
        told=tuple(each.item_id for each in held if each.change),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPage:
    """A digest as its page shows it: its new items in their order."""

    lang: str
    composed_at: datetime
    item_ids: tuple[str, ...]


def page(conn: Connection, key: str) -> DigestPage | None:
    """The digest whose page has this key."""
    row = conn.execute(
        select(digest.c.id, digest.c.lang, digest.c.composed_at).where(digest.c.page == key)
    ).first()
    if row is None:
        return None
    news = (digest_item.c.digest_id == row.id, digest_item.c.change == 0)
    ids = conn.scalars(select(digest_item.c.item_id).where(*news).order_by(digest_item.c.position))
    return DigestPage(lang=row.lang, composed_at=row.composed_at, item_ids=tuple(ids))


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
