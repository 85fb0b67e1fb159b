"""A site in two languages publishes the same news in both, follows its settings, and answers in both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import feedparser
import pytest
from lxml import etree
from starlette.testclient import TestClient

from feeds.app.parts import Parts, now
from feeds.office import editing
from feeds.publishing import marks
from feeds.publishing.press import Memory, Press
from feeds.publishing.publish import publish
from feeds.site import Site
from feeds.web import create_app
from taking import accept_one

SHARED = {"style.css", "robots.txt", "favicon.svg"}
NEWS = b"""18 November, 2026

Panama opens a second reception centre

The centre in Panama gives families a place to rest.

17 November, 2026

Honduras abre una escuela para las familias que regresan

La escuela de Honduras recibe a los ninos y las ninas durante todo el ano.
"""


@pytest.fixture
def stocked(site: Parts) -> Parts:
    accept_one(site, "one.txt", NEWS, now(), "all", filed=True)
    publish(site.store, site.press)
    return site


def tree(root: Path) -> dict[str, bytes]:
    paths = (path for path in sorted(root.rglob("*")) if path.is_file() and path.name != marks.FILE)
    return {
        str(path.relative_to(root)): path.read_bytes() for path in paths if path.suffix not in (".br", ".gz")
    }


def speaking(parts: Parts, folder: Path, *langs: str) -> Press:
    """The same site with these languages, published elsewhere or anew."""
    info = replace(parts.site, languages=langs)
    pages = type(parts.pages)(parts.pages._environment, info, parts.vocabulary)
    return replace(
        parts.press, public=Site(folder), memory=Memory(), site=info, pages=pages, look=" ".join(langs)
    )


def test_each_page_and_feed_stands_in_both_languages(stocked: Parts) -> None:
    names = tree(stocked.public.root).keys()
    spanish = {name.removeprefix("es/") for name in names if name.startswith("es/")}
    assert spanish == {name for name in names if not name.startswith("es/")} - SHARED
    assert "country/pa/index.html" in spanish


def test_entries_have_the_same_ids_in_every_language(stocked: Parts) -> None:
    root = stocked.public.root
    for name in ("all.atom", "all.rss", "country/pa.atom"):
        english, spanish = (
            feedparser.parse((root / f"{folder}feeds/{name}").read_bytes()) for folder in ("", "es/")
        )
        assert [entry.id for entry in english.entries] == [entry.id for entry in spanish.entries] != []
        assert all("/es/items/" in entry.link for entry in spanish.entries)
        assert english.feed.language == "en"
        assert spanish.feed.language == "es"


def test_news_and_withdrawals_come_in_every_language_and_a_rebuild_gives_the_same_bytes(
    stocked: Parts, tmp_path: Path
) -> None:
    accept_one(stocked, "two.txt", NEWS.replace(b"second", b"third"), now(), "all", filed=True)
    publish(stocked.store, stocked.press)
    first = next(path.name for path in (stocked.public.root / "items").iterdir())
    editing.withdraw(stocked.store, first, "told twice", now())
    publish(stocked.store, stocked.press)
    made = tree(stocked.public.root)
    assert {f"items/{first}/gone.html", f"es/items/{first}/gone.html"} <= made.keys()
    assert not {f"items/{first}/index.html", f"es/items/{first}/index.html"} & made.keys()
    again = speaking(stocked, tmp_path / "again", "en", "es")
    publish(stocked.store, again)
    assert tree(tmp_path / "again") == made


def test_a_language_more_or_less_is_a_change_of_the_settings(stocked: Parts, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    publish(stocked.store, speaking(stocked, folder, "en"))
    alone = tree(folder)
    assert not [name for name in alone if name.startswith("es/")]
    publish(stocked.store, speaking(stocked, folder, "en", "es"))
    assert [name for name in tree(folder) if name.startswith("es/")]
    publish(stocked.store, speaking(stocked, folder, "en"))
    assert tree(folder) == alone
    publish(stocked.store, speaking(stocked, folder, "es", "en"))
    assert b'<html lang="es"' in tree(folder)["country/pa/index.html"]
    assert b'<html lang="en"' in tree(folder)["en/country/pa/index.html"]


@pytest.fixture
def web(stocked: Parts) -> Iterator[TestClient]:
    app = create_app(stocked.web_parts())
    with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize(
    "path",
    ["/", "/country/pa/", "/directory/", "/archive/", "/archive/2026-11/", "/country/pa/archive/2026-11/",
     "/country/pa/archive/", "/unlabelled/archive/", "/search", "/filter?q=school", "/filter?country=hn,pa"],
)  # fmt: skip
def test_every_reading_page_answers_in_both_languages(web: TestClient, path: str) -> None:
    if path == "/unlabelled/archive/":
        assert [web.get(path).status_code, web.get(f"/es{path}").status_code] == [404, 404]
        return
    english, spanish = web.get(path), web.get(f"/es{path}")
    assert (english.status_code, spanish.status_code) == (200, 200)
    assert '<html lang="en"' in english.text
    assert '<html lang="es"' in spanish.text
    if path != "/search":
        assert '<link rel="alternate" hreflang="es" href="https://news.example.org/es/' in english.text


def test_searches_and_names_lead_to_pages_of_their_language(web: TestClient) -> None:
    for asked, there in (
        ("/es/search?q=escuela", "/es/filter?q=escuela"),
        ("/es/find?q=Panamá", "/es/country/pa/"),
        ("/es/filter?country=pa", "/es/country/pa/"),
        ("/es/filter.atom?country=pa", "/es/feeds/country/pa.atom"),
        ("/es/feed.xml", "/es/feeds/all.atom"),
        ("/en/country/pa/", "/country/pa/"),
    ):
        assert web.get(asked).headers["location"] == there
    feed = feedparser.parse(web.get("/es/filter.atom?q=escuela").content)
    assert feed.feed.language == "es"
    assert len(feed.entries) == 1


def test_what_is_not_there_is_said_in_the_language_of_its_address(web: TestClient) -> None:
    for path in ("/es/nothing/", "/es/filter?country=zz", "/es/archive/1999-01/"):
        answer = web.get(path)
        assert answer.status_code == 404
        assert '<html lang="es"' in answer.text
    assert '<html lang="en"' in web.get("/nothing/").text


def test_months_of_feeds_stand_in_both_languages(web: TestClient) -> None:
    english, spanish = (
        web.get(f"{below}/feeds/country/pa/archive/2026-11.atom").content for below in ("", "/es")
    )
    ids = [re.findall(rb"<id>([^<]+)</id>", data) for data in (english, spanish)]
    assert ids[0][1:] == ids[1][1:] != []
    assert ids[0][0] != ids[1][0]
    assert b"https://news.example.org/es/feeds/country/pa.atom" in spanish


def test_site_maps_list_the_pages_of_every_language(web: TestClient) -> None:
    index = etree.fromstring(web.get("/sitemap.xml").content)
    maps = [loc.text or "" for loc in index.iter("{*}loc")]
    assert "https://news.example.org/es/sitemaps/2026-11.xml" in maps
    pages = []
    for address in maps:
        found = etree.fromstring(web.get(address.removeprefix("https://news.example.org")).content)
        pages += [loc.text or "" for loc in found.iter("{*}loc")]
    assert len(pages) == len(set(pages))
    english = [page for page in pages if "/es/" not in page]
    assert sorted(page.replace("/es/", "/") for page in pages if "/es/" in page) == sorted(english)
    for page in pages:
        assert web.get(page.removeprefix("https://news.example.org")).status_code == 200


def test_a_phrase_in_the_search_box_is_a_word_of_the_filter(web: TestClient) -> None:
    asked = web.get('/es/search?q="una+escuela"+familias').headers["location"]
    assert asked == "/es/filter?word=%22una+escuela%22&q=familias"
    there = web.get(asked).headers["location"]
    assert there == "/es/filter?word=una%20escuela&q=familias"
    assert "Honduras abre" in web.get(there).text
    assert web.get('/filter?q="una escuela"').headers["location"] == "/filter?word=una%20escuela"
    assert web.get('/filter?q=escuela "').headers["location"] == "/filter?q=escuela"


def test_an_item_leads_to_the_older_and_the_newer_one_of_its_first_label(
    stocked: Parts, web: TestClient
) -> None:
    text = b"%d November, 2026\n\nPanama opens school %d\n\nChildren of Panama learn to read.\n\n"
    more = b"".join(text % (day, day) for day in (16, 15, 14))
    accept_one(stocked, "more.txt", more, now(), "all", filed=True)
    publish(stocked.store, stocked.press)
    page = (stocked.public.root / "country/pa/index.html").read_text(encoding="utf-8")
    order = list(dict.fromkeys(re.findall(r'<h[23] [^>]*><a href="/items/([^/]+)/', page)))
    assert len(order) == 4
    for newer, older in pairwise(order):
        assert f'<a href="/items/{older}/" rel="prev"' in web.get(f"/items/{newer}/").text
        assert f'<a href="/es/items/{newer}/" rel="next"' in web.get(f"/es/items/{older}/").text
    editing.withdraw(stocked.store, order[1], "told twice", now())
    publish(stocked.store, stocked.press)
    assert f'<a href="/items/{order[2]}/" rel="prev"' in web.get(f"/items/{order[0]}/").text


def test_a_site_wears_its_own_logo_icon_and_colour(site: Parts) -> None:
    folder = site.settings.root
    (folder / "ours.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    own = site.settings.site.model_copy(update={"logo": "ours.svg", "accent": "#7a0019"})
    parts = Parts(site.settings.model_copy(update={"site": own}))
    publish(parts.store, parts.press)
    made = tree(parts.public.root)
    assert made["logo.svg"].startswith(b"<svg")
    assert b'fill="#7a0019"' in made["favicon.svg"]
    assert made["style.css"].endswith(b":root { --brand: #7a0019; }\n")
    assert b'<img class="logo" src="/logo.svg"' in made["es/index.html"]
    look = parts.press.look
    (folder / "ours.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><g/></svg>")
    assert Parts(parts.settings).press.look != look
    parts.store.close()


VERSION = b"""---
id: p-7
lang: %s
title: %s
date: 2026-11-18
---
%s
"""
ENGLISH = VERSION % (b"en", b"Panama opens a school in Colon", b"The school in Panama has ten rooms.")
SPANISH = VERSION % (b"es", b"Panama abre una escuela en Colon", b"La escuela de Panama tiene diez aulas.")


def versions_of(parts: Parts) -> dict[str, str]:
    """The item of each language whose page is there."""
    pages = tree(parts.public.root)
    return {
        "es" if b"tiene diez aulas" in data else "en": name.split("/")[1]
        for name, data in pages.items()
        if re.fullmatch(r"items/\w+/index.html", name) and (b"ten rooms" in data or b"diez aulas" in data)
    }


def test_items_with_one_id_in_two_languages_lead_to_each_other(site: Parts, tmp_path: Path) -> None:
    accept_one(site, "en.md", ENGLISH, now(), "all", filed=True)
    publish(site.store, site.press)
    accept_one(site, "es.md", SPANISH, now(), "all", filed=True)
    publish(site.store, site.press)
    found, root = versions_of(site), site.public.root
    english = (root / f"items/{found['en']}/index.html").read_text(encoding="utf-8")
    spanish = (root / f"es/items/{found['es']}/index.html").read_text(encoding="utf-8")
    there = f'hreflang="es" href="https://news.example.org/es/items/{found["es"]}/"'
    here = f'hreflang="en" href="https://news.example.org/items/{found["en"]}/"'
    for page in (english, spanish):
        assert there in page
        assert here in page
    assert f'<a href="/es/items/{found["es"]}/" lang="es" hreflang="es">Espa' in english
    again = speaking(site, tmp_path / "again", "en", "es")
    publish(site.store, again)
    assert tree(tmp_path / "again") == tree(root)


def test_a_version_that_is_withdrawn_is_led_to_no_more(site: Parts, tmp_path: Path) -> None:
    accept_one(site, "es.md", SPANISH, now(), "all", filed=True)
    accept_one(
        site, "en.md", ENGLISH.replace(b"id: p-7", b"id: p-8\ntranslation-of: p-7"), now(), "all", filed=True
    )
    publish(site.store, site.press)
    found, root = versions_of(site), site.public.root
    path = root / f"items/{found['en']}/index.html"
    assert f"/items/{found['es']}/".encode() in path.read_bytes()
    editing.withdraw(site.store, found["es"], "told twice", now())
    publish(site.store, site.press)
    assert f"/items/{found['es']}/".encode() not in path.read_bytes()
    publish(site.store, speaking(site, tmp_path / "again", "en", "es"))
    assert tree(tmp_path / "again") == tree(root)
