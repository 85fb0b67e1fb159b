"""What holds for every kind of page, as a browser shows it. Each is opened once for all its tests."""

from __future__ import annotations

import gzip
from urllib.parse import urldefrag

import feedparser
import pytest
from playwright.sync_api import Response

from browser import axe, tabbing
from browser.served import BROWSED, EVERY, FRAMED, ITEM_PAGES, MAILS, NARROW, PRIVATE, PUBLIC, Visitor
from feeds import shipped

ATOM = "application/atom+xml"
STATUS = {"not-found": 404, "unknown-filter": 404, "unsubscribe-unknown": 404, "gone": 410}
# A browser says so even of the page that it was sent to see.
TOLD = "Failed to load resource: the server responded with a status of {} ({}) {}"
TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth, whole = document.documentElement.scrollWidth;
  const out = [...document.querySelectorAll('body *')]
    .filter(one => one.getBoundingClientRect().right > room + 0.5)
    .map(one => one.outerHTML.slice(0, 120));
  return whole > room ? ['all: ' + whole + ' px', ...out] : out;
}"""

INK = """() => {
  const body = getComputedStyle(document.body);
  return [getComputedStyle(document.querySelector('h1')).color, body.backgroundColor];
}"""
# Links of a text whose address paper would not show.
AFTER = """() => [...document.querySelectorAll('.text a, [rel=external]')]
  .map(one => [one.getAttribute('href'), getComputedStyle(one, '::after').content])
  .filter(([href, shown]) => shown !== `" (${href})"` && !shown.includes('attr(href)'))"""


@pytest.fixture(scope="module", params=EVERY)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def answer(visitor: Visitor, name: str) -> Response:
    """Opened once for all tests of this file."""
    return visitor.open(name)


@pytest.fixture
def opened(answer: Response, visitor: Visitor) -> Visitor:
    visitor.look()
    return visitor


@pytest.fixture(scope="package")
def statuses() -> dict[str, int]:
    """The status of each address that a test has asked for already."""
    return {}


def test_a_page_raises_no_complaint_and_asks_no_other_host(
    opened: Visitor, answer: Response, name: str
) -> None:
    """Errors, blocked styles and broken frames all end on the console."""
    assert answer.status == STATUS.get(name, 200)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    # The site has no icon, and browsers that look for one unasked say that it is missing.
    complaints = [text for text in opened.complaints if not text.endswith("/favicon.ico")]
    told = TOLD.format(answer.status, answer.status_text, opened.page.url)
    assert complaints == ([told] if name in STATUS else [])
    assert opened.requests
    assert [url for url in opened.requests if not url.startswith(f"{opened.site.base}/")] == []


def test_a_page_has_one_main_heading_that_is_seen(opened: Visitor) -> None:
    for frame in opened.page.frames:
        assert frame.locator("h1").count() == 1
        assert frame.locator("h1").is_visible()
        assert frame.locator("h1").inner_text().strip()


def test_nothing_is_wider_than_a_screen_of_320_px(opened: Visitor) -> None:
    opened.look(NARROW)
    assert [frame.evaluate(TOO_WIDE) for frame in opened.page.frames] == [[] for _ in opened.page.frames]


def test_a_first_view_is_small_and_needs_no_script(opened: Visitor, name: str) -> None:
    """The page and all that it brings, compressed: half of what a phone gets in its first ten round trips."""
    brought = [url for url in opened.requests if url.startswith(f"{opened.site.base}/")]
    sizes = {url: len(gzip.compress(opened.site.get(urldefrag(url)[0])[2])) for url in dict.fromkeys(brought)}
    assert sum(sizes.values()) < (30_000 if name in (*PUBLIC, *BROWSED) else 60_000), sizes
    if name in (*PUBLIC, *BROWSED):
        assert opened.page.locator("script").count() == 0


def test_paper_gets_black_on_white_without_ways_to_press(opened: Visitor, name: str) -> None:
    """Also from a system that is dark."""
    if name not in (*PUBLIC, *BROWSED):
        return
    page = opened.page
    page.emulate_media(media="print", color_scheme="dark")
    try:
        assert page.evaluate(INK) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
        assert [one for one in page.locator("nav, form, .rail, .follow").all() if one.is_visible()] == []
        if name in ITEM_PAGES:
            canonical = page.locator("link[rel=canonical]").get_attribute("href")
            assert page.locator(".paper").inner_text() == canonical
            assert page.evaluate(AFTER) == []
    finally:
        page.emulate_media(media="screen")


def test_every_link_inside_the_site_leads_somewhere(opened: Visitor, statuses: dict[str, int]) -> None:
    links = opened.page.eval_on_selector_all("a, link, iframe", "all => all.map(one => one.href || one.src)")
    inside = {link for link in links if link.startswith(f"{opened.site.base}/")}
    assert inside
    for address, fragment in map(urldefrag, inside):
        if address == urldefrag(opened.page.url)[0]:
            assert not fragment or opened.page.locator(f"#{fragment}").count() == 1
            continue
        if address not in statuses:
            statuses[address] = opened.site.get(address)[0]
        # What is behind the door of the desk is asked for here without its session.
        behind = "/desk/" in address and not address.endswith(("/desk/", ".css"))
        assert statuses[address] == (403 if behind else 200), address


def test_a_page_announces_its_own_feed_first_and_a_private_page_none(opened: Visitor, name: str) -> None:
    links = opened.page.eval_on_selector_all(
        "link[rel=alternate][type]", "all => all.map(one => [one.type, one.href])"
    )
    if name not in PUBLIC:
        assert (links == []) == (name not in BROWSED)
        return
    assert links[0][0] == ATOM
    for address in (address for media, address in links if media == ATOM):
        status, media, body = opened.site.get(address)
        assert (status, media) == (200, f"{ATOM}; charset=utf-8")
        feed = feedparser.parse(body)
        assert not feed.bozo
        if name in ITEM_PAGES:
            assert opened.page.url in [entry.link for entry in feed.entries], address
        else:
            own = {link.rel: link.href for link in feed.feed.links}
            assert (own["self"], own["alternate"]) == (address, opened.page.url)


# Mails forbid the scripts that axe needs: test_mails_shown.py looks at them without their site.
@pytest.mark.parametrize("name", FRAMED, indirect=True, scope="module")
def test_axe_finds_nothing_wide_and_light_or_narrow_and_dark(opened: Visitor, name: str) -> None:
    assert axe.faults(opened.page, axe.ALL) == ""
    opened.look(NARROW, dark=True)
    assert axe.faults(opened.page, axe.COLOURS_AND_PLACES) == ""


# The last of its page, because it moves the focus.
@pytest.mark.parametrize("name", FRAMED, indirect=True, scope="module")
def test_the_first_tab_shows_the_skip_link_and_it_skips(opened: Visitor, name: str) -> None:
    opened.look(NARROW)
    light = tabbing.next_stop(opened.page)
    opened.look(NARROW, dark=True)
    for stop in (light, tabbing.this_stop(opened.page)):
        assert stop["skip"], stop
        assert stop["ringed"], stop
        assert stop["inside"], stop
    opened.page.keyboard.press("Enter")
    assert tabbing.next_stop(opened.page)["main"] or not opened.page.locator("main :any-link").count()


@pytest.mark.parametrize(
    "name",
    ["country", "unsubscribe", "subscribe", "preferences", "outbox-mail"],
    indirect=True,
    scope="module",
)
def test_every_stop_of_the_tab_key_is_seen(visitor: Visitor, name: str) -> None:
    visitor.open(name)
    stops = tabbing.all_stops(visitor.page)
    assert len(stops) >= 6
    assert [stop for stop in stops if not stop["ringed"]] == []


def test_every_kind_of_page_is_opened_here() -> None:
    """A new template must get a page in `served.py`; `moved` leads on at once, no browser stays there."""
    folder = shipped.folder("templates") / "web"
    assert {path.stem for path in (folder / "desk").glob("[!_]*.html")} == {
        "bulletins", "bulletin", "labels", "item", "new", "history", "entry", "mail",
    }  # fmt: skip
    templates = {path.stem for path in folder.glob("[!_]*.html")}
    assert templates - {"moved"} == {
        "index", "feed", "item", "gone", "message", "outbox", "outbox_mail", "subscribe", "check_mail",
        "confirm", "told", "link_wanted", "preferences", "subscription", "settings", "unsubscribe", "privacy",
        "digest", "unknown_filter", "private_feed", "archive", "month", "search", "directory", "sign_in",
        "sample", "receipt",
    }  # fmt: skip
    assert len(EVERY) == len(PUBLIC) + len(BROWSED) + len(PRIVATE) + len(MAILS)
