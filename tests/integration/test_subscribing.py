"""Sign up, confirm, change, pause, leave, come back, move, erase: by forms and mailed links."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from feeds import demo
from feeds.app.parts import Parts, now
from feeds.delivering.deliver import deliver
from feeds.intake.ingest import ingest_ready
from feeds.mail.outbox import OpenedMail, read_mail, read_outbox
from feeds.model import Cadence, SubscriberState, Suppression
from feeds.people import ending, erasing
from feeds.people.sweeping import sweep
from feeds.store import Store, subscribers
from feeds.store.schema import metadata
from feeds.web import create_app
from forms import Fields, Forms
from postgres import schemas

ANA = "ana@reader.example"
HOME = "http://127.0.0.1:8000"
OURS = {"sec-fetch-site": "same-origin", "origin": "null"}
SECRET = re.compile(r"/(?:confirm|preferences|move|change|pause|unsubscribe)/([\w.~-]+)")


@dataclass
class Clock:
    """A clock that can be put forward, and stopped."""

    ahead: timedelta = timedelta()
    stopped_at: datetime | None = None

    def __call__(self) -> datetime:
        return (self.stopped_at or now()) + self.ahead

    def stop(self) -> None:
        """From here on only `on` moves it, so a slow machine comes into no other hour."""
        self.stopped_at = now()

    def on(self, **by: float) -> None:
        self.ahead += timedelta(**by)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def parts(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tables: object
) -> Iterator[Parts]:
    """A demo site with its items on one database; the tests share it and use addresses of their own."""
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("subscribing") / "site"
    with patch.context() as patched, ExitStack() as stack:
        if request.param == "postgresql":
            patched.setenv("FEEDS_STORE_URL", stack.enter_context(schemas())())
        made = demo.make_site(folder, 8000)
        made.__dict__["_labels"] = tables
        ingest_ready(made.watched_folders[0], now)
        yield made
        made.store.close()


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


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ana(parts: Parts, clock: Clock) -> Iterator[Reader]:
    yield from reader(parts, clock, f"ana+{uuid.uuid4().hex[:8]}@reader.example")


def reader(parts: Parts, clock: Clock, address: str) -> Iterator[Reader]:
    with parts.store.write() as conn:
        conn.execute(metadata.tables["attempt"].delete())
    web = parts.web_parts()
    web = replace(web, people=replace(web.people, now=clock))
    with TestClient(
        create_app(web), base_url=HOME, follow_redirects=False, raise_server_exceptions=False
    ) as client:
        yield Reader(parts, clock, client, address)


# Signing up


def test_a_reader_signs_up_confirms_and_is_welcome(ana: Reader) -> None:
    page = ana.open("/subscribe?country=pa")
    assert "Now chosen: Panama." in page
    assert "The last 5 items that fit" in page
    page = ana.press("Update the estimate", country=["pa", "hn"], names="labour migration")
    assert "Now chosen: Honduras or Panama, about labour migration." in page
    page = ana.press(
        "Send me the link to confirm", address=ana.address, cadence="daily", zone="Panamá", hour="19"
    )
    assert ana.heading() == "Check your mail"
    assert ana.address in page
    assert "every day at 19:00, Panama time" in page
    assert ana.wishes() == {}
    (mail,) = ana.mails()
    link = link_in(mail, "confirm")
    assert "Honduras or Panama, about labour migration" in " ".join(mail.text.split())
    page = ana.open(link)
    assert ana.heading() == "Confirm your subscription"
    assert ana.address not in page
    assert ana.wishes() == {}  # looking confirms nothing
    ana.press("Confirm subscription", starter=["yes"])
    assert ana.heading() == "You are subscribed"
    assert ana.wishes() == {"country:hn,pa topic:labour-migration": Cadence.DAILY}
    (welcome,) = ana.mails()
    assert "THE LAST" in welcome.text
    assert {SECRET.search(link_in(welcome, path))[1] for path in ("change", "pause", "unsubscribe")}  # type: ignore[index]
    ana.open(link)
    assert ana.heading() == "You were subscribed already"


def test_what_was_asked_for_can_be_changed_before_it_is_confirmed(ana: Reader) -> None:
    ana.signs_up("?country=pa", cadence="weekly")
    ana.open(ana.link("confirm"))
    ana.press("Confirm subscription", **{"w0__country": ["mx"], "w0__word": "visa", "cadence": "immediate"})
    assert ana.wishes() == {"country:mx word:visa": Cadence.IMMEDIATE}
    assert len(ana.mails()) == 1


def test_who_unticks_everything_is_asked_and_nothing_begins(ana: Reader) -> None:
    ana.signs_up()
    ana.open(ana.link("confirm"))
    page = ana.press("Confirm subscription", **{"w0__keep": []})
    assert ana.status == 422
    assert 'href="#w0-keep"' in page
    assert ana.wishes() == {}
    ana.press("Confirm subscription", **{"w0__keep": ["yes"]})
    assert ana.wishes() == {"country:pa": Cadence.WEEKLY}


def test_the_way_is_the_same_in_spanish(ana: Reader) -> None:
    ana.open("/es/subscribe?topic=health")
    assert ana.heading() == "Recibir por correo"
    ana.press("Envíenme el enlace para confirmar", address=ana.address)
    assert ana.heading() == "Revise su correo"
    (mail,) = ana.mails()
    assert dict(mail.headers)["Subject"].startswith("Confirme su suscripción: salud")
    ana.open(link_in(mail, "confirm"))
    ana.press("Confirmar suscripción")
    assert ana.heading() == "Suscripción confirmada"


def test_a_form_gives_back_what_was_typed_with_each_fault_beside_its_field(ana: Reader) -> None:
    ana.open("/subscribe?country=pa")
    page = ana.press(
        "Send me the link to confirm", address="ana@@nowhere", zone="Atlantis", names="Pannama", word="visa"
    )
    assert ana.status == 422
    for name, value in {
        "address": "ana@@nowhere",
        "zone": "Atlantis",
        "names": "Pannama",
        "word": "visa",
    }.items():
        assert f'href="#{name}"' in page or name == "word"
        assert re.search(rf'<input id="{name}"[^>]* value="{re.escape(value)}"', page)
        assert f'id="{name}-fault"' in page or name == "word"
    assert "Did you mean Panama?" in page
    assert ana.mails() == []
    ana.press("Send me the link to confirm", address=ana.address, zone="Madrid", names="")
    assert ana.heading() == "Check your mail"


@pytest.mark.parametrize(
    ("typed", "mailed"),
    [
        ("  Bea+News@Exämple.org ", "Bea+News@xn--exmple-cua.org"),
        ("o'hara@sub.reader.example", "o'hara@sub.reader.example"),
    ],
)
def test_plus_and_international_addresses_work(parts: Parts, clock: Clock, typed: str, mailed: str) -> None:
    for bea in reader(parts, clock, mailed):
        bea.open("/subscribe")
        bea.press("Send me the link to confirm", address=typed)
        assert len(bea.mails()) == 1


def test_what_the_relay_cannot_take_is_told(ana: Reader) -> None:
    ana.open("/subscribe")
    page = ana.press("Send me the link to confirm", address="niño@reader.example")
    assert ana.status == 422
    assert "Letters such as ñ or é before the @" in page


def test_the_key_that_sends_a_form_counts_until_there_is_an_address(ana: Reader) -> None:
    ana.open("/subscribe")
    ana.press("", country=["mx"])
    assert "Now chosen: Mexico." in ana.html
    ana.press("", address=ana.address)
    assert ana.heading() == "Check your mail"


def test_a_link_of_48_hours_ends_and_leaves_nothing(ana: Reader, clock: Clock) -> None:
    ana.signs_up()
    link = ana.link("confirm")
    clock.on(hours=47)
    assert ana.open(link)
    assert ana.status == 200
    clock.on(hours=2)
    ana.open(link)
    assert (ana.status, ana.heading()) == (404, "This link does not work any more")
    assert ana.post(link, [("do", "confirm"), ("w0-keep", "yes")]).status_code == 404
    assert ana.state() is None


# One's own page


def test_a_reader_changes_everything_on_their_page(ana: Reader) -> None:
    ana.joins(cadence="immediate")
    ana.gets_in()
    assert ana.heading() == "Your emails"
    assert ana.address not in ana.html  # it is masked
    ana.press("Change: Panama")
    ana.press("Save", word="visa", name="My desk", cadence="daily")
    assert "The change was saved." in ana.html
    assert ana.wishes() == {"country:pa word:visa": Cadence.DAILY}
    assert "My desk" in ana.html
    ana.open("/preferences/?form=add")
    ana.press("Add it", topic=["health"])
    assert ana.wishes() == {"country:pa word:visa": Cadence.DAILY, "topic:health": Cadence.WEEKLY}
    ana.press("Weekly instead: My desk")
    assert set(ana.wishes().values()) == {Cadence.WEEKLY}
    ana.open("/preferences/?form=times")
    ana.press("Save", hour="6", weekday="5", zone="Tegucigalpa", lang="es")
    assert 'lang="es"' in ana.html
    assert "A las 6:00, hora de Tegucigalpa" in ana.html
    assert "el viernes a las 6:00" in ana.html


def test_a_pause_has_an_end_and_can_be_ended(ana: Reader, clock: Clock) -> None:
    ana.joins()
    ana.gets_in()
    ana.press("Pause: Panama")
    page = ana.press("Pause", until="yesterday")
    assert ana.status == 422
    assert 'id="until-fault"' in page
    day = (clock() + timedelta(days=20)).date()
    ana.press("Pause", until=day.isoformat())
    assert "Paused" in ana.html
    assert f"{day.day} " in ana.html
    ana.press("Resume: Panama")
    assert "The pause is over." in ana.html
    assert ana.state() is SubscriberState.ACTIVE


def test_stopping_asks_once_and_can_be_taken_back(ana: Reader) -> None:
    ana.joins()
    ana.gets_in()
    ana.press("Stop: Panama")
    assert ana.wishes()  # asked only
    ana.press("Unsubscribe")
    assert ana.heading() == "You are unsubscribed"
    assert ana.wishes() == {}
    ana.press("It was a mistake: undo")
    assert ana.heading() == "Nothing has changed"
    assert ana.wishes() == {"country:pa": Cadence.WEEKLY}


def test_everything_that_is_kept_can_be_taken_home_and_erased(ana: Reader) -> None:
    ana.joins()
    ana.gets_in()
    action, fields = Forms(ana.html).press("Download it")
    answer = ana.post(action, fields)
    assert answer.headers["content-disposition"].startswith("attachment")
    kept = json.loads(answer.text)
    assert kept["subscriber"]["address"] == ana.address
    ana.press("Erase everything")
    assert ana.wishes()
    ana.press("Erase everything")
    assert ana.heading() == "Everything is erased"
    assert ana.state() in (None, SubscriberState.ERASED)
    with ana.parts.store.read() as conn:
        for table in metadata.sorted_tables:
            rows = str([tuple(row) for row in conn.execute(table.select())])
            assert ana.address not in rows, table.name
    ana.joins()  # they themselves may come back
    assert ana.wishes() == {"country:pa": Cadence.WEEKLY}


def test_an_address_moves_by_its_new_owner_and_the_old_one_is_told(
    ana: Reader, parts: Parts, clock: Clock
) -> None:
    ana.joins()
    ana.gets_in()
    new = f"new+{uuid.uuid4().hex[:8]}@reader.example"
    ana.open("/preferences/?form=address")
    ana.press("Mail a link to it", address=new)
    assert ana.heading() == "Check the mail of the new address"
    for owner in reader(parts, clock, new):
        link = owner.link("move")
        owner.open(link)
        assert ana.wishes()  # looking moves nothing
        owner.press("Use this address")
        assert owner.heading() == "Your address has changed"
        assert owner.wishes() == {"country:pa": Cadence.WEEKLY}
    assert ana.wishes() == {}
    (told,) = ana.mails()
    assert "another address" in dict(told.headers)["Subject"]


def test_the_link_to_ones_page_works_once_for_an_hour_and_looking_uses_nothing_up(
    ana: Reader, clock: Clock
) -> None:
    ana.joins()
    ana.open("/preferences/")
    ana.press("Mail me the link", address=ana.address)
    link = ana.link("preferences")
    for _ in range(3):
        assert "Panama" not in ana.open(link)
        assert ana.status == 200
        assert ana.client.head(link).status_code == 200
    answer = ana.post(link, [("do", "open")])
    cookie = answer.headers["set-cookie"].lower()
    assert (answer.status_code, answer.headers["location"]) == (303, "/preferences/")
    for part in ("httponly", "samesite=lax", "path=/preferences/", "max-age=3600"):
        assert part in cookie
    assert ana.post(link, [("do", "open")]).status_code == 404
    assert "Panama" in ana.open("/preferences/")
    clock.on(minutes=61)
    ana.open("/preferences/")
    assert ana.heading() == "Change or stop your emails"


def test_whose_hour_is_over_while_they_fill_a_form_in_is_told_so(ana: Reader, clock: Clock) -> None:
    ana.joins()
    ana.gets_in()
    ana.press("Stop: Panama")
    clock.on(minutes=61)
    page = ana.press("Unsubscribe")
    assert ana.status == 422
    assert "Your hour is over" in page
    assert ana.wishes()


def test_closing_the_page_ends_the_hour(ana: Reader) -> None:
    ana.joins()
    ana.gets_in()
    cookie = ana.client.cookies["preferences"]
    ana.press("Close this page")
    ana.client.cookies.set("preferences", cookie, path="/preferences/")
    ana.open("/preferences/")
    assert ana.heading() == "Change or stop your emails"


# The links of a mail


@pytest.fixture
def welcome(ana: Reader) -> OpenedMail:
    ana.signs_up(cadence="immediate")
    ana.open(ana.link("confirm"))
    ana.press("Confirm subscription")
    (mail,) = ana.mails()
    return mail


def test_one_click_leaves_without_a_form_a_cookie_or_an_origin(ana: Reader, welcome: OpenedMail) -> None:
    link = link_in(welcome, "unsubscribe")
    for _ in range(2):  # mail programs try again
        answer = ana.client.post(
            link, data={"List-Unsubscribe": "One-Click"}, headers={"origin": "https://mail.example"}
        )
        assert answer.status_code == 200
        assert ana.wishes() == {}
    ana.open(link)
    assert ana.heading() == "You are unsubscribed"
    assert "stopped before" in ana.html


def test_one_click_comes_as_a_multipart_form_too(ana: Reader, welcome: OpenedMail) -> None:
    body = b'--x\r\ncontent-disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    answer = ana.client.post(
        link_in(welcome, "unsubscribe"),
        content=body,
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code == 200
    assert ana.wishes() == {}


def test_the_first_button_leaves_and_a_mistake_is_taken_back(ana: Reader, welcome: OpenedMail) -> None:
    ana.open(link_in(welcome, "unsubscribe"))
    assert ana.heading() == "Stop this email?"
    assert ana.address not in ana.html
    ana.press("Unsubscribe")
    assert ana.state() is SubscriberState.LEFT
    ana.press("It was a mistake: undo")
    assert ana.wishes() == {"country:pa": Cadence.IMMEDIATE}
    assert ana.state() is SubscriberState.ACTIVE


def test_less_is_offered_beside_leaving(ana: Reader, welcome: OpenedMail) -> None:
    link = link_in(welcome, "unsubscribe")
    ana.open(link)
    ana.press("Change to weekly")
    assert ana.wishes() == {"country:pa": Cadence.WEEKLY}
    ana.open(link)
    assert "Change to weekly" not in ana.html
    ana.press("Pause for a month")
    assert ana.heading() == "Your emails are paused"
    assert ana.state() is SubscriberState.PAUSED


def test_the_pause_link_pauses_for_as_long_as_is_chosen(ana: Reader, welcome: OpenedMail) -> None:
    ana.open(link_in(welcome, "pause"))
    assert ana.heading() == "Pause this email?"
    ana.press("Pause", months=["3"])
    assert ana.state() is SubscriberState.PAUSED
    with ana.parts.store.read() as conn:
        person = subscribers.by_address(conn, ana.address)
        (row,) = subscribers.subscriptions_of(conn, person.id)  # type: ignore[union-attr]
    assert timedelta(days=85) < row.paused_until - ana.clock() < timedelta(days=95)  # type: ignore[operator]


def test_the_change_link_shows_nobodys_data_and_mails_the_owner(ana: Reader, welcome: OpenedMail) -> None:
    page = ana.open(link_in(welcome, "change"))
    assert "Panama" not in page.replace("America/Panama", "")
    assert ana.address.partition("@")[0] not in page
    ana.press("Mail me the link")
    assert ana.heading() == "Check your mail"
    ana.open(ana.link("preferences"))
    ana.press("Open my subscriptions")
    assert ana.heading() == "Your emails"


def test_a_mail_shows_and_ends_only_what_it_names(ana: Reader) -> None:
    ana.joins("?country=pa", cadence="immediate")
    ana.clock.on(hours=25)
    ana.signs_up("?topic=health", cadence="weekly")
    ana.open(ana.link("confirm"))
    ana.press("Confirm subscription")
    (mail,) = ana.mails()
    page = ana.open(link_in(mail, "unsubscribe"))
    named = "Panama" in page
    assert named != ("health" in page.replace("/health", "").lower())
    assert "1 other subscription" in page
    ana.press("Unsubscribe")
    assert len(ana.wishes()) == 1
    ana.open(link_in(mail, "unsubscribe"))
    assert "stopped before" in ana.html


def test_each_purpose_has_a_token_of_its_own(ana: Reader, welcome: OpenedMail) -> None:
    tokens = {path: link_in(welcome, path).rpartition("/")[2] for path in ("change", "pause", "unsubscribe")}
    assert len(set(tokens.values())) == 3
    for path in ("change", "pause", "unsubscribe", "confirm", "preferences", "move"):
        for name, token in tokens.items():
            if name != path:
                ana.open(f"/{path}/{token}")
                assert ana.status == 404, (path, name)
                assert ana.post(f"/{path}/{token}", []).status_code == 404
    assert ana.wishes()


# Scanners, strangers and floods


def test_a_scanner_that_opens_every_link_of_every_mail_twice_changes_nothing(
    ana: Reader, parts: Parts
) -> None:
    ana.joins(cadence="immediate")
    ana.open("/preferences/")
    ana.press("Mail me the link", address=ana.address)
    ana.mails()
    ana.clock.on(hours=25)
    ana.signs_up("?country=mx")
    ana.mails()
    sweep(parts.store, ana.clock())  # the links of yesterday's mails are erased

    def everything() -> dict[str, list[tuple[object, ...]]]:
        with parts.store.read() as conn:
            return {
                table.name: sorted((tuple(row) for row in conn.execute(table.select())), key=str)
                for table in metadata.sorted_tables
            }

    mails = [read_mail(parts.outbox, mail.name) for mail in read_outbox(parts.outbox)]
    links = {
        link for mail in mails if mail for link in re.findall(rf'{HOME}(/[^\s"<>]*)', mail.html + mail.text)
    }
    assert {path for path in ("confirm", "preferences", "change", "pause", "unsubscribe") if not any(
        link.startswith(f"/{path}/") for link in links)} == set()  # fmt: skip
    before = everything()
    for _ in range(2):
        for link in sorted(links):
            for method in ("GET", "HEAD", "OPTIONS"):
                assert ana.client.request(method, link.replace("&amp;", "&")).status_code < 500
    assert everything() == before


@pytest.mark.parametrize("origin", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_a_form_that_another_site_posts_is_refused(ana: Reader, origin: dict[str, str]) -> None:
    ana.joins()
    ana.gets_in()
    action, fields = Forms(ana.html).press("Erase everything")
    for path, form in ((action, fields), ("/subscribe", [("address", ana.address)]), ("/undo", [])):
        headers = {"content-type": "application/x-www-form-urlencoded", **origin}
        assert ana.client.post(path, content=urlencode(form), headers=headers).status_code == 403
    assert ana.wishes()


def test_a_form_of_ones_page_needs_its_own_token(ana: Reader) -> None:
    ana.joins()
    ana.gets_in()
    for stamp in ("", "x", "é"):
        assert ana.post("/preferences/", [("do", "erase"), ("form", stamp)]).status_code == 403
    assert ana.wishes()


def test_a_subscription_of_somebody_else_cannot_be_touched(ana: Reader, parts: Parts, clock: Clock) -> None:
    ana.joins()
    with parts.store.read() as conn:
        person = subscribers.by_address(conn, ana.address)
        (row,) = subscribers.subscriptions_of(conn, person.id)  # type: ignore[union-attr]
    for eve in reader(parts, clock, f"eve+{uuid.uuid4().hex[:8]}@reader.example"):
        eve.joins("?country=mx")
        eve.gets_in()
        stamp = re.search(r'name="form" value="([^"]+)"', eve.html)[1]  # type: ignore[index]
        for do in ("leave", "weekly", "resume", "edit", "change", "pause"):
            fields = [("do", do), ("form", stamp), ("subscription", str(row.id)), ("cadence", "daily"),
                      ("until", (clock() + timedelta(days=9)).date().isoformat())]  # fmt: skip
            page = eve.post("/preferences/", fields).text
            assert "Panama" not in page.replace("America/Panama", "")
    assert ana.wishes() == {"country:pa": Cadence.WEEKLY}


def test_the_answer_is_the_same_whoever_has_the_address(ana: Reader, parts: Parts, clock: Clock) -> None:
    """Whatever became of an address: equal status, bytes and headers, and as many statements (T10)."""
    name = uuid.uuid4().hex[:8]
    fates: dict[str, Callable[[Reader], None]] = {
        "none": lambda _: None, "wait": _signs_up, "have": _joins,
        "boun": lambda one: _ends(one, Suppression.BOUNCED),
        "comp": lambda one: _ends(one, Suppression.COMPLAINED),
        "bloc": lambda one: _ends(one, Suppression.BLOCKED), "left": _leaves, "eras": _erases,
    }  # fmt: skip
    answers: dict[str, list[tuple[int, bytes, tuple[tuple[str, str], ...]]]] = {}
    work: dict[str, list[list[str]]] = {}
    for fate, become in fates.items():
        for one in reader(parts, clock, f"{fate}+{name}@reader.example"):
            become(one)
            clock.on(hours=25)
            answers[fate], work[fate] = _asks_twice(one)
            clock.on(hours=-25)
    for fate in fates:
        assert answers[fate] == answers["none"], fate
        assert list(map(_kinds, work[fate])) == list(map(_kinds, work["none"])), fate


def _signs_up(one: Reader) -> None:
    one.signs_up()


def _joins(one: Reader) -> None:
    one.signs_up()
    one.open(one.link("confirm"))
    one.press("Confirm subscription")


def _ends(one: Reader, why: Suppression) -> None:
    _joins(one)
    with one.parts.store.read() as conn:
        person = subscribers.by_address(conn, one.address)
    assert person is not None
    ending.end(one.parts.store, one.parts.tokens, person.id, why, "", one.clock())


def _leaves(one: Reader) -> None:
    _joins(one)
    (mail,) = one.mails()
    one.open(link_in(mail, "unsubscribe"))
    one.press("Unsubscribe")


def _erases(one: Reader) -> None:
    _joins(one)
    with one.parts.store.read() as conn:
        person = subscribers.by_address(conn, one.address)
    assert person is not None
    erasing.erase(one.parts.store, one.parts.tokens, person.id, one.clock())


def _asks_twice(one: Reader) -> tuple[list[tuple[int, bytes, tuple[tuple[str, str], ...]]], list[list[str]]]:
    """The answers to signing up and to asking for the link, and the statements behind each."""
    answers, work = [], []
    asked = (("/subscribe?country=pa", "Send me the link to confirm"), ("/preferences/", "Mail me the link"))
    for path, button in asked:
        action, fields = Forms(one.open(path)).press(button, address=one.address)
        one.clock.on(seconds=5)
        with watched(one.parts.store) as statements:
            answer = one.post(action, fields)
        body = answer.content.replace(one.address.encode(), b"ADDRESS")
        answers.append((answer.status_code, body, tuple(sorted(answer.headers.items()))))
        work.append(statements)
    return answers, work


def _kinds(statements: list[str]) -> list[str]:
    """What each statement does, as far as it takes time: reading, or writing."""
    return ["read" if each.split()[0] == "SELECT" else "write" for each in statements]


@contextmanager
def watched(store: Store) -> Iterator[list[str]]:
    """All statements that go to this store meanwhile."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(store._engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store._engine, "before_cursor_execute", note)


def test_who_guesses_links_is_asked_to_wait_and_leaving_always_works(
    ana: Reader, welcome: OpenedMail
) -> None:
    """30 links an hour that we never made, of whatever kind, then 429 for all of that network (T11)."""
    kinds = ("confirm", "preferences", "move", "change", "pause", "unsubscribe")
    ana.clock.stop()
    ana.open("/preferences/")
    ana.press("Mail me the link", address=ana.address)
    good = ana.link("preferences")
    for n in range(27):
        ana.open(f"/{kinds[n % 6]}/{'x' * 20}{n}")
        assert ana.status == 404
    assert ana.post("/undo", [("undo", "y" * 20)]).status_code == 404
    assert ana.client.get("/preferences/", headers={"cookie": "preferences=z"}).status_code == 200
    assert ana.post("/confirm/z", []).status_code == 404
    for kind in kinds:
        ana.open(f"/{kind}/another-guess")
        assert ana.status == 429
    assert ana.post("/undo", [("undo", "another-guess")]).status_code == 429
    cookie = ana.client.get("/preferences/", headers={"cookie": "preferences=another-guess"})
    assert cookie.status_code == 429
    assert 3000 < int(cookie.headers["retry-after"]) <= 3600
    assert ana.client.get(good).status_code == 200  # theirs, whoever else guesses in that network
    ana.client.cookies.clear()
    assert ana.client.get("/preferences/").status_code == 200
    assert (
        ana.client.post(link_in(welcome, "unsubscribe"), data={"List-Unsubscribe": "One-Click"}).status_code
        == 200
    )
    assert ana.wishes() == {}
    ana.clock.on(minutes=59, seconds=59)
    assert ana.client.get("/confirm/another-guess").status_code == 429
    ana.clock.on(seconds=2)
    assert ana.client.get("/confirm/another-guess").status_code == 404


def test_a_link_of_ours_that_was_used_is_no_guess(ana: Reader) -> None:
    ana.signs_up()
    link = ana.link("confirm")
    ana.open(link)
    ana.press("Confirm subscription")
    ana.mails()
    ana.open("/preferences/")
    ana.press("Mail me the link", address=ana.address)
    once = ana.link("preferences")
    ana.open(once)
    ana.press("Open my subscriptions")
    for _ in range(40):
        assert ana.client.get(once).status_code == 404
        assert ana.client.get(link).status_code == 200
    ana.clock.on(hours=24 * 400)
    sweep(ana.parts.store, ana.clock())
    for _ in range(40):  # erased long ago, and still known to be ours
        assert ana.client.get(once).status_code == 404
        assert ana.client.get(link).status_code == 404


def test_a_machine_is_told_apart_from_a_person_without_a_riddle(ana: Reader) -> None:
    ana.clock.stop()
    ana.open("/subscribe")
    action, fields = Forms(ana.html).press("Send me the link to confirm", address=ana.address)
    fast = ana.post(action, fields)
    assert (fast.status_code, "very fast" in fast.text) == (422, True)
    trapped = [(name, "x" if name == "website" else value) for name, value in fields]
    ana.clock.on(seconds=9)
    assert ana.post(action, trapped).status_code == 422
    forged = [(name, "12345.abc" if name == "form" else value) for name, value in fields]
    assert ana.post(action, forged).status_code == 422
    assert ana.mails() == []
    ana.clock.on(hours=25)
    assert "open for long" in ana.post(action, fields).text
    assert ana.mails() == []


def test_a_flood_gives_one_mail_an_address_and_an_answer_that_says_wait(ana: Reader) -> None:
    statuses = []
    for _ in range(25):
        ana.signs_up()
        statuses.append(ana.status)
    assert statuses == [200] * 20 + [429] * 5
    assert len(ana.mails()) == 1
    action, fields = Forms(ana.open("/subscribe")).press("Send me the link to confirm", address=ana.address)
    ana.clock.on(seconds=5)
    forged = ana.post(action, fields, {"x-forwarded-for": "203.0.113.77"})
    assert forged.status_code == 429  # the client is no proxy of ours
    assert int(forged.headers["retry-after"]) > 0
    ana.clock.on(minutes=61)
    ana.signs_up()
    assert ana.status == 200


def test_what_is_hostile_is_text(ana: Reader) -> None:
    for hostile in (
        "' OR 1=1 --",
        "%_",
        '"><script>alert(1)</script>',
        "{{ 7777*7777 }}",
        "\x00\x1b[31m",
        "a" * 15_000,
    ):
        ana.open("/subscribe")
        for name in ("names", "word", "q", "without", "zone", "address"):
            action, fields = Forms(ana.html).press("Update the estimate", **{name: hostile})
            answer = ana.post(action, fields)
            assert answer.status_code in (200, 413, 422), (name, hostile[:20])
            assert "<script>alert" not in answer.text
            assert "60481729" not in answer.text
    assert ana.mails() == []


def test_a_body_too_long_and_a_name_that_is_not_ours_are_refused(ana: Reader) -> None:
    assert ana.post("/subscribe", [("word", "x" * 17_000)]).status_code == 413
    chunked = ana.client.post(
        "/subscribe",
        content=iter([b"word=" + b"x" * 9_000, b"x" * 9_000]),
        headers={**OURS, "content-type": "application/x-www-form-urlencoded"},
    )
    assert chunked.status_code == 413
    for path in ("/subscribe", "/", "/health", "/preferences/"):
        answer = ana.client.get(path, headers={"host": "evil.example"})
        assert answer.status_code == 400
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "evil.example" not in answer.text


@pytest.mark.parametrize(
    "path", ["/subscribe", "/preferences/", "/privacy/", "/confirm/x", "/undo", "/es/subscribe"]
)
def test_pages_of_readers_carry_the_headers_that_guard_them(ana: Reader, path: str) -> None:
    headers = ana.client.get(path).headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert path == "/privacy/" or headers["cache-control"] == "no-store"
    assert "unsafe" not in headers["content-security-policy"]


def test_a_fault_of_ours_shows_a_number_that_stands_in_the_log_and_no_token(
    ana: Reader, welcome: OpenedMail, capsys: pytest.CaptureFixture[str]
) -> None:
    link = link_in(welcome, "unsubscribe")
    web = ana.parts.web_parts()
    store = web.people.store.__class__.__new__(web.people.store.__class__)  # one that knows nothing
    app = create_app(replace(web, people=replace(web.people, store=store)))
    with TestClient(app, base_url=HOME, raise_server_exceptions=False) as client:
        answer = client.get(link)
    assert answer.status_code == 500
    number = re.search(r"<strong>([0-9a-f]{8})</strong>", answer.text)[1]  # type: ignore[index]
    logged = capsys.readouterr()
    line = logged.out + logged.err
    assert number in line
    assert "/unsubscribe/…" in line
    assert link.rpartition("/")[2] not in line
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_database_holds_no_link_that_works(ana: Reader, parts: Parts) -> None:
    ana.joins()
    ana.open("/preferences/")
    ana.press("Mail me the link", address=ana.address)
    mails = [read_mail(parts.outbox, mail.name) for mail in read_outbox(parts.outbox)]
    secrets = {token for mail in mails if mail for token in SECRET.findall(mail.html + mail.text)}
    assert len(secrets) > 4
    with parts.store.read() as conn:
        dump = "\n".join(
            str(tuple(row)) for table in metadata.sorted_tables for row in conn.execute(table.select())
        )
    assert [token for token in secrets if token in dump] == []
    assert urlsplit(HOME).netloc in dump
