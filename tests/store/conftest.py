"""The contract suite runs on SQLite always and on PostgreSQL where one answers (CI insists on it)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds.store import Store, open_store
from feeds.store.schema import metadata
from postgres import answering, schemas


@pytest.fixture(scope="session")
def postgres() -> str:
    """The url of a PostgreSQL that answers."""
    return answering()


@pytest.fixture(params=["sqlite", "postgresql"], scope="session")
def dialect(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def new_url(tmp_path_factory: pytest.TempPathFactory, dialect: str):
    """Makes urls of empty databases; all of them are gone when the run ends."""
    if dialect == "sqlite":
        folder = tmp_path_factory.mktemp("sqlite")
        yield lambda: f"sqlite:///{folder / uuid.uuid4().hex}.db"
        return
    with schemas() as make:
        yield make


@pytest.fixture
def empty(new_url) -> Iterator[Store]:
    """A store without tables, for this test alone."""
    made = open_store(new_url())
    yield made
    made.close()


@pytest.fixture(scope="session")
def migrated(new_url) -> Iterator[Store]:
    made = open_store(new_url())
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def store(migrated: Store) -> Store:
    """A store with tables and no rows."""
    with migrated.write() as conn:
        for table in reversed(metadata.sorted_tables):
            conn.execute(table.delete())
    return migrated


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Store]:
    """A SQLite store of its own, for what only SQLite has."""
    made = open_store(f"sqlite:///{tmp_path / 'feeds.db'}", busy_timeout_s=0)
    made.migrate()
    yield made
    made.close()
