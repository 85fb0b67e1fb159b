"""Real feed readers and a validator read what we write.

newsboat and the W3C feed validator (tests/judges.py) are judges from outside: where they are
not installed their tests are skipped and say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import feedparser
import pytest

from feed_readers import Newsboat
from feeds.model import Item
from feeds.site import Site
from feeds.syndication import FORMATS
from golden.feeds.sample import ITEMS, item, source
from judges import validator_says

NASTY = (
    item(16, "A </b> closing & an &lt;escaped&gt; tag, &#60;, &copyright, 1&2"),
    item(15, "<i>"),
    item(14, "&amp;", "\U0001f600 \U00020000 ]]> <![CDATA[ -->"),
    item(13, "Long " + "word " * 200, "No end. " * 4000),
    item(12, "Right to left: שלום", "مرحبا", lang="he"),
    item(11, "Ends with an ampersand &", "x < y && y > z; <!-- a comment --> <?pi?>"),
)
ALL = (*NASTY, *ITEMS)


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
    own = f"https://news.harbour.example/feeds/all.{extension}"
    events, faults = validator_says({own: FORMATS[extension].write(source(items))}, tmp_path)[own]
    assert faults == []
    assert events > 10


def told(items: Sequence[Item]) -> list[str]:
    return sorted(" ".join(entry.title.split()) for entry in items)


@pytest.mark.parametrize("extension", ["atom", "rss"])
def test_newsboat_shows_each_item_once_through_rebuild_correction_and_news(
    extension: str, tmp_path: Path
) -> None:
    site = Site(tmp_path / "public")
    path = f"feeds/all.{extension}"

    def publish(items: Sequence[Item]) -> bool:
        return site.write(path, FORMATS[extension].write(source(items)))

    publish(ALL)
    (tmp_path / "newsboat").mkdir()
    reader = Newsboat((site.root / path).as_uri(), tmp_path / "newsboat")
    assert reader.fetch() == told(ALL)

    assert not publish(ALL)
    assert reader.fetch() == []

    later = datetime(2026, 11, 2, 8, 0, 0, 5000, tzinfo=UTC)
    corrected = (*ALL[:-1], replace(ALL[-1], title="Put right", summary="Now right.", updated_at=later))
    assert publish(corrected)
    assert reader.fetch() == []
    assert reader.shown() == told(corrected)

    assert publish((item(99, "News"), *corrected))
    assert reader.fetch() == ["News"]
    assert len(reader.shown()) == len(ALL) + 1
