"""The whole job on PostgreSQL, as it is done on SQLite everywhere else."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from feeds import demo, editing, signup
from feeds.app.parts import Parts, now
from feeds.model import Outcome
from feeds.store import items
from store.conftest import POSTGRES, in_schema


@pytest.fixture
def url() -> Iterator[str]:
    """An empty schema of a PostgreSQL that answers."""
    try:
        conn = psycopg.connect(POSTGRES, connect_timeout=3, autocommit=True)
    except psycopg.OperationalError as error:
        reason = f"PostgreSQL not reachable: {str(error).splitlines()[0]}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    schema = f"feeds_test_{uuid.uuid4().hex}"
    with conn:
        conn.execute(f"CREATE SCHEMA {schema}")
        yield in_schema(POSTGRES, schema)
        conn.execute(f"DROP SCHEMA {schema} CASCADE")
    conn.close()


@pytest.fixture
def site(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tables: object) -> Iterator[Parts]:
    monkeypatch.setenv("FEEDS_STORE_URL", url)
    parts = demo.make_site(tmp_path / "site", 8000)
    parts.__dict__["_labels"] = tables
    yield parts
    parts.store.close()


def mails(parts: Parts) -> int:
    return len(list(parts.outbox.glob("*.eml")))


def test_one_round_of_everything_and_then_nothing_is_left_to_do(site: Parts) -> None:
    did = demo.one_round(site)
    assert did.taken.count(Outcome.NEW) == 41
    assert did.taken.count(Outcome.SAME) == 3
    assert (len(did.composed.composed), mails(site)) == (3, 3)
    again = demo.one_round(site)
    assert (again.taken.receipts, again.published.written, again.composed.composed) == ([], [], [])
    assert mails(site) == 3


def test_corrections_and_leaving_work_there_too(site: Parts) -> None:
    demo.one_round(site)
    with site.store.read() as conn:
        item = items.listing(conn, kind="country", code="pa", limit=1)[0]
    words = editing.Words(title="Panama puts it another way")
    editing.correct(site.store, site.labeller, item.id, words, "A slip.", now())
    demo.one_round(site)
    assert mails(site) == 4
    assert signup.leave(site.store, 1, None, now(), "asked") is not None
    editing.withdraw(site.store, item.id, "Wrong.", now())
    demo.one_round(site)
    assert mails(site) == 4
