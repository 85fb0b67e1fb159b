"""How often, when, how much: what can be chosen, what was typed, and what it would bring."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from feeds.i18n import translator
from feeds.model import Cadence, Item
from feeds.pages.amounts import amount_words, hint_words, mails_a_month, rounded, warning_words
from feeds.pages.choices import Typed, choice_form, find_zone, number, read_cadence, read_habits
from golden.pages import sample

EN, ES = translator("en"), translator("es")
SITE = replace(sample.site(), languages=("en", "es"))


@dataclass(frozen=True)
class Found:
    number: int
    a_month: float
    newest: tuple[Item, ...] = ()


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("America/Panama", "America/Panama"),
        ("Panama", "America/Panama"),
        (" panamá ", "America/Panama"),
        ("Ciudad de México", "America/Mexico_City"),
        ("mexico city", "America/Mexico_City"),
        ("america/new york", "America/New_York"),
        ("UTC", "UTC"),
        ("Atlantis", None),
        ("", None),
        ("../../etc/passwd", None),
    ],
)
def test_a_zone_is_found_by_its_name_or_its_city_in_any_language(typed: str, zone: str | None) -> None:
    assert find_zone(typed) == zone


def test_times_are_read_and_a_zone_that_is_none_is_told_with_a_way_out() -> None:
    habits, faults = read_habits(Typed(hour="19", weekday="5", zone="Madrid", lang="es"), ("en", "es"), EN)
    assert (habits.hour, habits.weekday, habits.zone, habits.lang) == (19, 5, "Europe/Madrid", "es")
    assert faults == {}
    habits, faults = read_habits(Typed(zone="Atlantis" * 30), ("en",), EN)
    assert habits.zone == "UTC"
    assert list(faults) == ["zone"]
    assert len(faults["zone"]) < 200


@pytest.mark.parametrize(
    ("hour", "weekday", "lang"), [("24", "0", "fr"), ("-1", "8", ""), ("x", "١", "es'--")]
)
def test_values_that_no_form_has_fall_back_to_the_usual(hour: str, weekday: str, lang: str) -> None:
    habits, faults = read_habits(Typed(hour=hour, weekday=weekday, lang=lang), ("en", "es"), EN)
    assert (habits.hour, habits.weekday, habits.lang, faults) == (7, 1, "en", {})


def test_midnight_is_an_hour() -> None:
    assert read_habits(Typed(hour="0"), ("en",), EN)[0].hour == 0
    assert number("0", 0, 23) == 0
    assert number("23", 0, 23) == 23
    assert number("", 0, 23) is None


def test_a_cadence_that_is_none_is_a_fault() -> None:
    assert read_cadence(Typed(cadence="daily"), EN) == (Cadence.DAILY, {})
    assert list(read_cadence(Typed(cadence="hourly"), EN)[1]) == ["cadence"]


def test_the_form_offers_every_hour_day_and_language_of_the_site() -> None:
    form = choice_form(Typed(hour="0"), None, Found(36, 3.0), SITE, ES)
    assert [pace.name for pace in form.paces] == [
        "Al momento", "Una vez al día, a las 0:00", "Una vez a la semana, el lunes a las 0:00",
        "Los días que elija", "Cuando se reúna lo suficiente",
    ]  # fmt: skip
    assert [pace.on for pace in form.paces] == [False, False, True, False, False]
    assert len(form.hours) == 24
    assert form.weekdays[0] == ("1", "lunes")
    assert form.langs == [("en", "English"), ("es", "Español")]


@pytest.mark.parametrize(
    ("number", "a_month", "en"),
    [
        (36, 3.0, "About 3 items a month in the last year."),
        (18, 1.5, "About 2 items a month in the last year."),
        (12, 1.0, "About 1 item a month in the last year."),
        (8, 0.66, "About 8 items a year."),
        (1, 0.083, "About 1 item a year."),
        (0, 0.0, "Nothing that we published in the last year fits."),
    ],
)
def test_an_estimate_is_told_by_the_month_or_else_by_the_year(number: int, a_month: float, en: str) -> None:
    assert amount_words(Found(number, a_month), EN) == en


def test_a_firehose_and_a_filter_that_never_matched_are_told() -> None:
    assert "a lot of news" in warning_words(Found(900, 75.0), EN)
    assert "a lot of news" in warning_words(Found(720, 60.0), EN)
    assert warning_words(Found(700, 59.9), EN) == ""
    assert "only if that changes" in warning_words(Found(0, 0.0), EN)


def test_fewer_mails_come_of_many_items_where_they_come_together() -> None:
    assert mails_a_month(Cadence.IMMEDIATE, 100.0) == 100.0
    assert 28 < mails_a_month(Cadence.DAILY, 100.0) < 30.4
    assert 4.3 < mails_a_month(Cadence.WEEKLY, 100.0) <= 4.35
    assert mails_a_month(Cadence.WEEKLY, 0.1) == pytest.approx(0.1, rel=0.05)


def test_each_cadence_says_what_it_would_bring() -> None:
    found = Found(36, 3.0)
    assert hint_words(Cadence.WEEKLY, found, EN) == "Only in weeks with news: about 2 emails a month"
    assert hint_words(Cadence.DAILY, found, EN) == "Only on days with news: about 3 emails a month"
    assert hint_words(Cadence.WEEKLY, Found(6, 0.5), EN) == "Only in weeks with news: about 6 emails a year"
    assert hint_words(Cadence.WEEKLY, Found(0, 0.0), EN) == "Only in weeks with news"
    assert hint_words(Cadence.IMMEDIATE, None, ES) == "Cada uno con lo recién publicado"


def test_numbers_are_rounded_to_what_people_say() -> None:
    assert rounded(2.4) == (2, True)
    assert rounded(2.5) == (3, True)
    assert rounded(0.99) == (12, False)
    assert rounded(0.01) == (1, False)
