"""One site on several hosts, as processes: what each does is seen by all, and a database that dies in the
middle costs nothing but time."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from conftest import ROOT
from feeds.app.founding import found
from feeds.app.moving_back import running as running_processes
from feeds.app.parts import Parts, now
from feeds.config import load
from feeds.filters import parse
from feeds.model import Cadence, DeliveryState
from feeds.people import signup
from feeds.publishing import marks
from feeds.publishing.standing import waiting
from feeds.store import deliveries, items
from integration.test_running import wait_until
from own_postgres import OwnServer, own_server
from smtp_server import ScriptedServer

pytestmark = pytest.mark.slow

PEOPLE, BULLETINS = 12, 8
COUNTRIES = ("pa", "hn", "cr")
NAMES = {"pa": "Panama", "hn": "Honduras", "cr": "Costa Rica"}


@pytest.fixture
def server() -> Iterator[OwnServer]:
    with own_server() as made:
        yield made


@pytest.fixture
def relay() -> Iterator[ScriptedServer]:
    with ScriptedServer() as made:
        yield made


@pytest.fixture
def site(server: OwnServer, relay: ScriptedServer, tmp_path: Path) -> Iterator[Parts]:
    values = {
        "store.url": f'"{server.url}"', "mail.transport": '"smtp"', "mail.port": str(relay.port),
        "mail.tls": '"none"', "digest.max_age": "36500", "inbox.settle": "0.0", "inbox.rescan": "0.5",
        "web.listen": f'"127.0.0.1:{free_port()}"',
    }  # fmt: skip
    parts = found(tmp_path / "site", values)
    yield parts
    parts.reader.close()
    parts.store.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def host(parts: Parts, name: str) -> Parts:
    """The same site as another host has it: its own public folder and port."""
    file = parts.settings.file.with_name(f"{name}.toml")
    words = parts.settings.file.read_text(encoding="utf-8")
    listen = parts.settings.web.listen
    words = words.replace('path = "public"', f'path = "{name}"').replace(listen, f"127.0.0.1:{free_port()}")
    file.write_text(words, encoding="utf-8")
    return Parts(load(file))


@contextmanager
def process(parts: Parts, roles: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "feeds", "--config", str(parts.settings.file), "run", "--roles", roles]
    with (parts.settings.root / f"{parts.settings.file.stem}.log").open("ab") as log:
        made = subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}
        )
        try:
            yield made
        finally:
            made.kill()
            made.wait(60)


def drop(parts: Parts, number: int) -> None:
    country = NAMES[COUNTRIES[number % len(COUNTRIES)]]
    news = f"{number + 1} November, 2026\n\n{country} opens school {number}\n\nChildren of {country} learn.\n"
    (parts.inbox.root / f".{number}.txt").write_text(news, encoding="utf-8")
    os.utime(parts.inbox.root / f".{number}.txt", (0, 0))
    (parts.inbox.root / f".{number}.txt").rename(parts.inbox.root / f"{number}.txt")


def join(parts: Parts, number: int) -> None:
    signup.join(
        parts.store,
        signup.Joining(
            address=f"reader{number}@reader.example", filters=(parse(f"country:{COUNTRIES[number % 3]}"),),
            cadence=Cadence.IMMEDIATE, consent="a test",
        ),
        parts.joining_defaults, now(),
    )  # fmt: skip


def all_there(parts: Parts, number: int) -> bool:
    """Whether the folder of one host has everything."""
    feed = parts.public.read("feeds/all.atom") or b""
    return (
        parts.public.read(marks.FILE) is not None
        and feed.count(b"<entry") == number
        and waiting(parts.store, parts.public) == 0
    )


def sent_of_each(parts: Parts) -> Counter[tuple[str, str]]:
    """How often each reader was sent each item, by query."""
    query = text(
        "SELECT d.address, i.item_id FROM delivery d JOIN digest_item i ON i.digest_id = d.digest_id "
        "WHERE d.state = 'sent'"
    )
    with parts.store.read() as conn:
        return Counter((row[0], row[1]) for row in conn.execute(query))


def done(parts: Parts) -> bool:
    with parts.store.read() as conn:
        states = {state for state, _ in deliveries.accounting(conn)}
    pairs = PEOPLE * BULLETINS - _unwanted()
    return states == {DeliveryState.SENT} and sum(sent_of_each(parts).values()) == pairs


def _unwanted() -> int:
    wanted = sum(b % 3 == p % 3 for b in range(BULLETINS) for p in range(PEOPLE))
    return PEOPLE * BULLETINS - wanted


def test_every_item_is_on_every_host_and_every_letter_goes_out_once_though_the_database_dies(
    site: Parts, server: OwnServer, relay: ScriptedServer
) -> None:
    for number in range(PEOPLE):
        join(site, number)
    webs = [host(site, f"web{n}") for n in range(3)]
    with ExitStack() as stack:
        for each in webs:
            stack.enter_context(process(each, "web"))
        stack.enter_context(process(host(site, "a"), "watch,schedule"))
        second = stack.enter_context(process(host(site, "b"), "schedule,deliver"))
        stack.enter_context(process(host(site, "c"), "deliver"))
        wait_until(lambda: len(running_processes(site, now())) == 6, "all say that they run")
        for number in range(BULLETINS // 2):
            drop(site, number)
        wait_until(lambda: relay.messages, "letters go out")
        server.stop("immediate")  # in the middle of whatever they do
        for number in range(BULLETINS // 2, BULLETINS):
            drop(site, number)
        server.start()
        wait_until(lambda: count(site) == BULLETINS, "all is taken in")
        second.send_signal(signal.SIGKILL)  # and one host dies
        wait_until(lambda: all(all_there(each, BULLETINS) for each in webs), "all hosts have all")
        wait_until(lambda: done(site), "all letters are sent")
    assert set(sent_of_each(site).values()) == {1}
    assert_once_or_excused(site, relay)
    for each in webs:
        assert_told_in_lines(each)
        each.store.close()


def count(parts: Parts) -> int:
    with parts.store.read() as conn:
        return items.count(conn)


def assert_once_or_excused(parts: Parts, relay: ScriptedServer) -> None:
    """A letter came twice only where its answer was lost: with the same Message-ID, and counted (P4)."""
    ids = Counter(
        line
        for each in relay.messages
        for line in each.source.splitlines()
        if line.startswith(b"Message-ID:")
    )
    with parts.store.read() as conn:
        rows = deliveries.listing(conn, limit=1000)
    assert len(ids) == len(rows)
    assert sum(number - 1 for number in ids.values()) <= sum(row.uncertain for row in rows)


def assert_told_in_lines(parts: Parts) -> None:
    log = (parts.settings.root / f"{parts.settings.file.stem}.log").read_text(encoding="utf-8")
    assert "Traceback" not in log, log
    assert "pass-failed" in log or "wake-ups-lost" in log
