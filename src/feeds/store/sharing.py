"""The filters and audiences that people share, and who belongs to which (store).

Both are interned: the same wish is one row, whoever has it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, func, select, update

from feeds.model import Audience
from feeds.store import limits
from feeds.store.composing_tables import queueing
from feeds.store.items import announce_nothing_before
from feeds.store.keys import audience_key, filter_key
from feeds.store.schema import audience, audience_filter, filter_, membership
from feeds.store.writing import insert

# The counter that each new filter moves.
FILTERS = "filters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A membership: the audience, its filters, and the instant up to which it has brought this member."""

    audience_id: int
    until_at: datetime
    texts: frozenset[str]


# Whose audience is getting its digest part by part, and has not come to them, stands where it began.
NOT_YET = and_(
    queueing.c.audience_id == membership.c.audience_id,
    queueing.c.members_to < membership.c.subscriber_id,
    queueing.c.begun_at >= membership.c.since_at,
)
_STANDINGS = (
    select(
        membership.c.audience_id, membership.c.from_at,
        func.coalesce(queueing.c.since_at, audience.c.covered_at).label("covered_at"), filter_.c.text,
    )
    .join(audience, audience.c.id == membership.c.audience_id)
    .join(queueing, NOT_YET, isouter=True)
    .join(audience_filter, audience_filter.c.audience_id == audience.c.id)
    .join(filter_, filter_.c.id == audience_filter.c.filter_id)
    .where(membership.c.subscriber_id == bindparam("given"))
    .order_by(membership.c.audience_id)
)  # fmt: skip


def intern_filter(conn: Connection, text: str) -> int:
    """The id of the filter with this canonical text, stored now if it is new."""
    key = filter_key(text)
    found = select(filter_.c.id).where(filter_.c.key == key)
    known: int | None = conn.scalar(found)
    if known is None:
        # Moved first: who adds another one waits, so that ids are seen in their order.
        limits.move(conn, FILTERS)
        conn.execute(insert(conn, filter_).values(key=key, text=text).on_conflict_do_nothing())
        known = int(conn.execute(found).scalar_one())
    return known


def texts_of(conn: Connection, audience_id: int) -> set[str]:
    """The canonical texts of an audience's filters; none for one that there is not."""
    query = select(filter_.c.text).join(audience_filter, audience_filter.c.filter_id == filter_.c.id)
    return set(conn.scalars(query.where(audience_filter.c.audience_id == audience_id)))


def filter_texts(conn: Connection, ids: Sequence[int]) -> dict[int, str]:
    """The canonical texts of filters by their ids."""
    query = select(filter_.c.id, filter_.c.text).where(filter_.c.id.in_(ids))
    return {row.id: row.text for row in conn.execute(query)}


def filters_after(conn: Connection, filter_id: int) -> list[tuple[int, str]]:
    """Filters with higher ids, by id, with their texts. None of a lower id can come later."""
    query = select(filter_.c.id, filter_.c.text).where(filter_.c.id > filter_id).order_by(filter_.c.id)
    return [(row.id, row.text) for row in conn.execute(query)]


def intern_audience(
    conn: Connection, wanted: Audience, texts: Sequence[str], now: datetime, *, last_period: str | None = None
) -> int:
    """The id of the audience with these canonical filter texts, stored now if it is new.

    A new one, or one that everybody had left, begins after the last announcement, so it never gets
    old news, and after `last_period`, the period running now, so its digest is not made late. Who
    comes from another audience brings what was waiting there along, as `from_at` of the membership.
    """
    wishes = sorted(set(texts))
    key = audience_key(wanted, wishes)
    found = select(audience.c.id).where(audience.c.key == key)
    known: int | None = conn.scalar(found)
    if known is None:
        values = {
            "key": key, "cadence": wanted.cadence, "lang": wanted.lang, "zone": wanted.zone,
            "hour": wanted.hour, "weekday": wanted.weekday, "last_period": last_period, "created_at": now,
            "covered_at": announce_nothing_before(conn, now),
        }  # fmt: skip
        conn.execute(insert(conn, audience).values(values).on_conflict_do_nothing())
        known = int(conn.execute(found).scalar_one())
        _set_filters(conn, known, wishes)
    elif _deserted(conn, known):
        begin_anew(conn, known, last_period, now)
    return known


def _deserted(conn: Connection, audience_id: int) -> bool:
    member = select(membership.c.subscriber_id).where(membership.c.audience_id == audience_id).limit(1)
    return conn.execute(member).first() is None


def begin_anew(conn: Connection, audience_id: int, last_period: str | None, now: datetime) -> None:
    """A period that it had been given early stays given: who comes back may have had its digest."""
    start_at = announce_nothing_before(conn, now)
    if not _deserted(conn, audience_id):
        return  # somebody came in while we waited for the announcements, and may be owed what came since
    given = conn.scalar(select(audience.c.last_period).where(audience.c.id == audience_id))
    later = (audience.c.id == audience_id, audience.c.covered_at < start_at)
    values = {"covered_at": start_at, "last_period": max(given or "", last_period or "") or None}
    conn.execute(update(audience).where(*later).values(values))


def _set_filters(conn: Connection, audience_id: int, texts: Sequence[str]) -> None:
    rows = [
        {"audience_id": audience_id, "filter_id": intern_filter(conn, text), "position": position}
        for position, text in enumerate(texts)
    ]
    if rows:
        conn.execute(insert(conn, audience_filter).on_conflict_do_nothing(), rows)


def set_memberships(
    conn: Connection,
    subscriber_id: int,
    audience_ids: Iterable[int],
    now: datetime,
    from_at: Mapping[int, datetime] | None = None,
) -> None:
    """Make these the subscriber's audiences; those they are in already stay as they are.

    `from_at`: by audience, from which instant they are owed news that it may have covered before.
    """
    wanted = sorted(set(audience_ids))
    left = delete(membership).where(membership.c.subscriber_id == subscriber_id)
    conn.execute(left.where(membership.c.audience_id.not_in(wanted)) if wanted else left)
    rows = [
        {"subscriber_id": subscriber_id, "audience_id": each, "since_at": now, "from_at": owed_from}
        for each in wanted
        for owed_from in [(from_at or {}).get(each)]
    ]
    if rows:
        conn.execute(insert(conn, membership).on_conflict_do_nothing(), rows)


def standings(conn: Connection, subscriber_id: int) -> list[Standing]:
    """How far each of the subscriber's audiences has brought them, by audience."""
    covered: dict[int, datetime] = {}
    texts: dict[int, set[str]] = defaultdict(set)
    for audience_id, from_at, covered_at, text in conn.execute(_STANDINGS, {"given": subscriber_id}):
        covered[audience_id] = min(from_at or covered_at, covered_at)
        texts[audience_id].add(text)
    return [
        Standing(audience_id=each, until_at=until_at, texts=frozenset(texts[each]))
        for each, until_at in covered.items()
    ]
