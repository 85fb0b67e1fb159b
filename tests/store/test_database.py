"""Transactions, what drivers say in a person's words, backup."""

from __future__ import annotations

import sqlite3
import stat
import traceback
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from feeds.errors import StoreError
from feeds.store import Conflict, Store, bulletins, items, open_store, publishing, subscribers
from feeds.store.schema import membership, meta, subscriber
from store.making import MINUTE, NOW, bulletin, item, person, put


def test_an_exception_in_a_transaction_takes_everything_back(store: Store) -> None:
    def work(conn: Connection) -> None:
        put(conn, item("a"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.transact(work)
    with store.read() as conn:
        assert items.count(conn) == 0


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError), store.read() as conn:
        publishing.set_meta(conn, "a", "1")
    with store.write() as conn:  # the same pooled connection may write again
        publishing.set_meta(conn, "a", "2")


def test_a_reader_sees_one_state_however_long_it_reads(store: Store) -> None:
    with store.read() as reader:
        assert publishing.get_meta(reader, "a") is None
        with store.write() as writer:
            publishing.set_meta(writer, "a", "1")
        assert publishing.get_meta(reader, "a") is None
    with store.read() as reader:
        assert publishing.get_meta(reader, "a") == "1"


def test_a_transaction_that_need_not_last_waits_for_no_disk_and_the_next_one_does(
    store: Store, dialect: str
) -> None:
    how = "PRAGMA synchronous" if dialect == "sqlite" else "SHOW synchronous_commit"

    def asked(conn: Connection) -> str:
        return str(conn.exec_driver_sql(how).scalar())

    waiting, not_waiting = ("2", "1") if dialect == "sqlite" else ("on", "off")
    assert store.transact(asked, lasting=False) == not_waiting
    assert store.transact(asked) == waiting  # the same pooled connection
    assert store.transact(asked, lasting=False) == not_waiting
    with store.write() as conn:
        assert asked(conn) == waiting


def test_a_rehearsal_leaves_nothing(store: Store) -> None:
    with store.rehearse() as conn:
        put(conn, item("a"))
        assert items.count(conn) == 1
    with store.read() as conn:
        assert items.count(conn) == 0


def test_sqlite_is_durable_private_and_keeps_foreign_keys(sqlite: Store, tmp_path: Path) -> None:
    with sqlite.write() as conn:
        facts = {
            name: conn.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert facts == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("feeds.db*")}
    assert modes
    assert set(modes.values()) == {0o600}


def test_a_writer_waits_half_a_minute_by_default(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    store = open_store(f"sqlite:///{tmp_path / 'a.db'}")
    with store.read() as conn:
        assert conn.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000
    store.close()


def test_a_locked_file_says_so_and_is_free_again_afterwards(sqlite: Store) -> None:
    with sqlite.write(), pytest.raises(StoreError, match="locked by another process"), sqlite.write():
        pass
    with sqlite.write() as conn:
        publishing.set_meta(conn, "a", "1")


def test_a_file_that_another_is_just_switching_to_wal_can_be_read(tmp_path: Path) -> None:
    """SQLite answers "busy" at once there, whatever the timeout: seen when four processes begin together."""
    path = tmp_path / "feeds.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE other (id)")
        other.execute("BEGIN IMMEDIATE")
        store = open_store(f"sqlite:///{path}", busy_timeout_s=0)
        assert store.pending() != []
        other.execute("COMMIT")
    store.close()
    assert store.migrate() != []


def test_a_full_disk_says_so_loses_nothing_and_works_on_when_there_is_room(sqlite: Store) -> None:
    def fill(conn: Connection, room: int) -> None:
        conn.exec_driver_sql(f"PRAGMA max_page_count={room}")
        conn.execute(meta.insert().values(key="big", value="x" * 1_000_000))

    with sqlite.write() as conn:
        publishing.set_meta(conn, "kept", "yes")
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar()
    with pytest.raises(StoreError, match="full: make room"), sqlite.write() as conn:
        fill(conn, pages)
    with sqlite.write() as conn:
        assert publishing.get_meta(conn, "kept") == "yes"
        fill(conn, 1_073_741_823)
        assert conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "check that its folder exists"),
        (lambda path: path.parent.mkdir() or path.write_bytes(b"no database " * 500), "no SQLite database"),
        (lambda path: path.mkdir(parents=True), "cannot be opened"),
    ],
)
def test_a_wrong_sqlite_file_says_what_to_check(tmp_path: Path, make, words: str) -> None:
    path = tmp_path / "folder" / "feeds.db"
    make(path)
    with pytest.raises(StoreError, match=words):
        open_store(f"sqlite:///{path}").migrate()


@pytest.mark.parametrize(
    "url", ["mysql://host/db", "postgresql+asyncpg://host/db", "nonsense", "", "sqlite://"]
)
def test_another_url_is_refused_with_the_forms_that_are_taken(url: str) -> None:
    with pytest.raises(StoreError, match='must be "sqlite:///FILE" or "postgresql://USER@HOST/DATABASE"'):
        open_store(url)


def test_a_server_that_is_away_is_named_without_its_password() -> None:
    store = open_store("postgresql://me:geheim@127.0.0.1:1/feeds")
    with pytest.raises(StoreError, match=r"127\.0\.0\.1:1/feeds cannot be reached") as caught:
        store.require_current()
    assert "geheim" not in "".join(traceback.format_exception(caught.value))


def test_a_missing_database_or_role_is_told(postgres: str) -> None:
    for part, word in (("/test", "/no_such_database"), ("postgres@", "no_such_role@")):
        with pytest.raises(StoreError, match=word.strip("/@")):
            open_store(postgres.replace(part, word)).require_current()


def test_a_broken_connection_loses_the_transaction_and_the_next_one_works(store: Store, dialect: str) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite has no connection that could break")

    def work(conn: Connection) -> None:
        publishing.set_meta(conn, "a", "1")
        own = conn.scalar(text("SELECT pg_backend_pid()"))
        with store.write() as other:
            other.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
        publishing.set_meta(conn, "b", "2")

    with pytest.raises(StoreError, match=r"shutting down|cannot be reached"):
        store.transact(work)
    with store.write() as conn:
        assert publishing.get_meta(conn, "a") is None


def test_rows_that_break_the_rules_are_told_without_their_values(store: Store) -> None:
    def refused(statement) -> str:
        with pytest.raises(StoreError) as caught, store.write() as conn:
            conn.execute(statement)
        return "".join(traceback.format_exception(caught.value))

    with store.write() as conn:
        person(conn, "ana")
        row = conn.execute(subscriber.select()).one()._asdict()
    row.pop("id")
    assert "ana@" not in refused(subscriber.insert().values(row))
    assert "break its rules" in refused(
        membership.insert().values(subscriber_id=10**9, audience_id=10**9, since_at=NOW)
    )


def test_a_lost_race_is_run_again_from_the_start(store: Store) -> None:
    tries = []

    def work(conn: Connection) -> str:
        tries.append(items.count(conn))
        put(conn, item("mine"))
        if len(tries) < 3:
            put(conn, item("mine"))  # the same id: what a race with another process looks like
        return "done"

    assert store.transact(work) == "done"
    assert tries == [0, 0, 0]
    with store.read() as conn:
        assert items.count(conn) == 1


def test_a_race_lost_three_times_is_given_up(store: Store) -> None:
    tries = []

    def work(conn: Connection) -> None:
        tries.append(1)
        put(conn, item("same"), item("same"))

    with pytest.raises(Conflict, match="Another process"):
        store.transact(work)
    assert len(tries) == 3


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_serialization_failures_and_deadlocks_are_run_again(store: Store, dialect: str, code: str) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite lets one writer in at a time")
    tries = []

    def work(conn: Connection) -> int:
        tries.append(1)
        if len(tries) == 1:
            conn.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '{code}'; END $$"))
        return len(tries)

    assert store.transact(work) == 2


def test_other_faults_are_not_tried_again(store: Store) -> None:
    tries = []

    def work(conn: Connection) -> None:
        tries.append(1)
        conn.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(StoreError):
        store.transact(work)
    assert len(tries) == 1


def test_a_backup_is_whole_private_and_needs_no_second_file(sqlite: Store, tmp_path: Path) -> None:
    target = tmp_path / "copies" / "feeds-backup.db"
    target.parent.mkdir()
    target.write_text("an older one")
    with sqlite.write() as conn:
        put(conn, item("a"))
    with sqlite.write() as conn:
        put(conn, item("half", NOW + MINUTE))  # not committed: must not be in it
        sqlite.backup(target)
    assert [path.name for path in target.parent.iterdir()] == ["feeds-backup.db"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    copy = open_store(f"sqlite:///{target}")
    copy.require_current()
    with copy.read() as conn:
        assert items.ids(conn) == ["a"]
        assert conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    copy.close()


def test_a_backup_over_the_database_or_into_nowhere_is_refused(sqlite: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is the database itself"):
        sqlite.backup(tmp_path / "feeds.db")
    with pytest.raises(StoreError, match="check the folder"):
        sqlite.backup(tmp_path / "absent" / "copy.db")
    sqlite.require_current()


def test_a_backup_of_a_server_that_does_not_answer_shows_no_password(tmp_path: Path) -> None:
    store = open_store("postgresql://me:geheim@127.0.0.1:1/feeds")
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        store.backup(tmp_path / "copy.db")
    assert "geheim" not in str(caught.value)


def test_words_that_no_column_can_hold_find_nothing(store: Store) -> None:
    with store.write() as conn:
        for ref in ("\x00", "a\x00b", "\ud800", ""):
            assert items.get(conn, ref) is None
            assert items.find(conn, ref) is None
            assert subscribers.by_address(conn, ref) is None
            assert bulletins.find(conn, ref) is None
        assert bulletin(conn) > 0  # the transaction was not spoiled


def test_plain_sqlite_agrees_that_the_instants_sort(sqlite: Store, tmp_path: Path) -> None:
    with sqlite.write() as conn:
        put(conn, item("a"))
    with sqlite3.connect(tmp_path / "feeds.db") as raw:
        assert raw.execute("SELECT updated_at FROM item").fetchone() == ("2026-11-21T20:41:00.123456Z",)
    raw.close()


def test_errors_name_no_parameters(sqlite: Store) -> None:
    assert sqlite._engine.hide_parameters
    assert create_engine("sqlite://").hide_parameters is False  # the default that we change
