"""Nobody is held up for long by a process that is paused in the middle of a transaction (PostgreSQL)."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from feeds.errors import StoreError
from feeds.store import Connection, Store, engine, items, open_store, publishing
from postgres import schemas
from store.making import NOW


@pytest.fixture
def url() -> Iterator[str]:
    with schemas() as make:
        made = make()
        store = open_store(made)
        store.migrate()
        store.close()
        yield made


def test_who_waits_for_a_row_waits_longer_than_a_transaction_may_stand_still() -> None:
    limits = engine.LIMITS_S
    assert (
        limits["idle_in_transaction_session_timeout"] < limits["lock_timeout"] < limits["statement_timeout"]
    )


def test_a_paused_transaction_is_ended_and_the_one_that_waits_goes_on(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused, other = open_store(url), open_store(url)
    with monkeypatch.context() as patched:
        patched.setitem(engine.LIMITS_S, "idle_in_transaction_session_timeout", 0.3)
        paused.pending()  # its connection is the only one with so little time

    def is_paused(conn: Connection) -> None:
        items.hold_announcements(conn)  # what every acceptance needs
        _accept(other)
        publishing.mark_stale(conn, ["topic/health"], NOW)

    with pytest.raises(StoreError, match="stood still for too long"):
        paused.transact(is_paused)
    with other.read() as conn:
        assert set(publishing.changes_between(conn, 0, 9, 9)) == {"all"}
    _accept(paused)  # which goes on with a new connection
    for each in (paused, other):
        each.close()


def _accept(store: Store) -> None:
    """In a thread, as another process would: it waits for the lock."""
    done = threading.Thread(
        target=store.transact, args=(lambda conn: publishing.mark_stale(conn, ["all"], NOW),)
    )
    done.start()
    done.join(60)
    assert not done.is_alive()


def test_a_lock_that_is_held_by_work_is_not_waited_for_without_end(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engine.LIMITS_S, "lock_timeout", 0.2)
    busy, other = open_store(url), open_store(url)
    with busy.write() as conn:
        items.hold_announcements(conn)
        with pytest.raises(StoreError, match="locked by another process"), other.write() as waiting:
            items.hold_announcements(waiting)
    for each in (busy, other):
        each.close()


def test_a_statement_that_does_not_end_is_stopped(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engine.LIMITS_S, "statement_timeout", 0.2)
    store = open_store(url)
    with pytest.raises(StoreError, match="took too long"), store.read() as conn:
        conn.exec_driver_sql("SELECT pg_sleep(60)")
    store.close()


def test_migrations_take_their_time(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engine.LIMITS_S, "statement_timeout", 0.1)
    made = engine.make_engine(engine.parse_url(url), busy_timeout_s=0, migrating=True)
    with made.connect() as conn:
        assert conn.exec_driver_sql("SHOW statement_timeout").scalar() == "0"
    made.dispose()
