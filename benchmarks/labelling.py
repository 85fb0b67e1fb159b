"""How fast are the labels? Items a second, start, memory, and how cost grows: all in one run, as ratios.

    python benchmarks/labelling.py            with the shipped tables and configuration
    python benchmarks/labelling.py --rounds 9 more rounds (default 5); medians are printed

Texts are the demo's bulletins (and French and Portuguese ones), cut or repeated to 600 characters. Process
time of one thread is counted; on a busy machine read the ratios. `raw scan` is one pass of the bare
automaton over the folded bytes: what nobody can go below.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

import tomli  # noqa: E402

LENGTH = 600
Item = tuple[str, str, str]
START = """
import sys
from time import process_time
sys.path.insert(0, {src!r})
import tomli, pathlib
def peak():  # of this process alone; getrusage's figure begins with the parent's
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
parsed = [tomli.loads(pathlib.Path(p).read_text()) for p in {files!r}]
from feeds.labels import build
before, clock = peak(), process_time()
labeller, _ = build(*parsed)
labeller.labels("Course in Honduras", "It was held in Tegucigalpa.", "en")
print(process_time() - clock, peak() - before,
      peak())
"""


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    from feeds.labels import build
    from feeds.labels.scanner import Text

    topics, places = (
        tomli.loads((ROOT / "config" / f"{name}.toml").read_text()) for name in ("topics", "places")
    )
    labeller, _ = build(topics, places)
    bigger, added = build(topics, _ten_times(places))[0], _count(labeller)
    items, half, long = (texts(length) for length in (LENGTH, LENGTH // 2, LENGTH * 4))
    folded = [Text(title, summary).folded for title, summary, _ in items]
    scanner = labeller._scanner
    names = _names_only(labeller)
    jobs: dict[str, Callable[[], Any]] = {
        "raw": lambda: [scanner._automaton.find_matches_as_indexes(one.scan, True) for one in folded],
        "ours": lambda: [labeller.labels(*item) for item in items],
        "ten times the names": lambda: [bigger.labels(*item) for item in items],
        "half the text": lambda: [labeller.labels(*item) for item in half],
        "four times the text": lambda: [labeller.labels(*item) for item in long],
        "words": lambda: [_words(names, item) for item in items],
    }
    took = measure(jobs, rounds)
    each = {name: seconds / len(items) * 1e6 for name, seconds in took.items()}
    print(f"{len(items)} items of {LENGTH} characters, {added} names, {rounds} rounds in turn, medians")
    print(
        f"ours                    {each['ours']:8.1f} µs an item = {1e6 / each['ours']:,.0f} items a second"
    )
    print(
        f"raw scan                {each['raw']:8.1f} µs; ours / raw scan = {each['ours'] / each['raw']:.2f}"
    )
    print(f"names by word n-grams   {each['words']:8.1f} µs (names only, no topics, no roles)")
    for name, wanted in (
        ("ten times the names", "< 1.3"),
        ("half the text", "~ 0.5"),
        ("four times the text", "~ 4"),
    ):
        print(f"{name:23} {each[name] / each['ours']:8.2f} x the cost (wanted {wanted})")
    start(rounds)


def measure(jobs: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median process time of each job; the jobs run in turn, so that all meet the same load."""
    for job in jobs.values():
        job()
    took: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            before = process_time()
            job()
            took[name].append(process_time() - before)
    return {name: statistics.median(all_took) for name, all_took in took.items()}


def texts(length: int) -> list[Item]:
    """300 items: titles and summaries of the demo's bulletins (en, es) and of benchmarks/labelled (fr, pt),
    each cut to `length` or continued with its own beginning.
    """
    from feeds.reading import ReadingOptions, read

    files = [*(ROOT / "src" / "feeds" / "samples").glob("*.txt")]
    files += [*(ROOT / "benchmarks" / "labelled").glob("*-fr.txt")]
    files += [*(ROOT / "benchmarks" / "labelled").glob("*-pt.txt")]
    pools: dict[str, list[tuple[str, str]]] = {"en": [], "es": [], "fr": [], "pt": []}
    for path in sorted(files):
        lang = "es" if "sala-de-prensa" in path.name else path.stem[-2:] if "labelled" in str(path) else "en"
        drafts = read(path.name, path.read_bytes(), ReadingOptions()).drafts
        pools[lang].extend((one.title, one.summary) for one in drafts)
    shares = [lang for lang, share in (("en", 6), ("es", 5), ("fr", 1), ("pt", 1)) for _ in range(share)]
    return [
        _item(pools[lang], number, lang, length)
        for number, lang in zip(range(300), shares * 24, strict=False)
    ]


def _item(pool: Sequence[tuple[str, str]], number: int, lang: str, length: int) -> Item:
    title, summary = pool[number % len(pool)]
    own = summary
    while len(title) + len(summary) < length:
        summary += "\n\n" + own
    return title, summary[: length - len(title)], lang


def _ten_times(places: dict[str, Any]) -> dict[str, Any]:
    """places.toml with nine invented names for each one of ours, spelt in the manner of places."""
    from feeds.labels.places import Gazetteer

    wanted = 9 * len(Gazetteer().forms)
    random.seed(1)
    parts = (
        "san",
        "ville",
        "ka",
        "to",
        "mar",
        "lin",
        "dor",
        "qui",
        "bel",
        "pa",
        "tras",
        "nor",
        "ri",
        "gu",
        "ez",
    )
    invented: set[str] = set()
    while len(invented) < wanted:
        word = "".join(random.choices(parts, k=random.randint(4, 6))).capitalize()
        invented.add(f"{word} {random.choice(parts).capitalize()}" if random.random() < 0.3 else word)
    return {**places, "places": {"pa": {"surfaces": {"mul": sorted(invented)}}}}


def _count(labeller: Any) -> int:
    return len(labeller._gazetteer.forms)


def _names_only(labeller: Any) -> frozenset[str]:
    return frozenset(form.strip() for form in labeller._gazetteer.forms)


def _words(names: frozenset[str], item: Item) -> list[str]:
    """A peer in plain Python: every run of one to four words looked up in a set."""
    words = f"{item[0]} {item[1]}".lower().split()
    runs = (words[at : at + size] for at in range(len(words)) for size in (1, 2, 3, 4))
    return [text for run in runs if (text := " ".join(run)) in names]


def start(rounds: int) -> None:
    """Cost of building the tables, in fresh processes."""
    files = [str(ROOT / "config" / f"{name}.toml") for name in ("topics", "places")]
    script = START.format(src=str(ROOT / "src"), files=files)
    lines: list[Sequence[str]] = [
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={**os.environ}
        ).stdout.split()
        for _ in range(rounds)
    ]
    seconds, memory, whole = (statistics.median(float(line[part]) for line in lines) for part in range(3))
    print(f"start of the tables     {seconds * 1000:8.1f} ms (wanted < 150)")
    print(f"memory of the tables    {memory / 1024:8.1f} MB (process {whole / 1024:.1f} MB; wanted < 60)")


if __name__ == "__main__":
    main()
