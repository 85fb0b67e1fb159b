"""Withdrawn items in feeds: a tombstone in Atom (RFC 6721), silence where the format has no word for it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest
from lxml import etree

from feeds.model import Item
from feeds.syndication import FORMATS, FeedSource, atom
from golden.feeds.sample import ITEMS, source

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "feeds"
A = "{http://www.w3.org/2005/Atom}"
AT = "{http://purl.org/atompub/tombstones/1.0}"
REASON = "Sent by <b>mistake</b>,\nR&D says"
GONE = (
    replace(
        ITEMS[1], withdrawn_at=datetime(2026, 11, 20, 9, 0, 0, 7000, tzinfo=UTC), withdrawn_reason=REASON
    ),
    replace(ITEMS[3], withdrawn_at=datetime(2026, 11, 19, 9, tzinfo=UTC)),
)
KEPT = (ITEMS[0], ITEMS[2], *ITEMS[4:])


def feed(items: Sequence[Item] = KEPT, withdrawn: Sequence[Item] = GONE) -> FeedSource:
    return replace(source(items), updated_at=datetime(2026, 11, 20, 9, tzinfo=UTC), withdrawn=withdrawn)


def test_the_bytes_are_the_accepted_ones() -> None:
    golden = GOLDEN / "withdrawn.atom"
    if os.environ.get("FEEDS_ACCEPT") == "1":
        golden.write_bytes(atom(feed()))
    assert atom(feed()).decode() == golden.read_text(encoding="utf-8")


def test_a_withdrawn_item_leaves_its_id_its_instant_and_the_reason() -> None:
    first, second = etree.fromstring(atom(feed())).findall(f"{AT}deleted-entry")
    assert dict(first.attrib) == {"ref": GONE[0].atom_id, "when": "2026-11-20T09:00:00.007Z"}
    assert dict(second.attrib) == {"ref": GONE[1].atom_id, "when": "2026-11-19T09:00:00Z"}
    comment = first.find(f"{AT}comment")
    assert comment is not None
    assert comment.get("type") == "html"
    assert comment.text == "Sent by &lt;b&gt;mistake&lt;/b&gt;, R&amp;D says"
    assert len(second) == 0


def test_nothing_else_of_a_withdrawn_item_is_told() -> None:
    text = atom(feed()).decode()
    assert "claims" not in text
    assert "goes first" not in text
    assert [entry.findtext(f"{A}id") for entry in etree.fromstring(text.encode()).findall(f"{A}entry")] == [
        item.atom_id for item in KEPT
    ]


@pytest.mark.parametrize("items", [KEPT, ()], ids=["items", "none"])
def test_tombstones_stand_before_the_items_and_after_the_feeds_own_words(items: tuple[Item, ...]) -> None:
    names = [etree.QName(child).localname for child in etree.fromstring(atom(feed(items)))]
    own = names[: names.index("deleted-entry")]
    assert "subtitle" in own
    assert "entry" not in own
    assert names[len(own) :] == ["deleted-entry"] * 2 + ["entry"] * len(items)


@pytest.mark.parametrize("extension", ["rss", "json"])
def test_formats_without_tombstones_just_leave_the_item_out(extension: str) -> None:
    write = FORMATS[extension].write
    assert write(feed()) == write(feed(withdrawn=()))


def test_a_feed_without_withdrawn_items_does_not_name_the_extension() -> None:
    assert b"tombstones" not in atom(feed(withdrawn=()))


def test_an_item_that_was_not_withdrawn_gets_no_tombstone() -> None:
    with pytest.raises(ValueError, match="not withdrawn"):
        atom(feed(withdrawn=ITEMS[:1]))


@pytest.mark.parametrize("items", [KEPT, ()], ids=["items", "none"])
def test_feedparser_reads_a_feed_with_tombstones_as_if_they_were_not_there(items: tuple[Item, ...]) -> None:
    read = feedparser.parse(atom(feed(items)))
    assert not read.bozo
    assert read.version == "atom10"
    assert read.feed.title == "Harbour Office News: all news"
    assert [entry.id for entry in read.entries] == [item.atom_id for item in items]
