"""The PostgreSQL of the tests: one server, and an empty schema for whoever asks: nobody shares tables."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

import psycopg

from needs import missing

POSTGRES = os.environ.get("FEEDS_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


def answering() -> str:
    """The url of a PostgreSQL that answers; without one the test is skipped, and fails in CI."""
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        missing(f"PostgreSQL not reachable: {str(error).splitlines()[0]}")
    return POSTGRES


def in_schema(url: str, schema: str) -> str:
    """The same database with another schema as the place where tables are looked for and made."""
    return f"{url}{'&' if '?' in url else '?'}options={quote(f'-csearch_path={schema}')}"


@contextmanager
def schemas() -> Iterator[Callable[[], str]]:
    """Gives a maker of urls, each of an empty schema of its own; all of them are gone afterwards."""
    url = answering()
    made: list[str] = []
    with psycopg.connect(url, autocommit=True) as conn:

        def make() -> str:
            made.append(f"feeds_test_{uuid.uuid4().hex}")
            conn.execute(f"CREATE SCHEMA {made[-1]}")
            return in_schema(url, made[-1])

        yield make
        for schema in made:
            conn.execute(f"DROP SCHEMA {schema} CASCADE")
