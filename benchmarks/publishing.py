"""Publishing beside Hugo: everything anew, feeds alone, one new item, and a start with nothing to do.

    python benchmarks/publishing.py [--items 10000] [--large 300000] [--rounds 3]

Makes sites of invented items in a temporary folder. Hugo gets the same items as Markdown and makes a page
for each, and a page and an RSS feed of 50 for each country and topic. Compared commands run in turn; the
figures are medians. `--large` is the number of stored items with which one new item is timed once more.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

# In place of this folder, whose http.py is not the library's.
sys.path[0] = str(Path(__file__).resolve().parents[1] / "src")

from feeds.app.founding import found  # noqa: E402
from feeds.app.parts import Parts, now  # noqa: E402
from feeds.model import BulletinReceipt, Evidence, Item, Kind, Label  # noqa: E402
from feeds.publishing import plan  # noqa: E402
from feeds.publishing.files import Files, PublishReport, Work  # noqa: E402
from feeds.publishing.publish import publish  # noqa: E402
from feeds.publishing.standing import site_name  # noqa: E402
from feeds.site import Site  # noqa: E402
from feeds.site.compressed import BROTLI_QUALITY, BROTLI_QUALITY_OF_LARGE, GZIP_LEVEL, LARGE  # noqa: E402
from feeds.store import bulletins, items, publishing  # noqa: E402
from feeds.syndication.keys import stale_keys  # noqa: E402

COUNTRIES, TOPICS = 50, 17
SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi zo ar en is ol un que tra ción".split()

LAYOUTS = {
    "_default/baseof.html": "<!DOCTYPE html><html lang=en><head><meta charset=utf-8>"
    "<title>{{ .Title }}</title>"
    '<link rel=canonical href="{{ .Permalink }}">{{ range .AlternativeOutputFormats }}'
    '<link rel=alternate type="{{ .MediaType.Type }}" href="{{ .Permalink }}">{{ end }}'
    "</head><body><header><a href=/>News</a></header>"
    '<main>{{ block "main" . }}{{ end }}</main><footer><p>News</p></footer></body></html>',
    "_default/single.html": '{{ define "main" }}<h1>{{ .Title }}</h1><time>{{ .Date }}'
    '</time><ul>{{ range (.GetTerms "countries") }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a>'
    '{{ end }}{{ range (.GetTerms "topics") }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a>'
    "{{ end }}</ul>"
    "{{ .Content }}{{ end }}",
    "_default/list.html": '{{ define "main" }}<h1>{{ .Title }}</h1>{{ range first 50 .Pages }}<article><h3>'
    '<a href="{{ .RelPermalink }}">{{ .Title }}</a></h3><p>{{ .Summary }}</p></article>{{ end }}{{ end }}',
}
HUGO = """baseURL = "https://news.example.org/"
title = "News"
rssLimit = 50
disableKinds = ["sitemap", "robotsTXT", "404"]
[taxonomies]
country = "countries"
topic = "topics"
"""


def words(chance: random.Random, count: int) -> str:
    return " ".join(
        "".join(chance.choice(SYLLABLES) for _ in range(chance.randrange(1, 5))) for _ in range(count)
    )


def pick(chance: random.Random, codes: list[str]) -> str:
    """Some codes are far more frequent than others."""
    return codes[min(int(chance.expovariate(6 / len(codes))), len(codes) - 1)]


def invented(chance: random.Random, n: int, at: datetime, tag: str, codes: dict[Kind, list[str]]) -> Item:
    title, summary = words(chance, 8), f"{words(chance, 45)}.\n\n{words(chance, 45)}."
    labels = []
    for kind in (Kind.COUNTRY, Kind.TOPIC):
        for code in sorted({pick(chance, codes[kind]) for _ in range(2)}):
            word = title.split()[0]
            evidence = Evidence(field="title", start=0, end=len(word), words=word, rule="name")
            labels.append(Label(kind=kind, code=code, evidence=(evidence,)))
    return Item(
        id=f"{chance.getrandbits(80):020x}", atom_id=f"{tag}item/{n}", date_on=at.date(), title=title,
        summary=summary, lang="en", accepted_at=at, updated_at=at, labels=tuple(labels),
    )  # fmt: skip


def filled(folder: Path, count: int) -> tuple[Parts, Callable[[], Item]]:
    """A site with so many items of ten years, and what takes one more in."""
    values = {"site.base_url": '"https://news.example.org"', "site.tag_domain": '"news.example.org"'}
    parts = found(folder, {**values, "log.level": '"error"'})
    chance, start = random.Random(7), datetime(2016, 1, 1, tzinfo=UTC)
    codes = {
        kind: [term.code for term in parts.vocabulary.of(kind)][:most]
        for kind, most in ((Kind.COUNTRY, COUNTRIES), (Kind.TOPIC, TOPICS))
    }
    tag, step = parts.press.tag, timedelta(days=3650) / count
    step = timedelta(milliseconds=step // timedelta(milliseconds=1))

    def put(some: list[Item]) -> None:
        receipt = BulletinReceipt(name=some[0].id, received_at=start, rejected=False, lines=())
        new = bulletins.NewBulletin(receipt=receipt, sha256=some[0].id, size=1, encoding="utf-8")
        with parts.store.write() as conn:
            (key,) = bulletins.insert(conn, [new])
            items.insert(conn, [items.NewItem(item=each, bulletin_id=key, line=1) for each in some])
            keys = {key for each in some for key in stale_keys(each)}
            publishing.mark_stale(conn, keys, some[-1].accepted_at)

    numbers = range(count)
    for first in numbers[::5000]:
        put([invented(chance, n, start + n * step, tag, codes) for n in numbers[first : first + 5000]])
    extra = iter(range(count, 10 * count))

    def one() -> Item:
        n = next(extra)
        item = invented(chance, n, start + n * step, tag, codes)
        put([item])
        return item

    return parts, one


# -- the peer


def for_hugo(parts: Parts, folder: Path, *, pages: bool) -> None:
    """The same items as Markdown, a page for each unless `pages` is False."""
    for name, text in LAYOUTS.items():
        path = folder / "layouts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    quiet = (
        ""
        if pages
        else "\n[[cascade]]\n[cascade._build]\nrender = 'never'\n[cascade._target]\nkind = 'page'\n"
    )
    (folder / "config.toml").write_text(HUGO + quiet)
    (folder / "content" / "items").mkdir(parents=True)
    with parts.store.read() as conn:
        ids = items.ids(conn)
    for first in range(0, len(ids), 1000):
        with parts.store.read() as conn:
            some = items.by_ids(conn, ids[first : first + 1000]).values()
        for item in some:
            head = {
                "title": item.title, "date": item.accepted_at.isoformat(),
                "countries": item.codes(Kind.COUNTRY), "topics": item.codes(Kind.TOPIC),
            }  # fmt: skip
            (folder / "content" / "items" / f"{item.id}.md").write_text(
                f"{json.dumps(head, ensure_ascii=False, indent=1)}\n\n{item.summary}\n"
            )


def hugo(folder: Path) -> float:
    return command(["hugo", "--quiet", "--source", str(folder)], folder / "public")


def command(words: list[str], public: Path) -> float:
    """Seconds of a command that fills an empty folder."""
    put_aside(public)
    os.sync()
    started = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


# -- what is timed


def put_aside(public: Path) -> None:
    """An empty folder in its place. Nothing is deleted between the rounds: on some file systems (ext4 without
    a journal) a new file costs ten times as much for a minute after thousands were, whoever makes it.
    """
    if public.is_dir():
        public.rename(public.with_name(f"{public.name}-{time.time_ns()}"))


def feeds(parts: Parts, *words: str) -> list[str]:
    return [sys.executable, "-m", "feeds", "--config", str(parts.settings.file), *words]


def feeds_alone(parts: Parts) -> float:
    """All feeds in three formats, with their copies and list pages; the catalogue is read, too."""
    public = Site(parts.settings.root / "alone")
    put_aside(public.root)
    os.sync()
    press = replace(parts.press, public=public)
    started = time.perf_counter()
    with public.part() as part:
        with parts.store.read() as conn:
            name = site_name(conn, press.tag, press.site.created_at)
            catalogue = press.memory.up_to_date(conn, name)
            stems = plan.all_feeds(conn, catalogue, press.vocabulary)
            Files(conn, press, catalogue, part, PublishReport()).write(Work(feeds=stems, site=True))
        part.commit()
    return time.perf_counter() - started


def one_more(parts: Parts, one: Callable[[], Item]) -> tuple[float, float]:
    """Seconds from the commit to the last file, and of a bare write and rename of the same feed files."""
    one()
    started = time.perf_counter()
    report = publish(parts.store, parts.press)
    took = time.perf_counter() - started
    root = parts.public.root
    same = [(root / path, (root / path).read_bytes()) for path in report.written if path.startswith("feeds/")]
    started = time.perf_counter()
    for path, data in same:
        beside = path.with_name(".bare")
        beside.write_bytes(data)
        beside.rename(path)
    return took, time.perf_counter() - started


def median(run: Callable[[], float], rounds: int) -> float:
    return statistics.median(run() for _ in range(rounds))


def tell(what: str, took: float, beside: str = "", other: float = 0.0) -> None:
    print(
        f"{what:<52}{took:>8.3f} s" + (f"{beside:>28}{other:>8.3f} s   {took / other:.2f}" if other else "")
    )


def anew_beside_hugo(parts: Parts, folder: Path, rounds: int) -> None:
    has_hugo = shutil.which("hugo") is not None
    if not has_hugo:
        print("Hugo is not installed (apt install hugo): no ratios to it.")
    else:
        for_hugo(parts, folder / "pages", pages=True)
        for_hugo(parts, folder / "rss", pages=False)
    ours, theirs, alone, bare = [], [], [], []
    parts.store.close()
    for _ in range(rounds):
        ours.append(command(feeds(parts, "publish", "--all"), parts.public.root))
        if has_hugo:
            theirs.append(hugo(folder / "pages"))
        alone.append(feeds_alone(parts))
        if has_hugo:
            bare.append(hugo(folder / "rss"))
    middle = statistics.median
    tell("everything anew, start included", middle(ours), "Hugo, pages and RSS", has_hugo and middle(theirs))
    tell("feeds alone, start excluded", middle(alone), "Hugo, pages off", has_hugo and middle(bare))
    grown = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"largest process of a command: {grown} MB (Hugo's included)")


def new_items(parts: Parts, one: Callable[[], Item], rounds: int, stored: int) -> None:
    publish(parts.store, parts.press)
    took = [one_more(parts, one) for _ in range(rounds * 4)]
    ours, bare = (statistics.median(column) for column in zip(*took, strict=True))
    tell(f"one new item among {stored:,}, running", ours, "bare feed files", bare)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    print(
        f"{now():%Y-%m-%d}, {os.cpu_count()} cores, Python {sys.version.split()[0]}; {chosen.items:,} items; "
        f"copies: gzip by isal level {GZIP_LEVEL}, brotli quality {BROTLI_QUALITY}, "
        f"{BROTLI_QUALITY_OF_LARGE} from {LARGE // 1024} KiB"
    )
    with tempfile.TemporaryDirectory() as name:
        parts, one = filled(Path(name) / "site", chosen.items)
        anew_beside_hugo(parts, Path(name), chosen.rounds)
        idle = median(lambda: command(feeds(parts, "publish"), Path(name) / "none"), chosen.rounds * 2)
        tell("feeds publish with nothing to do", idle)
        new_items(parts, one, chosen.rounds, chosen.items)
        if chosen.large:
            parts, one = filled(Path(name) / "large", chosen.large)
            whole = command(feeds(parts, "publish", "--all"), parts.public.root)
            tell(f"everything anew, {chosen.large:,} items", whole)
            new_items(parts, one, chosen.rounds, chosen.large)


if __name__ == "__main__":
    main()
