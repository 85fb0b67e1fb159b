"""The lines of a bulletin as the desk shows them: what each was taken for."""

from __future__ import annotations

from datetime import date

from feeds.model import Draft, Fault
from feeds.pages.desk.lines import Line, Role, read_lines

TEXT = """Press office

18 November 2026
A border post opens
Since Thursday.

* * A second title
that goes on
More.
Contact: us
"""
DRAFTS = (
    Draft(line=3, end_line=5, date_on=date(2026, 11, 18), title="A border post opens"),
    Draft(line=7, end_line=9, date_on=date(2026, 11, 18), title="A second title that goes on"),
)


def roles(text: str = TEXT, faults: tuple[Fault, ...] = ()) -> list[tuple[int, Role, int]]:
    return [(line.number, line.role, line.item) for line in read_lines(text, DRAFTS, faults)]


def test_each_line_is_told_for_what_it_was_taken() -> None:
    assert roles() == [
        (1, Role.LEFT, 0),
        (2, Role.BLANK, 0),
        (3, Role.DATE, 1),
        (4, Role.TITLE, 1),
        (5, Role.TEXT, 1),
        (6, Role.BLANK, 0),
        (7, Role.TITLE, 2),
        (8, Role.TEXT, 2),
        (9, Role.TEXT, 2),
        (10, Role.LEFT, 0),
    ]


def test_line_ends_of_other_systems_count_alike() -> None:
    assert roles(TEXT.replace("\n", "\r\n")) == roles() == roles(TEXT.replace("\n", "\r"))


def test_a_fault_stands_beside_its_line_and_one_of_the_whole_file_beside_none() -> None:
    here, whole = Fault(code="date-like-line", line=5), Fault(code="head-of-one")
    found = {line.number: line.faults for line in read_lines(TEXT, DRAFTS, [here, whole]) if line.faults}
    assert found == {5: (here,)}


def test_a_line_that_is_not_the_title_is_its_date_until_the_title_came() -> None:
    draft = Draft(line=1, end_line=3, date_on=date(2026, 11, 18), title="The title")
    lines = read_lines("18 Nov\n---\n## The title ##", [draft], [])
    assert [line.role for line in lines] == [Role.DATE, Role.DATE, Role.TITLE]
    assert Line(1, "x", Role.LEFT).faults == ()
