"""What readers are promised of every format: the same ids, the same bytes, nothing dangerous."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from chance import examples
from feeds.model import FeedKey, Item, SiteInfo
from feeds.syndication import FORMATS, FeedSource, atom, json_feed, opml, rss
from feeds.syndication.source import content_html, excerpt, external_url, instant, published_at, shielded
from golden.feeds.sample import ITEMS, LISTINGS, SITE, item, source

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "feeds"
A = "{http://www.w3.org/2005/Atom}"

# What the cleaner at the door lets through: no controls, surrogates or noncharacters.
CLEAN = st.text(
    st.characters(
        exclude_categories=("Cc", "Cs", "Cn"),
        exclude_characters="\u2060\u2028\u2029",
        include_characters="<&>",
    ),
    min_size=1,
    max_size=60,
).filter(str.strip)
MARKUP = st.lists(
    st.sampled_from(
        ["<b>", "</b>", "<script>", "&", "&amp;", "&#60;", "&copy", "R&D", "<!--", "]]>", " ", "x", "<"]
    ),
    min_size=1,
    max_size=8,
).map("".join)
TEXT = (CLEAN | MARKUP).filter(str.strip)


def read(feed: FeedSource) -> etree._Element:
    return etree.fromstring(atom(feed))


def shown(element: etree._Element | None) -> str:
    """The text that a reader shows for an Atom text construct."""
    assert element is not None
    text = element.text or ""
    return unescape(text) if element.get("type") == "html" else text


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("all.atom", lambda: atom(source())),
        ("all.rss", lambda: rss(source())),
        ("all.json", lambda: json_feed(source())),
        ("empty.atom", lambda: atom(source(()))),
        ("feeds.opml", lambda: opml(SITE, LISTINGS)),
    ],
)
def test_the_bytes_are_the_accepted_ones(name: str, written: Callable[[], bytes]) -> None:
    golden = GOLDEN / name
    if os.environ.get("FEEDS_ACCEPT") == "1":
        golden.write_bytes(written())
    assert written().decode() == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("items", [ITEMS, ()], ids=["full", "empty"])
def test_a_rebuild_on_another_day_gives_the_same_bytes(extension: str, items: tuple[Item, ...]) -> None:
    with time_machine.travel("2026-11-02T00:00:00Z", tick=False):
        first = FORMATS[extension].write(source(items))
    with time_machine.travel("2031-05-05T05:05:05Z", tick=False):
        assert FORMATS[extension].write(source(items)) == first


def ids(extension: str, feed: FeedSource) -> list[str]:
    data = FORMATS[extension].write(feed)
    if extension == "json":
        return [entry["id"] for entry in json.loads(data)["items"]]
    path = ".//item/guid" if extension == "rss" else f"{A}entry/{A}id"
    return [found.text or "" for found in etree.fromstring(data).findall(path)]


@pytest.mark.parametrize("extension", FORMATS)
def test_an_item_has_the_same_id_in_every_format_feed_and_place_newest_first(extension: str) -> None:
    expected = [entry.atom_id for entry in ITEMS]
    moved = SiteInfo(
        name="Moved", base_url="http://127.0.0.1:8080", languages=("en",), created_at=SITE.created_at
    )
    assert ids(extension, source()) == expected
    assert ids(extension, source(key=FeedKey(kind="country", code="pa"))) == expected
    assert ids(extension, source(site=moved)) == expected


def test_the_feed_id_does_not_follow_the_site() -> None:
    moved = replace(SITE, base_url="http://127.0.0.1:8080")
    assert read(source(site=moved)).findtext(f"{A}id") == "tag:harbour.example,2026:feed/all"


def test_links_of_feed_and_items_keep_all_their_attributes() -> None:
    feed = read(source(key=FeedKey(kind="country", code="pa")))
    own, page = feed.findall(f"{A}link")
    assert dict(own.attrib) == {
        "href": "https://news.harbour.example/feeds/country/pa.atom",
        "rel": "self",
        "type": "application/atom+xml",
    }
    assert (page.get("rel"), page.get("href")) == ("alternate", "https://news.harbour.example/country/pa/")
    alternate, via = feed.findall(f"{A}entry")[2].findall(f"{A}link")
    assert dict(alternate.attrib) == {
        "href": "https://news.harbour.example/items/item0004/",
        "rel": "alternate",
        "type": "text/html",
        "hreflang": "es",
    }
    assert dict(via.attrib) == {"rel": "via", "href": "https://puerto.example/a%C3%B1o%20nuevo"}


@pytest.mark.parametrize("extension", FORMATS)
def test_a_link_that_is_no_web_address_reaches_no_reader(extension: str) -> None:
    assert b"javascript:" not in FORMATS[extension].write(source())


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("HTTPS://x.example/a?b[]=1|2#c", "HTTPS://x.example/a?b%5B%5D=1%7C2#c"),
        (" http://x.example/%C3%B1 ", "http://x.example/%C3%B1"),
        ("ftp://x.example/", None),
        ("//x.example/", None),
        ("javascript://x.example/%0aalert(1)", None),
        ("http:", None),
        ("https://mail.example/unsubscribe?u=1", None),
        ("http://[broken", "http://%5Bbroken"),
        (None, None),
    ],
)
def test_outside_links_become_plain_uris_or_nothing(link: str | None, expected: str | None) -> None:
    assert external_url(item(1, "T", link=link)) == expected


def test_only_an_item_in_another_language_names_its_language() -> None:
    languages = [
        entry.get("{http://www.w3.org/XML/1998/namespace}lang")
        for entry in read(source()).findall(f"{A}entry")
    ]
    assert languages == [None, None, "es", None, None, None]


def test_categories_carry_code_vocabulary_and_name_and_leave_mentions_out() -> None:
    first = read(source()).findall(f"{A}entry")[0].findall(f"{A}category")
    assert [dict(category.attrib) for category in first] == [
        {"term": "pa", "scheme": "https://news.harbour.example/country/", "label": "Panama"},
        {
            "term": "labour-migration",
            "scheme": "https://news.harbour.example/topic/",
            "label": "Labour migration",
        },
    ]


def test_neighbouring_instants_stay_apart_and_published_is_the_bulletins_date() -> None:
    entries = read(source()).findall(f"{A}entry")
    assert entries[0].findtext(f"{A}updated") == "2026-11-01T10:00:00.006Z"
    assert len({entry.findtext(f"{A}updated") for entry in entries}) == len(ITEMS)
    assert entries[0].findtext(f"{A}published") == "2026-09-17T12:00:00Z"


def test_instants_are_told_in_utc() -> None:
    assert instant(datetime.fromisoformat("2026-11-01T10:00:00.500-05:00")) == "2026-11-01T15:00:00.500Z"


@pytest.mark.parametrize("extension", FORMATS)
def test_a_naive_instant_is_refused(extension: str) -> None:
    naive = datetime(2026, 11, 1)  # noqa: DTZ001
    feed = replace(source([replace(ITEMS[0], updated_at=naive)]), updated_at=naive)
    with pytest.raises(ValueError, match=r"timezone|naive"):
        FORMATS[extension].write(feed)


@pytest.mark.parametrize("extension", ["atom", "rss"])
def test_a_character_that_xml_cannot_hold_is_refused_not_dropped(extension: str) -> None:
    with pytest.raises(ValueError, match="XML compatible"):
        FORMATS[extension].write(source([item(1, "A\x0bB")]))


def test_an_item_without_a_summary_shows_its_title() -> None:
    entry = read(source([item(1, "Only a title & no more")])).find(f"{A}entry")
    assert entry is not None
    assert shown(entry.find(f"{A}summary")) == "Only a title & no more"
    assert entry.findtext(f"{A}content") == "<p>Only a title &amp; no more</p>"


@given(TEXT)
@examples(60)
def test_titles_come_through_letter_for_letter(title: str) -> None:
    feed = source([item(1, title)])
    assert shown(read(feed).find(f"{A}entry/{A}title")) == title
    in_rss = etree.fromstring(rss(feed)).findtext(".//item/title") or ""
    assert in_rss.replace("\u2060", "") == title
    assert in_rss == shielded(title)
    assert json.loads(json_feed(feed))["items"][0]["title"] == title


@given(TEXT)
@examples(60)
def test_html_reads_a_shielded_text_as_the_same_text(text: str) -> None:
    safe = shielded(text)
    assert unescape(safe) == safe
    assert not re.search(r"<[A-Za-z/!?]", safe)


@given(st.lists(TEXT, min_size=1, max_size=4))
@examples(60)
def test_content_holds_no_markup_but_paragraphs(paragraphs: list[str]) -> None:
    content = content_html(source(()), item(1, "Title", summary="\n\n".join(paragraphs)))
    assert set(re.findall(r"<[^>]*>", content)) == {"<p>", "</p>"}
    assert content.count("<p>") == content.count("</p>") == len(paragraphs)


def test_what_a_correction_changed_stands_under_its_item_alone() -> None:
    one, other = item(1, "Title", summary="Text."), item(2, "Other", summary="Text.")
    told = replace(source(()), notes={one.id: "<p><del>old</del></p>"})
    assert content_html(told, one) == content_html(source(()), one) + "<p><del>old</del></p>"
    assert content_html(told, other) == content_html(source(()), other)


@pytest.mark.parametrize("text", ["AT&T", "R&D", "Trinidad & Tobago", "a < b", "x > y"])
def test_harmless_signs_are_left_alone(text: str) -> None:
    assert shielded(text) == text


def test_an_excerpt_is_one_line_and_does_not_stop_at_the_dateline() -> None:
    assert excerpt("Colón, 1 May:\n\nThe news\nitself.") == "Colón, 1 May: The news itself."


def test_a_long_excerpt_is_cut_between_words() -> None:
    assert excerpt("one two three four", 14) == "one two three…"
    assert excerpt("one two three four", 13) == "one two…"
    assert excerpt("one two", 7) == "one two"


def test_a_long_excerpt_without_spaces_is_cut_where_it_stands() -> None:
    assert excerpt("x" * 30, 10) == "x" * 9 + "…"


def test_an_item_is_not_dated_later_than_it_was_seen() -> None:
    morning = datetime(2026, 11, 1, 6, tzinfo=UTC)
    late = datetime(2026, 11, 2, 6, tzinfo=UTC)
    early = datetime(2026, 10, 31, 23, tzinfo=UTC)
    item = replace(ITEMS[0], date_on=date(2026, 11, 1))
    assert published_at(replace(item, accepted_at=morning)) == morning
    assert published_at(replace(item, accepted_at=late)) == datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert published_at(replace(item, accepted_at=early)) == early
