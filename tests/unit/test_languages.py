"""A site in two languages: the same news in both, each at its own address, each page leading to the other."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from lxml import etree
from starlette.requests import Request

from feeds.config.sections import SiteSection
from feeds.i18n import own_name, translator
from feeds.letters import Letters
from feeds.letters.footing import feed_url
from feeds.letters.personal import privacy_url, subscribe_url
from feeds.model import FeedKey, FeedListing, Filter, Item, Kind
from feeds.pages import Pages
from feeds.publishing.editions import all_paths, feed_id, feed_source, folder, given_up
from feeds.publishing.files import moved_map
from feeds.syndication import FORMATS, FORMS, opml, told
from feeds.syndication.sitemaps import robots
from feeds.templating import environment
from feeds.web.files import PublishedFiles
from feeds.web.front import Front
from feeds.web.memory import PublishedMemory
from golden.pages import sample

BOTH = replace(sample.site(), languages=("en", "es", "en"))
PAGES = Pages(environment([sample.TEMPLATES]), BOTH, sample.VOCABULARY)
SPANISH = PAGES.speaking("es")
PANAMA = FeedKey(kind="country", code="pa")
BASE = BOTH.base_url


def heads(page: bytes) -> dict[str, str]:
    """The addresses of a page in each language."""
    return dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', page.decode()))


def feed_page(pages: Pages) -> bytes:
    words = pages.feed_title(PANAMA), pages.feed_description(PANAMA)
    return pages.feed(PANAMA, *words, sample.items(6), 9)


def shown(pages: Pages, item: Item) -> bytes:
    """A page on which the item is a card."""
    return pages.feed(FeedKey(kind="unlabelled"), "", "", [item], 1)


def test_the_first_language_stands_at_the_root_and_others_below_their_code() -> None:
    assert BOTH.langs == ("en", "es")
    assert [BOTH.below(lang) for lang in ("en", "es", "fr")] == ["", "/es", ""]
    assert BOTH.url("/country/pa/", "es") == f"{BASE}/es/country/pa/"
    assert BOTH.url("/country/pa/", "en") == f"{BASE}/country/pa/"
    assert [folder(BOTH, lang) for lang in ("en", "es")] == ["", "es/"]


def test_each_page_names_itself_in_every_language_and_where_nobodys_language_is_known() -> None:
    item = sample.item(0)
    for make, path in (
        (feed_page, "/country/pa/"),
        (lambda pages: pages.item(item), f"/items/{item.id}/"),
        (lambda pages: pages.index(sample.items(3), []), "/"),
    ):
        wanted = {"en": BASE + path, "es": f"{BASE}/es{path}", "x-default": BASE + path}
        assert heads(make(PAGES)) == heads(make(SPANISH)) == wanted
        assert f'<link rel="canonical" href="{BASE}{path}">'.encode() in make(PAGES)
        assert f'<link rel="canonical" href="{BASE}/es{path}">'.encode() in make(SPANISH)


def test_a_page_leads_to_itself_in_the_other_language_by_that_languages_own_name() -> None:
    assert b'<a href="/es/country/pa/" lang="es" hreflang="es">Espa\xc3\xb1ol</a>' in feed_page(PAGES)
    assert b'<span aria-current="true">English</span>' in feed_page(PAGES)
    assert b'<a href="/country/pa/" lang="en" hreflang="en">English</a>' in feed_page(SPANISH)


def test_a_site_with_one_language_says_nothing_of_others() -> None:
    alone = Pages(environment([sample.TEMPLATES]), sample.site(), sample.VOCABULARY)
    assert not heads(feed_page(alone))
    assert b"hreflang" not in feed_page(alone)


def test_every_way_on_a_page_stays_in_its_language() -> None:
    listed = [(kind.value, [FeedListing(key=PANAMA, title="", items=2)]) for kind in (Kind.COUNTRY,)]
    pages = (
        feed_page,
        lambda pages: pages.item(sample.item(0)),
        lambda pages: pages.index(sample.items(6), listed),
    )
    for make in pages:
        links = set(
            re.findall(r'<(?:a|form) (?:href|action|class="[^"]*" href)="(/[^"]*)"', make(SPANISH).decode())
        )
        assert links
        foreign = {link for link in links if not link.startswith("/es/")}
        assert len(foreign) == 1, foreign  # the switch alone
        assert not any(
            link.startswith("/es") for link in re.findall(r'<a href="(/[^"]*)">', make(PAGES).decode())
        )


def test_an_item_keeps_its_own_language_in_every_frame() -> None:
    item = next(each for each in sample.items(6) if each.lang == "es")
    for pages in (PAGES, SPANISH):
        assert f'<h1 lang="es" dir="auto" itemprop="headline">{item.title}</h1>'.encode() in pages.item(item)
        assert f'lang="es" dir="auto"><a href="{pages.home("/items/")}{item.id}/">'.encode() in shown(
            pages, item
        )


def test_cards_are_rendered_with_the_words_of_their_language() -> None:
    many = replace(
        sample.item(0), labels=tuple(sample.label(code) for code in ("pa", "hn", "mx", "gt", "jp"))
    )
    english, spanish = shown(PAGES, many), shown(SPANISH, many)
    assert b"more</a>" in english
    assert "más</a>".encode() in spanish
    assert shown(PAGES, many) == english


def press(**changed: object) -> SimpleNamespace:
    values = {"site": BOTH, "pages": PAGES, "vocabulary": sample.VOCABULARY, "tag": "tag:x,2026:", **changed}
    return SimpleNamespace(**values)


def test_a_feed_is_another_one_in_each_language_and_its_entries_are_the_same() -> None:
    english, spanish = (feed_source(press(), PANAMA, None, lang) for lang in ("en", "es"))
    assert (english.feed_id, spanish.feed_id) == (
        "tag:x,2026:feed/country/pa",
        "tag:x,2026:feed/es/country/pa",
    )
    assert (english.lang, spanish.lang) == ("en", "es")
    assert spanish.title.startswith("Panamá – ")
    assert english.updated_at == BOTH.created_at
    for name in FORMATS:
        ids = []
        for source in (english, spanish):
            made = FORMS[name].joined(source, [FORMS[name].entry(source, told(source, sample.item(0)))])
            ids.append(re.findall(rb"tag:news\.example\.org,2026:\w+", made))
        assert ids[0] == ids[1] != []


def test_addresses_in_a_feed_are_those_of_its_language_and_its_labels_keep_their_vocabulary() -> None:
    source = feed_source(press(), PANAMA, None, "es")
    entry = told(source, sample.item(0))
    assert entry.url == f"{BASE}/es/items/{sample.item(0).id}/"
    assert {each.scheme for each in entry.categories} <= {f"{BASE}/{kind.value}/" for kind in Kind}
    data = json.loads(FORMATS["json"].write(source))
    assert data["feed_url"] == f"{BASE}/es/feeds/country/pa.json"
    assert data["home_page_url"] == f"{BASE}/es/country/pa/"
    links = {
        link.get("rel"): (link.get("href"), link.get("hreflang"))
        for link in etree.fromstring(FORMATS["atom"].write(source)).iter("{*}link")
    }
    assert links["self"] == (f"{BASE}/es/feeds/country/pa.atom", None)
    assert links["alternate"] == (f"{BASE}/es/country/pa/", "es")


def test_the_list_of_feeds_leads_to_those_of_its_language() -> None:
    rows = [("", [FeedListing(key=PANAMA, title="Panamá", items=1)])]
    (row,) = etree.fromstring(opml(BOTH, rows, "es")).iter("outline")
    assert row.get("xmlUrl") == f"{BASE}/es/feeds/country/pa.atom"
    assert row.get("htmlUrl") == f"{BASE}/es/country/pa/"
    assert row.get("language") == "es"
    (row,) = etree.fromstring(opml(BOTH, rows)).iter("outline")
    assert (row.get("xmlUrl"), row.get("language")) == (f"{BASE}/feeds/country/pa.atom", "en")


def test_robots_leave_searches_alone_in_every_language() -> None:
    lines = robots(BOTH).decode().splitlines()
    assert {"Disallow: /search", "Disallow: /es/search", "Disallow: /es/filter"} <= set(lines)
    assert lines[-1] == f"Sitemap: {BASE}/sitemap.xml"
    assert "/es/" not in robots(sample.site()).decode()


def test_a_renamed_topic_is_found_in_every_language() -> None:
    vocabulary = SimpleNamespace(renamed={"old": "new"})
    lines = moved_map(vocabulary, ("atom",), BOTH).decode().splitlines()  # type: ignore[arg-type]
    assert lines == [
        "/topic/old/ /topic/new/;", "/feeds/topic/old.atom /feeds/topic/new.atom;",
        "/es/topic/old/ /es/topic/new/;", "/es/feeds/topic/old.atom /es/feeds/topic/new.atom;",
    ]  # fmt: skip


def test_links_in_mails_lead_to_pages_of_the_mails_language() -> None:
    wanted = Filter(countries=("pa",))
    assert feed_url(wanted, BOTH, "es") == f"{BASE}/es/feeds/country/pa.atom"
    assert feed_url(Filter(countries=("hn", "pa")), BOTH, "es").startswith(f"{BASE}/es/filter.atom?")
    assert subscribe_url(BOTH, [wanted], "es") == f"{BASE}/es/subscribe?country=pa"
    assert privacy_url(BOTH, "fr") == f"{BASE}/privacy/"


def test_a_language_is_called_by_its_own_name() -> None:
    assert [own_name(lang) for lang in ("en", "es", "fr", "xx")] == ["English", "Español", "Français", "xx"]


def test_languages_that_were_given_up_are_those_with_files_and_no_place(tmp_path: Path) -> None:
    public = SimpleNamespace(root=tmp_path)
    assert given_up(press(public=public)) == []
    (tmp_path / "en").mkdir()
    (tmp_path / "es").mkdir()
    (tmp_path / "items").mkdir()
    assert given_up(press(public=public)) == ["en"]
    assert given_up(press(public=public, site=sample.site())) == ["en", "es"]


def test_everything_that_an_edition_may_have_is_known() -> None:
    paths = set(all_paths(["a1"], [PANAMA], site=True))
    assert paths == {
        "items/a1/index.html", "items/a1/gone.html", "feeds/country/pa.atom", "feeds/country/pa.rss",
        "feeds/country/pa.json", "country/pa/index.html", "index.html", "directory/index.html", "feeds.opml",
        "404.html",
    }  # fmt: skip
    assert list(all_paths([], [], site=False)) == []


def asked(url: str) -> Request:
    path, _, query = url.partition("?")
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": []}
    return Request(scope)


@pytest.fixture
def files(tmp_path: Path) -> PublishedFiles:
    for folder_ in ("", "es/"):
        for name in (f"{folder_}topic/new/index.html", f"{folder_}feeds/topic/new.atom"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(b"x")
    return PublishedFiles(tmp_path, {"topic/old": "topic/new"}, "/news", homes=("", "/es"))


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("/es/topic/old/", "/news/es/topic/new/"),
        ("/topic/old/", "/news/topic/new/"),
        ("/es/feeds/topic/old.atom", "/news/es/feeds/topic/new.atom"),
        ("/feeds/topic/old.atom", "/news/feeds/topic/new.atom"),
        ("/es/topic/new", "/news/es/topic/new/"),
        ("/en/topic/new/", "/news/topic/new/"),
        ("/en/filter?country=pa", "/news/filter?country=pa"),
    ],
)
def test_addresses_that_moved_lead_on_in_their_language(files: PublishedFiles, url: str, there: str) -> None:
    answer = files.answer(asked(url))
    assert answer is not None
    assert (answer.status_code, answer.headers["location"]) == (301, there)


@pytest.mark.parametrize(
    "url", ["/es/nothing/", "/de/topic/new/", "/en", "/es/feeds/topic/old.rss", "/en//evil.example/"]
)
def test_what_is_nowhere_leads_nowhere(files: PublishedFiles, url: str) -> None:
    assert files.answer(asked(url)) is None


def test_the_quick_way_leaves_renamed_topics_of_every_language_to_the_slow_one(tmp_path: Path) -> None:
    for name in ("es/topic/old/index.html", "es/feeds/topic/old.atom", "es/topic/new/index.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    front = Front(PublishedMemory(tmp_path), None, {}, ["topic/old"], ("", "/es"))
    answers = {
        url: front.answer(b"GET", url, [], b"") is not None
        for url in (b"/es/topic/old/", b"/es/feeds/topic/old.atom", b"/es/topic/new/")
    }
    assert answers == {b"/es/topic/old/": False, b"/es/feeds/topic/old.atom": False, b"/es/topic/new/": True}


def test_ids_of_feeds_without_a_page_name_their_language_too() -> None:
    assert feed_id(press(), "private/abc", "en") == "tag:x,2026:feed/private/abc"
    assert feed_id(press(), "filter?q=x", "es") == "tag:x,2026:feed/es/filter?q=x"


def test_a_site_tells_what_it_is_in_each_language() -> None:
    own = replace(BOTH, description="Ships", descriptions={"es": "Barcos"})
    pages = Pages(environment([sample.TEMPLATES]), own, sample.VOCABULARY)
    everything = FeedKey(kind="all")
    assert pages.feed_description(everything) == "Ships"
    assert pages.speaking("es").feed_description(everything) == "Barcos"
    new = replace(BOTH, description=SiteSection().description)
    assert new.described("es", translator("es").gettext) == "Noticias por país y por tema"
    assert new.described("en", translator("en").gettext) == "News by country and topic"
    assert replace(BOTH, description="").described("es", translator("es").gettext) == ""


def test_a_site_has_its_name_in_each_language_and_keeps_it_where_none_is_set() -> None:
    info = replace(sample.site(), languages=("en", "es", "pt"), names={"es": "Oficina Regional"})
    pages = Pages(environment([sample.TEMPLATES]), info, sample.VOCABULARY)
    for lang, name in (("en", info.name), ("es", "Oficina Regional"), ("pt", info.name)):
        made = pages.speaking("es").speaking(lang).item(sample.item(0)).decode()
        assert f'<meta property="og:site_name" content="{name}">' in made
        assert f" \u2013 {name}</title>" in made
        assert info.speaking("es").speaking(lang).name == name
    assert info.speaking("es").publisher == "Oficina Regional"
    assert replace(info, publisher="Ministry").speaking("es").publisher == "Ministry"
    assert b"<title>Oficina Regional</title>" in opml(info, [], "es")
    letters = Letters(environment([sample.TEMPLATES]), info, sample.VOCABULARY)
    assert "Oficina Regional" in letters.digest(sample.digest(2, "es")).html
    assert info.name not in letters.digest(sample.digest(2, "es")).text
