"""How often and until when, as each language says it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from feeds import schedule, timewords
from feeds.i18n import translator
from feeds.model import Cadence

EN, ES = translator("en"), translator("es")
AT = datetime(2026, 11, 30, 6, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cadence", "en", "es"),
    [
        (Cadence.IMMEDIATE, "As it is published", "Al momento"),
        (Cadence.DAILY, "Once a day, at 7:00", "Una vez al día, a las 7:00"),
        (Cadence.WEEKLY, "Once a week, on Sunday at 7:00", "Una vez a la semana, el domingo a las 7:00"),
    ],
)
def test_cadences_are_chosen_in_plain_words(cadence: Cadence, en: str, es: str) -> None:
    assert timewords.choice_words(cadence, 7, 7, EN) == en
    assert timewords.choice_words(cadence, 7, 7, ES) == es


def test_a_promise_names_day_hour_and_city() -> None:
    weekly, daily = Cadence.WEEKLY, Cadence.DAILY
    assert timewords.promise_words(weekly, 0, 1, "America/Mexico_City", EN) == (
        "every Monday at 0:00, Mexico City time, when there is news"
    )
    assert timewords.promise_words(daily, 1, 1, "America/Mexico_City", ES) == (
        "cada día a la 1:00, hora de Ciudad de México, si hay noticias"
    )
    assert timewords.short_words(weekly, 3, EN) == "every Wednesday"
    assert timewords.short_words(Cadence.IMMEDIATE, 3, ES) == "al momento"


def test_an_instant_is_told_in_the_readers_own_zone() -> None:
    assert timewords.moment_words(AT, "America/Panama", EN) == "Monday 30 November 2026 at 1:05, Panama time"
    assert timewords.moment_words(AT, "America/Panama", ES) == (
        "lunes 30 de noviembre de 2026 a la 1:05, hora de Panamá"
    )
    assert timewords.moment_words(AT, "America/Los_Angeles", EN).startswith(
        "Sunday 29 November 2026 at 22:05"
    )
    assert timewords.day_words(AT, "America/Los_Angeles", EN) == "Sunday 29 November 2026"
    assert timewords.local_day(AT, "America/Los_Angeles") == date(2026, 11, 29)


def test_a_zone_that_this_machine_lacks_counts_as_utc() -> None:
    assert timewords.local_day(AT, "Nowhere/Land") == date(2026, 11, 30)
    assert schedule.wall_clock(AT, "../etc/passwd").hour == 6


@pytest.mark.parametrize(
    ("zone", "en", "es"),
    [
        ("America/Panama", "Panama", "Panamá"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires", "Buenos Aires"),
        ("UTC", "UTC", "UTC"),
        ("Nowhere/Some_Land", "Some Land", "Some Land"),
    ],
)
def test_a_zone_is_called_by_its_city(zone: str, en: str, es: str) -> None:
    assert (EN.city(zone), ES.city(zone)) == (en, es)


def test_days_are_named_from_monday() -> None:
    assert [EN.weekday(n) for n in (1, 7)] == ["Monday", "Sunday"]
    assert [ES.weekday(n) for n in (1, 7)] == ["lunes", "domingo"]
    assert ES.full_date(date(2026, 11, 28)) == "sábado 28 de noviembre de 2026"


def test_the_zones_to_choose_from_are_places_and_utc() -> None:
    zones = schedule.zones_by_place()
    assert {"America/Panama", "America/Tegucigalpa", "Europe/Madrid", "UTC"} <= set(zones)
    assert all(schedule.valid_zone(zone) for zone in zones)
    assert not [zone for zone in zones if zone.startswith(("Etc/", "posix"))]
