"""The last run of each pass of each process (store)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from feeds.store.operating_tables import pass_run
from feeds.store.writing import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRow:
    """One pass of one process. `ended_at` None: it runs; `failed` says why it ended early, else empty."""

    process: str
    name: str
    host: str
    began_at: datetime
    ended_at: datetime | None
    took_ms: int
    failed: str


def note(conn: Connection, row: PassRow) -> None:
    """Put this in the place of the run before."""
    statement = insert(conn, pass_run).values(asdict(row))
    again = {name: statement.excluded[name] for name in ("host", "began_at", "ended_at", "took_ms", "failed")}
    conn.execute(statement.on_conflict_do_update(index_elements=["process", "name"], set_=again))


def listing(conn: Connection) -> list[PassRow]:
    """All that are noted, by pass and host, the newest of each first. Few: one for each pass and process."""
    mine = pass_run.c
    query = select(pass_run).order_by(mine.name, mine.host, mine.began_at.desc(), mine.process)
    return [PassRow(**row._mapping) for row in conn.execute(query)]


def forget(conn: Connection, before: datetime) -> None:
    """Forget passes that began before then: their processes are gone."""
    conn.execute(delete(pass_run).where(pass_run.c.began_at < before))
