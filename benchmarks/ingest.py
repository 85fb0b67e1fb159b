"""What taking bulletins in costs, from the folder to the last commit: items a second.

    PYTHONPATH=src python benchmarks/ingest.py [--rounds 3]

A new site each round, 1,000 files of ten items made of the demo's samples: each file is read, labelled,
committed, moved and given its receipt, as `feeds ingest` does it. Wall time, best of the rounds; beside it
what reading and labelling alone cost in one process, in the same run: the ratio holds on any machine.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT / "src")  # in place of this folder, where a module is called like one of Python's

from feeds import log  # noqa: E402
from feeds.app.ahead import calm, examiner_for, examiner_of  # noqa: E402
from feeds.app.founding import found  # noqa: E402
from feeds.app.parts import Parts, now  # noqa: E402
from feeds.intake.examining import examine  # noqa: E402
from feeds.intake.ingest import ingest_ready  # noqa: E402
from feeds.intake.named import Named, ingest_named  # noqa: E402
from feeds.intake.parting import AT_ONCE  # noqa: E402
from feeds.model import Outcome  # noqa: E402
from feeds.reading import ReadingOptions, read  # noqa: E402

FILES, EACH = 1_000, 10
ITEMS_A_SECOND = 4_000
SAMPLES = ROOT / "src" / "feeds" / "samples"


def main(rounds: int = 3) -> int:
    """Prints the rates; 0 if the promise is kept."""
    log.configure("warning", "plain")
    taken: dict[str, list[float]] = {name: [] for name in JOBS}
    for _ in range(rounds):
        for name, seconds in taken.items():
            with tempfile.TemporaryDirectory() as folder:
                seconds.append(JOBS[name](site_with_files(Path(folder))))
    best = {name: min(seconds) for name, seconds in taken.items()}
    alone = best["reading, labelling"]
    for name, seconds in best.items():
        rate = FILES * EACH / seconds
        print(f"{name:20}{seconds:8.2f} s {rate:10,.0f} items a second {seconds / alone:6.2f} x reading")
    kept = FILES * EACH / best["two processes"] >= ITEMS_A_SECOND
    print(("kept:   " if kept else "BROKEN: ") + f"at least {ITEMS_A_SECOND:,} items a second")
    return 0 if kept else 1


def site_with_files(folder: Path) -> Parts:
    """A new site whose inbox holds the files, settled."""
    parts = found(folder / "site", {})
    drafts = [
        draft
        for path in sorted(SAMPLES.glob("*.txt"))
        for draft in read(path.name, path.read_bytes(), ReadingOptions()).drafts
    ]
    settled = time.time() - 60
    for file in range(FILES):
        numbers = range(file * EACH, (file + 1) * EACH)
        items = [(date(2020, 1, 1) + timedelta(days=n // 5), n, drafts[n % len(drafts)]) for n in numbers]
        text = "".join(f"{day:%d %B, %Y}\n\n{one.title} ({n})\n\n{one.summary}\n\n" for day, n, one in items)
        path = parts.inbox.root / f"bulletin-{file:04}.txt"
        path.write_text(text, encoding="utf-8")
        os.utime(path, (settled, settled))
    _ = parts.labeller, parts.letters  # tables and templates are measured elsewhere
    return parts


def ingest(parts: Parts, *, alone: bool) -> float:
    """Seconds for taking all of it in."""
    calm()
    start = time.perf_counter()
    if alone:
        report = ingest_ready(parts.watched_folders[0], now, "none", examiner=AT_ONCE)
    else:
        with examiner_for(parts.watched_folders) as examiner:
            report = ingest_ready(parts.watched_folders[0], now, "none", examiner=examiner)
    seconds = time.perf_counter() - start
    assert report.count(Outcome.NEW) == FILES * EACH, report
    return seconds


def named(parts: Parts) -> float:
    """Seconds for the same files, named to `feeds ingest`."""
    calm()
    start = time.perf_counter()
    paths = sorted(parts.inbox.root.glob("*.txt"))
    rules = parts.ingest_rules
    with examiner_of([rules], len(paths)) as examiner:
        files = (Named(path.name, path.read_bytes) for path in paths)
        done = list(ingest_named(parts.store, rules, files, now, "none", examiner))
    assert sum(one.receipt.count(Outcome.NEW) for one in done) == FILES * EACH
    return time.perf_counter() - start


def reading(parts: Parts) -> float:
    """Seconds for reading and labelling alone."""
    start = time.perf_counter()
    for path in sorted(parts.inbox.root.glob("*.txt")):
        examine(parts.ingest_rules, path.name, path.read_bytes())
    return time.perf_counter() - start


JOBS = {
    "two processes": lambda parts: ingest(parts, alone=False),
    "one process": lambda parts: ingest(parts, alone=True),
    "named files": named,
    "reading, labelling": reading,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    sys.exit(main(parser.parse_args().rounds))
