"""The contract suite runs on SQLite always and on PostgreSQL where one answers (CI insists on it)."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from feeds.store import Store, open_store
from feeds.store.schema import metadata

POSTGRES = os.environ.get("FEEDS_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


def in_schema(url: str, schema: str) -> str:
    """The same database with another schema as the place where tables are looked for and made."""
    return f"{url}{'&' if '?' in url else '?'}options={quote(f'-csearch_path={schema}')}"


@pytest.fixture(scope="session")
def postgres() -> str:
    """The url of a PostgreSQL that answers."""
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        reason = f"PostgreSQL not reachable: {str(error).splitlines()[0]}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return POSTGRES


@pytest.fixture(params=["sqlite", "postgresql"], scope="session")
def dialect(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def new_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, dialect: str):
    """Makes urls of empty databases; all of them are gone when the run ends."""
    if dialect == "sqlite":
        folder = tmp_path_factory.mktemp("sqlite")
        yield lambda: f"sqlite:///{folder / uuid.uuid4().hex}.db"
        return
    url = request.getfixturevalue("postgres")
    schemas: list[str] = []
    with psycopg.connect(url, autocommit=True) as conn:

        def make() -> str:
            schemas.append(f"feeds_test_{uuid.uuid4().hex}")
            conn.execute(f"CREATE SCHEMA {schemas[-1]}")
            return in_schema(url, schemas[-1])

        yield make
        for schema in schemas:
            conn.execute(f"DROP SCHEMA {schema} CASCADE")


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
