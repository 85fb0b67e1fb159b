"""`feeds run` as a real process: dropped files, growing files, kill -9, SIGTERM."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from feeds import signup
from feeds.app.founding import found
from feeds.app.parts import Parts, now
from feeds.filters import parse
from feeds.model import Cadence
from feeds.store import deliveries, items

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


@contextmanager
def service(parts: Parts) -> Iterator[subprocess.Popen[bytes]]:
    """`feeds run` on a site; killed at the end if the test did not end it."""
    log = (parts.settings.root / "run.log").open("ab")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "feeds", "--config", str(parts.settings.file), "run"]
    process = subprocess.Popen(command, stderr=log, stdout=log, env=environment)
    try:
        wait_until(lambda: process.poll() is not None or answers(parts), "the site answers")
        assert process.poll() is None, (parts.settings.root / "run.log").read_text(encoding="utf-8")
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        log.close()


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
    signup.join(parts.store, joining, now())


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
    with service(site) as process:
        drop(site, "one.txt", ITEM.format(day=18, title="Panama opens a school", text="Children learn."))
        wait_until(lambda: "Panama opens a school" in fetched(site, "/feeds/country/pa.atom"), "in the feed")
        wait_until(lambda: "Panama opens a school" in fetched(site, "/country/pa/"), "on the page")
        wait_until(lambda: len(mails(site)) == 1, "the mail")
        wait_until((site.inbox.root / "done" / "one.txt").exists, "filed away")
        assert (site.inbox.root / "done" / "one.txt.receipt.txt").exists()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0


def test_a_file_that_is_still_growing_is_left_alone_until_it_has_settled(running_site: Parts) -> None:
    site = running_site
    config = site.settings.file
    config.write_text(
        config.read_text(encoding="utf-8").replace("settle = 0.4", "settle = 4.0"), encoding="utf-8"
    )
    path = site.inbox.root / "slow.txt"
    with service(site), path.open("w", encoding="utf-8") as file:
        for day in range(1, 9):
            file.write(ITEM.format(day=day, title=f"Panama, day {day}", text="Slowly written."))
            file.flush()
            drop(
                site, f"beside-{day}.txt", ITEM.format(day=day, title=f"Honduras, day {day}", text="At once.")
            )
            wait_until(lambda day=day: stored(site) >= day, "the others are not held up")  # type: ignore[misc]
            assert path.exists()
        file.close()
        wait_until((site.inbox.root / "done" / "slow.txt").exists, "taken once it stood still")
    assert stored(site) == 16
    receipt = (site.inbox.root / "done" / "slow.txt.receipt.txt").read_text(encoding="utf-8")
    assert "8 new" in receipt


@pytest.mark.parametrize("moment", ["stored", "published", "mailed", "at once"])
def test_a_killed_process_starts_again_and_loses_and_doubles_nothing(
    running_site: Parts, moment: str
) -> None:
    site = running_site
    join(site, "one@example.org", "all")
    join(site, "two@example.org", "country:pa,hn")
    countries = ["Panama", "Honduras", "Mexico", "Guyana"]
    moments: dict[str, Callable[[], bool]] = {
        "stored": lambda: stored(site) >= 10,
        "published": lambda: site.settings.path("public/feeds/country/pa.atom").exists(),
        "mailed": lambda: len(mails(site)) >= 1,
        "at once": lambda: True,
    }
    with service(site) as process:
        for number, country in enumerate(countries):
            text = "\n".join(
                ITEM.format(day=day, title=f"{country} story {day}", text="News.") for day in range(1, 11)
            )
            drop(site, f"{number}.txt", text)
        wait_until(moments[moment], moment)
        process.kill()
        process.wait()
    with service(site) as process:
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
