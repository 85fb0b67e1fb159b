"""The store itself: transactions, migrations, backup.

Gives connections inside transactions; the queries live in the modules beside
it. Driver errors never leave: they become StoreError with what to do.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection

from feeds.errors import StoreError
from feeds.store import migrating
from feeds.store.engine import Mode, make_engine, options_for, parse_url
from feeds.store.faults import Conflict, translated
from feeds.store.publishing import BACKUP

T = TypeVar("T")


class Store:
    """One database. Threads may share it: each transaction has its own connection."""

    def __init__(self, url: URL, busy_timeout_s: float) -> None:
        self._url = url
        self._busy_timeout_s = busy_timeout_s
        self._engine = make_engine(url, busy_timeout_s=busy_timeout_s)
        self._inode: tuple[int, int] | None = None
        self.where = _where(url)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may change rows; an exception inside rolls it back.

        BEGIN IMMEDIATE on SQLite, READ COMMITTED on PostgreSQL. Raises StoreError.
        """
        with self._transaction("write") as conn:
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One read-only transaction that sees one snapshot. Raises StoreError."""
        with self._transaction("read") as conn:
            yield conn

    @contextmanager
    def rehearse(self) -> Iterator[Connection]:
        """A write transaction that is always rolled back: for dry runs. Raises StoreError."""
        self._require_same_file()
        with translated(self.where), self._engine.connect() as conn, conn.begin() as transaction:
            yield conn
            transaction.rollback()

    @contextmanager
    def _transaction(self, mode: Mode) -> Iterator[Connection]:
        self._require_same_file()
        with translated(self.where), self._engine.connect() as conn:
            conn.execution_options(**options_for(self._engine, mode))
            with conn.begin():
                yield conn

    def _require_same_file(self) -> None:
        """A removed file must not be written on in secret: open connections would keep it alive.

        StoreError if it is gone; a file that took its place is opened anew.
        """
        if self._file is None:
            return
        try:
            found = self._file.stat()
        except OSError:
            raise StoreError(
                f"There is no database at {self.where}: put a backup there, "
                "or run `feeds migrate` to begin an empty one."
            ) from None
        inode = (found.st_dev, found.st_ino)
        if self._inode not in (None, inode):
            self._engine.dispose()
        self._inode = inode

    def transact(self, work: Callable[[Connection], T], *, tries: int = 3) -> T:
        """`work` in a write transaction, again from the start when another process got in between.

        `work` must have no effects but on the database. The last try's Conflict is raised.
        """
        for _ in range(tries - 1):
            try:
                with self.write() as conn:
                    return work(conn)
            except Conflict:
                continue
        with self.write() as conn:
            return work(conn)

    def migrate(self) -> list[str]:
        """Create or upgrade the tables; the applied revision ids, oldest first (none: it was current)."""
        self._make_private()
        engine = make_engine(self._url, busy_timeout_s=self._busy_timeout_s, migrating=True)
        with translated(self.where):
            try:
                return migrating.migrate(engine)
            finally:
                engine.dispose()

    def pending(self) -> list[str]:
        """Revision ids that `migrate` would apply, oldest first."""
        if self._file is not None and not self._file.exists():
            return migrating.revisions()  # looking must not create the file
        with self.read() as conn:
            return migrating.pending(conn)

    def require_current(self) -> None:
        """StoreError unless the tables are those of this program."""
        self._require_same_file()
        if self.pending():
            raise StoreError(
                f"The database at {self.where} has no tables yet or older ones: run `feeds migrate`."
            )

    def backup(self, path: str | os.PathLike[str]) -> None:
        """Copy a live SQLite database to `path`, whole and consistent; an older backup there is replaced.

        PostgreSQL has its own tool, which the StoreError names.
        """
        if self._file is None:
            raise StoreError(
                f"PostgreSQL is backed up by its own tool: pg_dump --format=custom '{self.where}'."
            )
        _backup(self._file, Path(path))

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    @property
    def _file(self) -> Path | None:
        return Path(self._url.database or "") if self._url.drivername == "sqlite" else None

    def _make_private(self) -> None:
        """A new SQLite file holds addresses: only its owner may read it (SQLite's -wal and -shm follow)."""
        if self._file is None or self._file.exists():
            return
        try:
            os.close(os.open(self._file, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise StoreError(
                f"The file at {self.where} cannot be made ({error.strerror}): "
                "check that its folder exists and may be written."
            ) from error


def open_store(url: str, *, busy_timeout_s: float = 30.0) -> Store:
    """The store at ``sqlite:///FILE`` or ``postgresql://USER@HOST/DATABASE``; nothing is opened yet.

    `busy_timeout_s`: how long a SQLite writer waits for another one. Raises
    StoreError for any other url or a missing driver.
    """
    return Store(parse_url(url), busy_timeout_s)


def _where(url: URL) -> str:
    return url.database or "" if url.drivername == "sqlite" else url.render_as_string(hide_password=True)


def _backup(source: Path, target: Path) -> None:
    if not source.exists():
        raise StoreError(f"There is no database at {source}: run `feeds migrate`.")
    if not target.name or target.is_dir() or (target.exists() and not target.is_file()):
        raise StoreError(f"{target} is no file that a backup could be written to: name a file.")
    part = target.with_name(target.name + ".part")
    try:
        if target.exists() and target.samefile(source):
            raise StoreError(f"{target} is the database itself: name another file for the backup.")
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        _copy(source, part)
        part.replace(target)
        _sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise StoreError(
            f"The backup to {target} failed ({error}): check the folder and its free space."
        ) from error


def _copy(source: Path, part: Path) -> None:
    """By SQLite's backup API: a plain copy of a live file may be torn."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(part)) as copy:
        live.backup(copy)
        # Without it the copy would need a -wal file beside it to be opened.
        copy.execute("PRAGMA journal_mode=DELETE")
        # Whoever starts on this copy must not mail again what was sent since (P10).
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        copy.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (BACKUP, made_at))
        copy.commit()
    _sync(part)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
