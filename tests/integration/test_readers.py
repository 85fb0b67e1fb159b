"""Real feed readers and a validator read what we write.

newsboat and the W3C feed validator are judges from outside: where they are
not installed their tests are skipped and say so. For the validator set
FEEDS_FEEDVALIDATOR to the folder that holds its ``feedvalidator`` package, and
FEEDS_FEEDVALIDATOR_PYTHON to a Python that has its requirements (html5lib).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import feedparser
import pytest

from feeds.model import Item
from feeds.site import Site
from feeds.syndication import FORMATS
from golden.feeds.sample import ITEMS, item, source

NASTY = (
    item(16, "A </b> closing & an &lt;escaped&gt; tag, &#60;, &copyright, 1&2"),
    item(15, "<i>"),
    item(14, "&amp;", "\U0001f600 \U00020000 ]]> <![CDATA[ -->"),
    item(13, "Long " + "word " * 200, "No end. " * 4000),
    item(12, "Right to left: שלום", "مرحبا", lang="he"),
    item(11, "Ends with an ampersand &", "x < y && y > z; <!-- a comment --> <?pi?>"),
)
ALL = (*NASTY, *ITEMS)

JUDGE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import feedvalidator
from feedvalidator import logging
found = feedvalidator.validateString(open(sys.argv[2], "rb").read(), firstOccurrenceOnly=0, base=sys.argv[3])
bad = (logging.Error, logging.Warning)
faults = [[type(e).__name__, str(e.params)] for e in found["loggedEvents"] if isinstance(e, bad)]
print(json.dumps({"events": len(found["loggedEvents"]), "faults": faults}))
"""


def shown(detail: dict[str, str]) -> str:
    """A title as a reader shows it."""
    text = unescape(detail["value"]) if detail["type"] == "text/html" else detail["value"]
    return text.replace("\u2060", "")


@pytest.mark.parametrize("extension", ["atom", "rss"])
@pytest.mark.parametrize("items", [ALL, ()], ids=["nasty", "empty"])
def test_feedparser_finds_nothing_wrong(extension: str, items: Sequence[Item]) -> None:
    feed = feedparser.parse(FORMATS[extension].write(source(items)))
    assert not feed.bozo
    assert feed.version == {"atom": "atom10", "rss": "rss20"}[extension]
    assert [entry.id for entry in feed.entries] == [entry.atom_id for entry in items]
    assert [shown(entry.title_detail) for entry in feed.entries] == [entry.title.strip() for entry in items]


@pytest.mark.parametrize("extension", ["atom", "rss"])
@pytest.mark.parametrize("items", [ALL, ()], ids=["nasty", "empty"])
def test_the_feed_validator_finds_no_error_and_no_warning(
    extension: str, items: Sequence[Item], tmp_path: Path
) -> None:
    folder = os.environ.get("FEEDS_FEEDVALIDATOR")
    if not folder:
        pytest.skip("FEEDS_FEEDVALIDATOR does not name a copy of the W3C feed validator")
    file = tmp_path / f"all.{extension}"
    file.write_bytes(FORMATS[extension].write(source(items)))
    python = os.environ.get("FEEDS_FEEDVALIDATOR_PYTHON", sys.executable)
    own = f"https://news.harbour.example/feeds/all.{extension}"
    done = subprocess.run(
        [python, "-c", JUDGE, folder, str(file), own], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    verdict = json.loads(done.stdout)
    assert verdict["faults"] == []
    assert verdict["events"] > 10


class Newsboat:
    """newsboat without its screen, with a cache of its own; it reads the file, not a server."""

    def __init__(self, folder: Path, feed: Path) -> None:
        self.folder = folder
        self.cache = folder / "cache.db"
        folder.mkdir()
        (folder / "urls").write_text(f"{feed.as_uri()}\n")
        (folder / "config").write_text("")

    def reload(self) -> int:
        """Fetch; the number of unread items."""
        options = [f"-{letter}{self.folder / name}" for letter, name in (("C", "config"), ("u", "urls"))]
        done = subprocess.run(
            ["newsboat", *options, f"-c{self.cache}", "-x", "reload", "print-unread"],
            env={**os.environ, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=True,
        )
        return int(re.findall(r"\d+", done.stdout)[0])

    def titles(self) -> list[str]:
        """All titles in its cache, sorted."""
        with closing(sqlite3.connect(self.cache)) as cache:
            return sorted(title for (title,) in cache.execute("SELECT title FROM rss_item"))

    def read_all(self) -> None:
        """What a person does by pressing A."""
        with closing(sqlite3.connect(self.cache)) as cache, cache:
            cache.execute("UPDATE rss_item SET unread = 0")


def told(items: Sequence[Item]) -> list[str]:
    return sorted(entry.title.strip() for entry in items)


@pytest.mark.skipif(not shutil.which("newsboat"), reason="newsboat is not installed")
@pytest.mark.parametrize("extension", ["atom", "rss"])
def test_newsboat_shows_each_item_once_through_rebuild_correction_and_news(
    extension: str, tmp_path: Path
) -> None:
    site = Site(tmp_path / "public")
    path = f"feeds/all.{extension}"

    def publish(items: Sequence[Item]) -> bool:
        return site.write(path, FORMATS[extension].write(source(items)))

    publish(ALL)
    reader = Newsboat(tmp_path / "newsboat", site.root / path)
    assert reader.reload() == len(ALL)
    assert [title.replace("\u2060", "") for title in reader.titles()] == told(ALL)

    reader.read_all()
    assert not publish(ALL)
    assert reader.reload() == 0

    later = datetime(2026, 11, 2, 8, 0, 0, 5000, tzinfo=UTC)
    corrected = (*ALL[:-1], replace(ALL[-1], title="Put right", summary="Now right.", updated_at=later))
    assert publish(corrected)
    assert reader.reload() == 0
    assert len(reader.titles()) == len(ALL)
    assert "Put right" in reader.titles()

    assert publish((item(99, "News"), *corrected))
    assert reader.reload() == 1
    assert len(reader.titles()) == len(ALL) + 1
