"""Any filter is a feed and a page: the same items as `filters.match` finds, one address, clear answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from itertools import product
from urllib.parse import parse_qsl

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from starlette.testclient import TestClient

from feeds import filters
from feeds.app.parts import Parts, now
from feeds.model import Filter, Item
from feeds.office import editing
from feeds.publishing import filtered as room
from feeds.publishing import searching, word_index
from feeds.publishing.filtered import Filtered
from feeds.publishing.publish import publish
from feeds.publishing.word_index import index_words
from feeds.store import items
from feeds.web import create_app
from feeds.web.filters import FRESH_S
from random_filters import wishes
from taking import accept_one

PLACES = ("Panama", "Honduras", "Mexico", "Central America", "nobody")
DEEDS = ("opens a school", "agrees on labour contracts", "registers the coffee harvest")


def bulletin() -> bytes:
    """An item for each place and deed, days apart."""
    day, parts = date(2026, 11, 1), []
    for n, (place, deed) in enumerate(product(PLACES, DEEDS)):
        on = day + timedelta(days=n % 9)
        parts.append(f"{on.day} November, 2026\n\n{place} {deed}, number {n}\n\nWork permits and café {n}.\n")
    return "\n".join(parts).encode()


@pytest.fixture
def stocked(site: Parts) -> Parts:
    accept_one(site, "one.txt", bulletin(), now(), "all", filed=True)
    return site


@pytest.fixture
def web(stocked: Parts) -> Iterator[TestClient]:
    publish(stocked.store, stocked.press)
    app = create_app(stocked.web_parts())
    with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as client:
        yield client


def everything(parts: Parts) -> list[Item]:
    with parts.store.read() as conn:
        return items.listing(conn, limit=10_000)


def matching(parts: Parts, wanted: Filter) -> set[str]:
    return {each.id for each in everything(parts) if filters.match(wanted, each, parts.vocabulary)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=wishes)
def test_a_filter_has_the_items_that_matching_each_gives(stocked: Parts, wanted: Filter) -> None:
    wanted = filters.normal(wanted)
    assert stocked.filtered.matching(wanted) == matching(stocked, wanted)


@pytest.mark.parametrize("halfway", [False, True])
def test_the_index_of_words_finds_what_the_texts_have(
    stocked: Parts, monkeypatch: pytest.MonkeyPatch, halfway: bool
) -> None:
    monkeypatch.setattr(searching, "FEW", 0)
    monkeypatch.setattr(searching, "_FIRST", 3)
    monkeypatch.setattr(word_index, "AT_ONCE", 7)
    index_words(stocked.store, briefly=halfway)
    if halfway:  # some were changed after they came into the index, some are not in it yet
        changed = everything(stocked)[::4]
        for each in changed:
            words = editing.Words(summary="A work permit. Café.")
            editing.correct(stocked.store, stocked.labeller, each.id, words, "", now())
    for text in WORDY:
        wanted = filters.parse(text, stocked.vocabulary)
        assert stocked.filtered.matching(wanted) == matching(stocked, wanted), text


WORDY = (
    "q:cafe", "q:number q:4", 'word:"work permits"', "word:school,harvest", "word:cafe -word:school",
    "word:permits language:es", "country:pa q:opens", "q:nothing", "-word:cafe", 'word:"permits work"',
    "q:permit", "-word:school,harvest", 'q:cafe -word:school,"work permits"', "q:cafe -word:school,nobody",
    '-word:"work permits"', '-word:school,"number 4"', "language:es,en -word:school", "language:fr",
)  # fmt: skip


def ids_of(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"/items/([a-z0-9]+)/", page)))


def test_page_and_feeds_show_the_items_of_a_digest(stocked: Parts, web: TestClient) -> None:
    query = "country=hn,pa&q=number"
    wanted = filters.from_query(parse_qsl(query), stocked.vocabulary)
    expected = matching(stocked, wanted)
    assert len(expected) > 4
    assert set(ids_of(web.get(f"/filter?{query}").text)) == expected
    for form in ("atom", "rss"):
        parsed = feedparser.parse(web.get(f"/filter.{form}?{query}").content)
        assert not parsed.bozo
        assert {ids_of(entry.link)[0] for entry in parsed.entries} == expected
    shown = json.loads(web.get(f"/filter.json?{query}").content)
    assert {ids_of(each["url"])[0] for each in shown["items"]} == expected
    assert shown["feed_url"] == f"{stocked.site.base_url}/filter.json?country=hn,pa&q=number"


def test_a_filter_follows_what_is_stored(stocked: Parts, web: TestClient) -> None:
    query = "word=harbour"
    wanted = filters.from_query(parse_qsl(query), stocked.vocabulary)
    assert stocked.filtered.matching(wanted) == set()
    text = b"27 November, 2026\n\nPanama opens a harbour\n\nShips come.\n"
    accept_one(stocked, "two.txt", text, now(), "all", filed=True)
    (new,) = stocked.filtered.matching(wanted)
    assert ids_of(web.get(f"/filter.atom?{query}").text) == [new]
    editing.withdraw(stocked.store, new, "", now())
    assert stocked.filtered.matching(wanted) == set()
    assert "deleted-entry" in stocked.filtered.answer(wanted, "atom", "en").data.decode()


@pytest.mark.parametrize(
    ("asked", "to"),
    [
        ("/filter?topic=health&country=pa,hn", "/filter?country=hn,pa&topic=health"),
        ("/filter.atom?country=PA&country=Honduras", "/filter.atom?country=hn,pa"),
        ("/filter?country=hn,pa&utm=&word=", "/filter?country=hn,pa"),
        ("/filter.rss?country=pa", "/feeds/country/pa.rss"),
        ("/filter?topic=health", "/topic/health/"),
        ("/filter.atom?region=central-america", "/feeds/region/central-america.atom"),
        ("/filter.atom?region=caribbean&country=pa", "/filter.atom?country=pa&region=caribbean"),
        ("/filter.json?all=yes", "/feeds/all.json"),
        ("/feeds/all.atom?country=pa,hn", "/feeds/all.atom"),
        ("/filter.opml?topic=health&country=Panama", "/filter.opml?country=pa&topic=health"),
        ("/filter.opml?all=yes", "/feeds.opml"),
    ],
)
def test_each_filter_has_one_address(web: TestClient, asked: str, to: str) -> None:
    answer = web.get(asked)
    assert (answer.status_code, answer.headers["location"]) == (301, to)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("country=pax", "pax"), ("topic=labor-migration", "labour-migration"), ("", "empty"),
        ("colour=red", "colour"), ("country=" + ",".join(["pa"] * 10_000), "too"), ("word=%00", "word"),
        ("&".join(f"word=w{n}" for n in range(500)), "too many"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_404_that_says_why(web: TestClient, query: str, told: str) -> None:
    answer = web.get(f"/filter.atom?{query}")
    assert answer.status_code == 404
    assert told in answer.text


def test_a_selection_is_an_opml_of_its_own_feed_and_those_of_its_labels(web: TestClient) -> None:
    url = "/filter.opml?country=hn,pa&topic=health"
    assert f'href="{url.replace("&", "&amp;")}"' in web.get("/filter?country=hn,pa&topic=health").text
    answer = web.get(url)
    assert answer.headers["content-type"] == "text/x-opml; charset=utf-8"
    outline = etree.fromstring(answer.content)
    feeds = [one.get("xmlUrl") for one in outline.iter("outline") if one.get("xmlUrl")]
    host = feeds[0].split("/filter")[0]
    assert feeds == [
        f"{host}/filter.atom?country=hn,pa&topic=health",
        *(f"{host}/feeds/{stem}.atom" for stem in ("country/hn", "country/pa", "topic/health")),
    ]
    for feed in feeds:
        assert web.get(feed.removeprefix(host)).status_code == 200
    assert [one.get("text") for one in outline.find("body") if not one.get("xmlUrl")] == [
        "Countries",
        "Topics",
    ]
    again = web.get(url, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert web.get("/filter.opml?country=pax").status_code == 404


def test_unknown_formats_are_not_there(web: TestClient) -> None:
    assert web.get("/filter.exe?country=hn,pa").status_code == 404


def test_a_filter_is_asked_again_with_304_and_lent_to_the_quick_path(stocked: Parts, web: TestClient) -> None:
    url = "/filter.atom?country=hn,pa"
    first = web.get(url, headers={"accept-encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    again = web.get(url, headers={"accept-encoding": "gzip", "if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "last-modified" not in first.headers
    parts = stocked.web_parts()
    assert parts.memory is not None
    clock = [0.0]
    with TestClient(create_app(replace(parts)), base_url="http://127.0.0.1:8000") as client:
        client.get(url)
    lent = parts.memory.lent(url, clock[0])
    assert lent is not None
    assert parts.memory.lent(url, float("inf")) is None
    assert FRESH_S <= 1


def test_new_filters_with_words_are_so_many_a_minute(stocked: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "NEW_A_MINUTE", 3)
    clock = [100.0]
    made = Filtered(stocked.store, stocked.press, lambda: clock[0])
    for n in range(3):
        made.matching(Filter(words=(f"w{n}",)))
    made.matching(Filter(words=("w1",)))  # known already
    with pytest.raises(room.TooManyFiltersError):
        made.matching(Filter(words=("w3",)))
    clock[0] += 60
    made.matching(Filter(words=("w3",)))


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PAGE_ITEMS", 4)


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize("query", ["q=number", "country=hn,pa", "q=number&country=pa", "word=school,harvest"])
def test_all_items_of_a_filter_are_found_by_walking_its_pages(
    stocked: Parts,
    web: TestClient,
    short_pages: None,
    monkeypatch: pytest.MonkeyPatch,
    indexed: bool,
    query: str,
) -> None:
    monkeypatch.setattr(searching, "FEW", 0 if indexed else 300)
    seen = list[str]()
    wanted = filters.from_query(parse_qsl(query), stocked.vocabulary)
    address = f"/filter?{filters.to_query(wanted)}"
    while address:
        page = web.get(address)
        assert page.status_code == 200
        here = ids_of(page.text)
        assert 0 < len(here) <= 4
        seen += here
        older = re.search(r'href="([^"]+)" rel="next"', page.text)
        address = unescape(older[1]) if older else ""
    assert len(seen) == len(set(seen))
    assert set(seen) == matching(stocked, wanted)


def test_a_page_that_is_not_there_is_told_so(web: TestClient, short_pages: None) -> None:
    assert web.get("/filter?q=number&page=2").status_code == 200
    assert web.get("/filter?q=number&page=99").status_code == 404
    for wrong in ("0", "x", "-1", "1.5", "٣", "1&page=2", "9999999"):
        answer = web.get(f"/filter?q=number&page={wrong}")
        assert answer.status_code == 404, wrong
        assert "page" in answer.text
    first = web.get("/filter?q=number&page=1")
    assert (first.status_code, first.headers["location"]) == (301, "/filter?q=number")


def test_more_than_are_counted_is_said(
    stocked: Parts, web: TestClient, short_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "FEW", 0)
    monkeypatch.setattr(searching, "_FIRST", 3)
    monkeypatch.setattr(room, "COUNTED", 5)
    page = web.get("/filter?q=number").text
    assert "More than" in page
    newest = sorted(everything(stocked), key=lambda each: (each.date_on, each.updated_at), reverse=True)
    assert ids_of(page) == [each.id for each in newest][:4]


def test_pages_go_on_beyond_what_is_counted(
    stocked: Parts, web: TestClient, short_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "FEW", 0)
    monkeypatch.setattr(searching, "_FIRST", 1)
    monkeypatch.setattr(searching, "_MOST_AT_ONCE", 1)
    monkeypatch.setattr(room, "COUNTED", 5)
    seen, address = list[str](), "/filter?q=number"
    while address:
        page = web.get(address).text
        seen += ids_of(page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = unescape(older[1]) if older else ""
    assert (len(seen), set(seen)) == (len(set(seen)), {each.id for each in everything(stocked)})


def test_withdrawn_items_do_not_end_the_count(
    stocked: Parts, web: TestClient, short_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else fewer were found than are counted, and the number of those looked at passed for that of all."""
    monkeypatch.setattr(searching, "FEW", 0)
    monkeypatch.setattr(searching, "_FIRST", 6)
    monkeypatch.setattr(room, "COUNTED", 5)
    newest = sorted(everything(stocked), key=lambda each: (each.date_on, each.updated_at), reverse=True)
    for each in newest[:5]:
        editing.withdraw(stocked.store, each.id, "", now())
    index_words(stocked.store)
    page = web.get("/filter?q=number").text
    assert "More than" in page
    assert ids_of(page) == [each.id for each in newest][5:9]


def test_a_search_leads_to_the_address_of_its_filter(web: TestClient) -> None:
    page = web.get("/search")
    assert page.status_code == 200
    assert 'name="q"' in page.text
    asked = web.get("/search?q=caf%C3%A9+numbers&country=&topic=")
    assert (asked.status_code, asked.headers["location"]) == (303, "/filter?q=caf%C3%A9+numbers")


def test_the_words_that_were_searched_for_are_marked(web: TestClient) -> None:
    page = web.get("/filter?q=cafe").text
    assert "<mark>café</mark>" in page


@pytest.mark.parametrize(
    "words", ['"', "<script>", "%", "_", "' OR 1=1 --", "NEAR(a b)", "a*", "🙂", "x" * 5000]
)
def test_search_terms_of_any_kind_do_no_harm(web: TestClient, words: str) -> None:
    answer = web.get("/search", params={"q": words}, follow_redirects=True)
    assert answer.status_code in (200, 404)
    assert "<script>" not in answer.text
