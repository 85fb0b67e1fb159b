"""A whole site under load: how long a bulletin takes to its feeds and letters, while mail and readers go on.

    PYTHONPATH=src python benchmarks/load.py [--items 5000] [--subscribers 20000] [--filters 2000]
        [--immediate 700] [--readers 50] [--bulletins 5] [--burst 0] [--store URL] [--folder DIR]

A site is made with so many items and people (daily and weekly ones over distinct filters, and `--immediate`
ones that want at once what the bulletins are about). Yesterday's news are composed for all: that is the
backlog. It drains into `smtp-sink` (Debian: postfix) while `feeds run` does everything in one process,
`--readers` ask once a second each, and bulletins of ten items are dropped one after the other. Printed:
seconds until the ten items stand in a published feed, and until the letters are queued; letters sent
meanwhile; how long readers waited; the most memory that the site's processes held; the database's size.
`--burst` drops so many files at once at the end and prints the slowest. With `--folder` the site stays there
and is used again. `--store postgresql://…` needs an empty database.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from stock import stock  # noqa: E402

from feeds import config  # noqa: E402
from feeds.app.founding import found  # noqa: E402
from feeds.app.parts import Parts, now  # noqa: E402
from feeds.composing.compose import compose  # noqa: E402
from feeds.model import Kind  # noqa: E402
from feeds.publishing.publish import publish  # noqa: E402

PROMISED_IN_FEEDS_S, PROMISED_QUEUED_S, PROMISED_P99_MS, PROMISED_MB = 1.0, 2.0, 100.0, 600
PATIENCE_S = 300.0
SUBJECT = ("pa", "Panama")  # what the bulletins are about, and what those who wait for them want
NEWS = "{on:%-d %B, %Y}\n\nPanama opens school {name}\n\nChildren of Panama learn to read there.\n\n"


def make(folder: Path, asked: argparse.Namespace, sink: int) -> Parts:
    port = free_port()
    values = {
        "site.base_url": f'"http://127.0.0.1:{port}"', "web.listen": f'"127.0.0.1:{port}"',
        "mail.transport": '"smtp"', "mail.tls": '"none"',
        "mail.port": str(sink), "inbox.settle": "0.0", "inbox.rescan": "0.5", "log.level": '"warning"',
        "store.url": f'"{asked.store}"', "digest.max_age": "36500",
    }  # fmt: skip
    return found(folder, values)


def fill(parts: Parts, asked: argparse.Namespace) -> None:
    """Items, people, and yesterday's letters."""
    stock(parts, asked.items)
    publish(parts.store, parts.press)
    table = parts.settings.root / "people.csv"
    write_people(parts, table, asked)
    command = ["subscribers", "import", str(table), "--consent", "a benchmark"]
    subprocess.run(feeds(parts, *command), check=True, env=environment(), stdout=subprocess.DEVNULL)
    with parts.store.write() as conn:  # they came before yesterday's news
        earlier = (now() - timedelta(days=2)).isoformat(timespec="microseconds").replace("+00:00", "Z")
        conn.execute(text("UPDATE audience SET covered_at = :at"), {"at": earlier})
        conn.execute(text("UPDATE membership SET since_at = :at"), {"at": earlier})
    drop(parts, "yesterday", number=30, about=[term.names["en"] for term in countries(parts)])
    subprocess.run(feeds(parts, "ingest"), check=True, env=environment(), stdout=subprocess.DEVNULL)
    compose(parts.store, parts.compose_rules, now(), early=True)


def countries(parts: Parts) -> list[object]:
    return [term for term in parts.vocabulary.of(Kind.COUNTRY) if term.code != SUBJECT[0]][:50]  # type: ignore[return-value]


def write_people(parts: Parts, path: Path, asked: argparse.Namespace) -> None:
    """Zipf over distinct filters; immediate ones want what the bulletins are about, in one of 20 ways."""
    chance = random.Random(3)
    topics = [term.code for term in parts.vocabulary.of(Kind.TOPIC)]
    codes = [term.code for term in countries(parts)]  # type: ignore[attr-defined]
    made: dict[str, None] = {}
    while len(made) < asked.filters:
        where = ",".join(sorted(chance.sample(codes, chance.randint(1, 3))))
        what = ",".join(sorted(chance.sample(topics, chance.randint(1, 2))))
        made[f"country:{where}" + (f" topic:{what}" if chance.random() < 0.5 else "")] = None
    texts = list(made)
    weights = [1 / (n + 1) for n in range(len(texts))]
    with path.open("w", encoding="utf-8") as file:
        file.write("address,filter,cadence\n")
        for n, wanted in enumerate(chance.choices(texts, weights, k=asked.subscribers)):
            file.write(f'p{n}@host{n % 500}.example.org,"{wanted}",{chance.choice(("daily", "weekly"))}\n')
        for n in range(asked.immediate):
            file.write(f'now{n}@host{n % 50}.example.org,"country:{SUBJECT[0]},{codes[n % 20]}",immediate\n')


def drop(parts: Parts, name: str, number: int = 10, about: list[str] | None = None) -> None:
    """A bulletin of different items, whole at once."""
    items = [
        NEWS.format(on=now().date() - timedelta(days=n % 20), name=f"{name} {n}").replace(
            "Panama", about[n % len(about)] if about else "Panama"
        )
        for n in range(number)
    ]
    part = parts.inbox.root / f".{name}.txt"
    part.write_text("".join(items), encoding="utf-8")
    os.utime(part, (0, 0))
    part.rename(parts.inbox.root / f"{name}.txt")


def feeds(parts: Parts, *words: str) -> list[str]:
    return [sys.executable, "-m", "feeds", "--config", str(parts.settings.file), *words]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src")}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def sinking(port: int) -> Iterator[None]:
    program = shutil.which("smtp-sink", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise SystemExit("smtp-sink is needed: apt install postfix")
    user = ["-u", "postfix"] if os.geteuid() == 0 else []
    process = subprocess.Popen([program, *user, f"127.0.0.1:{port}", "1000"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


@dataclass
class Readers:
    """They ask once a second each, over kept connections."""

    parts: Parts
    number: int
    waited_ms: list[float] = field(default_factory=list)
    failed: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        asyncio.run(self._all())

    async def _all(self) -> None:
        await asyncio.gather(*(self._one(n) for n in range(self.number)))

    async def _one(self, n: int) -> None:
        chance = random.Random(n)
        paths = ["/", "/feeds/all.atom", f"/country/{SUBJECT[0]}/", f"/feeds/country/{SUBJECT[0]}.atom"]
        paths += [f"/filter.atom?country={each.code}" for each in countries(self.parts)]  # type: ignore[attr-defined]
        await asyncio.sleep(chance.random())
        while not self.stop.is_set():
            begun = time.perf_counter()
            try:
                await self._ask(chance.choice(paths))
                self.waited_ms.append((time.perf_counter() - begun) * 1000)
            except (OSError, asyncio.IncompleteReadError, ValueError):
                self.failed += 1
            await asyncio.sleep(max(0.0, 1 - (time.perf_counter() - begun)))

    async def _ask(self, path: str) -> None:
        host, _, port = self.parts.settings.web.listen.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            asked = (
                f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
            )
            writer.write(asked.encode())
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.read(-1)
            if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 30")):
                raise ValueError(head[:40])
        finally:
            writer.close()


def until(true: Callable[[], bool], every_s: float) -> float:
    """Seconds until it was so."""
    begun = time.perf_counter()
    while not true():
        if time.perf_counter() - begun > PATIENCE_S:
            raise SystemExit("it never came")
        time.sleep(every_s)
    return time.perf_counter() - begun


def is_in_feeds(parts: Parts, name: str, number: int = 10) -> bool:
    feed = parts.public.read(f"feeds/country/{SUBJECT[0]}.atom") or b""
    return feed.count(f"school {name} ".encode()) >= number


def count(parts: Parts, query: str) -> int:
    with parts.store.read() as conn:
        return int(conn.scalar(text(query)) or 0)


SENT = "SELECT count(*) FROM delivery WHERE state = 'sent'"
QUEUED = (
    "SELECT count(*) FROM delivery d JOIN audience a ON a.id = d.audience_id WHERE a.cadence = 'immediate'"
)
WAITING = "SELECT count(*) FROM delivery WHERE state = 'queued'"


def one_bulletin(parts: Parts, asked: argparse.Namespace, name: str) -> tuple[float, float]:
    """Seconds to the feeds, and to the queue."""
    before = count(parts, QUEUED)
    begun = time.perf_counter()
    drop(parts, name)
    until(lambda: is_in_feeds(parts, name), 0.005)
    fed = time.perf_counter() - begun
    until(lambda: count(parts, QUEUED) >= before + asked.immediate, 0.05)
    return fed, time.perf_counter() - begun


def burst(parts: Parts, number: int) -> float:
    """Seconds until the last of so many files is taken in and published."""
    begun = time.perf_counter()
    for n in range(number):
        drop(parts, f"burst{n}", number=1)
    done = "SELECT count(*) FROM bulletin WHERE name LIKE 'burst%' AND filed_at IS NOT NULL"
    until(lambda: count(parts, done) == number, 0.05)
    until(lambda: is_in_feeds(parts, f"burst{number - 1}", 1), 0.02)
    return time.perf_counter() - begun


def memory_mb(pid: int) -> int:
    """The most that a process and its children held, in MB."""
    found = 0
    for process in (pid, *children(pid)):
        status = Path(f"/proc/{process}/status").read_text()
        found += next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
    return found // 1024


def children(pid: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] if values else 0.0


def size_mb(parts: Parts) -> float:
    if parts.settings.store_url().startswith("sqlite"):
        return Path(parts.store.where).stat().st_size / 1e6
    return count(parts, "SELECT pg_database_size(current_database())") / 1e6


def measure(parts: Parts, asked: argparse.Namespace) -> None:
    print(
        f"backlog: {count(parts, WAITING)} letters; database {size_mb(parts):.0f} MB; "
        f"load {os.getloadavg()[0]:.1f}"
    )
    readers = Readers(parts, asked.readers)
    with ExitStack() as stack:
        process = subprocess.Popen(feeds(parts, "run"), env=environment())
        stack.callback(process.wait)
        stack.callback(process.terminate)
        host, _, port = parts.settings.web.listen.rpartition(":")
        until(lambda: socket.socket().connect_ex((host, int(port))) == 0, 0.1)
        thread = threading.Thread(target=readers.run)
        thread.start()
        stack.callback(thread.join)
        stack.callback(readers.stop.set)
        sent, begun = count(parts, SENT), time.perf_counter()
        times = [one_bulletin(parts, asked, f"b{n}x{os.getpid()}") for n in range(asked.bulletins)]
        rate = (count(parts, SENT) - sent) / (time.perf_counter() - begun)
        left = count(parts, WAITING)
        slowest = burst(parts, asked.burst) if asked.burst else None
        memory = memory_mb(process.pid)
    tell(times, rate, left, readers, memory, slowest)


def tell(
    times: list[tuple[float, float]],
    rate: float,
    left: int,
    readers: Readers,
    memory: int,
    slowest: float | None,
) -> None:
    fed, queued = ([each[n] for each in times] for n in (0, 1))
    p50, p99 = (percentile(readers.waited_ms, part) for part in (0.5, 0.99))
    row("ten items in their feeds", f"{min(fed):.2f} to {max(fed):.2f} s", max(fed) <= PROMISED_IN_FEEDS_S)
    row(
        "immediate letters queued",
        f"{min(queued):.2f} to {max(queued):.2f} s",
        max(queued) <= PROMISED_QUEUED_S,
    )
    row("letters sent meanwhile", f"{rate:.0f} a second, {left} left", None)
    row("readers", f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, {readers.failed} failed of {len(readers.waited_ms)}",
        p99 <= PROMISED_P99_MS)  # fmt: skip
    row("memory, all roles", f"{memory} MB", memory <= PROMISED_MB)
    if slowest is not None:
        row("the last of a burst", f"{slowest:.1f} s", None)
    print(f"load {os.getloadavg()[0]:.1f}")


def row(what: str, value: str, kept: bool | None) -> None:
    word = {True: "kept", False: "NOT KEPT", None: ""}[kept]
    print(f"{what:<28}{value:<44}{word}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    sizes = {
        "items": 5_000, "subscribers": 20_000, "filters": 2_000, "immediate": 700, "readers": 50,
        "bulletins": 5, "burst": 0,
    }  # fmt: skip
    for name, default in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--store", default="sqlite:///state/feeds.db")
    parser.add_argument("--folder", type=Path)
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    with ExitStack() as stack:
        port = free_port()
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "site"
        stack.enter_context(sinking(port))
        if folder.exists():
            file = folder / "config" / "feeds.toml"
            known = config.load(file).mail.port
            file.write_text(file.read_text().replace(f"port = {known}", f"port = {port}", 1))
            parts = Parts(config.load(file))
        else:
            parts = make(folder, asked, port)
            fill(parts, asked)
        measure(parts, asked)
        parts.store.close()


if __name__ == "__main__":
    main()
