"""Bringing a database to this program's schema (store). The only caller of alembic.

All pending revisions run in one transaction, on both databases: either the
new schema stands or the old one does.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from feeds.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

# alembic is imported where it is used: a command that only looks into the database does without.

_FOLDER = Path(__file__).parent / "migrations"

# Programs that know this revision may go on working on the tables as they are made here, because later
# ones only add. Raise it with a migration of which that is not true.
MAY_RUN_FROM = "0018"
RUNS_WITH = "runs-with"

# Any number, the same in all processes: two that migrate at once wait for each other.
_LOCK = 0x66656564


def revisions() -> list[str]:
    """All revision ids this program knows, oldest first."""
    return [script.revision for script in _scripts().walk_revisions()][::-1]


def sentences() -> dict[str, str]:
    """What each revision is for, in a sentence."""
    return {script.revision: (script.doc or "").strip() for script in _scripts().walk_revisions()}


def pending(conn: Connection) -> list[str]:
    """Revision ids the database lacks, oldest first: none where it is newer and says that we may work on it.

    StoreError if it is newer and does not.
    """
    known, current = revisions(), _current(conn)
    if current is None:
        return known
    if current not in known:
        runs_with = conn.execute(text("SELECT value FROM meta WHERE key = :key"), {"key": RUNS_WITH}).scalar()
        if runs_with is not None and runs_with <= known[-1]:
            return []  # an upgrade host by host: the others have migrated already
        raise StoreError(
            f"The database was made by a newer version of feeds (revision {current}): install that version."
        )
    return known[known.index(current) + 1 :]


def migrate(engine: Engine) -> list[str]:
    """Apply what is pending; return the applied revision ids, oldest first.

    `engine` must be one made for migrating: SQLite's batch changes drop and
    rename tables, and with foreign keys enforced that deletes the children.
    """
    with engine.begin() as conn:
        if conn.dialect.name == "postgresql":
            conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        missing = pending(conn)
        if missing:
            _upgrade(conn)
            _check_foreign_keys(conn)
            _note_who_may_run(conn)
        return missing


def _upgrade(conn: Connection) -> None:
    from alembic import command

    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, "head")


def _note_who_may_run(conn: Connection) -> None:
    conn.execute(text("DELETE FROM meta WHERE key = :key"), {"key": RUNS_WITH})
    conn.execute(
        text("INSERT INTO meta (key, value) VALUES (:key, :value)"), {"key": RUNS_WITH, "value": MAY_RUN_FROM}
    )


def _check_foreign_keys(conn: Connection) -> None:
    if conn.dialect.name != "sqlite":
        return
    broken = conn.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        tables = ", ".join(sorted({row[0] for row in broken}))
        raise StoreError(
            f"The migration would leave rows that point nowhere (in {tables}); nothing was changed. "
            "Restore a backup made by `feeds backup`."
        )


def _current(conn: Connection) -> str | None:
    # Asked for by name first: on PostgreSQL a failed SELECT would spoil the transaction.
    if not inspect(conn).has_table("alembic_version"):
        return None
    from alembic.migration import MigrationContext
    from alembic.util.exc import CommandError

    try:
        return MigrationContext.configure(conn).get_current_revision()
    except CommandError as error:
        raise StoreError(f"The database has more than one revision ({error}): restore a backup.") from error


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    # A "%" in the path would be taken for an interpolation by configparser.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())
