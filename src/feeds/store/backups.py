"""Backups: one file each, made of a live database, and put back whole (store).

SQLite by its backup API; PostgreSQL by its own pg_dump and pg_restore, the only programs that copy it well.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL

from feeds.errors import StoreError
from feeds.store.engine import libpq
from feeds.store.publishing import BACKUP

_SET_MARK = "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)"


def write_whole(target: Path, make: Callable[[Path], None]) -> None:
    """A file that `make` fills under another name beside it, only for our eyes; then it gets its name.

    Raises StoreError and leaves what was there.
    """
    if not target.name or target.is_dir() or (target.exists() and not target.is_file()):
        raise StoreError(f"{target} is no file that a backup could be written to: name a file.")
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        make(part)
        sync(part)
        part.replace(target)
        sync(target.parent)
    except (OSError, sqlite3.Error, StoreError) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise StoreError(
            f"The backup to {target} failed ({error}): check the folder and its free space."
        ) from error


def sync(path: Path) -> None:
    """What was written to a file, or which names a folder holds, outlasts a loss of power."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- SQLite


def copy_sqlite(source: Path, target: Path) -> None:
    """A live database as one whole file with the mark of a backup. Raises StoreError."""
    if not source.exists():
        raise StoreError(f"There is no database at {source}: run `feeds migrate`.")
    if target.exists() and target.samefile(source):
        raise StoreError(f"{target} is the database itself: name another file for the backup.")
    write_whole(target, lambda part: _copy(source, part, f"made {_now()}"))


def put_back_sqlite(source: Path, database: Path) -> None:
    """The copy in `source` as the database, with the mark of a backup. Raises StoreError, and then nothing
    has changed.

    A plain copy of a database gets its mark by this, too.
    """
    made = _made_at(source)
    write_whole(database, lambda part: _copy(source, part, made))


def set_aside(database: Path) -> Path:
    """Move a database and what lies beside it out of the way; its new name."""
    with closing(sqlite3.connect(database)) as conn, suppress(sqlite3.Error):
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    at = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    aside = database.with_name(f"{database.name}.replaced-{at}")
    for ending in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            database.with_name(database.name + ending).rename(aside.with_name(aside.name + ending))
    return aside


def _made_at(source: Path) -> str:
    """What the copy says of itself; StoreError if it is no database of ours, or damaged."""
    if not source.is_file():
        raise StoreError(f"There is no file {source}: name a backup that `feeds backup` made.")
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as conn:
            found = conn.execute("PRAGMA quick_check(1)").fetchone()
            if found != ("ok",):
                raise StoreError(f"The backup in {source} is damaged ({found[0]}): take an earlier one.")
            conn.execute("SELECT version_num FROM alembic_version").fetchone()
            row = conn.execute("SELECT value FROM meta WHERE key = ?", (BACKUP,)).fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{source} is no backup of a feeds database on SQLite ({error}).") from error
    if row is not None:
        return str(row[0])
    written = datetime.fromtimestamp(source.stat().st_mtime, UTC).isoformat(timespec="seconds")
    return f"a copy of {written}"


def _copy(source: Path, part: Path, mark: str) -> None:
    """By SQLite's backup API: a plain copy of a live file may be torn."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(part)) as copy:
        live.backup(copy)
        # Without it the copy would need a -wal file beside it to be opened.
        copy.execute("PRAGMA journal_mode=DELETE")
        # Whoever starts on this copy must not mail again what was sent since (P10).
        copy.execute(_SET_MARK, (BACKUP, mark))
        copy.commit()
        found = copy.execute("PRAGMA quick_check(1)").fetchone()
        if found != ("ok",):
            raise StoreError(f"the copy is damaged: {found[0]}")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


# --- PostgreSQL


def dump_postgres(url: URL, schema: str, target: Path) -> None:
    """The tables of one schema as pg_dump's own archive, looked through by pg_restore. Raises StoreError."""

    def make(part: Path) -> None:
        where = f'--schema="{schema}"'
        _run(url, ["pg_dump", "--format=custom", *_PLAIN, where, f"--file={part}"])
        if schema != schema_in(part):
            raise StoreError("the archive does not hold our tables")

    write_whole(target, make)


def put_back_postgres(url: URL, schema: str, source: Path) -> None:
    """All tables of an archive in one transaction, into a schema without them. Raises StoreError."""
    once = ["--single-transaction", "--exit-on-error"]
    _run(url, ["pg_restore", *once, *_PLAIN, f"--schema={schema}", str(source)])


def schema_in(archive: Path) -> str:
    """The schema whose tables an archive of pg_dump holds; StoreError if it is none of ours."""
    if not archive.is_file():
        raise StoreError(f"There is no file {archive}: name a backup that `feeds backup` made.")
    listed = _told(["pg_restore", "--list", str(archive)], {})
    found = re.search(r"^\d+; \d+ \d+ TABLE (\S+) alembic_version ", listed, re.MULTILINE)
    if found is None:
        raise StoreError(f"{archive} holds no tables of feeds: name a backup that `feeds backup` made.")
    return found[1]


_PLAIN = ["--no-owner", "--no-privileges"]


def _run(url: URL, command: Sequence[str]) -> None:
    conninfo, password = libpq(url)
    _told([command[0], f"--dbname={conninfo}", *command[1:]], {"PGPASSWORD": password} if password else {})


def _told(command: Sequence[str], more: dict[str, str]) -> str:
    """What a program prints; StoreError with its first complaint. Passwords are on no command line."""
    try:
        done = subprocess.run(  # noqa: S603 (PostgreSQL's own programs, by name)
            command, env={**os.environ, **more}, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise StoreError(
            f"{command[0]} cannot be run ({error.strerror}): install PostgreSQL's client programs "
            "(Debian: apt install postgresql-client)."
        ) from error
    if done.returncode != 0:
        said = done.stderr.strip().partition("\n")[0] or f"exit code {done.returncode}"
        raise StoreError(f"{said.removeprefix(command[0] + ': ')}")
    return done.stdout
