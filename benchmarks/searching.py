"""How fast a search is answered in a large archive: first pages over HTTP from one core, on both databases.

    python benchmarks/searching.py [--items 300000] [--queries 500] [--postgres URL] [--keep FOLDER]

Makes a site of invented items (`stock`), indexes their words, and starts `feeds run --roles web` on the first
core; the second one asks over one kept connection, each search once, so that no answer is kept from before. A
tenth of the searches are the commonest words of all; the rest are one word, two, a phrase, and a word in a
country or a topic, of words that are common, middling and rare. Prints milliseconds by kind, at the median
and at p95, by the clock and of the server's CPU. `--keep` leaves the site there, and measures it as it is
when given again.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from urllib.parse import quote

# In place of this folder, whose names are not those of installed packages.
HERE = Path(__file__).resolve()
sys.path[0] = str(HERE.parents[1] / "src")
sys.path.append(str(HERE.parent))

from stock import stock  # noqa: E402

from feeds.app.founding import found  # noqa: E402
from feeds.publishing.word_index import index_words  # noqa: E402
from feeds.store import searching  # noqa: E402

GOAL_MS = 60
COMMONEST = 50
Search = tuple[str, str]


def main() -> int:
    given = arguments()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(given.keep or made) / "site"
        words = prepared(folder, given.items, given.postgres)
        print(
            f"{given.items:,} items on {'PostgreSQL' if given.postgres else 'SQLite'}, load {os.getloadavg()}"
        )
        port = free()
        config = folder / "config" / "feeds.toml"
        config.write_text(re.sub(r'"127\.0\.0\.1:\d+"', f'"127.0.0.1:{port}"', config.read_text()))
        with Path(os.devnull).open("wb") as nowhere:
            server = subprocess.Popen(
                ["taskset", "-c", "0", Path(sys.executable).with_name("feeds"), "--config", config, "run",
                 "--roles", "web"], env=environment(given.postgres), stderr=nowhere,
            )  # fmt: skip
        try:
            return measured(port, server.pid, searches(words, given.queries))
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=300_000)
    parser.add_argument(
        "--queries", type=int, default=500, help="at most 600: a minute allows no more new ones"
    )
    parser.add_argument("--postgres", default="", help="a database of its own, empty unless kept")
    parser.add_argument("--keep", default="")
    return parser.parse_args()


def environment(postgres: str) -> dict[str, str]:
    return {**os.environ, "FEEDS_STORE_URL": postgres} if postgres else dict(os.environ)


def prepared(folder: Path, count: int, postgres: str) -> list[str]:
    """The words of the site's items, the commonest first."""
    os.environ.update(environment(postgres))
    known = folder / "words.txt"
    if not known.exists():
        parts = found(folder, {"log.level": '"error"'})
        begun = time.perf_counter()
        stock(parts, count)
        index_words(parts.store)
        print(f"made and indexed in {time.perf_counter() - begun:,.0f} s")
        with parts.store.read() as conn:
            assert searching.indexed_up_to(conn)
        parts.store.close()
        chance = random.Random(1)  # as `stock` draws them
        words = [f"{chance.choice('bcdfghjklm')}{chance.choice('aeiou')}word{n}" for n in range(5_000)]
        known.write_text("\n".join(words))
    return known.read_text().split()


def searches(words: list[str], count: int) -> list[Search]:
    """So many different searches, each with its kind; a tenth are the commonest words, at most fifty."""
    chance = random.Random(5)
    common, rest = words[:COMMONEST], words[COMMONEST:]
    made = [("commonest", f"q={word}") for word in chance.sample(common, min(COMMONEST, count // 10))]
    labels = [f"country={code}" for code in ("ad", "ae", "af", "ag", "al")] + ["topic=health"]
    kinds = {
        "one word": lambda: f"q={chance.choice(rest)}",
        "two words": lambda: f"q={quote(f'{chance.choice(words[:500])} {chance.choice(rest)}')}",
        "two common words": lambda: f"q={quote(' '.join(chance.sample(words[:200], 2)))}",
        "phrase": lambda: f"word={quote(' '.join(chance.sample(words[:500], 2)))}",
        "with a label": lambda: f"{chance.choice(labels)}&q={chance.choice(words[:1000])}",
    }
    seen = {query for _, query in made}
    while len(made) < count:
        kind = chance.choice(list(kinds))
        query = kinds[kind]()
        if query not in seen:
            seen.add(query)
            made.append((kind, query))
    chance.shuffle(made)
    return made


def measured(port: int, pid: int, every: list[Search]) -> int:
    line = connected(port)
    begun = time.perf_counter()
    ask(line, "q=nothing")  # reads all items without their words
    print(f"the first answer after {time.perf_counter() - begun:.1f} s, {memory_mb(pid):.0f} MB")
    took: dict[str, list[float]] = defaultdict(list)
    counted: dict[str, int] = defaultdict(int)
    used: dict[str, list[float]] = defaultdict(list)
    for kind, query in every:
        cpu, begun = cpu_ms(pid), time.perf_counter()
        page = ask(line, query)
        took[kind].append((time.perf_counter() - begun) * 1000)
        used[kind].append(cpu_ms(pid) - cpu)
        counted[kind] += "More than 1,000 items" in page
    for every_ in (took, used):
        every_["all"] = [ms for some in every_.values() for ms in some]
    names = ("p50 ms", "p95 ms", "max ms", "CPU p50", "CPU p95")
    print(f"{'searches':<18}{'number':>7}{'>1,000':>7}" + "".join(f"{each:>9}" for each in names))
    for kind, some in took.items():
        figures = (
            statistics.median(some),
            p95(some),
            max(some),
            statistics.median(used[kind]),
            p95(used[kind]),
        )
        print(f"{kind:<18}{len(some):>7}{counted[kind]:>7}" + "".join(f"{each:>9.1f}" for each in figures))
    print(f"{memory_mb(pid):.0f} MB at the end")
    kept = p95(took["all"]) <= GOAL_MS
    print(f"within {GOAL_MS} ms at p95: {'kept' if kept else 'NOT kept'}")
    return 0 if kept else 1


def p95(some: list[float]) -> float:
    return sorted(some)[max(0, -(-len(some) * 95 // 100) - 1)]


def connected(port: int) -> http.client.HTTPConnection:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return http.client.HTTPConnection("127.0.0.1", port, timeout=600)


def ask(line: http.client.HTTPConnection, query: str) -> str:
    """The first page of a search, by its canonical address or by the one way that leads there."""
    path = f"/filter?{query}"
    for _ in range(2):
        line.request("GET", path)
        answer = line.getresponse()
        data = answer.read().decode()
        if answer.status == 200:
            return data
        path = (answer.headers["location"] or "").replace(f"http://127.0.0.1:{line.port}", "")
    raise RuntimeError(f"{query}: {answer.status} {data[:200]}")


def cpu_ms(pid: int) -> float:
    """What all threads of a process have used; of a database on the same machine nothing."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(each.read_text().split()[0]) for each in threads) / 1e6


def memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
