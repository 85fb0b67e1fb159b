"""Dates in the dress of other offices: read where their parts are known, and told of where they are not."""

from __future__ import annotations

from datetime import date

import pytest

from feeds.reading import read
from feeds.reading.text.dates import dressed, parse

DAY = date(2026, 11, 25)


def day(line: str) -> object:
    """The day of a line, bare or with something beside it."""
    beside = dressed(line, "dmy")
    return parse(line) or (beside[0] if beside else None)


@pytest.mark.parametrize(
    "line",
    [
        "25th day of November, 2026", "the 25th day of November, 2026", "This 25th day of November 2026",
        "a los 25 días del mes de noviembre de 2026", "25 de noviembre del año 2026",
        "Dado en Quito, a los 25 días del mes de noviembre de 2026", "Fait à Dakar, le 25 novembre 2026",
        "25.XI.2026", "25-XI-2026", "25 XI 2026", "Santiago de Chile, 25.XI.2026", "Quito, 25 / XI / 2026",
        "2026年11月25日", "2026年11月25日（水）", "2026年11月25日 星期三", "２０２６年１１月２５日",
        "2026년 11월 25일", "2026년 11월 25일 수요일",
        "25 November 2026, Wednesday", "25 November 2026 (Wednesday)", "25 November 2026 Wed",
        "25 de noviembre de 2026, miércoles", "25 de noviembre de 2026 (miércoles)",
        "25 novembre 2026, mercredi", "25 de novembro de 2026, quarta-feira", "25. November 2026 (Mittwoch)",
    ],
)  # fmt: skip
def test_a_date_in_the_dress_of_another_office_is_read(line: str) -> None:
    assert day(line) == DAY


@pytest.mark.parametrize("number", range(1, 13))
def test_months_may_be_roman_figures(number: int) -> None:
    roman = "I II III IV V VI VII VIII IX X XI XII".split()[number - 1]
    assert parse(f"7.{roman}.2026") == date(2026, number, 7)


SHORT = """
en: Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec
es: ene feb mzo abr may jun jul ago sept oct nov dic
fr: janv févr mars avr mai juin juill août sept oct nov déc
pt: jan fev mar abr mai jun jul ago set out nov dez
de: Jan Febr März Apr Mai Juni Juli Aug Sept Okt Nov Dez
"""


@pytest.mark.parametrize("row", SHORT.strip().splitlines())
def test_short_names_of_months_are_read_with_a_stop_and_without(row: str) -> None:
    for number, name in enumerate(row.split()[1:], 1):
        for line in (f"7 {name} 2026", f"7 {name}. 2026", f"7. {name}. 2026", f"{name}. 7, 2026"):
            assert parse(line) == date(2026, number, 7), line


@pytest.mark.parametrize(
    "line", ["13.XIII.2026", "25.IIX.2026", "32.XI.2026", "2026年13月25日", "2026年11月31日", "25XI2026"]
)
def test_what_is_no_day_of_the_calendar_is_none(line: str) -> None:
    assert not isinstance(parse(line), date)


@pytest.mark.parametrize(
    "line",
    ["25 ноября 2026", "25 ноября 2026 г.", "25 Listopada 2026", "25. marraskuuta 2026", "25 نوفمبر 2026",
     "٢٥ نوفمبر ٢٠٢٦", "25 gennaio 2026", "२५ नवंबर २०२६", "25 kasım 2026"],
)  # fmt: skip
def test_an_item_under_a_date_in_a_language_that_is_not_known_is_told_of(line: str) -> None:
    text = (
        "26 November 2026\n\nFerry starts\n\nIt runs every hour.\n\n"
        f"{line}\n\nSchool opens\n\nClasses begin at seven.\n\n"
        "24 November 2026\n\nHarbour feast\n\nMusic from noon.\n"
    )
    found = read("b.txt", text.encode())
    assert [draft.title for draft in found.drafts] == ["Ferry starts", "Harbour feast"]
    assert [(fault.code, fault.line) for fault in found.faults] == [("date-like-line", 7)]


def test_an_item_under_an_eastern_date_is_one_of_its_own() -> None:
    text = "2026年11月26日\n\nFerry starts\n\nIt runs.\n\n2026年11月25日(水)\n\nSchool opens\n\nAt seven.\n"
    found = read("b.txt", text.encode())
    assert [(draft.title, draft.date_on.day) for draft in found.drafts] == [
        ("Ferry starts", 26), ("School opens", 25),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", ["25 students 2026", "25 students in 2026", "A day in 2026", "12 days to 2026", "Room 25, 2026"]
)
def test_a_day_and_a_year_among_words_are_no_date(line: str) -> None:
    text = f"26 November 2026\n\nFerry starts\n\nIt runs every hour.\n\n{line}\n\nAnd more\n\nThere is.\n"
    assert read("b.txt", text.encode()).faults == ()
