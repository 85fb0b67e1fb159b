"""Counts of each hour: what takes a walk through all rows, asked once and kept (store)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from feeds.store import figures, items, returns, subscribers
from feeds.store.operating_tables import measured
from feeds.store.writing import insert


def has(conn: Connection, hour: datetime) -> bool:
    """Whether this hour is counted."""
    return (
        conn.scalar(select(measured.c.at).where(measured.c.name == "items", measured.c.at == hour))
        is not None
    )


def counts(conn: Connection, now: datetime) -> dict[str, int]:
    """Everything that is counted. Walks through people and items: ask once an hour."""
    people = {f"people/{state.value}": number for state, number in subscribers.count(conn).items()}
    letters = {f"{figures.LETTERS}{name}": number for name, number in figures.letters(conn).items()}
    bounces = {f"bounces/{kind}": number for kind, number in returns.counts(conn, now - figures.DAY).items()}
    waiting = figures.waiting(conn)
    return {"items": items.count(conn), "waiting": waiting} | people | letters | bounces


def note(conn: Connection, hour: datetime, values: Mapping[str, int]) -> None:
    """Keep the counts of an hour; another process may have been quicker."""
    rows = [{"name": name, "at": hour, "value": number} for name, number in values.items()]
    conn.execute(insert(conn, measured).on_conflict_do_nothing(), rows)


def latest(conn: Connection) -> dict[str, int]:
    """The newest count of each name."""
    newest = select(func.max(measured.c.at)).where(measured.c.name == "items").scalar_subquery()
    rows = conn.execute(select(measured.c.name, measured.c.value).where(measured.c.at == newest))
    return {name: value for name, value in rows}  # noqa: C416 (rows are no pairs for the type checker)


def latest_at(conn: Connection) -> datetime | None:
    """Of when the newest counts are."""
    found: datetime | None = conn.scalar(select(func.max(measured.c.at)).where(measured.c.name == "items"))
    return found


def at_or_after(conn: Connection, name: str, at: datetime) -> int | None:
    """The first count of a name from then on."""
    mine = measured.c
    query = select(mine.value).where(mine.name == name, mine.at >= at).order_by(mine.at).limit(1)
    found: int | None = conn.scalar(query)
    return found


def series(conn: Connection, name: str, since: datetime) -> list[tuple[datetime, int]]:
    """The counts of a name from then on, oldest first."""
    mine = measured.c
    query = select(mine.at, mine.value).where(mine.name == name, mine.at >= since).order_by(mine.at)
    return [(at, value) for at, value in conn.execute(query)]


def forget(conn: Connection, prefixes: Sequence[str], before: datetime) -> None:
    """Forget earlier counts whose names begin so: of these only the newest are asked for."""
    for prefix in prefixes:
        mine = measured.c.name.startswith(prefix, autoescape=True)
        conn.execute(delete(measured).where(mine, measured.c.at < before))


def thin_out(conn: Connection, before: datetime) -> None:
    """Of what is older than that, keep one count a day: that of its first hour (UTC)."""
    hour = func.substr(measured.c.at, 12, 2)
    conn.execute(delete(measured).where(measured.c.at < before, hour != "00"))
