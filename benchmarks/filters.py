"""How long a feed and a page of a filter take that nobody asked for before, and one more time.

    python benchmarks/filters.py [ITEMS]

A site of 100,000 different items (or as many as said); 200 filters of places and topics, 20 with words;
milliseconds of `Filtered.answer`, median and the worst of twenty.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from stock import stock  # noqa: E402

from feeds import log  # noqa: E402
from feeds.app.founding import found  # noqa: E402
from feeds.filters import normal  # noqa: E402
from feeds.model import Filter, Kind  # noqa: E402

PROMISE_MS = 5.0


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 100_000
    log.configure("warning", "plain")
    with tempfile.TemporaryDirectory() as name:
        parts = found(Path(name) / "site", {})
        stock(parts, count)
        start = time.perf_counter()
        parts.filtered.warm()
        print(f"{count:,} items; the catalogue is read in {time.perf_counter() - start:.2f} s")
        chance = random.Random(2)
        countries = [term.code for term in parts.vocabulary.of(Kind.COUNTRY)][:50]
        topics = [term.code for term in parts.vocabulary.of(Kind.TOPIC)]
        plain = [
            normal(
                Filter(countries=tuple(chance.sample(countries, 3)), topics=tuple(chance.sample(topics, 2)))
            )
            for _ in range(200)
        ]
        worded = [Filter(countries=("pa",), all_words=(f"word{n}",)) for n in range(20)]
        kept = True
        for what, filters in (("places and topics", plain), ("with words", worded)):
            for form in ("atom", "html"):
                first = [asked(parts, each, form) for each in filters]
                again = [asked(parts, each, form) for each in filters]
                print(f"{what:<18} {form:<5} first {told(first)}   again {told(again)}")
                kept &= what == "with words" or statistics.median(first) <= PROMISE_MS
        parts.store.close()
    print(
        ("kept:   " if kept else "BROKEN: ") + f"a filter asked for the first time in at most {PROMISE_MS} ms"
    )
    return 0 if kept else 1


def some(chance: random.Random, codes: list[str], number: int) -> tuple[str, ...]:
    return tuple(chance.sample(codes, number))


def asked(parts: object, wanted: Filter, form: str) -> float:
    start = time.perf_counter()
    parts.filtered.answer(wanted, form, "en")  # type: ignore[attr-defined]
    return (time.perf_counter() - start) * 1000


def told(times: list[float]) -> str:
    worst = sorted(times)[-max(1, len(times) // 20)]
    return f"{statistics.median(times):7.2f} ms ({worst:.2f})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
