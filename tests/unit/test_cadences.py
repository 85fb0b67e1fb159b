"""How often: chosen weekdays, so many items or days, and what people write for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feeds import schedule
from feeds.cadences import gathered, on_days, read_cadence
from feeds.i18n import translator
from feeds.model import Audience, Cadence
from feeds.pages.amounts import mails_a_month
from feeds.pages.choices import Typed, typed_pace
from feeds.pages.choices import read_cadence as of_form
from feeds.timewords import choice_words, promise_words, short_words

WEDNESDAY = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("weekly", "weekly"), ("semanal", "weekly"), ("al momento", "immediate"), ("Daily", "daily"),
        ("mon+wed+fri", "mon+wed+fri"), ("Friday, Monday", "mon+fri"), ("lunes y jueves", "mon+thu"),
        ("martes", "tue"), ("miércoles, sábado", "wed+sat"), ("sun", "sun"), ("domingo", "sun"),
        ("mon+tue+wed+thu+fri+sat+sun", "daily"), ("5-items-or-7-days", "5-items-or-7-days"),
        ("5 items or 7 days", "5-items-or-7-days"), ("10 noticias o 3 días", "10-items-or-3-days"),
    ],
)  # fmt: skip
def test_what_people_write_is_read(text: str, value: str) -> None:
    made = read_cadence(text)
    assert made.value == value
    assert made is Cadence(value) is read_cadence(made.value)


@pytest.mark.parametrize(
    "text", ["", "hourly", "mon+someday", "1 items or 7 days", "5 items or 99 days", "+"]
)
def test_what_is_none_is_refused_with_what_can_be_written(text: str) -> None:
    with pytest.raises(ValueError, match="mon\\+wed\\+fri"):
        read_cadence(text)


@pytest.mark.parametrize("value", ["wed+mon", "mon+mon", "mon+", "05-items-or-7-days", "1-items-or-7-days"])
def test_each_has_one_spelling(value: str) -> None:
    with pytest.raises(ValueError, match="not a valid"):
        Cadence(value)


def test_they_are_no_members_of_the_list_of_three() -> None:
    made = on_days([5, 1])
    assert (made.days, made.gathers, made.value) == ((1, 5), None, "mon+fri")
    assert gathered(5, 7).gathers == (5, 7)
    assert [each.value for each in Cadence] == ["immediate", "daily", "weekly"]
    assert made == "mon+fri"


@pytest.mark.parametrize("zone", ["UTC", "America/Panama", "Asia/Tokyo", "Europe/Madrid", "Pacific/Apia"])
def test_chosen_days_are_due_on_these_days_and_no_others(zone: str) -> None:
    cadence, at, seen = on_days([1, 3]), WEDNESDAY, []
    for _ in range(24 * 30):
        period = schedule.due_period(cadence, zone, 7, 0, at)
        coming = schedule.next_due(cadence, zone, 7, 0, at)
        assert period.due_at <= at < coming <= at + timedelta(days=8)
        seen.append(period.key)
        at += timedelta(hours=1)
    days = sorted(set(seen))
    assert {datetime.fromisoformat(key).isoweekday() for key in days} == {1, 3}
    assert len(days) == 9
    local = schedule.due_period(cadence, zone, 7, 0, at).due_at.astimezone(ZoneInfo(zone))
    assert (local.hour, local.isoweekday() in (1, 3)) == (7, True)


def test_a_single_day_is_due_once_a_week() -> None:
    audience = Audience(cadence=on_days([7]), filters=(), lang="en", zone="America/Panama", hour=7)
    now = WEDNESDAY
    newest = schedule.due_period(audience.cadence, audience.zone, 7, 0, now)
    assert newest.key == "2026-11-22"
    assert schedule.due(audience, newest.key, now + timedelta(days=3), timedelta(days=2)) is None
    assert (
        schedule.next_due(audience.cadence, audience.zone, 7, 0, now).isoformat()
        == "2026-11-29T12:00:00+00:00"
    )


@pytest.mark.parametrize("lang", ["en", "es"])
def test_each_is_told_in_words(lang: str) -> None:
    t = translator(lang)
    for cadence in (on_days([1, 4]), gathered(5, 7)):
        for words in (
            choice_words(cadence, 7, 0, t), short_words(cadence, 0, t),
            promise_words(cadence, 7, 0, "America/Panama", t),
        ):  # fmt: skip
            assert "%" not in words
            assert words
    assert promise_words(on_days([1, 4]), 7, 0, "UTC", translator("en")).startswith(
        "every Monday and Thursday"
    )


def test_the_fields_of_a_form_say_them_and_are_filled_in_again() -> None:
    t = translator("en")
    for cadence in (*Cadence, on_days([2, 6]), gathered(9, 12)):
        assert of_form(Typed(**typed_pace(cadence)), t) == (cadence, {})
    for typed in (Typed(cadence="days"), Typed(cadence="gathered", least="1"), Typed(cadence="x")):
        assert of_form(typed, t)[1].keys() == {"cadence"}


def test_estimates_lie_between_those_of_daily_and_weekly() -> None:
    for items in (1.0, 20.0, 200.0):
        daily, weekly = (mails_a_month(each, items) for each in (Cadence.DAILY, Cadence.WEEKLY))
        assert weekly < mails_a_month(on_days([1, 3, 5]), items) < daily
        assert mails_a_month(gathered(5, 7), items) <= items
