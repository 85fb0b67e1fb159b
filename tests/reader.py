"""Somebody at a browser, with a mailbox: for tests of the way that readers go on the web."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from starlette.testclient import TestClient

from feeds.app.parts import Parts, now
from feeds.delivering.deliver import deliver
from feeds.mail.outbox import OpenedMail, read_mail, read_outbox
from feeds.model import Cadence, SubscriberState
from feeds.store import subscribers
from feeds.store.schema import metadata
from feeds.web import WebParts, create_app
from feeds.web.desk import DeskParts
from feeds.web.operator import OperatorParts
from forms import Fields, Forms

HOME = "http://127.0.0.1:8000"
SECRET = re.compile(r"/(?:confirm|preferences|move|change|pause|unsubscribe|sign-in/desk)/([\w.~-]+)")
OURS = {"sec-fetch-site": "same-origin", "origin": "null"}


@dataclass
class Clock:
    """A clock that can be put forward, and stopped."""

    ahead: timedelta = timedelta()
    stopped_at: datetime | None = None

    def __call__(self) -> datetime:
        return (self.stopped_at or now()) + self.ahead

    def stop(self) -> None:
        """From here on only `on` moves it: a slow machine comes into no other hour."""
        self.stopped_at = now()

    def on(self, **by: float) -> None:
        self.ahead += timedelta(**by)


@dataclass
class Reader:
    """Somebody at a browser, with a mailbox: follows links, fills in forms, reads mail."""

    parts: Parts
    clock: Clock
    client: TestClient
    address: str
    seen: set[str] = field(default_factory=set)
    html: str = ""
    status: int = 0

    def open(self, path: str) -> str:
        answer = self.client.get(path)
        self.html, self.status = answer.text, answer.status_code
        return self.html

    def press(self, button: str, headers: dict[str, str] | None = None, **typed: str | list[str]) -> str:
        """Fill in the page that is open, wait as people do, and press."""
        action, fields = Forms(self.html).press(button, **typed)
        self.clock.on(seconds=5)
        answer = self.post(action, fields, headers)
        while answer.status_code == 303:
            answer = self.client.get(answer.headers["location"])
        self.html, self.status = answer.text, answer.status_code
        return self.html

    def post(self, path: str, fields: Fields, headers: dict[str, str] | None = None):  # type: ignore[no-untyped-def]
        form = {"content-type": "application/x-www-form-urlencoded"}
        return self.client.post(path, content=urlencode(fields), headers={**OURS, **form, **(headers or {})})

    def heading(self) -> str:
        return " ".join(re.sub(r"<[^>]+>", "", re.search(r"<h1.*?</h1>", self.html, re.S)[0]).split())  # type: ignore[index]

    def mails(self) -> list[OpenedMail]:
        """What came to this mailbox since it was last looked into, oldest first."""
        rules = replace(self.parts.deliver_rules, now=self.clock)
        asyncio.run(deliver(self.parts.store, self.parts.transports(), rules))
        names = [mail.name for mail in read_outbox(self.parts.outbox) if mail.recipient == self.address]
        fresh = [name for name in reversed(names) if name not in self.seen]
        self.seen |= set(fresh)
        return [mail for name in fresh if (mail := read_mail(self.parts.outbox, name))]

    def link(self, path: str) -> str:
        """The link of that path in the one new mail."""
        (mail,) = self.mails()
        return link_in(mail, path)

    def wishes(self) -> dict[str, Cadence]:
        with self.parts.store.read() as conn:
            person = subscribers.by_address(conn, self.address.casefold())
            rows = subscribers.subscriptions_of(conn, person.id) if person else []
        return {row.filter_text: row.cadence for row in rows}

    def state(self) -> SubscriberState | None:
        with self.parts.store.read() as conn:
            person = subscribers.by_address(conn, self.address.casefold())
        return person.state if person else None

    def signs_up(self, query: str = "?country=pa", **typed: str | list[str]) -> str:
        self.open(f"/subscribe{query}")
        return self.press("Send me the link to confirm", address=self.address, **typed)

    def joins(self, query: str = "?country=pa", **typed: str | list[str]) -> None:
        """Sign up and confirm."""
        self.signs_up(query, **typed)
        self.open(self.link("confirm"))
        self.press("Confirm subscription")
        self.mails()

    def gets_in(self) -> None:
        """Ask for the link to one's subscriptions and use it."""
        self.open("/preferences/")
        self.press("Mail me the link", address=self.address)
        self.open(self.link("preferences"))
        self.press("Open my subscriptions")


def link_in(mail: OpenedMail, path: str) -> str:
    found = re.search(rf'href="{HOME}(/{path}/[^"]+)"', mail.html)
    assert found, (path, mail.text)
    assert found[1] in mail.text
    return found[1]


def _at_the_desk(web: WebParts, clock: Clock) -> DeskParts | None:
    desk = web.desk
    if desk is None:
        return None
    return replace(desk, now=clock, at=replace(desk.at, people=replace(desk.at.people, now=clock)))


def _at_the_operator(web: WebParts, clock: Clock) -> OperatorParts | None:
    operator = web.operator
    if operator is None:
        return None
    return replace(
        operator, now=clock, at=replace(operator.at, people=replace(operator.at.people, now=clock))
    )


def reader(parts: Parts, clock: Clock, address: str) -> Iterator[Reader]:
    with parts.store.write() as conn:
        conn.execute(metadata.tables["attempt"].delete())
    web = parts.web_parts()
    web = replace(
        web, people=replace(web.people, now=clock), desk=_at_the_desk(web, clock),
        operator=_at_the_operator(web, clock),
    )  # fmt: skip
    with TestClient(
        create_app(web), base_url=HOME, follow_redirects=False, raise_server_exceptions=False
    ) as client:
        yield Reader(parts, clock, client, address)
