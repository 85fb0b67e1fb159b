"""Many audiences at once: whoever composes, and whoever dies, each item comes once (P4, P5, P8)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from feeds import config, filters, schedule
from feeds.app.parts import Parts, now
from feeds.cadences import gathered, on_days
from feeds.composing.compose import ComposeReport, compose
from feeds.composing.pace import Pace
from feeds.filters import parse
from feeds.model import Cadence, DeliveryState
from feeds.office import editing
from feeds.people import signup
from feeds.store import Store, composing, deliveries, digests, items, queueing, subscribers
from feeds.store.schema import audience, delivery, digest, digest_item, membership
from postgres import schemas
from store.making import together
from taking import accept_one

START = (now() - timedelta(days=30)).replace(hour=12, minute=0, second=0, microsecond=0)
DAY = timedelta(days=1)
FILTERS = ("country:pa", "country:hn", "country:hn,pa", "all", "country:pa word:opens")
CADENCES = (*Cadence, on_days([1, 4]), gathered(3, 5))
COUNTRIES = ("Panama", "Honduras", "Mexico")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(
    request: pytest.FixtureRequest, site: Parts, monkeypatch: pytest.MonkeyPatch, tables: object
) -> Iterator[Parts]:
    """A new site on either database."""
    if request.param == "sqlite":
        yield site
        return
    with schemas() as make:
        monkeypatch.setenv("FEEDS_STORE_URL", make())
        parts = Parts(config.load(site.settings.file))
        parts.__dict__["_labels"] = tables
        parts.store.migrate()
        yield parts
        parts.reader.close()
        parts.store.close()


def people(parts: Parts, number: int, seed: int = 1) -> list[int]:
    """People of few wishes, some of whom have several cadences."""
    chance, ids = random.Random(seed), []
    for n in range(number):
        for _ in range(chance.choice((1, 1, 2, 3))):
            joining = signup.Joining(
                address=f"p{n}@example.org", filters=(parse(chance.choice(FILTERS)),), consent="x",
                cadence=chance.choice(CADENCES), lang=chance.choice(["en", "es"]), zone="UTC", hour=7,
            )  # fmt: skip
            who = signup.join(parts.store, joining, parts.joining_defaults, START, again=True)
        ids.append(who)
    return ids


def publish(parts: Parts, number: int, at: datetime) -> None:
    for n in range(number):
        country = COUNTRIES[n % len(COUNTRIES)]
        text = f"{at:%d %B, %Y}\n\n{country} opens gate number {n + 1000}\n\nThe gate of {country} opens.\n"
        accept_one(parts, f"{at:%j}-{n}.txt", text.encode(), at, "all", filed=True)


def told(store: Store) -> Counter[tuple[int, str]]:
    """How often each was sent each item, or will be."""
    query = (
        select(delivery.c.subscriber_id, digest_item.c.item_id, func.count())
        .join(digest_item, digest_item.c.digest_id == delivery.c.digest_id)
        .where(delivery.c.state != DeliveryState.SUPPRESSED, digest_item.c.change == 0)
        .group_by(delivery.c.subscriber_id, digest_item.c.item_id)
    )
    with store.read() as conn:
        return Counter({(row[0], row[1]): row[2] for row in conn.execute(query)})


def wanted(parts: Parts) -> set[tuple[int, str]]:
    """Each person with each item that one of their filters wants."""
    with parts.store.read() as conn:
        found = items.announced_between(conn, None, START + 99 * DAY)
        return {
            (row.subscriber_id, item.id)
            for who in conn.scalars(select(membership.c.subscriber_id).distinct())
            for row in subscribers.subscriptions_of(conn, who)
            for item in found
            if filters.match(parse(row.filter_text), item, parts.vocabulary)
        }


def accounted(store: Store) -> None:
    """P5: the members of each digest are its deliveries, and none is queued for only a part of them."""
    with store.read() as conn:
        assert queueing.begun(conn) == []
        ids = list(conn.scalars(select(digest.c.id)))
        assert all(sum(deliveries.accounting(conn, each).values()) > 0 for each in ids)


def passes(parts: Parts) -> None:
    """As ticks do, until nothing is due for a week and a half."""
    for n in range(1, 12):
        report = compose(parts.store, parts.compose_rules, START + n * DAY)
        assert report.failed == []


def test_each_gets_each_item_of_their_wishes_once_whatever_their_cadences(place: Parts) -> None:
    people(place, 12)
    publish(place, 6, START + timedelta(hours=1))
    passes(place)
    assert told(place.store) == Counter(dict.fromkeys(wanted(place), 1))
    accounted(place.store)


@pytest.mark.parametrize("parts_from", [0, 2, 4000])
def test_two_that_compose_at_once_tell_everybody_once(place: Parts, parts_from: int) -> None:
    people(place, 12, seed=2)
    publish(place, 4, START + timedelta(hours=1))
    rules = [replace(place.compose_rules, pace=lambda: Pace(parts_from, size=3)) for _ in range(2)]

    def run(one: int) -> Callable[[], ComposeReport]:
        return lambda: compose(place.store, rules[one], START + DAY)

    reports = together(run(0), run(1))
    assert [report.failed for report in reports] == [[], []]
    passes(place)
    assert told(place.store) == Counter(dict.fromkeys(wanted(place), 1))
    accounted(place.store)


class Died(BaseException):
    """The process ended between two transactions."""


def mortal(after: int) -> type[Pace]:
    class Mortal(Pace):
        left = after

        def let_others(self) -> None:
            self.left -= 1
            if self.left < 0:
                raise Died

    return Mortal


@pytest.mark.parametrize("parts_from", [1, 4000])
def test_what_a_process_that_dies_leaves_is_finished_by_the_next(place: Parts, parts_from: int) -> None:
    people(place, 9, seed=3)
    publish(place, 4, START + timedelta(hours=1))
    for after in range(12):
        pace = mortal(after)
        rules = replace(place.compose_rules, pace=lambda pace=pace: pace(parts_from, size=2))
        with suppress(Died):
            compose(place.store, rules, START + DAY)
    passes(place)
    assert told(place.store) == Counter(dict.fromkeys(wanted(place), 1))
    accounted(place.store)


def test_a_correction_between_two_parts_reaches_those_who_have_not_got_theirs(place: Parts) -> None:
    ids = people(place, 1)
    for n in range(6):
        joining = signup.Joining(
            address=f"q{n}@example.org", filters=(parse("country:pa"),), consent="x", cadence=Cadence.DAILY,
            lang="en", zone="UTC", hour=7,
        )  # fmt: skip
        ids.append(signup.join(place.store, joining, place.joining_defaults, START, again=True))
    publish(place, 1, START + timedelta(hours=1))
    pace = mortal(3)
    with pytest.raises(Died):
        compose(place.store, replace(place.compose_rules, pace=lambda: pace(2, size=2)), START + DAY)
    with place.store.read() as conn:
        (row,) = queueing.begun(conn)
        item_id = conn.scalar(select(digest_item.c.item_id).limit(1))
    assert item_id is not None
    words = editing.Words(title="Panama puts it another way")
    editing.correct(place.store, place.labeller, item_id, words, "A slip.", START + DAY)
    compose(place.store, place.compose_rules, START + DAY + timedelta(minutes=1))
    compose(place.store, place.compose_rules, START + DAY + timedelta(minutes=2))
    with place.store.read() as conn:
        assert queueing.begun(conn) == []
        subjects = Counter(
            conn.scalars(
                select(digest.c.subject)
                .join(delivery, delivery.c.digest_id == digest.c.id)
                .where(delivery.c.audience_id == row.audience_id)
            )
        )
    assert set(subjects) == {"Panama puts it another way"}
    assert sum(subjects.values()) >= 6


def test_what_is_not_due_is_not_looked_at(place: Parts) -> None:
    people(place, 5)
    passes(place)
    at = START + 11 * DAY
    with place.store.read() as conn:
        assert composing.due(conn, at, None, early=False) == []
        waiting = dict(conn.execute(select(audience.c.id, audience.c.next_at)).all())
        scheduled = [row for row in digests.audiences(conn) if row.audience.cadence is not Cadence.IMMEDIATE]
    for row in scheduled:
        told_at = schedule.next_due(
            row.audience.cadence, row.audience.zone, row.audience.hour, row.audience.weekday, at
        )
        assert waiting[row.id] == told_at
    with place.store.read() as conn:
        first = min(at for at in waiting.values() if at is not None)
        assert composing.due(conn, first, None, early=False) != []


def test_when_zone_data_changes_each_is_looked_at_anew(place: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    people(place, 3)
    passes(place)
    monkeypatch.setattr(schedule, "zone_data", lambda zones, year: "other")
    rules = replace(place.compose_rules)  # another process
    with place.store.write() as conn:
        conn.execute(audience.update().values(next_at=START + 99 * DAY))
    compose(place.store, rules, START + 12 * DAY)
    with place.store.read() as conn:
        coming = conn.scalars(select(audience.c.next_at).where(audience.c.cadence != Cadence.IMMEDIATE))
        assert all(at is not None and at < START + 30 * DAY for at in coming)


def test_a_bad_digest_holds_up_no_other(place: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    people(place, 8)
    publish(place, 3, START + timedelta(hours=1))
    real = type(place.compose_rules.memory.wishes).read

    def read(self: object, texts: list[str]) -> object:
        if texts == ["country:hn"]:
            raise ValueError("this one fails")
        return real(self, texts)  # type: ignore[arg-type]

    monkeypatch.setattr(type(place.compose_rules.memory.wishes), "read", read)
    report = compose(place.store, place.compose_rules, START + DAY)
    assert report.composed
    assert {reason for _, reason in report.failed} == {"ValueError: this one fails"}
    monkeypatch.undo()
    passes(place)
    assert told(place.store) == Counter(dict.fromkeys(wanted(place), 1))


def test_items_gather_until_there_are_enough_or_one_has_waited_long_enough(place: Parts) -> None:
    joining = signup.Joining(
        address="ana@example.org", filters=(parse("country:pa"),), cadence=gathered(3, 5), consent="x",
        lang="en", zone="UTC", hour=7,
    )  # fmt: skip
    signup.join(place.store, joining, place.joining_defaults, START)
    mails = {}
    for day in range(20):
        at = START + day * DAY
        if day in (1, 2, 3, 8, 9):
            publish(place, 1, at + timedelta(hours=1))
        report = compose(place.store, place.compose_rules, at + timedelta(hours=20))
        for row in report.composed:
            mails[day] = row.items
    assert mails == {3: 3, 12: 2}
    assert told(place.store) == Counter(dict.fromkeys(wanted(place), 1))
