"""Which audiences are due, and how far they have come (store): each statement for a whole batch of them."""

# ruff: noqa: S608 (the words of these statements are our own; what comes from outside is bound)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, text, update

from feeds.model import Cadence
from feeds.store.composing_tables import milestone
from feeds.store.schema import audience, delivery, filter_, membership, meta, revision
from feeds.store.writing import Instants, among, insert, listed, stored, table_of

# How far milestones lie apart; between two of them it is asked for a little more than needed.
MILESTONE_EVERY_S = 600
_ACTIVE = "'active'"
_NO_TIME = timedelta()


@dataclass(frozen=True, slots=True)
class DueRow:
    """An audience to be looked at. `members` counts the active ones; `filters` are ids in their order."""

    id: int
    cadence: Cadence
    lang: str
    zone: str
    hour: int
    weekday: int
    covered_at: datetime
    last_period: str | None
    members: int
    filters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """How far an audience has come, and when it is looked at next; `before` is where it stood."""

    audience_id: int
    before: datetime
    covered_at: datetime
    last_period: str | None
    next_at: datetime | None


def state(conn: Connection) -> datetime | None:
    """When an item was last changed: while it is the same, what was read of items is as it was."""
    at: datetime | None = conn.scalar(select(func.max(revision.c.at)))
    return at


def due(
    conn: Connection, now: datetime, latest: datetime | None, gap: timedelta = _NO_TIME, *, early: bool
) -> list[int]:
    """The audiences to be looked at, by id: those whose instant has come (with `early` all that have one),
    and immediate ones behind the last announcement or with somebody who is owed more, whose last digest was
    made `gap` ago."""
    come = "" if early else " AND (next_at IS NULL OR next_at <= :now)"
    values = {"now": stored(now), "latest": stored(latest) if latest else ""}
    # An instant further ahead was reckoned by another gap, or by a clock that was wrong.
    values["ahead"] = stored(now + gap)
    found = set(conn.scalars(text(f"SELECT id FROM audience WHERE cadence <> 'immediate'{come}"), values))
    for query in (_BEHIND, _OWING):
        found.update(conn.scalars(text(query), values))
    return sorted(found)


_BEHIND = """
    SELECT id FROM audience WHERE cadence = 'immediate' AND covered_at < :latest
    AND (next_at IS NULL OR next_at <= :now OR next_at > :ahead)
"""
_OWING = f"""
    SELECT DISTINCT m.audience_id FROM membership m JOIN audience a ON a.id = m.audience_id
    JOIN subscriber s ON s.id = m.subscriber_id
    WHERE m.from_at IS NOT NULL AND a.cadence = 'immediate' AND m.from_at < a.covered_at
    AND s.state = {_ACTIVE} AND (a.next_at IS NULL OR a.next_at <= :now OR a.next_at > :ahead)
"""


def rows(conn: Connection, ids: Sequence[int]) -> list[DueRow]:
    """These audiences, by id."""
    filters: dict[int, list[int]] = defaultdict(list)
    sql, values = listed(conn, ids)
    for audience_id, filter_id in conn.execute(text(_FILTERS.format(ids=sql)), values):
        filters[audience_id].append(filter_id)
    read = Instants()
    return [
        DueRow(
            row[0], Cadence(row[1]), row[2], row[3], row[4], row[5], read[row[6]], row[7], row[8],
            tuple(filters.get(row[0], ())),
        )
        for row in conn.execute(text(_ROWS.format(ids=sql)), values)
    ]  # fmt: skip


_FILTERS = """
    SELECT audience_id, filter_id FROM audience_filter WHERE audience_id IN ({ids})
    ORDER BY audience_id, position
"""
_ROWS = f"""
    SELECT a.id, a.cadence, a.lang, a.zone, a.hour, a.weekday, a.covered_at, a.last_period,
    (SELECT count(*) FROM membership m JOIN subscriber s ON s.id = m.subscriber_id
     WHERE m.audience_id = a.id AND s.state = {_ACTIVE})
    FROM audience a WHERE a.id IN ({{ids}}) ORDER BY a.id
"""


def order(conn: Connection, ids: Sequence[int]) -> list[int]:
    """The same ids, those next to each other that have the same filters and language."""
    sql, values = listed(conn, ids)
    found = conn.execute(text(_ORDER.format(ids=sql)), values)
    keys: dict[int, list[int]] = defaultdict(list)
    langs: dict[int, str] = {}
    for audience_id, filter_id, lang in found:
        keys[audience_id].append(filter_id)
        langs[audience_id] = lang
    return sorted(ids, key=lambda each: (keys.get(each, []), langs.get(each, ""), each))


_ORDER = """
    SELECT f.audience_id, f.filter_id, a.lang FROM audience_filter f JOIN audience a ON a.id = f.audience_id
    WHERE f.audience_id IN ({ids}) ORDER BY f.audience_id, f.position
"""


def texts(conn: Connection, filter_ids: Sequence[int]) -> dict[int, str]:
    """The canonical texts of these filters."""
    found = conn.execute(select(filter_.c.id, filter_.c.text).where(among(conn, filter_.c.id, filter_ids)))
    return {row.id: row.text for row in found}


def owed_since(conn: Connection) -> datetime | None:
    """The earliest instant from which anybody is owed more than their audience."""
    at: datetime | None = conn.scalar(
        select(func.min(membership.c.from_at)).where(text("from_at IS NOT NULL"))
    )
    return at


def covered_since(conn: Connection, ids: Sequence[int]) -> datetime | None:
    """Where the last of these audiences stands."""
    sql, values = listed(conn, ids)
    query = f"SELECT min(covered_at) FROM audience WHERE id IN ({sql})"
    at: str | None = conn.scalar(text(query), values)
    return datetime.fromisoformat(at) if at else None


def unchanged(conn: Connection, expected: Mapping[int, tuple[datetime, str | None]]) -> set[int]:
    """Which of these audiences stand where they are expected to, by covered_at and last period.

    On PostgreSQL they are locked until the transaction ends.
    """
    sql, values = listed(conn, list(expected))
    lock = " FOR UPDATE" if conn.dialect.name == "postgresql" else ""
    query = f"SELECT id, covered_at, last_period FROM audience WHERE id IN ({sql}){lock}"
    read = Instants()
    return {row[0] for row in conn.execute(text(query), values) if expected[row[0]] == (read[row[1]], row[2])}


def mark(conn: Connection, marks: Sequence[Mark]) -> int:
    """Move audiences on, each from where it stood (compare-and-set); how many were moved."""
    if not marks:
        return 0
    columns: dict[str, list[Any]] = {
        "id": [each.audience_id for each in marks],
        "expected": [stored(each.before) for each in marks],
        "covered_at": [stored(each.covered_at) for each in marks],
        "last_period": [each.last_period for each in marks],
        "next_at": [stored(each.next_at) if each.next_at else None for each in marks],
    }
    sql, values = table_of(conn, columns)
    statement = (
        "UPDATE audience SET covered_at = v.covered_at, last_period = v.last_period, next_at = v.next_at"
        f" FROM {sql} WHERE audience.id = v.id AND audience.covered_at = v.expected"
    )
    moved: int = conn.execute(text(statement), values).rowcount
    return moved


def look_again(conn: Connection, limit: int, after: int) -> int:
    """Let the next audiences, by id, be looked at anew: zone data has changed. The last one's id, 0 at the
    end."""
    query = select(audience.c.id).where(audience.c.id > after).order_by(audience.c.id)
    some: list[int] = list(conn.scalars(query.limit(limit)))
    if not some:
        return 0
    mine = (audience.c.id.between(some[0], some[-1]), audience.c.cadence != Cadence.IMMEDIATE)
    conn.execute(update(audience).where(*mine).values(next_at=None))
    return some[-1]


def zones(conn: Connection) -> list[str]:
    """The time zones of all audiences, in order."""
    return list(conn.scalars(select(audience.c.zone).distinct().order_by(audience.c.zone)))


def floor(conn: Connection, at: datetime) -> int:
    """A number up to which no delivery holds an item that was announced after `at`."""
    before = select(milestone.c.delivery_id).where(milestone.c.at <= at).order_by(milestone.c.at.desc())
    return conn.scalar(before.limit(1)) or 0


def set_milestone(conn: Connection, at: datetime) -> None:
    """All deliveries so far were queued when `at` was the last announcement, or before."""
    last: datetime | None = conn.scalar(select(func.max(milestone.c.at)))
    if last is not None and (at - last).total_seconds() < MILESTONE_EVERY_S:
        return
    top = conn.scalar(select(func.max(delivery.c.id))) or 0
    conn.execute(insert(conn, milestone).values(at=at, delivery_id=top).on_conflict_do_nothing())


def get_zone_data(conn: Connection) -> str | None:
    """By which zone data the instants of audiences were reckoned."""
    found: str | None = conn.scalar(select(meta.c.value).where(meta.c.key == _ZONES))
    return found


def set_zone_data(conn: Connection, what: str) -> None:
    """From now on they are reckoned by this."""
    statement = insert(conn, meta).values(key=_ZONES, value=what)
    conn.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": what}))


_ZONES = "zones"
