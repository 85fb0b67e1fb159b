"""Alarms that were raised, so that each is told once, by one host, also over a restart (store)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from feeds.store import writing
from feeds.store.operating_tables import alarm
from feeds.store.writing import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRow:
    """An alarm that is up: since when, for the how many-eth time, since when it looks mended, its values."""

    key: str
    raised_at: datetime
    times: int
    well_at: datetime | None
    values: Mapping[str, str]


def lock(conn: Connection) -> None:
    """Nobody else raises or clears until the transaction ends."""
    writing.lock(conn, "alarms")


def up(conn: Connection) -> dict[str, AlarmRow]:
    """Those that are up, by key."""
    mine = alarm.c
    columns = (mine.key, mine.raised_at, mine.times, mine.well_at, mine.said)
    query = select(*columns).where(mine.cleared_at.is_(None)).order_by(mine.key)
    return {
        row.key: AlarmRow(
            key=row.key, raised_at=row.raised_at, times=row.times, well_at=row.well_at,
            values=dict(zip(row.said[::2], row.said[1::2], strict=True)),
        )
        for row in conn.execute(query)
    }  # fmt: skip


def put_up(conn: Connection, key: str, values: Mapping[str, str], since: datetime) -> int:
    """Raise one that is not up; for the how many-eth time that is."""
    said = tuple(word for pair in values.items() for word in pair)
    row = {"key": key, "raised_at": since, "times": 1, "well_at": None, "cleared_at": None, "said": said}
    statement = insert(conn, alarm).values(row)
    again: dict[str, Any] = {
        name: statement.excluded[name] for name in ("raised_at", "well_at", "cleared_at", "said")
    } | {"times": alarm.c.times + 1}
    counted = statement.on_conflict_do_update(index_elements=["key"], set_=again).returning(alarm.c.times)
    return int(conn.scalar(counted) or 1)


def looks_well(conn: Connection, key: str, since: datetime | None) -> None:
    """It looks mended since then; None: it does not, after all."""
    conn.execute(update(alarm).where(alarm.c.key == key).values(well_at=since))


def take_down(conn: Connection, key: str, at: datetime) -> None:
    """It is over."""
    conn.execute(update(alarm).where(alarm.c.key == key).values(cleared_at=at))
