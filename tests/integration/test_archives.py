"""Nothing that was published is out of reach: months for people and for machines, site maps, guesses."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import feedparser
import pytest
from lxml import etree
from starlette.testclient import TestClient

from feeds import config
from feeds.app.parts import Parts, now
from feeds.office import editing
from feeds.publishing import archives as room
from feeds.publishing.publish import publish
from feeds.store import items
from feeds.syndication.archives import HISTORY
from feeds.web import create_app
from feeds.web.archives import GUESSED
from taking import accept_one

COUNTRIES = ("Panama", "Honduras", "nobody")
NUMBER = 400


def bulletin() -> bytes:
    """400 items of three years, a few days apart."""
    parts = []
    for n in range(NUMBER):
        on = date(2026, 11, 20) - timedelta(days=3 * n)
        parts.append(
            f"{on.day} {on:%B}, {on.year}\n\nNews {n} of {COUNTRIES[n % 3]}\n\nText of number {n}.\n"
        )
    return "\n".join(parts).encode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, founded: Path, tables: object) -> Iterator[Parts]:
    """One for all of these tests: it has 400 items."""
    folder = tmp_path_factory.mktemp("archive") / "site"
    shutil.copytree(founded, folder)
    parts = Parts(config.load(folder / "config" / "feeds.toml"))
    parts.__dict__["_labels"] = tables
    accept_one(parts, "years.txt", bulletin(), now(), "none", filed=True)
    publish(parts.store, parts.press)
    yield parts
    parts.reader.close()
    parts.store.close()


@pytest.fixture
def web(site: Parts) -> Iterator[TestClient]:
    app = create_app(site.web_parts())
    with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as client:
        yield client


def ids_of(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"/items/([a-z0-9]+)/", text)))


def all_ids(site: Parts) -> set[str]:
    with site.store.read() as conn:
        return set(items.ids(conn))


def local(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


def test_all_items_are_found_by_walking_the_archive_of_a_feed(site: Parts, web: TestClient) -> None:
    """As RFC 5005 section 4 has it: from the feed back along prev-archive."""
    feed = feedparser.parse(web.get("/feeds/all.atom").content)
    seen, address, steps = set(), "", 0
    while link := next((each.href for each in feed.feed.links if each.rel == "prev-archive"), None):
        address = local(link)
        answer = web.get(address)
        assert answer.status_code == 200, address
        feed = feedparser.parse(answer.content)
        assert not feed.bozo
        seen |= {ids_of(entry.link)[0] for entry in feed.entries}
        steps += 1
    assert steps > 30
    assert seen == all_ids(site)
    assert len(seen) == NUMBER


def test_a_month_of_the_archive_says_that_it_is_one_and_where_it_stands(web: TestClient) -> None:
    document = etree.fromstring(web.get("/feeds/country/pa/archive/2025-03.atom").content)
    links = {link.get("rel"): local(link.get("href")) for link in document.findall("{*}link")}
    assert document.find(f"{{{HISTORY}}}archive") is not None
    assert links["self"] == "/feeds/country/pa/archive/2025-03.atom"
    assert links["current"] == "/feeds/country/pa.atom"
    assert links["prev-archive"] == "/feeds/country/pa/archive/2025-02.atom"
    assert links["next-archive"] == "/feeds/country/pa/archive/2025-04.atom"
    current = etree.fromstring(web.get("/feeds/country/pa.atom").content)
    assert current.findtext("{*}id") == document.findtext("{*}id")
    assert current.find(f"{{{HISTORY}}}archive") is None


def test_each_item_has_one_id_in_feed_and_archive(web: TestClient) -> None:
    current = feedparser.parse(web.get("/feeds/all.atom").content).entries[0]
    month = feedparser.parse(web.get("/feeds/all/archive/2026-11.atom").content).entries[0]
    assert (current.id, current.updated, current.title) == (month.id, month.updated, month.title)


@pytest.mark.parametrize("start", ["/archive/", "/country/pa/archive/", "/unlabelled/archive/"])
def test_all_items_are_found_by_walking_the_pages_of_months(
    site: Parts, web: TestClient, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    monkeypatch.setattr(room, "PAGE_ITEMS", 4)
    index = web.get(start).text
    months = [unescape(each) for each in re.findall(rf'href="({start}[0-9]{{4}}-[0-9]{{2}}/)"', index)]
    address, seen, pages = months[0], list[str](), 0
    while address:
        page = web.get(address)
        assert page.status_code == 200, address
        main = page.text.partition("<main")[2]
        seen += [each for each in ids_of(main) if each not in seen]
        older = re.search(r'href="([^"]+)" rel="next"', page.text)
        address, pages = (unescape(older[1]) if older else ""), pages + 1
    assert pages >= len(months) > 30
    wanted = NUMBER if start == "/archive/" else NUMBER // 3
    assert wanted <= len(seen) <= wanted + 1


def test_pages_of_feeds_lead_to_their_archive(web: TestClient) -> None:
    assert 'href="/archive/"' in web.get("/").text
    assert 'href="/country/pa/archive/"' in web.get("/country/pa/").text


@pytest.mark.parametrize(
    "address",
    [
        "/feeds/all/archive/1999-01.atom", "/feeds/country/zz/archive/2025-03.atom", "/archive/2025-13/",
        "/archive/2025-03/?page=99", "/archive/2025-03/?page=0", "/archive/2025-03/?x=1", "/archive/x/",
        "/feeds/nothing/pa/archive/2025-03.atom", "/country/zz/archive/",
        "/feeds/country/archive/2025-03.atom",
        "/sitemaps/1999-01.xml", "/sitemaps/x.xml", "/country/pa/archive/2025-03/?page=1&page=2",
    ],
)  # fmt: skip
def test_months_that_are_not_there_are_told_so(web: TestClient, address: str) -> None:
    assert web.get(address).status_code == 404


def test_what_was_withdrawn_leaves_the_archive_with_a_note(site: Parts, web: TestClient) -> None:
    page = "/country/hn/archive/2024-05/"
    gone = ids_of(web.get(page).text.partition("<main")[2])[0]
    editing.withdraw(site.store, gone, "", now())
    try:
        assert gone not in ids_of(web.get(page).text)
        document = web.get("/feeds/country/hn/archive/2024-05.atom").text
        assert gone not in ids_of(document)
        assert "deleted-entry" in document
        assert gone not in ids_of(web.get("/sitemaps/2024-05.xml").text)
    finally:
        editing.restore(site.store, gone, "", now())


def test_site_maps_name_every_item_once(site: Parts, web: TestClient) -> None:
    index = etree.fromstring(web.get("/sitemap.xml").content)
    maps = [local(each.text) for each in index.findall("{*}sitemap/{*}loc")]
    seen = Counter(each for path in maps for each in ids_of(web.get(path).text))
    assert seen == dict.fromkeys(all_ids(site), len(site.site.langs))
    pages = etree.fromstring(web.get("/sitemaps/pages.xml").content)
    addresses = {local(each.text) for each in pages.findall("{*}url/{*}loc")}
    assert {"/", "/country/pa/", "/country/hn/"} <= addresses
    for address in addresses:
        assert web.get(address).status_code == 200, address


def test_robots_are_told_of_the_site_map_and_kept_from_endless_pages(site: Parts, web: TestClient) -> None:
    told = web.get("/robots.txt")
    assert told.headers["content-type"] == "text/plain; charset=utf-8"
    assert f"Sitemap: {site.site.base_url}/sitemap.xml" in told.text
    assert "Disallow: /filter" in told.text


@pytest.mark.parametrize("address", sorted(GUESSED))
def test_where_readers_look_for_a_feed_they_find_one(web: TestClient, address: str) -> None:
    answer = web.get(address)
    assert answer.status_code == 301
    assert web.get(answer.headers["location"]).status_code == 200


def test_an_archive_is_answered_with_a_tag_and_not_sent_twice(web: TestClient) -> None:
    first = web.get("/feeds/all/archive/2025-03.atom")
    assert first.headers["content-type"].startswith("application/atom+xml")
    again = web.get("/feeds/all/archive/2025-03.atom", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


def test_the_directory_leads_to_every_page_that_has_news(web: TestClient) -> None:
    page = web.get("/directory/").text
    assert 'href="/country/pa/"' in page
    assert 'href="/country/hn/"' in page
    for address in set(re.findall(r'href="(/(?:country|region|topic)/[^"]+)"', page)):
        assert web.get(address).status_code == 200, address


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ("panamá", "/country/pa/"), ("PANAMA", "/country/pa/"), (" Honduras ", "/country/hn/"),
        ("migración laboral", "/topic/labour-migration/"), ("Centroamérica", "/region/central-america/"),
        ("volcano", "/search?q=volcano"), ("", "/search"), ("<b>", "/search?q=%3Cb%3E"),
    ],
)  # fmt: skip
def test_a_typed_name_leads_to_its_page_or_to_a_search(web: TestClient, typed: str, where: str) -> None:
    answer = web.get("/find", params={"q": typed})
    assert (answer.status_code, answer.headers["location"]) == (303, where)
