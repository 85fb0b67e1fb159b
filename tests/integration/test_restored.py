"""A backup is made and put back, on both databases: nothing old is mailed, and who left stays away."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from conftest import RunFeeds
from feeds import config, restoring
from feeds.app.moving_back import apply_journals, follower_of, running
from feeds.app.parts import Parts, now
from feeds.app.pauses import next_pause
from feeds.app.presence import Presence
from feeds.app.running import Running
from feeds.composing.compose import compose
from feeds.delivering.deliver import deliver
from feeds.errors import StoreError
from feeds.filters import parse
from feeds.model import Cadence, DeliveryState, Suppression
from feeds.people import ending, erasing, leaving, signup
from feeds.restoring import Held
from feeds.store import copies, deliveries, departures, items, publishing, secrets, subscribers
from needs import program
from postgres import answering, in_schema, schemas
from taking import accept_one

NEWS = "{day} November, 2026\n\n{country} opens a school\n\nChildren of {country} learn to read there.\n"


@pytest.fixture(params=["sqlite", "postgresql"])
def site(
    request: pytest.FixtureRequest, tmp_path: Path, founded: Path, tables: object,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Parts]:  # fmt: skip
    shutil.copytree(founded, tmp_path / "site")
    with ExitStack() as stack:
        if request.param == "postgresql":
            program("pg_dump", package="postgresql-client")
            monkeypatch.setenv("FEEDS_STORE_URL", stack.enter_context(schemas())())
        parts = Parts(config.load(tmp_path / "site" / "config" / "feeds.toml"))
        parts.store.migrate()
        parts.__dict__["_labels"] = tables
        yield parts
        parts.reader.close()
        parts.store.close()


def on_postgres(parts: Parts) -> bool:
    return parts.settings.store_url().startswith("postgresql")


def take(parts: Parts, day: int = 18, country: str = "Panama") -> None:
    data = NEWS.format(day=day, country=country).encode()
    accept_one(parts, f"{day}.txt", data, now(), "all", filed=True)


def join(parts: Parts, address: str, cadence: Cadence = Cadence.IMMEDIATE, *filters: str) -> int:
    joining = signup.Joining(
        address=address, filters=tuple(map(parse, filters or ("all",))), cadence=cadence, lang="en",
        zone="UTC", hour=7, weekday=1, consent="a test",
    )  # fmt: skip
    return signup.join(parts.store, joining, parts.joining_defaults, now(), tokens=parts.tokens)


def send(parts: Parts) -> dict[str, int]:
    return dict(asyncio.run(deliver(parts.store, parts.transports(), parts.deliver_rules)).outcomes)


def put_back(parts: Parts, backup: Path) -> None:
    """As an operator does it: SQLite's file is moved aside; PostgreSQL's tables are dropped first here."""
    if on_postgres(parts):
        drop_tables(parts)
    else:
        parts.store.set_aside()
    parts.store.restore(backup)


def drop_tables(parts: Parts) -> None:
    with parts.store.write() as conn:
        schema = conn.exec_driver_sql("SELECT current_schema()").scalar_one()
        conn.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}")


def with_filters(parts: Parts, address: str) -> list[str]:
    with parts.store.read() as conn:
        person = subscribers.by_address(conn, address)
        return [row.filter_text for row in subscribers.subscriptions_of(conn, person.id)] if person else []


def test_a_restored_backup_mails_nothing_until_it_is_released_and_then_nothing_old(
    site: Parts, tmp_path: Path
) -> None:
    join(site, "now@example.org")
    join(site, "daily@example.org", Cadence.DAILY)
    take(site)
    compose(site.store, site.compose_rules, now())
    site.store.backup(tmp_path / "copy")
    compose(site.store, site.compose_rules, now(), early=True)
    assert send(site) == {"sent": 2}
    put_back(site, tmp_path / "copy")
    for mails in (lambda: send(site), lambda: compose(site.store, site.compose_rules, now(), early=True)):
        with pytest.raises(Held, match="feeds restore --go"):
            mails()
    assert restoring.release(site.store, now()) == 1
    assert compose(site.store, site.compose_rules, now(), early=True).composed == []
    assert send(site) == {}
    with site.store.read() as conn:
        (row,) = deliveries.listing(conn, limit=9)
    assert row.state is DeliveryState.UNCERTAIN
    assert row.reason.startswith("restored from a backup (made ")
    take(site, 19, "Honduras")
    assert [row.items for row in compose(site.store, site.compose_rules, now()).composed] == [1]
    assert send(site) == {"sent": 1}
    assert restoring.release(site.store, now()) is None


def test_a_running_process_goes_on_by_itself_once_a_copy_is_released(site: Parts) -> None:
    join(site, "now@example.org")
    take(site)
    compose(site.store, site.compose_rules, now())
    with site.store.write() as conn:
        copies.mark(conn, "made then")
    process = Running(site)
    waits = asyncio.run(process._deliver(site.transports()))
    assert waits is not None
    assert (waits.handled, next_pause(0.0, waits)) == (0, 0.0)
    restoring.release(site.store, now(), moved=True)
    went = asyncio.run(process._deliver(site.transports()))
    assert went is not None
    assert went.handled == 1
    process.watchdog.call_off()


def test_a_database_that_only_moved_goes_on_where_it_stood(site: Parts, tmp_path: Path) -> None:
    join(site, "now@example.org")
    take(site)
    compose(site.store, site.compose_rules, now())
    site.store.backup(tmp_path / "copy")
    put_back(site, tmp_path / "copy")
    assert restoring.release(site.store, now(), moved=True) == 0
    assert send(site) == {"sent": 1}


def test_everything_is_published_anew_from_a_copy_and_from_a_released_one(
    site: Parts, tmp_path: Path
) -> None:
    def epoch() -> str:
        with site.store.read() as conn:
            return publishing.epoch(conn)

    site.store.backup(tmp_path / "copy")
    before = epoch()
    put_back(site, tmp_path / "copy")
    as_copy = epoch()
    restoring.release(site.store, now())
    assert len({before, as_copy, epoch()}) == 3


def test_who_left_or_was_erased_since_the_backup_stays_away(site: Parts, tmp_path: Path) -> None:
    left = join(site, "left@example.org", Cadence.IMMEDIATE, "country:pa", "country:hn")
    erased = join(site, "erased@example.org")
    complained = join(site, "complained@example.org")
    undecided = join(site, "undecided@example.org")
    join(site, "stays@example.org")
    site.store.backup(tmp_path / "copy")
    with site.store.read() as conn:
        one = next(r.id for r in subscribers.subscriptions_of(conn, left) if r.filter_text == "country:pa")
    leaving.leave(site.store, left, None, now(), "asked", ids=[one])
    erasing.erase(site.store, site.tokens, erased, now())
    ending.end(site.store, site.tokens, complained, Suppression.COMPLAINED, "spam", now())
    ending.block(site.store, site.tokens, "never@example.org", now())
    gone = leaving.leave(site.store, undecided, None, now(), "asked", tokens=site.tokens)
    assert gone is not None
    assert gone.undo is not None
    leaving.come_back(site.store, site.tokens, gone.undo, now())
    assert follower_of(site).follow() == 6
    assert follower_of(site).follow() == 0
    put_back(site, tmp_path / "copy")
    assert with_filters(site, "left@example.org") == ["country:pa", "country:hn"]
    done = apply_journals(site)
    assert (done.left, done.erased, done.suppressed) == (1, 1, 1)
    assert with_filters(site, "left@example.org") == ["country:hn"]
    assert with_filters(site, "erased@example.org") == []
    assert with_filters(site, "undecided@example.org") == with_filters(site, "stays@example.org") == ["all"]
    never = site.tokens.hashes(signup.ADDRESS, "never@example.org")
    with site.store.read() as conn:
        assert secrets.suppressed(conn, never) == {Suppression.BLOCKED}
    again = apply_journals(site)
    assert (again.left, again.erased, again.suppressed) == (0, 0, 0)
    assert follower_of(site).follow() == 0
    restoring.release(site.store, now())
    take(site, 20, "Honduras")
    compose(site.store, site.compose_rules, now())
    assert send(site) == {"sent": 3}


def test_who_joined_anew_after_a_line_was_written_is_left_alone(site: Parts) -> None:
    person = join(site, "ana@example.org", Cadence.IMMEDIATE, "country:pa")
    leaving.leave(site.store, person, None, now(), "asked")
    follower_of(site).follow()
    erasing.erase(site.store, site.tokens, person, now())
    follower_of(site).follow()
    signup.join(
        site.store,
        signup.Joining(address="ana@example.org", filters=(parse("country:pa"),), consent="a test"),
        site.joining_defaults, now(), again=True, tokens=site.tokens,
    )  # fmt: skip
    apply_journals(site)
    assert with_filters(site, "ana@example.org") == ["country:pa"]


def test_what_was_left_by_somebody_who_is_erased_now_needs_no_line(site: Parts) -> None:
    person = join(site, "ana@example.org")
    leaving.leave(site.store, person, None, now(), "asked")
    erasing.erase(site.store, site.tokens, person, now())
    with site.store.read() as conn:
        assert [row.what for row in departures.after(conn, 0, 9)] == ["erased"]


def test_changing_a_filter_is_no_leaving(site: Parts) -> None:
    person = join(site, "ana@example.org", Cadence.IMMEDIATE, "country:pa")
    join(site, "ana@example.org", Cadence.DAILY, "country:pa")
    with site.store.write() as conn:
        subscribers.end_subscriptions(conn, person, now(), subscribers.CHANGED)
        assert departures.after(conn, 0, 9) == []


# --- the commands


def command(site: Parts) -> tuple[str, Path, str]:
    return ("--config", site.settings.file, "restore")


def test_the_commands_back_up_try_restore_and_release(site: Parts, feeds: RunFeeds, tmp_path: Path) -> None:
    join(site, "ana@example.org")
    take(site)
    made = feeds("--config", site.settings.file, "backup", tmp_path / "copy")
    assert made.code == 0, made.err
    tried = feeds(*command(site), "--dry-run", tmp_path / "copy")
    assert tried.out.endswith("can be restored: 1 items, 1 subscribers, 0 letters\n"), tried.err
    taken = feeds(*command(site), tmp_path / "copy")
    assert taken.code != 0
    assert "There is a database at" in taken.err
    if on_postgres(site):
        refused = feeds(*command(site), "--replace", tmp_path / "copy")
        assert "name an empty one in store.url" in refused.err
        drop_tables(site)
        done = feeds(*command(site), tmp_path / "copy")
    else:
        done = feeds(*command(site), "--replace", tmp_path / "copy")
        assert "what was there lies at" in done.out
    assert "restored: 1 items, 1 subscribers" in done.out, done.err
    held = feeds("--config", site.settings.file, "deliver")
    assert held.code == 3
    assert "a restored copy" in feeds("--config", site.settings.file, "status").out
    released = feeds(*command(site), "--go")
    assert "Mail leaves again. 0 letters" in released.out
    assert "mail leaves as ever" in feeds(*command(site), "--go").out
    assert feeds("--config", site.settings.file, "deliver").code == 0


@pytest.mark.parametrize(
    "words",
    [[], ["--moved"], ["copy", "--go"], ["copy", "--moved"], ["--go", "--replace"], ["--go", "--dry-run"]],
)
def test_options_that_make_no_sense_together_are_refused(
    site: Parts, feeds: RunFeeds, words: list[str]
) -> None:
    ran = feeds(*command(site), *words)
    assert ran.code == 2
    assert "feeds: " in ran.err


def test_nothing_is_replaced_under_a_process_that_runs(site: Parts, feeds: RunFeeds, tmp_path: Path) -> None:
    feeds("--config", site.settings.file, "backup", tmp_path / "copy")
    presence = Presence(site, ("web",), now())
    presence.tell(now())
    assert [row.name for row in running(site, now())] == [presence.name]
    ran = feeds(*command(site), "--replace", tmp_path / "copy")
    assert "stop them first" in ran.err
    presence.gone()
    assert running(site, now()) == []


def test_what_is_no_backup_is_refused_and_changes_nothing(site: Parts, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear Ana")
    for name in ("letter", "absent"):
        with pytest.raises(StoreError, match=r"backup|no file|input file|archive"):
            site.store.restore(tmp_path / name)
    with site.store.read() as conn:
        assert copies.standing(conn) is None
        assert items.count(conn) == 0


# --- what only one of the two databases has


def test_a_copy_by_pg_dump_knows_that_it_is_one(founded: Path, tmp_path: Path, tables: object) -> None:
    """Whoever restores it, and however: it finds itself at another place."""
    program("pg_dump", package="postgresql-client")
    with schemas() as make, another_database() as other:
        url = make()
        schema = url.rpartition("%3D")[2]
        first = make_store(url)
        first.migrate()
        dumped = [
            "pg_dump",
            "--format=plain",
            f"--schema={schema}",
            f"--file={tmp_path / 'dump'}",
            answering(),
        ]
        subprocess.run(dumped, check=True)
        subprocess.run(["psql", "-q", "-o", "/dev/null", "-f", tmp_path / "dump", other], check=True)
        copy = make_store(in_schema(other, schema))
        with pytest.raises(Held, match="pg_dump"):
            restoring.require_released(copy)
        copy.require_current()
        with pytest.raises(Held, match="made by pg_dump, noticed "):
            restoring.require_released(copy)
        restoring.release(copy, now())
        restoring.require_released(copy)
        restoring.require_released(first)
        first.close()
        copy.close()


def make_store(url: str):
    from feeds.store import open_store

    return open_store(url)


@contextmanager
def another_database() -> Iterator[str]:
    name = "feeds_test_another"
    with psycopg.connect(answering(), autocommit=True) as conn:
        conn.execute(f"DROP DATABASE IF EXISTS {name}")
        conn.execute(f"CREATE DATABASE {name}")
        yield answering().rpartition("/")[0] + f"/{name}"
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_plain_copy_of_a_sqlite_file_is_a_backup_too(site: Parts, tmp_path: Path) -> None:
    if on_postgres(site):
        pytest.skip("SQLite's")
    site.store.backup(tmp_path / "copy")
    with make_store(f"sqlite:///{tmp_path / 'copy'}").write() as conn:
        copies.release(conn)
    put_back(site, tmp_path / "copy")
    with pytest.raises(Held, match="a copy of 20"):
        restoring.require_released(site.store)


def test_a_damaged_backup_is_not_put_back(site: Parts, tmp_path: Path) -> None:
    take(site)
    site.store.backup(tmp_path / "copy")
    raw = bytearray((tmp_path / "copy").read_bytes())
    raw[len(raw) // 2 :] = bytes(len(raw) - len(raw) // 2)
    (tmp_path / "copy").write_bytes(raw)
    if on_postgres(site):
        drop_tables(site)
    else:
        site.store.set_aside()
    with pytest.raises(StoreError):
        site.store.restore(tmp_path / "copy")
    assert site.store.is_empty()
