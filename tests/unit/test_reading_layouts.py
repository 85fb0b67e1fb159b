"""Layouts: what the whole file proves, country lines, links, and lines that are left out."""

from __future__ import annotations

from datetime import date

import pytest

from feeds.errors import BulletinError
from feeds.model import Bulletin
from feeds.reading import ReadingOptions, read
from feeds.reading.text.countries import country_code, country_line
from feeds.reading.text.dates import proven_order
from feeds.reading.text.furniture import link_line, rule_of, web_link
from feeds.reading.text.names import day_in_name

TEXT = "The ambulance stands for a week in each town."


def bulletin(*lines: str, name: str = "b.txt") -> Bulletin:
    return read(name, "\n".join(lines).encode())


def told(found: Bulletin) -> list[tuple[int, int, str, str]]:
    return [(draft.line, draft.end_line, draft.title, draft.summary) for draft in found.drafts]


def codes(found: Bulletin) -> list[tuple[str, int | None]]:
    return [(fault.code, fault.line) for fault in found.faults]


def test_the_same_first_item_is_read_as_the_rest_of_the_file_proves() -> None:
    head = ["Newsroom", "", "12 May 2025", "", "Two towns", "", "Text", ""]
    date_first = bulletin(*head, "11 May 2025", "", "A school", "", TEXT)
    assert [draft.title for draft in date_first.drafts] == ["Two towns", "A school"]
    title_first = bulletin(
        "Newsroom", "", "12 May 2025", "", TEXT, "", "Two towns", "", "11 May 2025", "", TEXT
    )
    assert [draft.title for draft in title_first.drafts] == ["Newsroom", "Two towns"]


def test_a_title_first_item_begins_with_its_title_and_its_original_too() -> None:
    found = bulletin("", "One", "1 May 2025", TEXT, "", "Two", "2 May 2025", TEXT)
    assert told(found) == [(2, 4, "One", TEXT), (6, 8, "Two", TEXT)]
    assert found.drafts[0].original == f"One\n1 May 2025\n{TEXT}"


def test_a_title_first_item_without_a_title_takes_no_sentence_for_one() -> None:
    found = bulletin("One", "1 May 2025", TEXT, "2 May 2025", TEXT, "Three", "3 May 2025", TEXT)
    assert [draft.title for draft in found.drafts] == ["One", "Three"]
    assert codes(found) == [("title-missing", 4)]


def test_an_impossible_day_under_a_title_blocks_that_item_alone() -> None:
    found = bulletin("One", "1 May 2025", TEXT, "Two", "31 April 2025", TEXT, "Three", "3 May 2025", TEXT)
    assert [draft.title for draft in found.drafts] == ["One", "Three"]
    assert codes(found) == [("date-impossible", 4)]


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ("Panama", ("pa",)),
        ("MÉXICO", ("mx",)),
        ("México y Honduras", ("mx", "hn")),
        ("Trinidad and Tobago", ("tt",)),
        ("Country: Haiti", ("ht",)),
        ("Países: Costa Rica, El Salvador / Panamá", ("cr", "sv", "pa")),
        ("Panama opens a school", None),
        ("Panama and the sea", None),
        ("Panama.", None),
        ("panorama", None),
        ("Country:", None),
    ],
)
def test_a_country_line_names_countries_and_nothing_else(row: str, codes: tuple[str, ...] | None) -> None:
    assert country_line(row) == codes


def test_a_country_is_known_by_name_or_code() -> None:
    assert [country_code(name) for name in ("PA", "panamá", "Haïti", "zz", "Narnia")] == [
        "pa",
        "pa",
        "ht",
        None,
        None,
    ]


def test_a_country_under_a_date_is_the_title_if_no_other_line_can_be() -> None:
    found = bulletin("1 May 2025", "Haiti", TEXT)
    assert (found.drafts[0].title, found.drafts[0].countries) == ("Haiti", None)
    found = bulletin("1 May 2025", "Haiti", "Two towns", TEXT)
    assert (found.drafts[0].title, found.drafts[0].countries) == ("Two towns", ("ht",))


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("Read more »", "read-more"),
        ("[Leer más]", "read-more"),
        ("Page 2 of 12", "page-number"),
        ("Página 3", "page-number"),
        ("English", "language-switch"),
        ("EN | ES", "language-switch"),
        ("English / Español", "language-switch"),
        ("« Previous 1 2 3 Next »", "pager"),
        ("Compartir", "share-line"),
        ("Read more about the school", None),
        ("English lessons begin", None),
        ("More", None),
        ("Next", None),
        ("1 2 3", None),
        ("No", None),
        ("x" * 61, None),
    ],
)
def test_a_line_is_left_out_by_a_named_rule_only(row: str, rule: str | None) -> None:
    assert rule_of(row, alone=False) == rule


def test_a_bare_number_is_a_page_number_only_by_itself() -> None:
    assert rule_of("- 2 -", alone=True) == rule_of("2/12", alone=True) == "page-number"
    assert rule_of("2", alone=False) is None
    found = bulletin("1 May 2025", "T", "", "It has", "12", "rooms.", "", "7", "", "More.")
    assert found.drafts[0].summary == "It has 12 rooms.\n\nMore."
    assert found.faults[0].detail == "page-number 1"


@pytest.mark.parametrize(
    ("row", "link"),
    [
        ("https://e.example/a?b=1", "https://e.example/a?b=1"),
        ("www.e.example", "https://www.e.example"),
        ("Más información: <http://e.example>.", "http://e.example"),
        ("See https://e.example for more", None),
        ("javascript://e.example", None),
        ("https://", None),
        ("http://[::1", None),
    ],
)
def test_a_link_line_is_an_address_and_nothing_else(row: str, link: str | None) -> None:
    assert link_line(row) == link


def test_a_link_is_an_address_of_the_web() -> None:
    assert web_link("javascript:alert(1)") is None
    assert web_link("https://e.example/" + "a" * 2_000) is None


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2026-11-18-news.txt", date(2026, 11, 18)),
        ("news_2026_11_18.txt", date(2026, 11, 18)),
        ("20261118 news.txt", date(2026, 11, 18)),
        ("2026-13-18.txt", None),
        ("000_7937c6050302f791.txt", None),
        ("news20261118.txt", None),
        ("18-11-2026.txt", None),
    ],
)
def test_the_day_in_a_name_has_its_year_first(name: str, day: date | None) -> None:
    assert day_in_name(name) == day


def test_a_day_in_the_name_is_told_and_never_taken_over_one_in_the_text() -> None:
    found = bulletin("Two towns", "", TEXT, name="2026-11-18.txt")
    assert (found.drafts[0].date_on, codes(found)) == (date(2026, 11, 18), [("date-from-name", 1)])
    assert bulletin("1 May 2025", "T", "S.", name="2026-11-18.txt").drafts[0].date_on == date(2025, 5, 1)
    with pytest.raises(BulletinError, match="no-items"):
        bulletin("Two towns", "", TEXT)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("27/04/2021\nx\n03/04/2021", "dmy"),
        ("x\n martes 04/27/2021 \n", "mdy"),
        ("27/04/2021\n04/27/2021", None),
        ("03/04/2021", None),
        ("on 27/04/2021 it rained", None),
        ("2021-04-27", None),
    ],
)
def test_the_order_is_proven_by_date_lines_that_agree(text: str, order: str | None) -> None:
    assert proven_order(text) == order


def test_a_proof_against_the_configured_order_is_told() -> None:
    text = b"03/04/2021\nOne\nText.\n04/27/2021\nTwo\nText."
    assert [fault.code for fault in read("b.txt", text).faults] == ["date-order"]
    assert read("b.txt", text, ReadingOptions(date_order="mdy")).faults == ()


def test_too_many_faults_are_counted_and_items_below_them_still_read() -> None:
    found = bulletin(*["1 May 2025"] * 1_500, "Title", "Text.")
    assert [draft.title for draft in found.drafts] == ["Title"]
    assert len(found.faults) == 1_001
    assert (found.faults[-1].code, found.faults[-1].line, found.faults[-1].detail) == (
        "too-many-faults",
        1_001,
        "499",
    )


FIRST, THIRD = "## First\n\n18 November 2026\n\nText one.\n\n", "## Third\n\n16 November 2026\n\nText three."


@pytest.mark.parametrize(
    "text",
    [
        FIRST + "## Second\n\nText two.\n\n" + THIRD,
        FIRST + "## Second\n\n" + THIRD,
        FIRST + "## Second\n\n### A part of it\n\nText two.\n\n" + THIRD,
        FIRST + "# Second\n\nText two.\n\n" + THIRD,
        FIRST + THIRD + "\n\n## Second\n\nText two.",
        FIRST + "## Second\n\nText two.",
        "## 18 November 2026: First\n\nText one.\n\n## Second\n\nText two.\n\n## 16 November 2026: Third",
        "## 18 November 2026\n\n### First\n\n## Second\n\n### Two\n\nText.\n\n## 16 May 2026\n\n### Third",
        "18 November 2026\n\n## First\n\nText one.\n\n## Second\n\nText two.\n\n16 November 2026\n\n## Third",
    ],
)
def test_a_heading_without_a_date_among_dated_ones_is_a_fault_and_its_text_slips_nowhere(text: str) -> None:
    found = read("b.md", text.encode())
    line = 1 + text[: text.index("# Second")].count("\n")
    assert [code for code in codes(found) if code[0] != "summary-missing"] == [("date-missing", line)]
    assert found.drafts[0].title == "First"
    assert all("two" not in draft.summary.lower() for draft in found.drafts)
    assert "Second" not in found.drafts[0].original


def test_lower_headings_are_text_and_a_heading_over_items_is_left_out() -> None:
    found = read("b.md", (FIRST + "### Who pays\n\nBoth towns.\n\n# Part two\n\n" + THIRD).encode())
    assert [draft.summary for draft in found.drafts] == [
        "Text one.\n\nWho pays\n\nBoth towns.",
        "Text three.",
    ]
    assert [(fault.code, fault.detail) for fault in found.faults] == [("lines-left-out", "outside-items 1")]


def test_on_a_web_page_one_date_makes_no_rule_for_all_headings() -> None:
    page = "<h2>First</h2><p>18 November 2026</p><p>Text one.</p><h2>Second</h2><p>Text two.</p>"
    assert codes(read("b.html", page.encode())) == []
    links = "<p>18 May 2026</p><p><a href='/1'>First</a></p><p>17 May 2026</p><p><a href='/2'>Two</a></p>"
    more = codes(read("b.html", (links + "<p><a href='/all'>All our news</a></p>").encode()))
    assert "date-missing" not in [code for code, _ in more]
    third = "<h2>Third</h2><p>16 November 2026</p><p>Text three.</p>"
    assert codes(read("b.html", (page + third).encode())) == [("date-missing", 1)]
