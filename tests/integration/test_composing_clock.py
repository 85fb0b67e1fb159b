"""Composing and the clock (P7): six zones over both changes of the clock, forty days asleep, a smallest gap
between immediate mails, and composers that are killed at random (F2)."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from feeds.app.parts import Parts
from feeds.composing.compose import compose
from feeds.filters import parse
from feeds.model import Cadence
from feeds.people import signup
from feeds.store.schema import delivery, digest, digest_item
from integration.test_composing_sets import (
    DAY,
    START,
    accounted,
    passes,
    people,
    place,
    publish,
    told,
    wanted,
)
from integration.test_delivery_kills import wait_for
from taking import accept_one

__all__ = ["place"]

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ROOT = Path(__file__).resolve().parents[2]
# Zones and the hour that one change of the clock skips or repeats there, with the days of both changes.
CHANGES = (
    ("America/New_York", 2, date(2026, 3, 8), date(2026, 11, 1)),
    ("America/Havana", 0, date(2026, 3, 8), date(2026, 11, 1)),
    ("America/Santiago", 0, date(2026, 4, 5), date(2026, 9, 6)),
    ("Europe/Madrid", 2, date(2026, 3, 29), date(2026, 10, 25)),
    ("Australia/Lord_Howe", 2, date(2026, 4, 5), date(2026, 10, 4)),
    ("Africa/Cairo", 0, date(2026, 4, 24), date(2026, 10, 30)),
)


def joined(parts: Parts, cadence: Cadence, at: datetime, zone: str = "UTC", hour: int = 7) -> int:
    joining = signup.Joining(
        address=f"{cadence.value}-{zone.replace('/', '.')}@example.org", filters=(parse("country:pa"),),
        cadence=cadence, lang="en", zone=zone, hour=hour, weekday=1, consent="a test",
    )  # fmt: skip
    return signup.join(parts.store, joining, parts.joining_defaults, at)


def published(parts: Parts, at: datetime) -> None:
    """One item more on Panama, announced at this instant."""
    text = f"{at:%d %B, %Y}\n\nPanama opens gate number {at:%j%H%M}\n\nThe gate of Panama opens.\n"
    accept_one(parts, f"{at:%j%H%M}.txt", text.encode(), at, "all", filed=True)


def mails(parts: Parts) -> dict[int, list[tuple[datetime, int]]]:
    """By person: when each of their digests was made, and of how many items it is."""
    holds = select(func.count()).where(digest_item.c.digest_id == digest.c.id).scalar_subquery()
    query = select(delivery.c.subscriber_id, digest.c.composed_at, holds).join(
        digest, digest.c.id == delivery.c.digest_id
    )
    found: dict[int, list[tuple[datetime, int]]] = {}
    with parts.store.read() as conn:
        for who, at, number in conn.execute(query.order_by(delivery.c.id)):
            found.setdefault(who, []).append((at, number))
    return found


@pytest.mark.parametrize(("zone", "hour", "first", "second"), CHANGES)
def test_p7_each_day_brings_one_digest_when_clocks_change(
    site: Parts, zone: str, hour: int, first: date, second: date
) -> None:
    who = joined(site, Cadence.DAILY, datetime(2026, 3, 1, tzinfo=UTC), zone, hour)
    for change in (first, second):
        at = datetime.combine(change - 2 * DAY, time(), UTC)
        while at < datetime.combine(change + 2 * DAY, time(), UTC):
            if at.hour == 20:
                published(site, at)
            assert compose(site.store, site.compose_rules, at).failed == []
            at += HOUR
    made = mails(site)[who]
    on = [moment.astimezone(ZoneInfo(zone)).date() for moment, _ in made]
    assert len(set(on)) == len(on)
    for change in (first, second):
        assert {change, change + DAY} <= set(on)
    compose(site.store, site.compose_rules, at + 2 * DAY)
    assert told(site.store) == Counter(dict.fromkeys(wanted(site), 1))
    accounted(site.store)


def test_p7_after_forty_days_asleep_each_cadence_brings_one_digest_and_nobody_misses_an_item(
    place: Parts,
) -> None:
    everybody = [joined(place, each, START) for each in (Cadence.IMMEDIATE, Cadence.DAILY, Cadence.WEEKLY)]
    for day in range(1, 41):
        published(place, START + day * DAY)
    late = START + 41 * DAY
    for n in range(3):
        assert compose(place.store, place.compose_rules, late + n * MINUTE).failed == []
    assert all(len(each) == 1 for each in mails(place).values())
    for n in range(1, 9):
        compose(place.store, place.compose_rules, late + n * DAY)
    made = mails(place)
    assert {who: sum(number for _, number in made[who]) for who in everybody} == dict.fromkeys(everybody, 40)
    assert all(len(each) == 1 for each in made.values())
    accounted(place.store)


def gapped(parts: Parts, at: datetime, minutes: int = 60) -> int:
    """How many digests a pass makes with such a gap."""
    rules = replace(parts.compose_rules, gap=minutes * MINUTE)
    report = compose(parts.store, rules, at)
    assert report.failed == []
    return len(report.composed)


def test_news_within_the_gap_waits_and_comes_in_one_mail(place: Parts) -> None:
    joined(place, Cadence.IMMEDIATE, START)
    made = {}
    for minutes in range(0, 200, 5):
        at = START + minutes * MINUTE
        if minutes in (10, 20, 35, 60, 150):
            published(place, at)
        made[minutes] = gapped(place, at)
    assert [minutes for minutes, number in made.items() if number] == [10, 70, 150]
    assert [number for each in mails(place).values() for _, number in each] == [1, 3, 1]
    assert told(place.store) == Counter(dict.fromkeys(wanted(place), 1))
    accounted(place.store)


def test_what_nobody_wants_begins_no_gap_and_without_one_each_comes_at_once(place: Parts) -> None:
    joined(place, Cadence.IMMEDIATE, START)
    at = START + HOUR
    accept_one(place, "m.txt", f"{at:%d %B, %Y}\n\nMexico waits\n\nMexico.\n".encode(), at, "all", filed=True)
    assert gapped(place, at) == 0
    published(place, at + MINUTE)
    assert gapped(place, at + MINUTE) == 1
    published(place, at + 2 * MINUTE)
    assert gapped(place, at + 2 * MINUTE) == 0
    # A gap that was made shorter, or taken away, counts at once.
    assert gapped(place, at + 2 * MINUTE, 0) == 1
    published(place, at + 3 * MINUTE)
    assert gapped(place, at + 3 * MINUTE, 0) == 1


def test_a_clock_that_was_a_year_ahead_keeps_nobody_waiting_for_a_year(place: Parts) -> None:
    joined(place, Cadence.IMMEDIATE, START)
    published(place, START + HOUR)
    assert gapped(place, START + 365 * DAY) == 1
    published(place, START + 2 * HOUR)
    assert gapped(place, START + 2 * HOUR) == 1
    assert told(place.store) == Counter(dict.fromkeys(wanted(place), 1))


PROGRAM = """
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
sys.path[:0] = [{src!r}]
from feeds import config
from feeds.app.parts import Parts
from feeds.composing.compose import compose
from feeds.composing.pace import Pace
parts = Parts(config.load(Path(sys.argv[1])))
rules = replace(parts.compose_rules, pace=lambda: Pace(int(sys.argv[3]), size=1))
compose(parts.store, rules, datetime.fromisoformat(sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("parts_from", [2, 4000])
def test_composers_killed_at_random_lose_nothing_and_double_nothing(place: Parts, parts_from: int) -> None:
    dice = random.Random(parts_from)
    people(place, 40)
    publish(place, 6, START + HOUR)
    program = PROGRAM.format(src=str(ROOT / "src"))
    given = [str(place.settings.file), (START + DAY).isoformat(), str(parts_from)]
    command = [sys.executable, "-c", program, *given]

    def queued() -> int:
        with place.store.read() as conn:
            return conn.scalar(select(func.count()).select_from(delivery)) or 0

    kills = 0
    for _ in range(3):
        until = queued() + dice.randint(1, 6)
        child = subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.DEVNULL)
        wait_for(child, lambda until=until: queued() >= until)  # type: ignore[misc]
        kills += child.poll() is None
        child.kill()
        child.wait()
    assert kills >= 2
    passes(place)
    assert told(place.store) == Counter(dict.fromkeys(wanted(place), 1))
    accounted(place.store)
