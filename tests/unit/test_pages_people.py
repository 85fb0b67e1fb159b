"""Pages for those who get mail: what they show and what they never show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from feeds.i18n import translator
from feeds.model import Cadence, Filter, Habits, Item, Wished
from feeds.pages.asking import ShownWish
from feeds.pages.choices import Typed
from feeds.pages.people import PeoplePages, people_pages
from feeds.pages.privacy import PrivacyFacts
from feeds.pages.wishing import typed_from
from feeds.templating import environment
from golden.pages import sample

ENVIRONMENT = environment([sample.TEMPLATES])
SITE = replace(sample.site(), languages=("en", "es"))
PAGES = people_pages(ENVIRONMENT, SITE, sample.VOCABULARY)
LABOUR = Filter(countries=("hn", "pa"), topics=("labour-migration",))
HABITS = Habits(lang="en", zone="America/Panama", hour=7, weekday=1)
AT = datetime(2026, 11, 28, 16, 28, tzinfo=UTC)
BUSY = {("country", code): n for n, code in enumerate(("hn", "pa", "mx", "gt", "jp"), start=3)}
FAULTS = {"address": "Please type your email address.", "zone": "“Nowhere” is no time zone that we know."}
FACTS = PrivacyFacts(
    sender="news@example.org", relay="mail.example.org", unconfirmed=timedelta(hours=48),
    link=timedelta(hours=1), session=timedelta(hours=1), undo=timedelta(hours=24), limits=timedelta(days=30),
    letters=timedelta(days=30), bounces=timedelta(days=60),
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    number: int
    a_month: float
    newest: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Held:
    id: int
    filter: Filter
    cadence: Cadence
    name: str = ""
    created_at: datetime = AT
    paused_until: datetime | None = None
    last_sent_at: datetime | None = None
    sent: int = 0
    next_at: datetime | None = None


@dataclass(frozen=True)
class Person:
    subscriptions: tuple[Held, ...]
    lang: str = "en"
    zone: str = "America/Panama"
    hour: int = 7
    weekday: int = 1
    feed_made_at: datetime | None = None


@dataclass(frozen=True)
class Offer(Person):
    rest: tuple[Held, ...] = ()
    instead: tuple[Held, ...] = ()
    address_hint: str = "a…@example.net"


FOUND = Found(36, 3.0, tuple(sample.items(5)))
MINE = (
    Held(
        1,
        LABOUR,
        Cadence.WEEKLY,
        last_sent_at=AT - timedelta(days=5),
        sent=12,
        next_at=AT + timedelta(days=2),
    ),
    Held(2, Filter(countries=("mx",)), Cadence.IMMEDIATE, name="Mexico desk"),
    Held(3, Filter(topics=("health",)), Cadence.DAILY, paused_until=AT + timedelta(days=30)),
)
PERSON = Person(MINE)
# How much the third one brings is not known.
AMOUNTS = {LABOUR: FOUND, MINE[1].filter: Found(0, 0.0)}
OFFER = Offer(MINE[:2], rest=MINE[2:])
MONTHS = [date(2026, 12, 28), date(2027, 1, 28), date(2027, 2, 28)]


def typed(wanted: Filter = LABOUR, lang: str = "en") -> Typed:
    fields = typed_from(wanted, sample.VOCABULARY, translator(lang))
    return Typed(filter=fields, zone="America/Panama", lang=lang)


def every_page(pages: PeoplePages) -> dict[str, bytes]:
    asking, mine, leaving = pages.asking, pages.mine, pages.leaving
    asked, told = typed(lang=asking.lang), replace(typed(lang=asking.lang), address="ana@", zone="Nowhere")
    wish = ShownWish(asked.filter, LABOUR, True, "weekly")
    return {
        "subscribe": asking.signup(asked, LABOUR, FOUND, BUSY, "stamp", guess=True),
        "subscribe-faults": asking.signup(told, LABOUR, FOUND, BUSY, "stamp", FAULTS),
        "check-mail": asking.check_mail(
            "ana@example.net", Wished(filter=LABOUR, cadence=Cadence.WEEKLY), HABITS, "news@example.org"
        ),
        "check-mail-link": asking.check_mail_for_link("ana@example.net", "news@example.org"),
        "confirm": asking.confirm("T-1", asked, [wish], "a…@example.net", AT, BUSY, starter=True),
        "confirm-several": asking.confirm(
            "T-1",
            asked,
            [wish, replace(wish, cadence="hourly", on=False)],
            "a…@example.net",
            AT,
            BUSY,
            starter=True,
            faults={"w1-cadence": "Please choose how often."},
        ),
        "confirmed": leaving.confirmed(
            [Wished(filter=LABOUR, cadence=Cadence.WEEKLY)], HABITS, "a…@example.net", before=False
        ),
        "link-over": leaving.link_over(),
        "link-wanted": mine.ask_link("stamp"),
        "open-link": leaving.open_link("T-1"),
        "change-link": leaving.mail_link("T-1"),
        "link-mailed": leaving.link_mailed("a…@example.net"),
        "preferences": mine.all(
            PERSON, AMOUNTS, "a…@example.net", timedelta(hours=1), "stamp", "Saved: Mexico desk."
        ),
        "preferences-none": mine.all(Person(()), {}, "a…@example.net", timedelta(hours=1), "stamp"),
        "preferences-feed": mine.all(
            replace(PERSON, feed_made_at=AT), {}, "a…@example.net", timedelta(hours=1), "stamp"
        ),
        "private-feed": mine.private_feed("S-1", "stamp"),
        "subscription-add": mine.subscription(asked, None, LABOUR, FOUND, BUSY, "stamp"),
        "subscription-edit": mine.subscription(asked, 1, LABOUR, FOUND, BUSY, "stamp"),
        "times": mine.times(asked, "stamp"),
        "new-address": mine.address(asked, "stamp"),
        "pause-until": mine.pause(MINE[:1], "2026-12-28", "stamp", 1),
        "erase": mine.sure("erase", MINE, "stamp"),
        "stop": mine.sure("leave", MINE[:1], "stamp", 1),
        "move": leaving.move("T-1", "n…@example.net"),
        "moved-address": leaving.moved("n…@example.net"),
        "move-asked": leaving.move_asked("new@example.net"),
        "address-taken": leaving.address_taken(),
        "erased": leaving.erased(),
        "closed": leaving.closed(),
        "unsubscribe": leaving.ask_leave("T-1", "C-1", OFFER, MONTHS[0]),
        "unsubscribe-one": leaving.ask_leave("T-1", "C-1", Offer(MINE[:1]), MONTHS[0]),
        "pause": leaving.ask_pause("P-1", "C-1", OFFER, MONTHS),
        "unsubscribe-edited": leaving.ask_leave("T-1", "C-1", Offer((), instead=MINE[1:2]), MONTHS[0]),
        "left-edited": leaving.left([LABOUR], "/undo", "U-1", everything=False, unnamed=2),
        "left": leaving.left([LABOUR], "/unsubscribe/T-1", "U-1", everything=True),
        "left-others": leaving.left_before("/unsubscribe/T-1", "/change/T-1", 2),
        "left-before": leaving.left([], "/unsubscribe/T-1", "", everything=True),
        "back": leaving.back(),
        "weekly": leaving.weekly([LABOUR], OFFER),
        "paused": leaving.paused([LABOUR], MONTHS[0]),
        "unsubscribe-unknown": leaving.unknown(),
        "privacy": pages.privacy.privacy(FACTS),
    }


MADE = every_page(PAGES)
SPANISH = every_page(PAGES.speaking("es"))


@pytest.mark.parametrize("name", MADE)
def test_these_pages_look_as_accepted_in_both_languages(name: str) -> None:
    sample.golden(f"people/{name}-en.html", MADE[name].decode())
    sample.golden(f"people/{name}-es.html", SPANISH[name].decode())
