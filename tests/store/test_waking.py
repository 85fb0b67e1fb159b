"""Wake-ups between processes on PostgreSQL: told at the commit, heard by the same site alone."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from feeds.store import Store, open_store, waking
from postgres import answering, schemas
from store.making import NOW


@pytest.fixture
def two() -> Iterator[tuple[Store, Store]]:
    """Two sites in two schemas of one database."""
    with schemas() as make:
        stores = open_store(make()), open_store(make())
        for each in stores:
            each.migrate()
        yield stores
        for each in stores:
            each.close()


@contextmanager
def listening(store: Store) -> Iterator[queue.Queue[str]]:
    heard: queue.Queue[str] = queue.Queue()
    ended = threading.Event()
    listener = store.listener(heard.put, ended.wait)
    assert listener is not None
    thread = threading.Thread(target=listener.run)
    thread.start()
    try:
        # What was told before anybody listened is looked for at once.
        assert [heard.get(timeout=30) for _ in waking.TOPICS] == list(waking.TOPICS)
        yield heard
    finally:
        ended.set()
        thread.join(30)
        assert not thread.is_alive()


def test_a_wake_up_is_heard_once_its_transaction_is_committed_and_by_its_own_site_alone(
    two: tuple[Store, Store],
) -> None:
    here, elsewhere = two
    with listening(here) as heard:
        with elsewhere.write() as conn:
            waking.tell(conn, "mail")
        with here.rehearse() as conn:
            waking.tell(conn, "mail")
        with here.write() as conn:
            waking.tell(conn, "changes")
            assert heard.empty()
        assert heard.get(timeout=30) == "changes"
        assert heard.empty()


def test_changes_and_mail_are_told_by_those_who_write_them(two: tuple[Store, Store]) -> None:
    from feeds.store import publishing

    with listening(two[0]) as heard:
        with two[0].write() as conn:
            publishing.mark_stale(conn, ["all"], NOW)
        assert heard.get(timeout=30) == "changes"


def test_a_line_that_is_lost_is_made_anew_and_everything_is_looked_at(two: tuple[Store, Store]) -> None:
    import psycopg

    with listening(two[0]) as heard:
        with psycopg.connect(answering(), autocommit=True) as conn:
            query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE %s"
            row = conn.execute(query, ['%LISTEN "feeds"%']).fetchone()
            by_schema = conn.execute(query, ["SELECT current_schema()"]).fetchone()
        assert row is not None
        assert by_schema is not None
        assert row[0] + by_schema[0] >= 1
        assert [heard.get(timeout=30) for _ in waking.TOPICS] == list(waking.TOPICS)
        with two[0].write() as conn:
            waking.tell(conn, "mail")
        assert heard.get(timeout=30) == "mail"


def test_a_server_that_is_away_is_asked_ever_more_seldom_and_the_end_is_heard() -> None:
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        if seconds:
            waits.append(seconds)
        return len(waits) > 7

    listener = open_store("postgresql://feeds@127.0.0.1:1/feeds").listener(lambda _: None, wait)
    assert listener is not None
    listener.run()
    assert waits == [1, 2, 4, 8, 15, 15, 15, 15]


def test_sqlite_tells_nobody(sqlite: Store) -> None:
    assert sqlite.listener(lambda _: None, lambda _: True) is None
    with sqlite.write() as conn:
        waking.tell(conn, "mail")
