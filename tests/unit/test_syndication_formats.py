"""What is particular to RSS, JSON Feed and OPML."""

from __future__ import annotations

import json
import locale
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from lxml import etree

from feeds.syndication import FORMATS, json_feed, opml, rss
from golden.feeds.sample import ITEMS, LISTINGS, SITE, source


def channel() -> etree._Element:
    found = etree.fromstring(rss(source())).find("channel")
    assert found is not None
    return found


def test_formats_are_known_by_extension_with_their_media_type() -> None:
    assert {name: made.media_type for name, made in FORMATS.items()} == {
        "atom": "application/atom+xml",
        "rss": "application/rss+xml",
        "json": "application/feed+json",
    }
    assert all(name == made.extension for name, made in FORMATS.items())


def test_rss_names_itself_its_page_and_its_last_change() -> None:
    found = channel()
    own = found.find("{http://www.w3.org/2005/Atom}link")
    assert own is not None
    assert own.get("href") == "https://news.harbour.example/feeds/all.rss"
    assert found.findtext("link") == "https://news.harbour.example/"
    assert found.findtext("lastBuildDate") == "Sun, 01 Nov 2026 10:00:00 +0000"
    assert found.findtext("language") == "en"


def test_rss_says_nothing_of_caching_and_tells_no_address() -> None:
    data = rss(source())
    assert b"<ttl>" not in data
    assert b"press@harbour.example" not in data


def test_an_rss_item_is_dated_by_its_bulletin_and_its_guid_is_no_link() -> None:
    first = channel().findall("item")[0]
    guid = first.find("guid")
    assert guid is not None
    assert guid.get("isPermaLink") == "false"
    assert first.findtext("pubDate") == "Thu, 17 Sep 2026 12:00:00 +0000"
    assert first.findtext("link") == "https://news.harbour.example/items/item0006/"
    assert [category.text for category in first.findall("category")] == ["Panama", "Labour migration"]


def test_an_rss_description_is_html_in_which_the_bulletins_signs_are_escaped() -> None:
    text = channel().findall("item")[0].findtext("description") or ""
    assert "<p>The course lasts &lt;three&gt; weeks &amp; ends with an examination.</p>" in text


def test_a_feed_without_subtitle_still_has_the_description_that_rss_demands() -> None:
    data = rss(replace(source(), subtitle=""))
    assert etree.fromstring(data).findtext("channel/description") == "Harbour Office News: all news"


@pytest.fixture
def utf8_locale() -> Iterator[str]:
    before = locale.setlocale(locale.LC_ALL)
    yield locale.setlocale(locale.LC_ALL, "C.UTF-8")
    locale.setlocale(locale.LC_ALL, before)


def test_writing_rss_in_many_threads_leaves_the_locale_as_it_was(utf8_locale: str) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            written = set(pool.map(lambda _: rss(source()), range(40)))
    finally:
        sys.setswitchinterval(before)
    assert len(written) == 1
    assert locale.setlocale(locale.LC_ALL) == utf8_locale


def test_json_feed_says_what_version_1_1_demands() -> None:
    feed = json.loads(json_feed(source()))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://news.harbour.example/feeds/all.json"
    assert feed["home_page_url"] == "https://news.harbour.example/"
    assert feed["authors"] == [{"name": "Harbour Office"}]
    assert all(entry["content_html"] and entry["content_text"] for entry in feed["items"])


def test_a_json_item_carries_names_dates_and_the_offices_own_link() -> None:
    first, _, spanish, *_ = json.loads(json_feed(source()))["items"]
    assert first["tags"] == ["Panama", "Labour migration"]
    assert first["external_url"] == "https://harbour.example/news/ferry?id=6&lang=en"
    assert first["date_published"] == "2026-09-17T12:00:00Z"
    assert first["date_modified"] == "2026-11-01T10:00:00.006Z"
    assert first["content_text"] == ITEMS[0].summary
    assert spanish["language"] == "es"


def test_an_item_without_outside_link_has_no_external_url() -> None:
    without = [entry for entry in json.loads(json_feed(source()))["items"] if "external_url" not in entry]
    assert len(without) == 4


def test_opml_puts_titled_groups_in_folders_that_have_only_a_text() -> None:
    outlines = etree.fromstring(opml(SITE, LISTINGS)).findall("body/outline")
    assert [outline.get("text") for outline in outlines] == ["All news", "Countries"]
    assert dict(outlines[1].attrib) == {"text": "Countries"}
    assert dict(outlines[1][0].attrib) == {
        "type": "rss",
        "text": "Panama",
        "title": "Panama",
        "xmlUrl": "https://news.harbour.example/feeds/country/pa.atom",
        "htmlUrl": "https://news.harbour.example/country/pa/",
        "language": "en",
    }


def test_a_site_without_publisher_speaks_under_its_own_name() -> None:
    feed = json.loads(json_feed(source(site=replace(SITE, publisher=""))))
    assert feed["authors"] == [{"name": "Harbour Office News"}]
