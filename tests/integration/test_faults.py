"""A database that is away, locked or full, a journal that cannot be written: told in a line, and then made up
for. The table of all faults is docs/faults.md; the others have tests of their own."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from feeds.app.parts import Parts, now
from feeds.app.running import Running
from feeds.filters import parse
from feeds.model import Cadence
from feeds.people import leaving, signup
from feeds.store import items

PATIENCE_S = 120.0
NEWS = "{day} November, 2026\n\nPanama opens school {day}\n\nChildren learn to read in room {day}.\n"


def drop(parts: Parts, day: int) -> None:
    part = parts.inbox.root / f".{day}.txt"
    part.write_text(NEWS.format(day=day), encoding="utf-8")
    os.utime(part, (0, 0))
    part.rename(parts.inbox.root / f"{day}.txt")


def join(parts: Parts, address: str) -> int:
    joining = signup.Joining(
        address=address, filters=(parse("country:pa"),), cadence=Cadence.IMMEDIATE, consent="a test"
    )
    return signup.join(parts.store, joining, parts.joining_defaults, now())


@contextmanager
def working(parts: Parts) -> Iterator[list[dict[str, object]]]:
    """All but the web role of `feeds run`, in a thread; what it logs."""
    process = Running(parts, ("watch", "schedule", "deliver"))
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        await process.run()

    def in_a_thread() -> None:
        with asyncio.Runner() as runner:
            # Signals are the main thread's.
            runner.get_loop().add_signal_handler = lambda *_: None  # type: ignore[method-assign,assignment]
            runner.run(run())

    with capture_logs() as lines:
        thread = threading.Thread(target=in_a_thread)
        thread.start()
        try:
            yield lines  # type: ignore[misc]
        finally:
            wait_until(lambda: loops, "it began")
            loops[0].call_soon_threadsafe(process.stop.set)
            thread.join(PATIENCE_S)
            process.watchdog.call_off()
            assert not thread.is_alive()


def wait_until(true: Callable[[], object], what: str) -> None:
    pause, waited = threading.Event(), 0.0
    while not true():
        waited += 0.05
        assert waited < PATIENCE_S, f"never happened: {what}"
        pause.wait(0.05)


def told(lines: list[dict[str, object]], words: str) -> bool:
    return any(words in str(line.get("reason")) for line in list(lines))


def sent(parts: Parts) -> list[str]:
    """The items that went out, as often as they did."""
    query = (
        "SELECT i.item_id FROM delivery d JOIN digest_item i ON i.digest_id = d.digest_id "
        "WHERE d.state = 'sent'"
    )
    with parts.store.read() as conn:
        return [row[0] for row in conn.execute(text(query))]


def in_the_end_all_went_out_once(parts: Parts, number: int) -> None:
    wait_until(lambda: len(sent(parts)) >= number, "every item went out")
    assert len(set(sent(parts))) == len(sent(parts)) == number
    with parts.store.read() as conn:
        assert items.count(conn) == number


def test_a_database_that_is_locked_is_waited_for_and_what_came_meanwhile_is_done(
    site: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(site.store.__dict__, "_busy_timeout_s", 0.2)
    join(site, "ana@reader.example")
    with working(site) as lines:
        with closing(sqlite3.connect(site.store.where, timeout=PATIENCE_S)) as other:
            other.execute("BEGIN EXCLUSIVE")
            drop(site, 1)
        drop(site, 2)
        in_the_end_all_went_out_once(site, 2)
    assert "exception" not in str(lines)


def test_a_database_that_is_away_is_told_once_and_what_came_meanwhile_is_done(site: Parts) -> None:
    join(site, "ana@reader.example")
    path = Path(site.store.where)
    away = path.with_name("away.db")
    with working(site) as lines:
        drop(site, 1)
        in_the_end_all_went_out_once(site, 1)
        path.rename(away)
        drop(site, 2)
        wait_until(lambda: told(lines, "There is no database"), "it is told")
        away.rename(path)
        in_the_end_all_went_out_once(site, 2)
    told_by = [(line["name"], line["reason"]) for line in lines if line["event"] == "pass-failed"]
    assert len(told_by) == len(set(told_by))
    assert not any("exc_info" in line for line in lines)


def test_a_journal_that_cannot_be_written_follows_when_it_can(site: Parts) -> None:
    person = join(site, "ana@reader.example")
    journal = site.settings.path(site.settings.store.journal)
    journal.mkdir()  # nobody can write to that
    with working(site) as lines:
        assert leaving.leave(site.store, person, None, now(), "asked") is not None
        wait_until(lambda: told(lines, f"{journal}: Is a directory"), "it is told")
        journal.rmdir()
        wait_until(lambda: journal.is_file() and " left " in journal.read_text(), "it follows")
