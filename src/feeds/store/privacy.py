"""Whether others than its owner can read a database, which holds addresses (store)."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, text

_OPEN = text(
    "SELECT c.relname FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a "
    "WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relkind = 'r' "
    "AND a.grantee = 0 AND a.privilege_type = 'SELECT' ORDER BY c.relname"
)
# A loopback address, or none (a socket), needs no encryption.
_IN_CLEAR = text(
    "SELECT NOT coalesce(s.ssl, false) AND inet_server_addr() IS NOT NULL "
    "AND NOT inet_server_addr() <<= inet '127.0.0.0/8' AND inet_server_addr() <> inet '::1' "
    "FROM pg_stat_activity a LEFT JOIN pg_stat_ssl s USING (pid) WHERE a.pid = pg_backend_pid()"
)


def of_file(path: Path) -> Iterator[str]:
    """What is wrong with the modes of a SQLite database and its companions."""
    for each in (path, *(path.with_name(path.name + ending) for ending in ("-wal", "-shm"))):
        try:
            mode = stat.S_IMODE(each.stat().st_mode)
        except FileNotFoundError:
            continue
        if mode & 0o077:
            yield f"{each} can be read by other users (mode {mode:04o}): chmod 600 {each}"


def of_server(conn: Connection) -> Iterator[str]:
    """What is wrong with the grants of our tables on PostgreSQL, and with the line to them."""
    tables = list(conn.scalars(_OPEN))
    if tables:
        yield (
            f"every user of the database server can read {', '.join(tables)}: "
            f"REVOKE ALL ON {', '.join(tables)} FROM PUBLIC"
        )
    if conn.scalar(_IN_CLEAR):
        yield "addresses go over the network to the database in clear: add ?sslmode=verify-full to store.url"
