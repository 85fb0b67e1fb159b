"""Which whole lines are dates."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds.reading.text.dates import NotADay, parse
from feeds.reading.text.months import FULL, MONTHS

DAY = date(2021, 4, 27)
FIRST = date(2021, 5, 1)


@pytest.mark.parametrize(
    "line",
    [
        "27 April, 2021",
        "27 April 2021",
        "April 27, 2021",
        "April 27 2021",
        "April 27th, 2021",
        "27th April 2021",
        "27th of April, 2021",
        "27 Apr 2021",
        "27 Apr. 2021",
        "27-Apr-2021",
        "27. April 2021",
        "Dienstag, 27. April 2021",
        "Di., 27. Apr. 2021",
        "den 27. April 2021",
        "APRIL 27, 2021",
        "Tuesday, 27 April 2021",
        "Tue 27 Apr 2021",
        "Tue., 27 Apr 2021",
        "Tuesday, April 27, 2021",
        "27 de abril de 2021",
        "27 de abril del 2021",
        "27 de abril, 2021",
        "27 Abril, 2021",
        "27 ABRIL 2021",
        "Abril 27, 2021",
        "abril 27 de 2021",
        "martes, 27 de abril de 2021",
        "Martes 27 de abril de 2021",
        "mar 27 abr 2021",
        "27 avril 2021",
        "mardi 27 avril 2021",
        "Le 27 avril 2021",
        "27 de Abril de 2021",
        "terça-feira, 27 de abril de 2021",
        "2021-04-27",
        "2021/04/27",
        "27/04/2021",
        "27.04.2021",
        "27-04-2021",
        "27 / 4 / 2021",
        "martes 27/04/2021",
        "2021 April 27",
    ],
)
def test_a_whole_line_that_is_a_date_is_that_day(line: str) -> None:
    assert parse(line) == DAY


@pytest.mark.parametrize(
    "line",
    [
        "1st May 2021",
        "1. Mai 2021",
        "Samstag, 1. Mai 2021",
        "1º de mayo de 2021",
        "1.º de mayo de 2021",
        "1ro de mayo de 2021",
        "primero de mayo de 2021",
        "1er mai 2021",
        "premier mai 2021",
        "1° de maio de 2021",
        "1o de maio de 2021",
        "sábado 1 de mayo de 2021",
        "sabado, 1 de mayo de 2021",
        "01/05/2021",
    ],
)
def test_the_first_of_a_month_may_be_an_ordinal(line: str) -> None:
    assert parse(line) == FIRST


@pytest.mark.parametrize(
    "line",
    [
        "Georgetown, Guyana 23 August 2021:",
        "23 August 2021:",
        "August 25, 2021.",
        "from May 3 to June 9, 2019",
        "27 April 2021 at noon",
        "On 27 April 2021",
        "April 2021",
        "2021",
        "27",
        "27 2021",
        "27 04 2021",
        "1/2",
        "12.3.1",
        "127 April 2021",
        "27 April 20211",
        "27/04-2021",
        "Friday",
        "Set 1",
        "out 2",
        "700 officials",
        "May 1 2 2021",
        "27 April, 2021 " + "x" * 60,
        "२७ April, 2021",
        "",
    ],
)
def test_anything_else_is_prose(line: str) -> None:
    assert parse(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "31 February, 2021",
        "29 February 2021",
        "0 April 2021",
        "31 de abril de 2021",
        "2021-13-01",
        "04/27/2021",
        "27 April 0021",
    ],
)
def test_a_day_that_does_not_exist_is_impossible(line: str) -> None:
    assert parse(line) == NotADay("date-impossible")


@pytest.mark.parametrize(
    "line", ["27 April", "April 27th", "8 de marzo", "27/04/21", "27-04-21", "27 April 21", "April 27, 21"]
)
def test_a_date_without_a_year_of_four_figures_is_incomplete(line: str) -> None:
    assert parse(line) == NotADay("date-incomplete")


def test_the_leap_day_exists_in_a_leap_year() -> None:
    assert parse("29 February 2024") == date(2024, 2, 29)


def test_the_configured_order_decides_a_date_in_figures_alone() -> None:
    assert parse("03/04/2021", "dmy") == date(2021, 4, 3)
    assert parse("03/04/2021", "mdy") == date(2021, 3, 4)
    assert parse("27/04/2021", "mdy") == NotADay("date-impossible")
    assert parse("April 3, 2021", "dmy") == parse("3 April 2021", "mdy") == date(2021, 4, 3)
    assert parse("2021-04-03", "mdy") == date(2021, 4, 3)


def test_the_month_tables_are_folded_and_complete() -> None:
    assert sorted(set(FULL.values())) == list(range(1, 13))
    # English, Spanish, French and Portuguese share some names, never all four.
    assert all(sum(month == row for month in FULL.values()) >= 3 for row in range(1, 13))
    for name in MONTHS:
        assert name == unicodedata.normalize("NFD", name.casefold())
        assert name.isascii()


@examples(40)
@given(
    day=st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    form=st.sampled_from(
        ["{d} {m}, {y}", "{m} {d}, {y}", "{d} de {m} de {y}", "{d:02} {m} {y}", "{y} {m} {d}"]
    ),
    data=st.data(),
)
def test_every_day_is_read_back_in_every_language(day: date, form: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name, month in MONTHS.items() if month == day.month]))
    for spelt in (name, name.title(), name.upper()):
        assert parse(form.format(d=day.day, m=spelt, y=day.year)) == day


@pytest.mark.parametrize(
    ("name", "month"),
    [("Januar", 1), ("Februar", 2), ("März", 3), ("Juni", 6), ("Juli", 7), ("Oktober", 10), ("Dezember", 12),
     ("Jänner", 1), ("Mrz.", 3), ("Okt.", 10), ("Dez.", 12)],
)  # fmt: skip
def test_german_months_are_read(name: str, month: int) -> None:
    assert parse(f"25. {name} 2026") == date(2026, month, 25)
