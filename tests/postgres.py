"""The PostgreSQL of the tests: one server, and an empty schema for whoever asks: nobody shares tables."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from urllib.parse import quote

import psycopg

from needs import missing

NAMED = "FEEDS_TEST_POSTGRES"
# One that trusts this machine, or the one that `./dev test --install` makes for its user.
USUAL = ("postgresql://postgres@127.0.0.1:5432/test", "postgresql:///feeds_test?host=/var/run/postgresql")


@cache
def answering() -> str:
    """The url of a PostgreSQL that answers; without one the test is skipped, and fails in CI."""
    named = os.environ.get(NAMED)
    asked = {url: _refusal(url) for url in ([named] if named else USUAL)}
    found = next((url for url, refusal in asked.items() if not refusal), None)
    refusals = "; ".join(asked.values())
    return found or missing(f"no PostgreSQL answers ({refusals}; Debian and Ubuntu: apt install postgresql)")


def _refusal(url: str) -> str:
    """Why this PostgreSQL cannot be used; empty if it answers."""
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        return str(error).splitlines()[0]
    return ""


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
