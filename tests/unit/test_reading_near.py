"""Lines that are nearly dates: where they head an item, and where they are told of."""

from __future__ import annotations

import pytest

from feeds.errors import BulletinError
from feeds.model import Bulletin
from feeds.reading import BLOCKING, read
from feeds.reading.text.dates import dressed, parse
from feeds.reading.text.slips import is_slip

TITLES = ["Two towns", "Night school opens", "Market moves"]
TEXT = "Classes begin at seven and end at nine."
DRESSED = [
    "17 November 2026.",
    "17 November 2026:",
    "(17 November 2026)",
    "**17 November 2026**",
    "- 17 November 2026 -",
    "Date: 17 November 2026",
    "**Date:** 17 November 2026",
    "Fecha: 17 de noviembre de 2026",
    "Data: 17 de novembro de 2026",
    "Published: 17 November 2026",
    "Published on 17 November 2026",
    "Publicado: 17 de noviembre de 2026",
    "Publicado el martes 17 de noviembre de 2026",
    "Publicado em 17 de novembro de 2026",
    "Publié le 17 novembre 2026",
    "17 November 2026, 10:30",
    "17 November 2026 at 10:30 a.m.",
    "17/11/2026 10:30",
    "17 de noviembre de 2026, 10:30 horas",
    "2026-11-17T10:00:00Z",
    "2026-11-17T23:30:00-05:00",
    "17 November 2026 - Panama",
    "Panama, 17 November 2026",
    "Ciudad de Panamá, 17 de noviembre de 2026",
    "Panama City, Panama – 17 November 2026",
    "Panama (17 November 2026)",
    "Issued: 17 November 2026",
    "Released on 17 November 2026",
    "Date of issue: 17 November 2026",
    "FOR IMMEDIATE RELEASE: November 17, 2026",
    "Posted by Ana Writer on 17 November 2026",
    "Posted by the press office on November 17, 2026 at 10:30",
    "By Ana Writer, November 17, 2026",
    "Publicado por Ana Ruiz el 17 de noviembre de 2026",
    "Fecha de emisión: 17 de noviembre de 2026",
    "Ciudad de México, a 17 de noviembre de 2026",
    "San Salvador, El Salvador, a 17 de noviembre de 2026",
    "Berlin, den 17. November 2026",
    "Veröffentlicht am 17. November 2026",
    "Am 17. November 2026",
]
MISSPELT = [
    "17 Novenber, 2026",
    "17 November 20226",
    "17 November 202",
    "127 November 2026",
    "17 Febuary 2026",
    "17 de Noviembe de 2026",
    "17 de otubre de 2026",
    "Tuesdy 17 November 2026",
    "17 November 2026 at noon",
    "17-18 November 2026",
    "November 2026",
    "17 11 2026",
    "17/11/20266",
]
NAMED = [
    "Press release of 17 November 2026",
    "Comunicado del 17 de noviembre de 2026",
    "Updated on 17 November 2026",
    "Nota de prensa, 17 de noviembre de 2026",
    "Stand: 17. November 2026",
    "Whatever: 17 November 2026",
]
PROSE = [
    "On a day of 2026",
    "In November 2026 it rained",
    "1,200 people in 2026",
    "12 of 2026 people",
    "Agreed on 17 November 2026.",
    "17 November 2026 was a good day for all",
    "2025, 2026",
    "10.000.2000",
    "Resolution 2026/11",
    "Género 2030",
    "Agenda 2030",
    "Call 555-2026",
    "12 members 2026",
]


def date_first(line: str, gap: str = "\n\n") -> Bulletin:
    return bulletin("18 November 2026", TITLES[0], "Text one.", line, *TITLES[1:2], TEXT, *third(), gap=gap)


def third() -> list[str]:
    return ["16 November 2026", TITLES[2], "Text three."]


def title_first(line: str, gap: str = "\n\n") -> Bulletin:
    first = [TITLES[0], "18 November 2026", "Text one.", TITLES[1], line, TEXT]
    return bulletin(*first, TITLES[2], "16 November 2026", "Text three.", gap=gap)


def bulletin(*rows: str, gap: str = "\n\n") -> Bulletin:
    return read("b.txt", gap.join(rows).encode())


def told(found: Bulletin) -> list[tuple[str, str | None]]:
    return [(fault.code, fault.detail) for fault in found.faults]


@pytest.mark.parametrize("line", DRESSED)
@pytest.mark.parametrize("gap", ["\n\n", "\n"])
def test_a_date_with_something_beside_it_heads_an_item_where_a_date_would(line: str, gap: str) -> None:
    found = date_first(line, gap)
    assert [draft.title for draft in found.drafts] == TITLES
    assert found.drafts[1].date_on.isoformat() == "2026-11-17"
    assert found.faults == ()


@pytest.mark.parametrize("line", DRESSED)
def test_it_does_so_under_titles(line: str) -> None:
    found = title_first(line)
    assert [draft.title for draft in found.drafts] == TITLES
    assert found.drafts[1].date_on.isoformat() == "2026-11-17"


def test_without_blank_lines_a_short_text_is_no_second_line_of_the_title() -> None:
    rows = ["18 November 2026", "One title", "Text.", "Date: 17 November 2026", "Night school opens", "Soon."]
    assert [draft.title for draft in bulletin(*rows, *third(), gap="\n").drafts][1] == "Night school opens"


def test_a_date_that_may_end_a_sentence_under_a_title_is_told_of_and_taken_for_none() -> None:
    found = title_first("17 November 2026.", "\n")
    assert [draft.title for draft in found.drafts] == [TITLES[0], TITLES[2]]
    assert told(found) == [("date-like-line", "17 November 2026.")]


@pytest.mark.parametrize("line", MISSPELT)
@pytest.mark.parametrize("gap", ["\n\n", "\n"])
@pytest.mark.parametrize("made", [date_first, title_first])
def test_a_line_that_looks_like_a_date_and_is_none_is_told_of(made: object, line: str, gap: str) -> None:
    assert callable(made)
    found = made(line, gap)
    assert [draft.title for draft in found.drafts] == [TITLES[0], TITLES[2]]
    assert told(found) == [("date-like-line", line)]
    assert "date-like-line" not in BLOCKING


@pytest.mark.parametrize("line", NAMED)
@pytest.mark.parametrize("made", [date_first, title_first])
def test_a_date_behind_words_that_name_a_day_is_told_of(made: object, line: str) -> None:
    assert callable(made)
    assert told(made(line)) == [("date-like-line", line)]


@pytest.mark.parametrize("line", ["Text of 17 November 2026", "By boat to the sea, 17 November 2026"])
def test_a_date_behind_other_words_is_not(line: str) -> None:
    found = bulletin("18 November 2026", TITLES[0], "Text one.", line, "It goes on and on.", *third())
    assert found.faults == ()


def test_a_date_and_a_title_on_one_line_are_told_of() -> None:
    line = "17 November 2026: Night school opens"
    found = bulletin("18 November 2026", TITLES[0], "Text one.", line, TEXT, *third())
    assert told(found) == [("date-like-line", line)]


def test_a_year_of_two_figures_is_no_date_and_its_text_slips_nowhere() -> None:
    for line in ("17 Nov '26", "17 Nov ’26"):
        found = date_first(line)
        assert [draft.summary for draft in found.drafts] == ["Text one.", "Text three."]
        assert told(found) == [("date-incomplete", line)]


@pytest.mark.parametrize("line", ["(31 November 2026)", "Fecha: 31 de noviembre de 2026"])
def test_a_day_that_does_not_exist_is_a_fault_with_something_beside_it_too(line: str) -> None:
    assert told(date_first(line)) == [("date-impossible", line)]


@pytest.mark.parametrize("line", PROSE)
def test_prose_and_figures_are_no_misspelt_dates(line: str) -> None:
    assert not is_slip(line)
    assert dressed(line, "dmy") is None


@pytest.mark.parametrize("line", [*DRESSED, *MISSPELT])
def test_only_a_whole_date_is_one_by_itself(line: str) -> None:
    assert (parse(line) is not None) == ("T" in line and line.startswith("2026-"))


@pytest.mark.parametrize(
    "text",
    [
        "The law was passed in the assembly on\n17 November 2026.\n\nIts text goes on\n\nand on.",
        "Panama, 17 November 2026\n\nThe ferry runs every hour.",
        "Panama, 17 November 2026\n\nThe ferry\n\nruns every hour.",
        "Text one.\n\nBridgetown, 17 November 2026\n\nThe ferry runs every hour.",
        "Text one.\n\nBridgetown, 17 November 2026\n\nThe ferry runs from six\nto nine. It goes far",
        "Text one.\n\nBridgetown, 17 November 2026:\n\nThe ferry runs every hour.",
        "Text one.\n\nFecha: 17 de noviembre de 2026\nHora: 10:00\nLugar: Hotel",
        "Text one.\n\nFecha: 17 de noviembre de 2026\n\nHora: 10:00\n\nLugar: Hotel",
        "Text one.\n\nPanamá, 17 de noviembre de 2026",
        "Published: 17 November 2026\n\nThe ferry\n\nruns every hour.",
        "A subtitle\n\nPanama, 18 November 2026\n\nHighlights\n\nText one.",
        "Text one.\n\n17 November 2026: the law is passed.\n\n18 November 2026: it holds.\n\nMore",
        "Text one.\n\nIn figures\n\n2025: 1,200\n2026: 1,300\n\nA total\n\nText.",
    ],
)
def test_datelines_ends_of_sentences_events_and_signatures_are_text_without_a_word(text: str) -> None:
    found = bulletin("18 November 2026", TITLES[0], text, *third())
    assert [draft.title for draft in found.drafts] == [TITLES[0], TITLES[2]]
    assert found.faults == ()


def test_a_file_may_have_such_dates_only() -> None:
    found = bulletin("Fecha: 27/04/2021", "Uno", "Texto.", "03/04/2021 10:30", "Dos", "Texto.")
    assert [draft.date_on.isoformat() for draft in found.drafts] == ["2021-04-27", "2021-04-03"]
    found = bulletin("PRESS OFFICE", "Panama, 17 November 2026", "One", "Text.")
    assert [draft.title for draft in found.drafts] == ["One"]
    assert told(found) == [("text-before-first-date", "PRESS OFFICE")]


def test_they_prove_the_order_of_day_and_month() -> None:
    found = bulletin("Date: 04/27/2021", "One", "Text.", "03/04/2021", "Two", "Text.")
    assert [draft.date_on.isoformat() for draft in found.drafts] == ["2021-04-27", "2021-03-04"]


def test_a_misspelt_date_alone_makes_no_item() -> None:
    with pytest.raises(BulletinError, match="no-items"):
        bulletin("17 Novenber 2026", "One", "Text.")


def test_under_headings_such_a_date_stands_next_to_a_heading_of_an_item() -> None:
    items = "## One\n\nDate: 18 November 2026\n\nText.\n\n## Two\n\n(17 November 2026)\n\nText.\n\n"
    found = read("b.md", (items + "### When\n\nDate: 25 November 2026\n\nSoon.").encode())
    assert [(draft.title, draft.date_on.day) for draft in found.drafts] == [("One", 18), ("Two", 17)]
    assert found.drafts[1].summary == "Text.\n\nWhen\n\nDate: 25 November 2026\n\nSoon."


def test_no_more_lines_are_told_of_than_can_be_listed() -> None:
    found = bulletin(*third(), *["17 Novenber 2026", "Title", "Text."] * 1_500)
    assert len(found.faults) <= 1_001
    assert len(found.drafts) == 1


def test_under_headings_a_misspelt_date_is_one_fault_of_its_heading() -> None:
    items = "## One\n\n18 November 2026\n\nText one.\n\n## Two\n\n17 Novenber 2026\n\nText two.\n\n"
    found = read("b.md", (items + "## Three\n\n16 November 2026\n\nText three.").encode())
    assert told(found) == [("date-missing", "Two")]
