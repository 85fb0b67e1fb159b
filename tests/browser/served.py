"""A demo site as people meet it: served by the real web app, and opened in a real browser."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, partial
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Page, Response

from feeds import demo, links
from feeds.app.parts import Parts, now
from feeds.app.serving import listen_on
from feeds.composing.compose import compose
from feeds.delivering.deliver import deliver
from feeds.filters import parse
from feeds.intake import dropping
from feeds.intake.ingest import ingest_ready
from feeds.mail.outbox import read_mail, read_outbox
from feeds.model import By, Cadence, Kind, LinkPurpose, ReceiptAct, SubscriberState, Wished
from feeds.office import editing
from feeds.people import asking, changing, opening, signing_in, signup
from feeds.publishing.publish import publish
from feeds.store import bulletins, items, limits, subscribers
from feeds.web import create_app

# Who gets what: see `demo.PEOPLE`.
IMMEDIATE, WEEKLY, DAILY = MAILS = ("journalist", "analyst", "editor")
FEED_PAGES = {
    "front": "all",
    "country": "country/pa",
    "topic": "topic/labour-migration",
    "region": "region/central-america",
    "unlabelled": "unlabelled",
}
ITEM_PAGES = ("item", "item-es")
# The same in the site's second language.
IN_SPANISH = {
    "front-in-spanish": "/es/",
    "country-in-spanish": "/es/country/pa/",
    "directory-in-spanish": "/es/directory/",
    "found-in-spanish": "/es/filter?q=school",
}
PUBLIC = (*FEED_PAGES, "quiet", *ITEM_PAGES, "front-in-spanish", "country-in-spanish")
# Ways to what is older or elsewhere: the feeds that they name are those of other pages.
BROWSED = ("archive", "month", "search", "found", "directory", "directory-in-spanish", "found-in-spanish")
LEAVING = ("unsubscribe", "unsubscribed", "unsubscribe-unknown", "pause", "change")
ASKING = ("subscribe", "subscribe-es", "check-mail", "confirm", "link-wanted", "privacy", "privacy-es")
DESK = (
    "desk",
    "desk-new",
    "desk-held",
    "desk-labels",
    "desk-mail",
    "desk-entry",
    "desk-done",
    "desk-item",
    "desk-history",
)
MINE = ("preferences", "adding", "changing", "times", "pausing", "private-feed")
RECEIPTS = ("receipt-look", "receipt-labels", "receipt-withdraw", "receipt-release")
PRIVATE = (
    *LEAVING, *ASKING, *MINE, *RECEIPTS, *DESK, "desk-door", "outbox", "outbox-mail", "sample", "digest",
    "unknown-filter", "not-found", "gone",
)  # fmt: skip
FRAMED = (*PUBLIC, *BROWSED, *PRIVATE)
EVERY = (*FRAMED, *(f"mail-{person}" for person in MAILS))
WIDE, NARROW = 1280, 320
# A bulletin in which the second date is misspelt, so that two items are glued together.
HELD = """27 November 2026

Panama and Costa Rica open a joint border post at Paso Canoas

Officers of both countries check papers side by side, at one counter.

28 Novembr 2026

Honduran coffee towns open rest houses for seasonal workers

Six towns in the west offer water, shade and a nurse.
"""
# Somebody who gets mail, but none of the demo's.
READER = "marta@reader.example"
# What a page needs to be seen: which button is pressed on the page that is opened first.
PRESSED: dict[str, list[str | re.Pattern[str]]] = {
    "unsubscribed": ["Unsubscribe"],
    "check-mail": ["Send me the link to confirm"],
    "preferences": ["Open my subscriptions"],
    "adding": ["Open my subscriptions"],
    "changing": ["Open my subscriptions", "Change: Panama desk"],
    "times": ["Open my subscriptions"],
    "pausing": ["Open my subscriptions", "Pause: Panama desk"],
    "private-feed": ["Open my subscriptions", re.compile("Make a")],
}
FOLLOWED = {"adding": "Add another", "times": "Change hour, day or language"}


@dataclass(frozen=True)
class ServedSite:
    """The site and where each kind of page is found."""

    parts: Parts
    base: str
    withdrawn: str

    def get(self, address: str) -> tuple[int, str, bytes]:
        """Status, media type and body of an address of this site."""
        parts = urlsplit(address)
        connection = HTTPConnection(str(parts.hostname), parts.port)
        try:
            connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
            answer = connection.getresponse()
            return answer.status, answer.headers["content-type"], answer.read()
        finally:
            connection.close()

    def path(self, name: str) -> str:
        if name in FEED_PAGES:
            return "/" if name == "front" else f"/{FEED_PAGES[name]}/"
        if name in ITEM_PAGES:
            return self._item(lang="es" if name == "item-es" else "en")
        if name.startswith("mail-"):
            return self.mail(name.removeprefix("mail-")) + "mail.html"
        if name in RECEIPTS:
            return self.receipt_link(ReceiptAct(name.removeprefix("receipt-")))
        if name in IN_SPANISH:
            return IN_SPANISH[name]
        return {
            "quiet": self._quiet,
            "archive": lambda: "/archive/",
            "month": lambda: "/archive/2026-11/",
            "search": lambda: "/search",
            "found": lambda: "/filter?q=school",
            "directory": lambda: "/directory/",
            "unsubscribe": lambda: self.link(IMMEDIATE),
            "unsubscribed": lambda: self.link(DAILY),
            "unsubscribe-unknown": lambda: "/unsubscribe/cut-short",
            "pause": lambda: f"/pause/{self.parts.tokens.pause(*self._ids())}",
            "change": lambda: f"/change/{self.parts.tokens.change(*self._ids())}",
            "subscribe": lambda: "/subscribe?country=pa&topic=labour-migration",
            "subscribe-es": lambda: "/es/subscribe",
            "check-mail": lambda: "/subscribe",
            "confirm": lambda: self.confirm_link("lena@reader.example"),
            "link-wanted": lambda: "/preferences/",
            "privacy": lambda: "/privacy/",
            "privacy-es": lambda: "/es/privacy/",
            "preferences": self.preferences_link,
            "adding": self.preferences_link,
            "changing": self.preferences_link,
            "times": self.preferences_link,
            "pausing": self.preferences_link,
            "private-feed": self.preferences_link,
            "desk-door": lambda: "/desk/",
            "desk": lambda: "/desk/",
            "desk-new": lambda: "/desk/new",
            "desk-held": lambda: f"/desk/bulletins/{self.held}/",
            "desk-labels": lambda: f"/desk/bulletins/{self.held}/labels/1",
            "desk-mail": lambda: f"/desk/bulletins/{self.held}/preview/mail",
            "desk-entry": lambda: f"/desk/bulletins/{self.held}/preview/1/entry",
            "desk-done": lambda: "/desk/bulletins/1/",
            "desk-item": lambda: f"/desk{self.path('item')}",
            "desk-history": lambda: "/desk/history/",
            "outbox": lambda: "/outbox/",
            "sample": lambda: "/demo/",
            "outbox-mail": lambda: self.mail(IMMEDIATE),
            "digest": lambda: self.digest(IMMEDIATE),
            "unknown-filter": lambda: "/filter?country=zz",
            "not-found": lambda: "/nothing/here/",
            "gone": lambda: f"/items/{self.withdrawn}/",
        }[name]()

    def mail(self, person: str) -> str:
        """The page of the one mail that this person got."""
        (name,) = [
            mail.name for mail in read_outbox(self.parts.outbox) if mail.recipient.startswith(f"{person}@")
        ]
        return f"/outbox/{name}/"

    def html(self, person: str) -> str:
        mail = read_mail(self.parts.outbox, self.mail(person).split("/")[2])
        assert mail is not None
        return mail.html

    def link(self, person: str) -> str:
        """The path of the link that the foot of this person's mail shows."""
        found = re.search(r'href="(https?://[^"]+/unsubscribe/[^"]+)"', self.html(person))
        assert found is not None
        assert found[1].startswith(self.base)
        return urlsplit(found[1]).path

    def digest(self, person: str) -> str:
        """The page on which this person's mail opens."""
        found = re.search(rf'href="{re.escape(self.base)}(/digests/[^"]+)"', self.html(person))
        assert found is not None
        return found[1]

    def confirm_link(self, address: str, wanted: str = "country:pa") -> str:
        """Ask for news at an address, and take the link out of the mail."""
        wish = Wished(filter=parse(wanted, self.parts.vocabulary), cadence=Cadence.WEEKLY)
        asked = asking.Asking(
            address=address, wishes=(wish,), network="192.0.2.7", page="/subscribe", words="a test",
            lang="en", zone="America/Panama", hour=7, weekday=1,
        )  # fmt: skip
        asking.ask(self.parts.store, self.parts.people, asked, now())
        return self.newest_link(address, "confirm")

    def preferences_link(self, address: str = READER) -> str:
        """Ask for the link to somebody's subscriptions, and take it out of the mail."""
        self.forget_limits()
        opening.ask_link(self.parts.store, self.parts.people, address, "192.0.2.7", now())
        return self.newest_link(address, "preferences")

    def newest_link(self, address: str, path: str) -> str:
        """The path of a link in the newest mail to an address, once all that waits was delivered."""
        before = {mail.name for mail in read_outbox(self.parts.outbox)}
        self.deliver()
        names = [mail.name for mail in read_outbox(self.parts.outbox) if mail.recipient == address]
        # Mails of one second have no order of their own: what has just come is the newest.
        names.sort(key=lambda name: name in before)
        mails = [read_mail(self.parts.outbox, name) for name in names]
        found = [re.search(rf'href="(https?://[^"]+/{path}/[^"]+)"', mail.html) for mail in mails if mail]
        links = [urlsplit(each[1]).path for each in found if each]
        assert links, (address, path, names)
        return links[0]

    def lies_held(self, text: str) -> int:
        """The number of a bulletin that somebody puts into the folder, and that is held there."""
        (folder, *_) = self.parts.watched_folders
        name = f"held-{secrets.token_hex(4)}.txt"
        path = folder.inbox.root / name
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1, 1))
        ingest_ready(replace(folder, rules=replace(folder.rules, hold=timedelta(hours=1))), now)
        with self.parts.store.read() as conn:
            row = bulletins.find(conn, name)
        assert row is not None
        return row.id

    def receipt_link(self, act: ReceiptAct, number: int = 0) -> str:
        """A link as the receipt of a bulletin carries it: of one that is held, to be released."""
        if not number and act is ReceiptAct.RELEASE:
            number = self.lies_held("18 November, 2026\n\nPanama opens a bridge\n\nIt is open to all.\n")
        if not number:
            number = 1  # of the demonstration: what other tests drop may be taken back
        about = links.about_bulletin(number, act)
        mint = partial(
            links.mint, tokens=self.parts.tokens, purpose=LinkPurpose.RECEIPT, now=now(), about=about
        )
        return f"/receipt/{self.parts.store.transact(mint)}"

    @cached_property
    def held(self) -> int:
        """The number of a bulletin that was dropped at the desk and waits."""
        desk = self.parts.web_parts().desk
        assert desk is not None
        data = HELD.encode()
        return dropping.drop(desk.folders[0], "held.txt", data, now(), By("desk", demo.PRESS)).bulletin_id

    def desk_link(self) -> str:
        """Ask for the link that lets the press office in, and take it out of the mail."""
        self.forget_limits()
        desk = self.parts.web_parts().desk
        assert desk is not None
        door, rules = desk.at.door, self.parts.people
        signing_in.ask_link(self.parts.store, rules, door, demo.PRESS, "192.0.2.7", now(), "en")
        return self.newest_link(demo.PRESS, "sign-in/desk")

    def deliver(self) -> None:
        """Send what waits."""
        _deliver(self.parts)

    def forget_limits(self) -> None:
        """As if the hour were over."""
        later = now() + timedelta(days=1)
        self.parts.store.transact(lambda conn: limits.erase_before(conn, later, 10_000))

    def _ids(self) -> tuple[int, int]:
        found = self.parts.tokens.read_unsubscribe(self.link(IMMEDIATE).rpartition("/")[2])
        assert found is not None
        return found

    def state(self, person: str) -> SubscriberState:
        with self.parts.store.read() as conn:
            found = subscribers.by_address(conn, f"{person}@demo.example")
        assert found is not None
        return found.state

    def wishes(self, person: str) -> set[str]:
        """The filters that this person is subscribed to now."""
        with self.parts.store.read() as conn:
            found = subscribers.by_address(conn, f"{person}@demo.example")
            assert found is not None
            return {row.filter_text for row in subscribers.subscriptions_of(conn, found.id)}

    def everybody_is_back(self) -> None:
        """All subscribed again, whatever a test did; the journalist gets a second mail as well."""
        journalist = next(row for row in demo.PEOPLE if row[0].startswith(IMMEDIATE))
        second = (journalist[0], "topic:health", Cadence.WEEKLY, *journalist[3:])
        for address, text, cadence, lang, zone in (*demo.PEOPLE, second):
            joining = signup.Joining(
                address=address, filters=(parse(text, self.parts.vocabulary),), cadence=cadence, lang=lang,
                zone=zone, hour=self.parts.settings.digest.hour, weekday=self.parts.settings.weekday(),
                consent="a test",
            )  # fmt: skip
            defaults = self.parts.joining_defaults
            signup.join(self.parts.store, joining, defaults, now(), again=True)

    def reader_is_back(self) -> int:
        """Three subscriptions for the reader, one of them with a name, one paused."""
        wishes = [("country:pa", Cadence.IMMEDIATE), ("country:hn topic:labour-migration", Cadence.WEEKLY),
                  ("topic:health", Cadence.DAILY)]  # fmt: skip
        for wanted, cadence in wishes:
            joining = signup.Joining(
                address=READER, filters=(parse(wanted, self.parts.vocabulary),), cadence=cadence, lang="en",
                zone="America/Panama", consent="a test",
            )  # fmt: skip
            owner = signup.join(self.parts.store, joining, self.parts.joining_defaults, now(), again=True)
        store = self.parts.store
        with store.read() as conn:
            held = {row.filter_text: row.id for row in subscribers.subscriptions_of(conn, owner)}
        changing.rename(store, owner, held["country:pa"], "Panama desk")
        changing.resume(store, owner, None, now())
        changing.pause(store, owner, [held["topic:health"]], now() + timedelta(days=30), now())
        return owner

    def _item(self, lang: str) -> str:
        """The item of this language that has most to show: labels, and their reasons."""
        with self.parts.store.read() as conn:
            everything = [items.get(conn, item_id) for item_id in items.ids(conn)]
        own = [item for item in everything if item and item.lang == lang]
        richest = max(own, key=lambda item: (len(item.labels), item.id))
        assert len(richest.labels) > 2
        return f"/items/{richest.id}/"

    def _quiet(self) -> str:
        """The page of a topic or region without news."""
        with self.parts.store.read() as conn:
            busy = items.feed_listings(conn)
        terms = [(kind.value, term.code) for kind in (Kind.TOPIC, Kind.REGION)
                 for term in self.parts.vocabulary.of(kind)]  # fmt: skip
        kind, code = next(term for term in terms if term not in busy)
        return f"/{kind}/{code}/"


@contextmanager
def served_site(folder: Path, store_url: str = "") -> Iterator[ServedSite]:
    """The demo after one round of everything, on a free port of this machine; its people in that database."""
    with listen_on("127.0.0.1:0") as socket:
        port = socket.getsockname()[1]
        with pytest.MonkeyPatch.context() as patched:
            if store_url:
                patched.setenv("FEEDS_STORE_URL", store_url)
            parts, withdrawn = _made(folder, port)
        web = parts.web_parts()
        # A browser that is driven fills forms in faster than people do.
        people = replace(web.people, least_time=timedelta())
        desk = web.desk and replace(web.desk, at=replace(web.desk.at, people=people))
        app = create_app(replace(web, people=people, desk=desk))
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
        thread.start()
        try:
            served = ServedSite(parts, f"http://127.0.0.1:{port}", withdrawn)
            served.reader_is_back()
            yield served
        finally:
            server.should_exit = True
            thread.join()
            parts.store.close()


def _made(folder: Path, port: int) -> tuple[Parts, str]:
    """The site, and the id of an item that was withdrawn before anybody got it by mail."""
    before = os.umask(0o022)
    try:
        parts = demo.make_site(folder, port)
    finally:
        os.umask(before)
    ingest_ready(parts.watched_folders[0], now)
    with parts.store.read() as conn:
        withdrawn = items.ids(conn)[0]
    editing.withdraw(parts.store, withdrawn, "Published by mistake.", now())
    publish(parts.store, parts.press)
    compose(parts.store, parts.compose_rules, now(), early=True)
    _deliver(parts)
    return parts, withdrawn


def _deliver(parts: Parts) -> None:
    """Send what waits. In a thread of its own: the browser's event loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        sending = deliver(parts.store, parts.transports(), parts.deliver_rules)
        pool.submit(asyncio.run, sending).result()


class Visitor:
    """One tab of a browser: opens pages by name, and keeps what the browser said and asked for meanwhile.

    One tab for many tests, because a new one takes longer than all that a test does in it.
    """

    def __init__(self, page: Page, site: ServedSite) -> None:
        self.page, self.site = page, site
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on(
            "console", lambda message: self.complaints.append(f"{message.text} {message.location['url']}")
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, name: str) -> Response:
        """Go there, with everything unfolded that is folded away. Gives the page's own answer."""
        self.look()
        self.complaints.clear()
        self.requests.clear()
        if name in LEAVING:
            self.site.everybody_is_back()
        if name in MINE:
            self.site.reader_is_back()
        if name == "desk-door":
            self.page.context.clear_cookies()
        if name in DESK:
            self.sign_in()
        answer = self.page.goto(self.site.base + self.site.path(name))
        if name == "check-mail":
            self.page.get_by_label("Your email address").fill("lena@reader.example")
        for button in PRESSED.get(name, []):
            answer = self.press(button)
        if name in FOLLOWED:
            with self.page.expect_navigation() as followed:
                self.page.get_by_role("link", name=FOLLOWED[name], exact=True).click()
            answer = followed.value
        self.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert answer is not None
        return answer

    def sign_in(self) -> None:
        """Come in at the desk, unless one is there."""
        if not [each for each in self.page.context.cookies() if each.get("name") == "desk"]:
            self.page.goto(self.site.base + self.site.desk_link())
            self.press("Open the press desk")

    def press(self, button: str) -> Response | None:
        """Press a button that posts, and wait for the page that answers; gives its answer."""
        with self.page.expect_navigation() as answered:
            self.page.get_by_role("button", name=button, exact=True).click()
        return answered.value

    def show(self, html: str, width: int = WIDE, *, dark: bool = False) -> None:
        """Some HTML by itself, as a mail program shows it: without a site and its rules."""
        self.look(width, dark=dark)
        if self.page.url != "about:blank":
            self.page.goto("about:blank")
        self.page.set_content(html)

    def look(self, width: int = WIDE, *, dark: bool = False) -> None:
        """Through a window this wide (px), on a system that is light or dark."""
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.emulate_media(color_scheme="dark" if dark else "light")
