"""Which processes of the site run: a row each, kept fresh while they do (store)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from feeds.store.running_tables import process
from feeds.store.writing import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRow:
    """One process. `settings` is a hash of what it was started with.

    `restart_for` names what was edited since and counts only after a restart.
    """

    name: str
    host: str
    roles: str
    version: str
    settings: str
    restart_for: str
    started_at: datetime
    seen_at: datetime


def seen(conn: Connection, row: ProcessRow) -> None:
    """This process runs now."""
    values = asdict(row)
    once = insert(conn, process).values(values)
    conn.execute(once.on_conflict_do_update(index_elements=["name"], set_=values))


def gone(conn: Connection, names: list[str]) -> None:
    """These processes run no more."""
    conn.execute(delete(process).where(process.c.name.in_(names)))


def since(conn: Connection, at: datetime) -> list[ProcessRow]:
    """Who was seen at that instant or later, by host and start."""
    query = select(process).where(process.c.seen_at >= at).order_by(process.c.host, process.c.started_at)
    return [ProcessRow(**row._mapping) for row in conn.execute(query)]


def erase_before(conn: Connection, at: datetime) -> None:
    """Forget processes that nobody has seen since."""
    conn.execute(delete(process).where(process.c.seen_at < at))


def clock_now(conn: Connection) -> datetime:
    """What time it is where the database is; on SQLite that is here."""
    if conn.dialect.name == "sqlite":
        found = str(conn.exec_driver_sql("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')").scalar())
        return datetime.fromisoformat(found)
    at: datetime = conn.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    return at
