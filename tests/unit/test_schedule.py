"""P7: each period once, by the subscriber's clock; retries as RFC 5321 4.5.4.1 asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples, part
from feeds.model import Audience, Cadence, Filter, Period
from feeds.schedule import (
    Late,
    apart,
    current_period,
    due,
    due_period,
    immediate_period,
    local_instant,
    next_due,
    retry_delay,
    valid_zone,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MAX_LATE = timedelta(hours=24)

# Zone, an hour that its changes of 2026 touch, and the (UTC) days round which they happen.
CHANGES = [
    ("America/Havana", 0, "2026-03-08", "2026-11-01"),  # 00:00 skipped, 00:00 twice
    ("America/Santiago", 0, "2026-04-05", "2026-09-06"),  # 23:00 twice, 00:00 skipped
    ("America/Santiago", 23, "2026-04-05", "2026-09-06"),
    ("Europe/Madrid", 2, "2026-03-29", "2026-10-25"),  # 02:00 skipped, 02:00 twice
    ("America/New_York", 1, "2026-03-08", "2026-11-01"),  # 01:00 twice
    ("America/New_York", 2, "2026-03-08", "2026-11-01"),  # 02:00 skipped
    ("Asia/Kathmandu", 6, "2026-03-29", "2026-10-25"),  # +05:45, no change at all
    ("Pacific/Apia", 7, "2026-04-05", "2026-09-27"),  # +13, no change in 2026
    ("Australia/Lord_Howe", 2, "2026-04-05", "2026-10-04"),  # half an hour: 01:30 twice, 02:00 skipped
    ("Australia/Lord_Howe", 1, "2026-04-05", "2026-10-04"),
]
ZONES = sorted({zone for zone, *_ in CHANGES})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def audience(
    cadence: Cadence = Cadence.DAILY, zone: str = "Europe/Madrid", hour: int = 7, weekday: int = 1
) -> Audience:
    return Audience(cadence=cadence, filters=(Filter(),), lang="en", zone=zone, hour=hour, weekday=weekday)


def minutes(start: datetime, end: datetime, step: timedelta = MINUTE) -> Iterator[datetime]:
    while start < end:
        yield start
        start += step


def composed(who: Audience, clock: Iterable[datetime], last: str | None) -> list[tuple[Period, datetime]]:
    """What a scheduler composes that wakes at these instants, and when; late ones are only marked."""
    made = []
    for now in clock:
        match due(who, last, now, MAX_LATE):
            case Period() as period:
                made.append((period, now))
                last = period.key
            case Late(period):
                last = period.key
            case None:
                pass
    return made


def first_seen(zone: str, hour: int, start: datetime, end: datetime) -> dict[str, datetime]:
    """By brute force: for each date, the first quarter (no zone cuts finer) that shows the hour or later."""
    seen: dict[str, datetime] = {}
    for now in minutes(start, end, 15 * MINUTE):
        wall = now.astimezone(ZoneInfo(zone))
        if wall.hour >= hour:
            seen.setdefault(wall.date().isoformat(), now)
    return seen


# --- instants


@pytest.mark.parametrize(
    ("zone", "day", "hour", "instant"),
    [
        ("UTC", "2026-11-21", 7, "2026-11-21 07:00"),
        ("America/Panama", "2026-11-21", 7, "2026-11-21 12:00"),
        ("Asia/Kathmandu", "2026-11-21", 6, "2026-11-21 00:15"),
        ("America/Havana", "2026-03-08", 0, "2026-03-08 05:00"),
        ("America/Santiago", "2026-09-06", 0, "2026-09-06 04:00"),
        ("Europe/Madrid", "2026-03-29", 2, "2026-03-29 01:00"),
        ("America/New_York", "2026-03-08", 2, "2026-03-08 07:00"),
        ("Australia/Lord_Howe", "2026-10-04", 2, "2026-10-03 15:30"),
        ("Pacific/Apia", "2011-12-30", 7, "2011-12-30 10:00"),
    ],
)
def test_a_skipped_hour_means_the_next_valid_instant(zone: str, day: str, hour: int, instant: str) -> None:
    assert local_instant(date.fromisoformat(day), hour, zone) == utc(instant)


@pytest.mark.parametrize(
    ("zone", "day", "hour", "first"),
    [
        ("America/Havana", "2026-11-01", 0, "2026-11-01 04:00"),
        ("America/Santiago", "2026-04-04", 23, "2026-04-05 02:00"),
        ("Europe/Madrid", "2026-10-25", 2, "2026-10-25 00:00"),
        ("America/New_York", "2026-11-01", 1, "2026-11-01 05:00"),
    ],
)
def test_a_repeated_hour_means_the_first(zone: str, day: str, hour: int, first: str) -> None:
    assert local_instant(date.fromisoformat(day), hour, zone) == utc(first)


@pytest.mark.parametrize(("zone", "hour", "spring", "autumn"), CHANGES)
def test_a_due_instant_is_the_first_at_which_the_wall_clock_has_passed_the_hour(
    zone: str, hour: int, spring: str, autumn: str
) -> None:
    for change in (utc(spring), utc(autumn)):
        seen = first_seen(zone, hour, change - 26 * HOUR, change + 30 * HOUR)
        whole_days = sorted(seen)[1:]

        assert len(whole_days) >= 2
        assert {day: local_instant(date.fromisoformat(day), hour, zone) for day in whole_days} == {
            day: seen[day] for day in whole_days
        }


# --- periods


def test_the_newest_period_is_the_one_whose_hour_has_passed() -> None:
    def key(now: str) -> str:
        return due_period(Cadence.DAILY, "America/Panama", 7, 0, utc(now)).key

    assert key("2026-11-21 11:59") == "2026-11-20"
    assert key("2026-11-21 12:00") == "2026-11-21"
    assert key("2026-11-22 04:59") == "2026-11-21"


def test_a_clock_that_goes_back_over_midnight_has_already_seen_the_new_day() -> None:
    # Newfoundland until 2011: 00:01 on the 7th became 23:01 on the 6th.
    again = utc("2010-11-07 02:45")

    assert again.astimezone(ZoneInfo("America/St_Johns")).isoformat() == "2010-11-06T23:15:00-03:30"
    assert due_period(Cadence.DAILY, "America/St_Johns", 0, 0, again).key == "2010-11-07"


@pytest.mark.parametrize(
    ("weekday", "now", "key", "due_at"),
    [
        (1, "2026-11-23 06:59", "2026-W47", "2026-11-16 07:00"),
        (1, "2026-11-23 07:00", "2026-W48", "2026-11-23 07:00"),
        (7, "2026-11-22 07:00", "2026-W47", "2026-11-22 07:00"),
        (5, "2027-01-01 12:00", "2026-W53", "2027-01-01 07:00"),
        (1, "2027-01-04 07:00", "2027-W01", "2027-01-04 07:00"),
    ],
)
def test_a_weekly_period_is_the_iso_week_of_its_due_date(
    weekday: int, now: str, key: str, due_at: str
) -> None:
    assert due_period(Cadence.WEEKLY, "UTC", 7, weekday, utc(now)) == Period(key=key, due_at=utc(due_at))


@examples(40)
@given(
    cadence=st.sampled_from([Cadence.DAILY, Cadence.WEEKLY]),
    zone=st.sampled_from(ZONES),
    hour=st.integers(0, 23),
    weekday=st.integers(1, 7),
    now=st.timedeltas(timedelta(0), 7_300 * DAY).map(lambda gone: utc("2010-01-01") + gone),
)
def test_now_lies_between_the_newest_due_instant_and_the_next(
    cadence: Cadence, zone: str, hour: int, weekday: int, now: datetime
) -> None:
    newest = due_period(cadence, zone, hour, weekday, now)
    coming = next_due(cadence, zone, hour, weekday, now)
    following = current_period(audience(cadence, zone, hour, weekday), now)

    assert newest.due_at <= now < coming == following.due_at
    assert newest.key < following.key
    assert due_period(cadence, zone, hour, weekday, coming).due_at == coming
    assert due_period(cadence, zone, hour, weekday, coming - timedelta(microseconds=1)).key < following.key


def test_the_key_of_an_immediate_period_is_the_newest_item_s_instant_and_sorts_like_it() -> None:
    whole = immediate_period(utc("2026-11-21 20:41:00"))
    later = immediate_period(utc("2026-11-21 20:41:00.001000"))

    assert whole == Period(key="2026-11-21T20:41:00.000000Z", due_at=utc("2026-11-21 20:41:00"))
    assert whole.key < later.key
    assert immediate_period(whole.due_at.astimezone(ZoneInfo("Asia/Kathmandu"))) == whole


def test_an_immediate_audience_is_not_driven_by_the_clock() -> None:
    with pytest.raises(ValueError, match="immediate"):
        due(audience(Cadence.IMMEDIATE), None, utc("2026-11-21"), MAX_LATE)


def test_immediate_mails_lie_the_gap_apart_and_without_one_at_once() -> None:
    at = utc("2026-11-21 20:41:00")
    assert apart(at, timedelta(minutes=10)) == utc("2026-11-21 20:51:00")
    assert apart(at, timedelta()) is None


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        due_period(Cadence.DAILY, "UTC", 7, 0, utc("2026-11-21").replace(tzinfo=None))
    with pytest.raises(ValueError, match="offset"):
        immediate_period(utc("2026-11-21").replace(tzinfo=None))


# --- P7: due


@pytest.mark.parametrize(("zone", "hour", "spring", "autumn"), CHANGES)
def test_p7_minute_by_minute_over_both_changes_each_day_comes_once_and_on_time(
    zone: str, hour: int, spring: str, autumn: str
) -> None:
    who, step = audience(zone=zone, hour=hour), MINUTE * (5 if part(4) < 4 else 1)
    for change in (utc(spring), utc(autumn)):
        start, end = change - 20 * HOUR, change + 30 * HOUR
        made = composed(who, minutes(start, end, step), due_period(Cadence.DAILY, zone, hour, 0, start).key)
        days = [date.fromisoformat(period.key) for period, _ in made]

        assert len(days) >= 2
        assert all(later - earlier == DAY for earlier, later in pairwise(days))
        assert all(now == period.due_at for period, now in made)


@pytest.mark.parametrize("zone", ZONES)
def test_p7_walking_through_the_year_gives_each_period_once_and_skips_none(zone: str) -> None:
    start, end = utc("2026-01-01"), utc("2027-01-01")
    daily = composed(audience(zone=zone, hour=0), minutes(start, end, 6 * HOUR), None)
    weekly = composed(audience(Cadence.WEEKLY, zone, 0, 7), minutes(start, end, 6 * HOUR), None)
    days = [date.fromisoformat(period.key) for period, _ in daily]

    assert len(days) >= 365
    assert all(later - earlier == DAY for earlier, later in pairwise(days))
    assert [period.key for period, _ in weekly] == [f"2026-W{week:02}" for week in range(1, 53)]


def test_p7_a_clock_three_hours_ahead_makes_the_digest_early_and_not_again() -> None:
    clock = [
        utc("2026-11-21 04:00"),
        utc("2026-11-21 07:00"),
        utc("2026-11-21 04:01"),
        utc("2026-11-21 07:00"),
    ]
    made = composed(audience(zone="UTC"), clock, "2026-11-20")

    assert [(period.key, now) for period, now in made] == [("2026-11-21", utc("2026-11-21 07:00"))]


def test_p7_a_clock_set_back_three_hours_repeats_nothing() -> None:
    who = audience(zone="UTC")

    assert isinstance(due(who, "2026-11-20", utc("2026-11-21 07:00"), MAX_LATE), Period)
    assert due(who, "2026-11-21", utc("2026-11-21 04:00"), MAX_LATE) is None
    assert due(who, "2026-11-21", utc("2026-11-21 07:00"), MAX_LATE) is None
    assert isinstance(due(who, "2026-11-21", utc("2026-11-22 07:00"), MAX_LATE), Period)


@pytest.mark.parametrize("cadence", [Cadence.DAILY, Cadence.WEEKLY])
def test_p7_after_forty_days_asleep_there_is_one_period_at_most(cadence: Cadence) -> None:
    who = audience(cadence, "America/Havana", 0, 7)
    asleep = utc("2026-02-10 12:00")
    last = due_period(cadence, who.zone, who.hour, who.weekday, asleep).key
    made = composed(who, minutes(asleep + 40 * DAY, asleep + 40 * DAY + 12 * HOUR), last)

    assert len(made) <= 1


def test_p7_a_digest_later_than_max_late_is_marked_and_left_to_the_next() -> None:
    who = audience(Cadence.WEEKLY, "UTC", 7, 1)
    monday = utc("2026-11-16 07:00")

    assert due(who, "2026-W46", monday + MAX_LATE, MAX_LATE) == Period(key="2026-W47", due_at=monday)
    assert due(who, "2026-W46", monday + MAX_LATE + MINUTE, MAX_LATE) == Late(
        Period(key="2026-W47", due_at=monday)
    )
    assert due(who, "2026-W47", monday + 2 * DAY, MAX_LATE) is None


@examples(40)
@given(
    cadence=st.sampled_from([Cadence.DAILY, Cadence.WEEKLY]),
    zone=st.sampled_from(ZONES),
    hour=st.integers(0, 23),
    start=st.timedeltas(timedelta(0), 330 * DAY).map(lambda gone: utc("2026-01-01") + gone),
    jumps=st.lists(
        st.one_of(
            st.timedeltas(timedelta(0), timedelta(hours=2)),
            st.sampled_from(
                [timedelta(hours=3), timedelta(hours=-3), timedelta(days=40), timedelta(days=-2)]
            ),
        ),
        max_size=40,
    ),
)
def test_p7_whatever_the_clock_does_keys_only_grow(
    cadence: Cadence, zone: str, hour: int, start: datetime, jumps: list[timedelta]
) -> None:
    clock = [start]
    for jump in jumps:
        clock.append(clock[-1] + jump)
    made = composed(audience(cadence, zone, hour, 3), clock, None)
    keys = [period.key for period, _ in made]

    assert keys == sorted(set(keys))
    assert all(timedelta(0) <= now - period.due_at <= MAX_LATE for period, now in made)


def test_composing_early_takes_the_coming_period_and_its_hour_then_brings_nothing() -> None:
    who = audience(zone="UTC", hour=7)
    early = current_period(who, utc("2026-11-21 12:00"))

    assert early == Period(key="2026-11-22", due_at=utc("2026-11-22 07:00"))
    assert due(who, early.key, utc("2026-11-22 07:00"), MAX_LATE) is None
    assert isinstance(due(who, early.key, utc("2026-11-23 07:00"), MAX_LATE), Period)


# --- zones and retries


@pytest.mark.parametrize("name", ["UTC", "America/Panama", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_iana_names_are_zones(name: str) -> None:
    assert valid_zone(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "America",
        "america/panama ",
        "Mars/Olympus",
        "../../etc/passwd",
        "/etc/localtime",
        "localtime",
        "Factory",
        "a\0b",
        "\ud800",
        "x" * 5_000,
        "posix/Europe/Madrid",
        "right/UTC",
    ],
)
def test_paths_placeholders_and_nonsense_are_no_zones(name: str) -> None:
    assert not valid_zone(name)


def test_retries_back_off_and_end_when_four_days_are_over() -> None:
    delays: list[timedelta] = []
    while (delay := retry_delay(len(delays) + 1, 0.5)) is not None:
        delays.append(delay)

    assert [delay / MINUTE for delay in delays[:7]] == [5, 15, 30, 60, 120, 240, 240]
    assert set(delays[5:]) == {4 * HOUR}
    assert sum(delays[:-1], timedelta()) < timedelta(days=5) <= sum(delays, timedelta()) < timedelta(days=6)


def test_jitter_moves_a_delay_by_a_tenth_at_most() -> None:
    assert retry_delay(2, 0.0) == timedelta(minutes=13.5)
    assert retry_delay(2, 1.0) == timedelta(minutes=16.5)
    assert retry_delay(0, 0.5) == retry_delay(1, 0.5)


@pytest.mark.parametrize("jitter", [-0.1, 1.1, float("nan")])
def test_a_jitter_outside_its_range_is_refused(jitter: float) -> None:
    with pytest.raises(ValueError, match="jitter"):
        retry_delay(1, jitter)
