"""Whether a database is a restored copy: of one that `feeds backup` wrote, or that pg_dump did (store).

A copy that `feeds backup` made of SQLite holds a mark. PostgreSQL's own tool copies what there is: so a
database there notes where it lives (the cluster's identifier, its own number, that of a table), and a copy
of it finds itself somewhere else.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from feeds.store import publishing

_HOME = "home"
_LIVES = text(
    "SELECT (SELECT system_identifier FROM pg_control_system()) || '/' || "
    "(SELECT oid FROM pg_database WHERE datname = current_database()) || '/' || "
    "(SELECT 'meta'::regclass::oid)"
)


def standing(conn: Connection) -> str | None:
    """What is known of the copy that this database is, such as "made 2026-…"; None: it is no copy, or one
    that was released.
    """
    marked = publishing.get_meta(conn, publishing.BACKUP)
    if marked is not None:
        return marked
    kept = publishing.get_meta(conn, _HOME)
    return "made by pg_dump" if kept not in (None, _home(conn)) else None


def settle_in(conn: Connection, now: datetime) -> None:
    """Note where this database lives; if it came from elsewhere, it is a copy from now on until `release`."""
    home, kept = _home(conn), publishing.get_meta(conn, _HOME)
    if kept == home or not home:
        return
    if kept is not None and publishing.get_meta(conn, publishing.BACKUP) is None:
        noticed = now.isoformat(timespec="seconds")
        publishing.set_meta(conn, publishing.BACKUP, f"made by pg_dump, noticed {noticed}")
    publishing.set_meta(conn, _HOME, home)


def at_home(conn: Connection) -> bool:
    """Whether `settle_in` has nothing to write."""
    return publishing.get_meta(conn, _HOME) == (_home(conn) or None)


def mark(conn: Connection, what: str) -> None:
    """From now on this database is a copy."""
    publishing.set_meta(conn, publishing.BACKUP, what)


def release(conn: Connection) -> str | None:
    """It is the site's database from now on; what it was a copy of. None: another process was quicker."""
    return publishing.take_meta(conn, publishing.BACKUP)


def _home(conn: Connection) -> str:
    return "" if conn.dialect.name == "sqlite" else str(conn.scalar(_LIVES))
