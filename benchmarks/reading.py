"""What reading costs: items a second, and whether strange files cost more than items do; then what taking
bulletins in costs (`ingest.py`).

    PYTHONPATH=src python benchmarks/reading.py [FOLDER]

FOLDER holds bulletins whose size of items is to be used (the samples of the demo, if it is not
given). All in one run of one process, processor time, best of several, so that the ratios hold
on any machine. Exit 1 if a promise is not kept.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import ingest

from feeds.errors import BulletinError
from feeds.reading import ReadingOptions, read

MIB = 1_048_576
ROUNDS = 15
WORST_RATIO = 3.0
ITEMS_A_SECOND = 20_000
MEMORY_RATIO = 10.0
OPTIONS = ReadingOptions(max_bytes=2 * MIB)
SAMPLES = Path(__file__).resolve().parents[1] / "src" / "feeds" / "samples"


def main(arguments: list[str]) -> int:
    """Prints a table and the promises; 0 if they are kept."""
    folder = Path(arguments[0]) if arguments else SAMPLES
    texts = [path.read_text(encoding="utf-8").strip() for path in sorted(folder.glob("*.txt"))]
    cases = {name: data[:MIB] for name, data in files("\n\n".join(texts) + "\n\n").items()}
    seconds = best({**cases, "twice": cases["items"] * 2})
    twice = seconds.pop("twice") / seconds["items"]
    memory = {name: peak(lambda data=data: outcome(data)) / len(data) for name, data in cases.items()}
    items = outcome(cases["items"])
    print(f"{'1 MiB of':<28}{'ms':>8}{'x items':>9}{'x memory':>10}")
    for name, taken in seconds.items():
        print(f"{name:<28}{taken * 1000:>8.1f}{taken / seconds['items']:>9.2f}{memory[name]:>10.1f}")
    rate = items / seconds["items"]
    promises = {
        f"{rate:,.0f} items a second (at least {ITEMS_A_SECOND:,})": rate >= ITEMS_A_SECOND,
        f"twice the bytes take {twice:.2f} times as long (at most 2.5)": twice <= 2.5,
        f"no file costs more than {WORST_RATIO:g} times what items cost": max(seconds.values())
        <= WORST_RATIO * seconds["items"],
        f"less than {MEMORY_RATIO:g} times the file in memory": max(memory.values()) < MEMORY_RATIO,
    }
    for promise, kept in promises.items():
        print(("kept:   " if kept else "BROKEN: ") + promise)
    print()
    return 0 if ingest.main() == 0 and all(promises.values()) else 1


def files(items: str) -> dict[str, bytes]:
    """A mebibyte or more of each kind of text."""
    day = date(2000, 1, 1)
    dates = [f"{each:%d %B, %Y}\n" for each in (day + timedelta(days=n) for n in range(7_000))]
    kinds = {
        "items": items,
        "blank lines": "\n",
        "date lines": "".join(dates),
        "date-like lines": "31 February, 2021\n27 Abril\n99/99/2014\n1 May 20211\n",
        "one endless line": "x",
        "one line of words": "word ",
        "lines of two bytes": "a\n",
        "an item of two-byte lines": "1 May 2021\nTitle\n" + "a\n" * MIB,
    }
    return {kind: (text * (MIB // len(text) + 1)).encode() for kind, text in kinds.items()}


def outcome(data: bytes) -> int:
    """How many items a file has."""
    try:
        return len(read("b.txt", data, OPTIONS).drafts)
    except BulletinError:
        return 0


def best(cases: dict[str, bytes]) -> dict[str, float]:
    """Seconds of processor time for each, the least of several rounds in which all take turns."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, data in cases.items():
            start = time.process_time()
            outcome(data)
            taken[name].append(time.process_time() - start)
    return {name: min(each) for name, each in taken.items()}


def peak(work: Callable[[], object]) -> int:
    """Bytes of memory at the most, beyond what was there before."""
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
