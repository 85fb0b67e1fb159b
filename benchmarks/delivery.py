"""What delivering costs, from claimed rows to recorded receipts: letters a second, beside C programs.

    PYTHONPATH=src python benchmarks/delivery.py [--letters 20000] [--rounds 5] [--connections 10]
                                                 [--store postgresql://…] [--senders 2] [--body 17400]
                                                 [--seconds 20]
                                                 [--round-trip 20] [--postfix PORT]

Needs Debian's `postfix` for smtp-sink and smtp-source; everything runs on loopback. In each round, one after
the other: `smtp-source -d -s 10` with letters of the same size, a queue of digests delivered by `feeds` (a
database with synchronous=FULL, claimed, noted, assembled, pipelined, recorded), and aiosmtplib's own
`sendmail` with ready bytes. Ratios are of one run; figures of two runs or machines do not compare.
Filling and sending happen in processes of their own: CPU and memory are those of a sender alone.
`--seconds` ends each delivery after so long, so that a queue of a million can be looked at in a minute.
`--round-trip` puts a delay between us and the sink and compares with what the delay allows; `--postfix`
delivers to a server that stands at that port instead of to the sink.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT / "src")  # not this folder: a benchmark may be named as a module is

import aiosmtplib  # noqa: E402
import uvloop  # noqa: E402

from feeds import log  # noqa: E402
from feeds.app.pauses import share_fairly  # noqa: E402
from feeds.delivering.deliver import DeliverRules, deliver  # noqa: E402
from feeds.letters import Letters  # noqa: E402
from feeds.mail.smtp import SmtpSettings, SmtpTransport  # noqa: E402
from feeds.model import Audience, Cadence, Filter, SiteInfo, SubscriberState, Vocabulary  # noqa: E402
from feeds.store import Store, open_store, sharing  # noqa: E402
from feeds.store.queue import begun  # noqa: E402
from feeds.store.schema import delivery, digest, metadata, subscriber, subscription  # noqa: E402
from feeds.store.writing import insert_many  # noqa: E402
from feeds.templating import environment  # noqa: E402
from feeds.tokens import Tokens  # noqa: E402

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BODY = 17_400  # with headers and marks about the 18.6 kB of a digest of twelve items
HEAD = 1_200
LINE = '<p style="margin:0 0 12px">The ministers agreed on contracts, wages and visits to farms.</p>\n'
SINK, PROXY = 2525, 2530


def main() -> int:
    """Prints rates and ratios; 0 if the promises are kept."""
    options = _options()
    log.configure("error", "plain")
    with tempfile.TemporaryDirectory() as folder, _sink(), _proxy(options.round_trip):
        url = options.store or f"sqlite:///{folder}/feeds.db"
        rates: dict[str, list[float]] = {}
        for _ in range(options.rounds):
            for name, rate in _round(options, url):
                rates.setdefault(name, []).append(rate)
    return _report(options, rates)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--letters", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--per-connection", type=int, default=500)
    parser.add_argument("--body", type=int, default=BODY)
    parser.add_argument("--senders", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--store", default="")
    parser.add_argument("--round-trip", type=float, default=0.0, help="milliseconds")
    parser.add_argument("--postfix", type=int, default=0)
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


def _round(options: argparse.Namespace, url: str) -> Iterator[tuple[str, float]]:
    port = options.postfix or (PROXY if options.round_trip else SINK)
    letters, size = options.letters, options.body + HEAD
    subprocess.run([sys.executable, __file__, "--fill", url, str(letters), str(options.body)], check=True)
    if not options.round_trip:
        yield "smtp-source -d", _source(min(letters, 50_000), size, options.connections, port)
    told = _senders(options, url, port)
    sent = sum(each["sent"] for each in told)
    assert sent == letters or options.seconds, f"{sent} of {letters} were sent"
    yield "feeds", sent / (max(each["end"] for each in told) - min(each["begin"] for each in told))
    yield "sender CPU, µs a letter", sum(each["cpu"] for each in told) / sent * 1e6
    yield "of it in the kernel, µs", sum(each["kernel"] for each in told) / sent * 1e6
    yield "sender memory, MB", max(each["memory"] for each in told)
    few = letters // 8
    yield "aiosmtplib sendmail", _stock(min(few, 5000), size, options.connections, port)


def _senders(options: argparse.Namespace, url: str, port: int) -> list[dict[str, float]]:
    """Let so many processes deliver what is queued, begun at the same moment; what each tells of itself."""
    command = [
        sys.executable, __file__, "--send", url, str(port), str(options.connections),
        str(options.per_connection), str(options.seconds), "profile" if options.profile else "",
    ]  # fmt: skip
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(options.senders)
    ]
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in running:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.close()
    return [json.loads(each.stdout.read()) for each in running if each.stdout is not None]


def _send(url: str, port: str, connections: str, per_connection: str, seconds: str, profile: str) -> None:
    """One sender: says that it is ready, waits for a line, delivers, tells what that took."""
    log.configure("error", "plain")
    share_fairly()
    store = open_store(url)
    settings = SmtpSettings(
        host="127.0.0.1", port=int(port), local_hostname="feeds.test", max_per_connection=int(per_connection)
    )
    rules = DeliverRules(
        letters=_letters(), tokens=Tokens([b"k" * 32]), sender="news@example.test", sender_name="News",
        owner=str(os.getpid()), now=lambda: datetime.now(UTC), jitter=lambda: 0.5,
        notes=Path(tempfile.gettempdir()) / "handed-over",
    )  # fmt: skip
    done: list[int] = []

    async def run() -> None:
        lines = [SmtpTransport(settings) for _ in range(int(connections))]
        stop = asyncio.Event()
        if float(seconds):
            asyncio.get_running_loop().call_later(float(seconds), stop.set)
        report = await deliver(store, lines, rules, stop)
        done.append(report.outcomes["sent"])
        for line in lines:
            await line.close()

    print("ready", flush=True)
    sys.stdin.readline()
    used, begun_at = resource.getrusage(resource.RUSAGE_SELF), time.time()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if profile:
            _profiled(lambda: runner.run(run()))
        else:
            runner.run(run())
    end, now = time.time(), resource.getrusage(resource.RUSAGE_SELF)
    kernel = now.ru_stime - used.ru_stime
    told = {
        "begin": begun_at, "end": end, "sent": done[0], "kernel": kernel,
        "cpu": now.ru_utime - used.ru_utime + kernel, "memory": now.ru_maxrss / 1024,
    }  # fmt: skip
    print(json.dumps(told))


def _profiled(work: Callable[[], None]) -> None:
    profile = cProfile.Profile()
    profile.runcall(work)
    pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(30)


def _letters() -> Letters:
    site = SiteInfo(name="News", base_url="https://news.example.test", languages=("en",), created_at=NOW)
    return Letters(environment([str(ROOT / "templates")]), site, Vocabulary(terms={}))


def _fill(url: str, letters: str, body: str) -> None:
    """A database with so many queued deliveries of one digest."""
    store = open_store(url)
    store.migrate()
    with store.write() as conn:
        if store.where.startswith("postgresql"):
            conn.exec_driver_sql("TRUNCATE subscriber, digest, audience, filter CASCADE")
        for table in reversed(metadata.sorted_tables):
            conn.execute(table.delete())
    html = "<!doctype html>\n" + LINE * (int(body) // len(LINE)) + "<a href='/unsubscribe/\ufdd0'>Leave</a>\n"
    with store.write() as conn:
        _rows(store, conn, int(letters), html)
    store.close()


def _rows(store: Store, conn: object, letters: int, html: str) -> None:
    wanted = Audience(cadence=Cadence.DAILY, filters=(Filter(),), lang="en", zone="UTC", hour=7)
    audience_id = sharing.intern_audience(conn, wanted, ["all"], NOW)  # type: ignore[arg-type]
    filter_id = sharing.intern_filter(conn, "all")  # type: ignore[arg-type]
    values = {
        "audience_id": audience_id, "period": "2026-11-21", "variant": "", "since_at": NOW, "until_at": NOW,
        "items": 12, "lang": "en", "subject": "Labour migration: Honduras and Mexico agree, and 8 more",
        "text": "News\nhttps://news.example.test/unsubscribe/\ufdd0\n", "html": html, "composed_at": NOW,
    }  # fmt: skip
    digest_id = conn.execute(digest.insert().values(values).returning(digest.c.id)).scalar_one()  # type: ignore[attr-defined]
    who = range(1, letters + 1)
    insert_many(
        conn, subscriber,  # type: ignore[arg-type]
        [
            {"id": n, "address": f"user{n}@example.test", "address_key": f"user{n}@example.test",
             "state": SubscriberState.ACTIVE, "lang": "en", "zone": "UTC", "hour": 7, "weekday": 1,
             "consent": "", "created_at": NOW}
            for n in who
        ],
    )  # fmt: skip
    insert_many(
        conn, subscription,  # type: ignore[arg-type]
        [
            {"subscriber_id": n, "filter_id": filter_id, "cadence": Cadence.DAILY, "created_at": NOW}
            for n in who
        ],
    )  # fmt: skip
    shared = begun(NOW - timedelta(hours=1)) | {
        "digest_id": digest_id, "audience_id": audience_id, "period": "2026-11-21", "unsent": False,
    }  # fmt: skip
    insert_many(
        conn, delivery,  # type: ignore[arg-type]
        [
            shared | {"subscriber_id": n, "address": f"user{n}@example.test", "message_id": f"<{n}@x.test>"}
            for n in who
        ],
    )  # fmt: skip
    if store.where.startswith("postgresql"):
        conn.exec_driver_sql("ANALYZE")  # type: ignore[attr-defined]


def _source(letters: int, size: int, connections: int, port: int) -> float:
    command = [
        "smtp-source", "-d", "-s", str(connections), "-l", str(size), "-m", str(letters),
        "-f", "a@example.test", "-t", "b@example.test", f"127.0.0.1:{port}",
    ]  # fmt: skip
    begun_at = time.perf_counter()
    subprocess.run(command, check=True, timeout=300)
    return letters / (time.perf_counter() - begun_at)


def _stock(letters: int, size: int, connections: int, port: int) -> float:
    """aiosmtplib's own way with ready bytes."""
    head = b"From: a@example.test\r\nTo: b@example.test\r\nSubject: x\r\n\r\n"
    raw = head + b"The ministers agreed on contracts, wages and visits to farms.\r\n" * (size // 63)
    waiting = iter(range(letters))

    async def line() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            for n in waiting:
                await client.sendmail("a@example.test", [f"user{n}@example.test"], raw)

    async def run() -> None:
        await asyncio.gather(*(line() for _ in range(connections)))

    begun_at = time.perf_counter()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
    return letters / (time.perf_counter() - begun_at)


@contextmanager
def _sink() -> Iterator[None]:
    command = ["smtp-sink", "-u", "nobody", f"127.0.0.1:{SINK}", "1000"]
    with _running(command, SINK):
        yield


@contextmanager
def _proxy(round_trip_ms: float) -> Iterator[None]:
    if not round_trip_ms:
        yield
        return
    with _running([sys.executable, __file__, "--proxy", str(round_trip_ms)], PROXY):
        yield


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


def _report(options: argparse.Namespace, rates: dict[str, list[float]]) -> int:
    middle = {name: median(found) for name, found in rates.items()}
    for name, found in rates.items():
        print(f"{name:26} median {middle[name]:9.0f}   from {min(found):.0f} to {max(found):.0f}")
    ours = middle["feeds"]
    kept = [ours >= 4 * middle["aiosmtplib sendmail"]]
    print(f"{'to aiosmtplib sendmail':26} {ours / middle['aiosmtplib sendmail']:.2f}   (at least 4)")
    if options.round_trip:
        limit = options.connections / (options.round_trip / 1000)
        kept = [ours >= 0.9 * limit]
        print(f"{'to connections / RTT':26} {ours / limit:.2f}   (at least 0.9)")
    else:
        pairs = [a / b for a, b in zip(rates["feeds"], rates["smtp-source -d"], strict=True)]
        kept.append(median(pairs) >= 0.8)
        print(f"{'to smtp-source, in pairs':26} {median(pairs):.2f}   (at least 0.8)")
    kept.append(middle["sender memory, MB"] <= 100)
    return 0 if all(kept) else 1


class _Delayed(asyncio.Protocol):
    """One end of a connection through the proxy: what comes in goes out half a round trip later."""

    def __init__(self, delay_s: float, other: _Delayed | None = None) -> None:
        self.delay_s = delay_s
        self.other = other
        self.early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        if self.other is None:
            self.task = asyncio.get_running_loop().create_task(self._dial())

    async def _dial(self) -> None:
        loop = asyncio.get_running_loop()
        _, self.other = await loop.create_connection(lambda: _Delayed(self.delay_s, self), "127.0.0.1", SINK)
        for data in self.early:
            self._later(data)

    def data_received(self, data: bytes) -> None:
        if self.other is None:
            self.early.append(data)
        else:
            self._later(data)

    def _later(self, data: bytes) -> None:
        assert self.other is not None
        asyncio.get_running_loop().call_later(self.delay_s, self.other.transport.write, data)

    def connection_lost(self, _: Exception | None) -> None:
        if self.other is not None:
            asyncio.get_running_loop().call_later(self.delay_s, self.other.transport.close)


async def _serve_delayed(round_trip_ms: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Delayed(round_trip_ms / 2000), "127.0.0.1", PROXY)
    async with asyncio.timeout(600):
        await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fill"]:
        _fill(*sys.argv[2:])
    elif sys.argv[1:2] == ["--send"]:
        _send(*sys.argv[2:])
    elif sys.argv[1:2] == ["--proxy"]:
        uvloop.run(_serve_delayed(float(sys.argv[2])))
    else:
        sys.exit(main())
