"""Connections (store): the only place where SQLite and PostgreSQL differ in more than a word.

Owns how a connection is opened and how a transaction begins. Knows no table.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from feeds.errors import StoreError

# `loose`: writing; what it changed may be lost with the power, until a `write` after it has ended.
Mode = Literal["read", "write", "loose"]

# A transaction that stands still is ended by the server, so whoever waits for its rows gets them: they wait
# longer than that. No statement of daily work takes minutes; migrations have no limits.
LIMITS_S = {"idle_in_transaction_session_timeout": 20, "lock_timeout": 30, "statement_timeout": 300}
# A server that is gone without a word (its host died, the line was cut) is given up after half a minute.
REACH: dict[str, Any] = {
    "connect_timeout": 10, "application_name": "feeds", "keepalives_idle": 10, "keepalives_interval": 5,
    "keepalives_count": 4, "tcp_user_timeout": 30_000,
}  # fmt: skip

_FORMS = '"sqlite:///FILE" or "postgresql://USER@HOST/DATABASE"'


def parse_url(url: str) -> URL:
    """The parsed store.url; StoreError if it is not one of the two forms."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(f"store.url must be {_FORMS}.") from None
    if parsed.drivername not in ("sqlite", "postgresql") or not parsed.database:
        raise StoreError(f"store.url must be {_FORMS}.")
    return parsed


def make_engine(url: URL, *, busy_timeout_s: float, migrating: bool = False) -> Engine:
    """An engine for daily work, or (`migrating`) one without pool whose SQLite enforces no foreign keys."""
    # Parameters hold addresses and letters: they never get into errors or logs (P11).
    options: dict[str, Any] = {"hide_parameters": True}
    if migrating:
        options["poolclass"] = NullPool
    if url.drivername == "sqlite":
        return _sqlite(url, options, busy_timeout_s, foreign_keys=not migrating)
    return _postgres(url, options, pooled=not migrating)


def _sqlite(url: URL, options: dict[str, Any], busy_timeout_s: float, *, foreign_keys: bool) -> Engine:
    # isolation_level None keeps sqlite3 from opening transactions of its own.
    arguments = {"timeout": busy_timeout_s, "isolation_level": None}
    engine = create_engine(url, connect_args=arguments, **options)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        _use_wal(cursor)
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(conn: Connection) -> None:
        # A writer asks for the lock at once: upgrading a reader fails with "locked"
        # however long one waits (519 of 800 transactions in a trial).
        mode = conn.get_execution_options().get("feeds_mode")
        writing, synchronous = mode != "read", "NORMAL" if mode == "loose" else "FULL"
        if writing and conn.info.get("synchronous", "FULL") != synchronous:  # not inside a transaction
            conn.exec_driver_sql(f"PRAGMA synchronous={synchronous}")
            conn.info["synchronous"] = synchronous
        if conn.info.get("writing") is not writing:  # it keeps the last one
            conn.exec_driver_sql(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
            conn.info["writing"] = writing
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """The file remembers the mode, so only the first connection of all really switches it."""
    try:
        cursor.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        # SQLite does not wait here: another connection is just switching, or holds the lock and
        # then BEGIN waits for it and says so.
        if error.sqlite_errorname != "SQLITE_BUSY":
            raise


def _postgres(url: URL, options: dict[str, Any], *, pooled: bool) -> Engine:
    given = {name: value for name, value in REACH.items() if name not in url.query}
    if pooled:
        options["pool_pre_ping"] = True
    try:
        engine = create_engine(url, connect_args=given, isolation_level="READ COMMITTED", **options)
    except ModuleNotFoundError:
        raise StoreError("PostgreSQL needs its driver: pip install 'bulletin-feeds[postgres]'.") from None
    if pooled:
        event.listen(engine, "connect", _limit)
    return engine


def _limit(connection: Any, _record: Any) -> None:
    """Of several processes none is held up for long by one that is paused or hangs.

    Asked for by statements, as what stands between (pgbouncer) refuses such options at the start.
    """
    with connection.cursor() as cursor:
        for name, seconds in LIMITS_S.items():
            cursor.execute("SELECT set_config(%s, %s, false)", (name, f"{seconds}s"))
    connection.commit()


def libpq(url: URL) -> tuple[str, str]:
    """A PostgreSQL url as its own programs take it, without the password, and the password ("": none)."""
    from psycopg.conninfo import make_conninfo

    _, given = url.get_dialect()().create_connect_args(url)
    password = str(given.pop("password", "") or "")
    return make_conninfo(**given), password


def options_for(engine: Engine, mode: Mode) -> dict[str, Any]:
    """Execution options that make a connection's next transaction read or write.

    Readers see one snapshot: that is what SQLite gives, so PostgreSQL is asked for the same.
    """
    if engine.dialect.name == "postgresql" and mode == "read":
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return {"feeds_mode": mode}
