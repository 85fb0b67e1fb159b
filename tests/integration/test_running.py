"""`feeds run` as a real process: dropped files, growing files, kill -9, SIGTERM."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from feeds.app import running as app_running
from feeds.app.founding import found
from feeds.app.parts import Parts, now
from feeds.app.pauses import next_pause, spread
from feeds.app.watchdog import Watchdog
from feeds.composing.compose import compose
from feeds.delivering.deliver import DeliverReport
from feeds.errors import StoreError
from feeds.filters import parse
from feeds.model import Cadence, DeliveryState, HostAway
from feeds.people import signup
from feeds.store import deliveries, items
from smtp_server import ScriptedServer
from taking import accept_one

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
ITEM = "{day} November, 2026\n\n{title}\n\n{text}\n"


def wait_until(true: Callable[[], object], what: str) -> None:
    """Ask again and again, until it is so or patience ends."""
    pause, waited = threading.Event(), 0.0
    while not true():
        waited += 0.05
        assert waited < PATIENCE_S, f"never happened: {what}"
        pause.wait(0.05)


@pytest.fixture
def running_site(tmp_path: Path) -> Iterator[Parts]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    values = {
        "site.base_url": f'"http://127.0.0.1:{port}"',
        "web.listen": f'"127.0.0.1:{port}"',
        "inbox.settle": "0.4",
        "inbox.rescan": "0.5",
        "digest.max_age": "36500",
    }
    parts = found(tmp_path / "site", values)
    yield parts
    parts.store.close()


# As `python -m feeds`; asked by SIGUSR1, it also says whether a thread waits to begin a transaction.
PROGRAM = """
import signal, sys, traceback
from feeds.cli import main

def tell(*_):
    frames = [frame for top in sys._current_frames().values() for frame, _ in traceback.walk_stack(top)]
    if any(frame.f_code.co_name == "begun" for frame in frames):
        sys.stderr.write("it waits\\n")

signal.signal(signal.SIGUSR1, tell)
main()
"""


@contextmanager
def running(parts: Parts) -> Iterator[subprocess.Popen[bytes]]:
    """`feeds run` on a site; killed at the end if the test did not end it."""
    log = (parts.settings.root / "run.log").open("ab")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", PROGRAM, "--config", str(parts.settings.file), "run"]
    process = subprocess.Popen(command, stderr=log, stdout=log, env=environment)
    try:
        wait_until(lambda: process.poll() is not None or answers(parts), "the site answers")
        assert process.poll() is None, logged(parts)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        log.close()


def logged(parts: Parts) -> str:
    return (parts.settings.root / "run.log").read_text(encoding="utf-8")


def answers(parts: Parts) -> bool:
    try:
        with urllib.request.urlopen(f"http://{parts.settings.web.listen}/health", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def fetched(parts: Parts, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://{parts.settings.web.listen}{path}", timeout=5) as answer:
            return answer.read().decode()
    except OSError:
        return ""


def join(parts: Parts, address: str, text: str = "all", cadence: Cadence = Cadence.IMMEDIATE) -> None:
    joining = signup.Joining(
        address=address, filters=(parse(text),), cadence=cadence, lang="en", zone="UTC",
        hour=7, weekday=1, consent="a test",
    )  # fmt: skip
    signup.join(parts.store, joining, parts.joining_defaults, now())


def drop(parts: Parts, name: str, text: str) -> None:
    """Renamed in, and of an age that says it is whole: it need not settle."""
    temporary = parts.inbox.root / f".{name}"
    temporary.write_text(text, encoding="utf-8")
    os.utime(temporary, (0, 0))
    temporary.rename(parts.inbox.root / name)


def stored(parts: Parts) -> int:
    with parts.store.read() as conn:
        return items.count(conn)


def mails(parts: Parts) -> list[str]:
    found_mails = [
        message_from_bytes(path.read_bytes(), policy=policy.default) for path in parts.outbox.glob("*.eml")
    ]
    return [str(message["To"]) + "\n" + message.get_body(("plain",)).get_content() for message in found_mails]  # type: ignore[attr-defined]


def test_a_dropped_bulletin_comes_to_feed_page_and_mail_and_sigterm_ends_it(running_site: Parts) -> None:
    site = running_site
    join(site, "reader@example.org", "country:pa")
    with running(site) as process:
        drop(site, "one.txt", ITEM.format(day=18, title="Panama opens a school", text="Children learn."))
        wait_until(lambda: "Panama opens a school" in fetched(site, "/feeds/country/pa.atom"), "in the feed")
        wait_until(lambda: "Panama opens a school" in fetched(site, "/country/pa/"), "on the page")
        wait_until(lambda: len(mails(site)) == 1, "the mail")
        wait_until((site.inbox.root / "done" / "one.txt").exists, "filed away")
        assert (site.inbox.root / "done" / "one.txt.receipt.txt").exists()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0
    assert "event='stopped'" in logged(site)
    assert "stopping-late" not in logged(site)
    assert "Traceback" not in logged(site)


def test_a_process_says_that_its_configuration_changed_and_that_topics_are_missing(
    running_site: Parts,
) -> None:
    join(running_site, "one@example.org", "topic:never-was")
    topics = running_site.settings.root / "config" / "topics.toml"
    with running(running_site):
        assert "event='topic-missing' room='configuration' slug='never-was' subscribers=1" in logged(
            running_site
        )
        assert "configuration-changed" not in logged(running_site)
        topics.write_text(topics.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
        wait_until(lambda: "configuration-changed" in logged(running_site), "the change is told")
    assert "files='topics.toml' restart_for=None" in logged(running_site)


def test_sigterm_ends_a_process_whose_passes_all_wait_for_a_locked_database(running_site: Parts) -> None:
    site = running_site
    join(site, "reader@example.org")
    with running(site) as process:
        with closing(sqlite3.connect(site.store.where, timeout=PATIENCE_S)) as other:
            other.execute("BEGIN EXCLUSIVE")
            for number in range(3):
                drop(site, f"{number}.txt", ITEM.format(day=18, title=f"Panama, {number}", text="News."))
            leaving = f"http://{site.settings.web.listen}/unsubscribe/{site.tokens.unsubscribe(1, 1)}"
            visitor = threading.Thread(target=lambda: posted(leaving), daemon=True)
            visitor.start()

            def waits_for_the_lock() -> bool:
                process.send_signal(signal.SIGUSR1)
                # Seen once, it may be any short transaction; for a second, it is the lock.
                return logged(site).count("it waits") > 20

            wait_until(waits_for_the_lock, "threads wait for the lock")
            process.send_signal(signal.SIGTERM)
            # 15 s are promised, and a busy machine gets a little more; the lock is waited for 30 s.
            assert process.wait(timeout=20) == 0
            assert "event='stopping-late'" in logged(site)
        visitor.join(PATIENCE_S)
    with running(site) as process:
        wait_until(lambda: stored(site) == 3, "what was not taken in is taken in by the next process")


def posted(url: str) -> None:
    with suppress(OSError):
        urllib.request.urlopen(url, data=b"", timeout=PATIENCE_S).close()


def test_a_letter_whose_answer_does_not_come_is_recorded_at_the_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run(parts: Parts, server: ScriptedServer) -> None:
        program = app_running.Running(parts, ("deliver",), watchdog=Watchdog(3600))
        ending = asyncio.create_task(program.run())
        while not server.reached["accepted"]:
            await asyncio.sleep(0.01)
        program.stop.set()
        await ending
        program.watchdog.call_off()

    monkeypatch.setattr(app_running, "CANCEL_AFTER_S", 0.1)
    with ScriptedServer() as server:
        server.fail("accepted", "hang")
        values = {"mail.transport": '"smtp"', "mail.port": str(server.port), "mail.tls": '"none"'}
        parts = found(tmp_path / "site", values | {"digest.max_age": "36500"})
        join(parts, "reader@example.org")
        text = ITEM.format(day=18, title="Panama opens a school", text="Children learn.")
        accept_one(parts, "one.txt", text.encode(), now(), "default", filed=True)
        compose(parts.store, parts.compose_rules, now())
        asyncio.run(run(parts, server))
    with parts.store.read() as conn:
        (row,) = deliveries.listing(conn, limit=9)
    parts.store.close()
    assert (row.state, row.uncertain, row.owner) == (DeliveryState.QUEUED, 1, None)
    assert "the process was stopped" in row.reason


def away(sent: int = 0) -> DeliverReport:
    return DeliverReport(outcomes=Counter({"sent": sent}), away=HostAway("gone"))


def test_a_server_that_is_away_is_asked_ever_more_seldom_until_it_takes_a_letter() -> None:
    pauses, pause = [], 0.0
    for report in [away(), away(), None, away(), away(sent=1), away(), DeliverReport(), away()]:
        pause = next_pause(pause, report)
        pauses.append(pause)
    assert pauses == [5, 10, 20, 40, 5, 10, 0, 5]
    assert next_pause(200, away()) == 300


@pytest.mark.parametrize(("jitter", "pause"), [(0.0, 90.0), (0.5, 100.0), (1.0, 110.0)])
def test_senders_do_not_come_back_to_a_server_together(jitter: float, pause: float) -> None:
    assert spread(100.0, jitter) == pytest.approx(pause)
    assert spread(0.0, jitter) == 0


def python(code: str, **options: Any) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    head = "import sys, threading, time; from feeds.app.watchdog import Watchdog\n"
    return subprocess.Popen([sys.executable, "-c", head + code], text=True, env=environment, **options)


def test_the_watchdog_ends_a_process_that_a_thread_keeps_alive() -> None:
    code = (
        "dog = Watchdog(0.2); threading.Thread(target=threading.Event().wait, name='stuck').start()\n"
        "dog.let_go(); dog.call_off()"
    )
    process = python(code, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert "stopping-late" in out
    assert "stuck" in out


def test_the_watchdog_ends_a_process_that_cannot_even_say_so() -> None:
    code = (
        "from feeds import log; log.configure()\n"
        "dog = Watchdog(0.2); threading.Thread(target=sys.stderr.write, args=['x' * 10**6]).start()\n"
        "dog.let_go()"
    )
    process = python(code, stderr=subprocess.PIPE)
    assert process.wait(timeout=PATIENCE_S) == 0
    process.communicate()


def test_a_watchdog_that_was_called_off_does_nothing() -> None:
    code = "dog = Watchdog(0.2); dog.let_go(); dog.call_off(); time.sleep(0.6); print('still here')"
    process = python(code, stdout=subprocess.PIPE)
    assert process.communicate(timeout=PATIENCE_S)[0] == "still here\n"


def test_a_database_in_trouble_ends_the_compose_pass_at_the_first_audience(running_site: Parts) -> None:
    site = running_site
    join(site, "one@example.org", "country:pa", Cadence.DAILY)
    join(site, "two@example.org", "country:hn", Cadence.DAILY)
    with site.store.write() as conn:
        conn.exec_driver_sql(
            "CREATE TRIGGER trouble BEFORE UPDATE ON audience BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(StoreError):
        compose(site.store, site.compose_rules, now(), early=True)


def test_a_file_that_is_still_growing_is_left_alone_until_it_has_settled(running_site: Parts) -> None:
    site = running_site
    config = site.settings.file
    config.write_text(
        config.read_text(encoding="utf-8").replace("settle = 0.4", "settle = 2.5"), encoding="utf-8"
    )
    path = site.inbox.root / "slow.txt"
    with running(site), path.open("w", encoding="utf-8") as file:
        for day in range(1, 5):
            file.write(ITEM.format(day=day, title=f"Panama, day {day}", text="Slowly written."))
            file.flush()
            drop(
                site, f"beside-{day}.txt", ITEM.format(day=day, title=f"Honduras, day {day}", text="At once.")
            )
            wait_until(lambda day=day: stored(site) >= day, "the others are not held up")  # type: ignore[misc]
            assert path.exists()
        file.close()
        wait_until((site.inbox.root / "done" / "slow.txt").exists, "taken once it stood still")
    assert stored(site) == 8
    receipt = (site.inbox.root / "done" / "slow.txt.receipt.txt").read_text(encoding="utf-8")
    assert "4 new" in receipt


@pytest.mark.parametrize("moment", ["stored", "mailed"])
def test_a_killed_process_starts_again_and_loses_and_doubles_nothing(
    running_site: Parts, moment: str
) -> None:
    site = running_site
    join(site, "one@example.org", "all")
    join(site, "two@example.org", "country:pa,hn")
    countries = ["Panama", "Honduras", "Mexico", "Guyana"]
    moments: dict[str, Callable[[], bool]] = {
        "stored": lambda: stored(site) >= 10,
        "mailed": lambda: len(mails(site)) >= 1,
    }
    with running(site) as process:
        for number, country in enumerate(countries):
            text = "\n".join(
                ITEM.format(day=day, title=f"{country} story {day}", text="News.") for day in range(1, 11)
            )
            drop(site, f"{number}.txt", text)
        wait_until(moments[moment], moment)
        process.kill()
        process.wait()
    with running(site) as process:
        wait_until(lambda: len(list((site.inbox.root / "done").glob("?.txt"))) == 4, "all files are filed")
        wait_until(lambda: sum(text.count("/items/") for text in mails(site)) >= 60, "all mails are out")
        wait_until(
            lambda: fetched(site, "/feeds/all.atom").count("<entry") == 40, "all items are in the feed"
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0
    assert stored(site) == 40
    with site.store.read() as conn:
        ids = items.ids(conn)
        states = {row.state.value for row in deliveries.listing(conn, limit=100)}
    assert states == {"sent"}
    for address, expected in (("one@example.org", 40), ("two@example.org", 20)):
        text = "\n".join(each for each in mails(site) if each.startswith(address))
        assert sorted(text.count(f"/items/{each}/") for each in ids) == [0] * (40 - expected) + [1] * expected


def test_a_port_in_use_is_said_plainly(running_site: Parts) -> None:
    host, _, port = running_site.settings.web.listen.rpartition(":")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "feeds", "--config", str(running_site.settings.file), "run"]
    with socket.create_server((host, int(port))):
        ran = subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=60, check=False
        )
    assert ran.returncode == 1
    assert f"cannot listen on {host}:{port}" in ran.stderr
    assert "Traceback" not in ran.stderr
