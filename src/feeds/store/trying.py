"""A backup put back for a moment, to see that it can be (store)."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, text

from feeds.errors import StoreError
from feeds.store import backups
from feeds.store.database import Store, open_store
from feeds.store.engine import make_engine, parse_url
from feeds.store.faults import translated


@contextmanager
def tried(url: str, backup: Path) -> Iterator[Store]:
    """A store on the tables of this backup, in a place of its own that is gone afterwards.

    Beside the SQLite file of `url`, or as a database of its own on its server, which needs the right to make
    one. Raises StoreError.
    """
    parsed = parse_url(url)
    if parsed.drivername == "sqlite":
        with tempfile.TemporaryDirectory(prefix=".trying-", dir=Path(parsed.database or "").parent) as folder:
            yield from _restored(open_store(f"sqlite:///{folder}/tried.db"), backup)
        return
    with _scratch(parsed, backups.schema_in(backup)) as scratch:
        yield from _restored(Store(scratch, 0), backup)


def _restored(store: Store, backup: Path) -> Iterator[Store]:
    try:
        store.restore(backup)
        yield store
    finally:
        store.close()


@contextmanager
def _scratch(url: URL, schema: str) -> Iterator[URL]:
    """An empty database with this schema on the same server."""
    name = f"feeds_trying_{secrets.token_hex(6)}"
    scratch = url.set(database=name)
    _outside(url, f'CREATE DATABASE "{name}"')
    try:
        if schema != "public":
            _outside(scratch, f'CREATE SCHEMA "{schema}"')
        yield scratch
    finally:
        _outside(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _outside(url: URL, statement: str) -> None:
    """A statement that runs in no transaction."""
    where = url.render_as_string(hide_password=True)
    engine = make_engine(url, busy_timeout_s=0, migrating=True)
    try:
        with translated(where), engine.connect() as conn:
            conn.execution_options(isolation_level="AUTOCOMMIT").execute(text(statement))
    except StoreError as error:
        raise StoreError(
            f"A test restore needs the right to make a database (ALTER ROLE … CREATEDB): {error}"
        ) from error
    finally:
        engine.dispose()
