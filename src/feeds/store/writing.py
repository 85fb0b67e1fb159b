"""The few statements that SQLAlchemy spells by dialect, and row locks on named work (store)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from feeds.store.schema import clock

T = TypeVar("T")

# Below the number of parameters that either database takes in one statement.
CHUNK = 1000


def insert(conn: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT; both dialects give the same SQL."""
    if conn.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Slices that fit into one IN list."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def lock(conn: Connection, name: str) -> datetime | None:
    """Hold the named work until the transaction ends; its remembered instant, None at first.

    On PostgreSQL a row lock; on SQLite the write transaction itself excludes all others.
    """
    found = select(clock.c.at).where(clock.c.name == name).with_for_update()
    row = conn.execute(found).first()
    if row is None:
        conn.execute(insert(conn, clock).values(name=name, at=None).on_conflict_do_nothing())
        row = conn.execute(found).one()
    at: datetime | None = row.at
    return at
