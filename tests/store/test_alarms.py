"""Alarms, counts of hours, and the canary in the database: on both."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from feeds.alarms import Alarm, Trouble
from feeds.letters.alarm import AlarmLetters
from feeds.model import DeliveryState, SiteInfo
from feeds.operating.alarming import CALM, AlarmMails, Plan, settle
from feeds.operating.hourly import HOURS_KEPT, count_hour
from feeds.operating.looking import of_the_day
from feeds.operating.measuring import Measured
from feeds.shipped import folder
from feeds.store import Store, alarms, daybook, deliveries, figures, limits, notices, returns
from feeds.store.figures import LETTERS
from feeds.templating import environment
from store.making import NOW, queued, together

NUMBERS = count()
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MAIL = Alarm(trouble=Trouble.MAIL, since=NOW - MINUTE, values={"waiting": "7", "reason": "421 no"})


def mails() -> AlarmMails:
    site = SiteInfo(
        name="Newsroom", base_url="https://news.example.org", languages=("en",), description="", publisher="",
        contact="", address="", created_at=NOW,
    )  # fmt: skip
    letters = AlarmLetters(environment([str(folder("templates"))]), site, "UTC", "alarms.to", "")
    return AlarmMails(
        letters=letters, to="op@example.org", lang="en", message_id=lambda: f"<{next(NUMBERS)}@e.org>"
    )


def told(store: Store) -> list[str]:
    with store.read() as conn:
        return [row.key for row in reversed(notices.listing(conn, limit=100))]


def look(store: Store, at: datetime, *found: Alarm) -> Plan:
    return settle(store, found, mails(), "news-1", {"news-1"}, at)


def test_an_alarm_is_told_once_and_once_when_it_is_over_and_again_when_it_comes_back(store: Store) -> None:
    look(store, NOW, MAIL)
    look(store, NOW + MINUTE, MAIL)
    look(store, NOW + 2 * MINUTE)
    look(store, NOW + 3 * MINUTE, MAIL)
    assert told(store) == ["alarm/mail/1/up"]
    look(store, NOW + 4 * MINUTE)
    look(store, NOW + 4 * MINUTE + CALM)
    assert told(store) == ["alarm/mail/1/up", "alarm/mail/1/over"]
    look(store, NOW + 5 * MINUTE + CALM)
    look(store, NOW + DAY, MAIL)
    assert told(store)[2:] == ["alarm/mail/2/up"]
    with store.read() as conn:
        (row,) = alarms.up(conn).values()
    assert (row.raised_at, row.times, row.well_at, row.values) == (MAIL.since, 2, None, MAIL.values)


def test_two_hosts_that_see_it_at_once_tell_it_once(store: Store) -> None:
    done = together(*[lambda: look(store, NOW, MAIL)] * 2)
    assert sorted(len(each.up) for each in done) == [0, 1]
    assert told(store) == ["alarm/mail/1/up"]


def test_without_an_address_alarms_are_kept_and_nobody_is_mailed(store: Store) -> None:
    settle(store, [MAIL], None, "news-1", {"news-1"}, NOW)
    assert told(store) == []
    with store.read() as conn:
        assert list(alarms.up(conn)) == ["mail"]


def test_each_hour_is_counted_once_and_days_of_long_ago_keep_one_count(store: Store) -> None:
    queued(store, "ana", "bea")
    with store.write() as conn:
        limits.move(conn, LETTERS + "sent", 5)
    hour = NOW.replace(minute=0, second=0, microsecond=0)
    assert count_hour(store, NOW)
    assert not count_hour(store, NOW + MINUTE)
    with store.read() as conn:
        counts = daybook.latest(conn)
    assert counts["items"] == 1
    assert counts["waiting"] == 2
    assert counts["people/active"] == 2
    assert counts["letters/sent"] == 5
    later = hour + HOURS_KEPT + DAY
    assert count_hour(store, later)
    with store.read() as conn:
        assert [at for at, _ in daybook.series(conn, "items", hour - DAY)] == [later]
    midnight = later.replace(hour=0)
    with store.write() as conn:
        daybook.note(conn, midnight, {"items": 9})
        daybook.note(conn, midnight, {"items": 10})
        daybook.thin_out(conn, later)
        assert daybook.series(conn, "items", hour) == [(midnight, 9), (later, 1)]
        assert daybook.at_or_after(conn, "items", midnight) == 9
        assert daybook.at_or_after(conn, "items", midnight + MINUTE) == 1
        assert daybook.at_or_after(conn, "nothing", midnight) is None


def test_of_the_day_are_the_letters_since_yesterday(store: Store) -> None:
    with store.write() as conn:
        daybook.note(conn, NOW - 2 * DAY, {"letters/sent": 1, "people/complained": 1, "items": 0})
        daybook.note(conn, NOW - DAY, {"letters/sent": 10, "people/complained": 2, "items": 0})
        daybook.note(conn, NOW, {"letters/sent": 30, "people/complained": 5, "items": 0})
        limits.move(conn, LETTERS + "sent", 35)
        measured = Measured(at=NOW, figures=figures.figures(conn, 0, NOW), rooms={})
        day = of_the_day(conn, measured, "")
    assert (day.sent, day.complained, list(day.unseen)) == (25, 3, [])


def test_a_letter_to_the_canary_is_missed_until_it_lies_in_the_box(store: Store) -> None:
    queued(store, "ana", "bea")
    with store.write() as conn:
        for claimed in deliveries.claim(conn, "me", NOW, MINUTE, 9):
            deliveries.finish(conn, claimed.id, "me", DeliveryState.SENT, "250 ok", NOW)
    ana = "<ana-2026-11-21@example.org>"
    with store.write() as conn:
        assert returns.unseen(conn, "ana@example.org", NOW) == [NOW]
        assert returns.unseen(conn, "ana@example.org", NOW + MINUTE) == []
        assert not returns.arrived(conn, "<bea-2026-11-21@example.org>", "ana@example.org", NOW)
        assert not returns.arrived(conn, "<unknown@example.org>", "ana@example.org", NOW)
        assert returns.unseen(conn, "ana@example.org", NOW) == [NOW]
        assert returns.arrived(conn, ana, "ana@example.org", NOW)
        assert returns.arrived(conn, ana, "ana@example.org", NOW)
        assert returns.unseen(conn, "ana@example.org", NOW) == []
        assert returns.unseen(conn, "bea@example.org", NOW) == [NOW]
