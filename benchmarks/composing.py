"""What composing costs a million people: due audiences become digests, and a delivery for each member.

    PYTHONPATH=src python benchmarks/composing.py load FILE [--people 1000000] [--filters 50000]
    PYTHONPATH=src python benchmarks/composing.py run FILE [--naive FOLDER] [--sample 300]

`load` makes a database: people by Zipf's law over distinct filters, 20 zones, 2 languages, a tenth of them
with several cadences, five past deliveries each, and 100 items that were announced since. `run` composes a
copy of it at an instant when everybody is due, while another thread writes as acceptance does, every 50 ms,
and notes how long it waited. `--naive` names the source of the release before, of which a sample of audiences
is measured in the same run: one transaction, one rendering an audience.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import random
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import crowd
import subscriptions
from crowd import VOCABULARY, distinct_filters, some, weights
from subscriptions import DEFAULTS, TOKENS, megabytes

from feeds import log
from feeds.composing.compose import compose
from feeds.composing.rules import ComposeRules
from feeds.letters import Letters
from feeds.model import BulletinReceipt, Item, Kind, Label, SiteInfo
from feeds.people.ahead import worthwhile
from feeds.people.entries import EntryReader
from feeds.people.importing import Imported, ImportRules, import_rows
from feeds.people.tables import open_table
from feeds.store import Store, bulletins, items, open_store
from feeds.templating import environment

TEMPLATES = str(Path(__file__).resolve().parents[1] / "templates")
# People came on a Monday; a week of news later it is noon everywhere that counts.
JOINED = datetime(2026, 11, 16, 12, tzinfo=UTC)
DUE = datetime(2026, 11, 24, 12, tzinfo=UTC)
CADENCES = ("immediate", "daily", "weekly")
MAX_LATE = timedelta(days=3)


def load(path: Path, people: int, number: int) -> None:
    """A database of before the news are composed."""
    path.unlink(missing_ok=True)
    store = open_store(f"sqlite:///{path}")
    store.migrate()
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "people.csv"
        write_list(table, people, distinct_filters(number))
        rules = ImportRules(vocabulary=VOCABULARY, defaults=DEFAULTS, tokens=TOKENS, clock=time.monotonic)
        opened = open_table(table, needs_filter=True)
        reader = EntryReader(VOCABULARY, "", (), {})
        report = Imported()
        import_rows(
            store, rules, opened.rows(), reader, opened.digest, JOINED, print, report=report,
            in_two=worthwhile(),
        )  # fmt: skip
    subscriptions.give_past(store)
    announce(store)
    print(subscriptions.load(store))
    store.close()


def write_list(path: Path, people: int, texts: list[str]) -> None:
    """Everybody wants something; a tenth of them a second thing at another cadence."""
    chance, zipf = random.Random(3), weights(len(texts), 1.0)
    with path.open("w", encoding="utf-8") as file:
        file.write("address,filter,cadence,lang,zone,hour,weekday,consent\n")
        for number in range(people):
            when = (
                f"{chance.choice(('en', 'es'))},{chance.choice(crowd.ZONES)},{chance.randint(6, 8)},"
                "monday,old site"
            )
            for cadence in chance.sample(CADENCES, 2 if chance.random() < 0.1 else 1):
                wanted = chance.choices(texts, cum_weights=zipf)[0]
                file.write(f'person{number}@host{number % 5000}.example.org,"{wanted}",{cadence},{when}\n')


def announce(store: Store) -> None:
    """100 items, one an hour."""
    chance = random.Random(7)
    made = []
    for n in range(100):
        at = JOINED + timedelta(hours=n + 1)
        labels = [Label(kind=Kind.COUNTRY, code=code) for code in some(chance, crowd.COUNTRIES, 0.8, 2)]
        labels += [Label(kind=Kind.TOPIC, code=slug) for slug in some(chance, crowd.TOPICS, 0.6, 2)]
        made.append(
            Item(
                id=f"news{n:04}", atom_id=f"news{n:04}", date_on=at.date(), lang=chance.choice(("en", "es")),
                title=" ".join(chance.choices(crowd.WORDS, k=9)),
                summary=" ".join(chance.choices(crowd.WORDS, k=80)),
                accepted_at=at, updated_at=at, labels=tuple(labels),
            )
        )  # fmt: skip
    receipt = BulletinReceipt(name="news.txt", received_at=JOINED, rejected=False, lines=())
    one = bulletins.NewBulletin(receipt=receipt, sha256="news", size=1, encoding="utf-8", stays=True)

    def run(conn: object) -> None:
        (bulletin_id,) = bulletins.insert(conn, [one])  # type: ignore[arg-type]
        rows = [items.NewItem(item=each, line=1, bulletin_id=bulletin_id) for each in made]
        items.insert(conn, rows)  # type: ignore[arg-type]
        items.announced_up_to(conn, None, 1, made[-1].accepted_at)  # type: ignore[arg-type]
        # A site that has composed before knows up to which number deliveries are older than the news.
        conn.execute(
            text("INSERT INTO milestone SELECT :at, max(id) FROM delivery"),
            {"at": JOINED.isoformat().replace("+00:00", ".000000Z")},
        )  # type: ignore[attr-defined]

    store.transact(run)


def rules_of() -> ComposeRules:
    site = SiteInfo(
        name="Newsroom", base_url="https://news.example.org", languages=("en", "es"), created_at=JOINED
    )
    return ComposeRules(
        letters=Letters(environment([TEMPLATES]), site, VOCABULARY), vocabulary=VOCABULARY, max_late=MAX_LATE,
        domain="example.org", opaque=lambda: secrets.token_urlsafe(16),
    )  # fmt: skip


class Waiter(threading.Thread):
    """Writes as acceptance does, and notes how long it had to wait."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._store = open_store(url)
        self.stop = threading.Event()
        self.waits: list[float] = []

    def run(self) -> None:
        statement = text("UPDATE counter SET value = value + 1 WHERE name = 'x'")
        while not self.stop.wait(0.05):
            started = time.perf_counter()
            self._store.transact(lambda conn: conn.execute(statement))
            self.waits.append(time.perf_counter() - started)

    def tell(self) -> None:
        waits = sorted(self.waits)
        middle, high, most = (waits[int((len(waits) - 1) * share)] * 1000 for share in (0.5, 0.99, 1))
        print(f"another writer waited {middle:.0f} ms at the median, {high:.0f} at p99, {most:.0f} at most")


def run(path: Path, naive: str, sample: int) -> None:
    log.configure("warning", "plain")
    copy = path.with_suffix(".run")
    shutil.copyfile(path, copy)
    store, other, before = open_store(f"sqlite:///{copy}"), Waiter(f"sqlite:///{copy}"), megabytes()
    other.start()
    wall, cpu = time.perf_counter(), time.thread_time()
    report = compose(store, rules_of(), DUE)
    wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
    other.stop.set()
    other.join()
    most = megabytes()
    with store.read() as conn:
        audiences, letters, digests, bodies, feet, size, twice = (
            conn.scalar(text(query)) or 0 for query in COUNTS
        )
    print(
        f"{audiences:,} audiences; {letters:,} letters; {digests:,} digests, {bodies:,} bodies, {feet:,} feet"
    )
    print(
        f"{size / 1e6:.0f} MB of words; {twice} times an item twice to somebody; failed: {len(report.failed)}"
    )
    print(f"{wall:.1f} s, {cpu:.1f} s of CPU in its thread: {cpu / letters * 1e6:.0f} µs a letter, ", end="")
    print(f"{cpu / audiences * 1e6:.0f} µs an audience; {most:.0f} MB at most, {before:.0f} before")
    print(f"longest transaction {report.longest_s * 1000:.0f} ms; load {os.getloadavg()[0]:.1f}")
    other.tell()
    if naive:
        loop = naive_s(path, naive, sample)
        ratio = loop / sample * audiences / cpu
        print(
            f"the release before: {loop / sample * 1000:.2f} ms of CPU an audience: {ratio:.0f} times as much"
        )
    store.close()
    for each in copy.parent.glob(copy.name + "*"):
        each.unlink()


COUNTS = (
    "SELECT count(*) FROM audience",
    "SELECT count(*) FROM delivery WHERE state = 'queued'",
    "SELECT count(*) FROM digest WHERE body_id IS NOT NULL",
    "SELECT count(DISTINCT body_id) FROM digest",
    "SELECT count(DISTINCT foot_id) FROM digest",
    "SELECT sum(length(text) + length(html)) FROM passage",
    "SELECT count(*) FROM (SELECT d.subscriber_id, i.item_id FROM delivery d JOIN digest_item i"
    " ON i.digest_id = d.digest_id WHERE d.state = 'queued' GROUP BY 1, 2 HAVING count(*) > 1) x",
)
# The pass of the release before (revision 43ba602), over a sample of audiences, in an interpreter of its own.
NAIVE = """
import random, secrets, sys, time
sys.path[:0] = [{src!r} + "/src"]
from datetime import datetime, timedelta
from feeds import log
from feeds.letters import Letters
from feeds.model import Kind, SiteInfo, Term, Vocabulary
from feeds.passes.compose import ComposeRules, compose
from feeds.store import digests, open_store
from feeds.templating import environment
log.configure("error", "plain")
due = datetime.fromisoformat({due!r})
kinds = ((Kind.COUNTRY, {countries!r}), (Kind.TOPIC, {topics!r}))
terms = {{
    (kind, code): Term(kind=kind, code=code, names={{"en": code}}) for kind, codes in kinds for code in codes
}}
site = SiteInfo(name="Newsroom", base_url="https://news.example.org", languages=("en", "es"), created_at=due)
letters = Letters(environment([{src!r} + "/templates"]), site, Vocabulary(terms))
rules = ComposeRules(
    letters=letters, vocabulary=Vocabulary(terms), max_late=timedelta(days=3), domain="example.org",
    opaque=lambda: secrets.token_urlsafe(16),
)
store = open_store("sqlite:///{file}")
with store.read() as conn:
    top = conn.exec_driver_sql("SELECT max(id) FROM audience").scalar()
ids = random.Random(1).sample(range(1, top), {sample})
real = digests.audiences
digests.audiences = lambda conn, *given, **named: real(conn, *given, **(named or {{"ids": ids}}))
at = time.thread_time()
report = compose(store, rules, due)
assert not report.failed, report.failed[:3]
print(time.thread_time() - at)
"""


def naive_s(path: Path, src: str, sample: int) -> float:
    """Seconds of CPU."""
    copy = path.with_suffix(".naive")
    shutil.copyfile(path, copy)
    code = NAIVE.format(
        src=src, file=copy, sample=sample, due=DUE.isoformat(), countries=crowd.COUNTRIES,
        topics=crowd.TOPICS,
    )  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    for each in copy.parent.glob(copy.name + "*"):
        each.unlink()
    if done.returncode:
        sys.exit(done.stderr)
    return float(done.stdout.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("act", choices=("load", "run"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--filters", type=int, default=50_000)
    parser.add_argument("--naive", default="")
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--profile", default="", help="a file for a profile by CPU time")
    given = parser.parse_args()
    if given.act == "load":
        load(given.file, given.people, given.filters)
        return
    if not given.profile:
        run(given.file, given.naive, given.sample)
        return
    profile = cProfile.Profile(time.thread_time)
    profile.runcall(run, given.file, "", 0)
    profile.dump_stats(given.profile)


if __name__ == "__main__":
    main()
