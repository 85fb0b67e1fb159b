"""What is limited, by sliding window, and counters that tell memories apart from what is stored (store).

Kept in the database, so that several web processes share one limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Integer, bindparam, delete, select, update

from feeds.store import writing
from feeds.store.schema import attempt, counter
from feeds.store.writing import insert

# Made once: making a statement takes longer than carrying it out.
_LETS = (
    select(attempt.c.at)
    .where(
        attempt.c.kind == bindparam("kind"), attempt.c.key.in_(bindparam("keys", expanding=True)),
        attempt.c.at > bindparam("start_at"),
    )
    .order_by(attempt.c.at.desc())
)  # fmt: skip
_SINCE = _LETS.limit(bindparam("most", type_=Integer))
_NTH = _LETS.limit(1).offset(bindparam("skipped", type_=Integer))
_NOTE = attempt.insert()


def lock(conn: Connection) -> None:
    """Nobody else counts until the transaction ends, so that two at once don't both get the last place."""
    writing.lock(conn, "limits")


def since(conn: Connection, kind: str, keys: Sequence[str], start_at: datetime, limit: int) -> list[datetime]:
    """When the newest were let through after `start_at`, newest first, at most `limit` of them."""
    values = {"kind": kind, "keys": list(keys), "start_at": start_at, "most": limit}
    return list(conn.scalars(_SINCE, values))


def nth(conn: Connection, kind: str, keys: Sequence[str], start_at: datetime, n: int) -> datetime | None:
    """When the `n`-th newest was let through, from 1; None when there were fewer since `start_at`."""
    values = {"kind": kind, "keys": list(keys), "start_at": start_at, "skipped": n - 1}
    return conn.scalar(_NTH, values)


def note(conn: Connection, kind: str, key: str, now: datetime) -> None:
    """One more was let through."""
    conn.execute(_NOTE, {"kind": kind, "key": key, "at": now})


def forget(conn: Connection, kind: str, keys: Sequence[str]) -> None:
    """Begin anew for these keys."""
    conn.execute(delete(attempt).where(attempt.c.kind == kind, attempt.c.key.in_(keys)))


def erase_before(conn: Connection, at: datetime, limit: int) -> int:
    """Erase what no window reaches any more; how many rows that were."""
    old = list(conn.scalars(select(attempt.c.id).where(attempt.c.at <= at).limit(limit)))
    if old:
        conn.execute(delete(attempt).where(attempt.c.id.in_(old)))
    return len(old)


def value(conn: Connection, name: str) -> int:
    """The counter's value; 0 if it was never moved."""
    return conn.scalar(select(counter.c.value).where(counter.c.name == name)) or 0


def move(conn: Connection, name: str, by: int = 1) -> None:
    """Move the counter on. Others who move it wait until the transaction ends."""
    on = update(counter).where(counter.c.name == name).values(value=counter.c.value + by)
    if not conn.execute(on).rowcount:
        conn.execute(insert(conn, counter).values(name=name, value=0).on_conflict_do_nothing())
        conn.execute(on)
