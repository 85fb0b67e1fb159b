"""The store itself: transactions, migrations, backup.

Gives connections inside transactions; the queries live in the modules beside
it. Driver errors never leave: they become StoreError with what to do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, inspect, text

from feeds.errors import StoreError
from feeds.store import backups, copies, migrating, privacy, waking
from feeds.store.engine import Mode, make_engine, options_for, parse_url
from feeds.store.faults import Conflict, translated

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
                if mode == "loose" and self._file is None:
                    conn.exec_driver_sql("SET LOCAL synchronous_commit = off")
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

    def transact(self, work: Callable[[Connection], T], *, tries: int = 3, lasting: bool = True) -> T:
        """`work` in a write transaction, again from the start when another process got in between.

        `work` must have no effects but on the database. The last try's Conflict is raised. With
        `lasting=False` nobody waits for the disk: a loss of power may undo it and all such after it, none in
        part, unless a lasting one, of any process, came after.
        """
        mode: Mode = "write" if lasting else "loose"
        for _ in range(tries - 1):
            try:
                with self._transaction(mode) as conn:
                    return work(conn)
            except Conflict:
                continue
        with self._transaction(mode) as conn:
            return work(conn)

    def migrate(self) -> list[str]:
        """Create or upgrade the tables; the applied revision ids, oldest first (none: it was current)."""
        self._make_private()
        engine = make_engine(self._url, busy_timeout_s=self._busy_timeout_s, migrating=True)
        with translated(self.where):
            try:
                applied = migrating.migrate(engine)
            finally:
                engine.dispose()
        self.settle_in()
        return applied

    def pending(self) -> list[str]:
        """Revision ids that `migrate` would apply, oldest first."""
        if self._file is not None and not self._file.exists():
            return migrating.revisions()  # looking must not create the file
        with self.read() as conn:
            return migrating.pending(conn)

    def plan(self) -> list[tuple[str, str]]:
        """What `migrate` would do: revision ids and what each is for, oldest first."""
        words = migrating.sentences()
        return [(revision, words[revision]) for revision in self.pending()]

    def require_current(self) -> None:
        """StoreError unless the tables are those of this program."""
        self._require_same_file()
        if self.pending():
            raise StoreError(
                f"The database at {self.where} has no tables yet or older ones: run `feeds migrate`."
            )
        self.settle_in()

    def settle_in(self) -> None:
        """Notice whether this database is a copy that somebody put here (`copies`)."""
        with self.read() as conn:
            known = copies.at_home(conn)
        if not known:
            self.transact(lambda conn: copies.settle_in(conn, datetime.now(UTC)))

    def backup(self, path: str | os.PathLike[str]) -> None:
        """Copy a live database to `path`, whole and consistent; an older backup there is replaced.

        Whoever starts on the copy mails nothing until `copies.release`. Raises StoreError.
        """
        if self._file is not None:
            backups.copy_sqlite(self._file, Path(path))
        else:
            backups.dump_postgres(self._url, self._schema(), Path(path))

    def is_empty(self) -> bool:
        """Whether there is no database of ours yet, with or without rows."""
        if self._file is not None:
            return not self._file.exists()
        with self.read() as conn:
            return not inspect(conn).has_table("alembic_version")

    def restore(self, path: str | os.PathLike[str]) -> None:
        """Put a backup back as this database, and bring it up to this program's tables.

        The place must be empty (`is_empty`). From then on it is a copy that mails nothing. Raises StoreError.
        """
        if self._file is not None:
            self._engine.dispose()
            backups.put_back_sqlite(Path(path), self._file)
        else:
            self._put_back(Path(path))
        self.migrate()

    def _put_back(self, source: Path) -> None:
        schema, theirs = self._schema(), backups.schema_in(source)
        if schema != theirs:
            raise StoreError(
                f"The backup holds the schema {theirs}, and the database at {self.where} would take "
                f"{schema}: set search_path for it."
            )
        backups.put_back_postgres(self._url, schema, source)

    def set_aside(self) -> str:
        """Take what is there out of the way of `restore`; where it lies now. Raises StoreError.

        SQLite's file gets another name; on PostgreSQL an empty database is asked for.
        """
        if self._file is None:
            raise StoreError(
                f"The database at {self.where} has tables already: name an empty one in store.url "
                "(createdb), restore into that, and drop the old one when all is well."
            )
        self._engine.dispose()
        return str(backups.set_aside(self._file))

    def _schema(self) -> str:
        with self.read() as conn:
            return str(conn.scalar(text("SELECT current_schema()")))

    def open_to_others(self) -> list[str]:
        """Who else can read what should be nobody's business, and what to do; nothing: all is well."""
        if self._file is not None:
            return list(privacy.of_file(self._file))
        with self.read() as conn:
            return list(privacy.of_server(conn))

    def listener(
        self, heard: Callable[[waking.Topic], None], wait: Callable[[float], bool]
    ) -> waking.Listener | None:
        """Who hears of other processes' work (`waking.Listener`); None on SQLite, which cannot tell."""
        return None if self._file is not None else waking.Listener(self._url, heard, wait)

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
