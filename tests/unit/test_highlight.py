"""Evidence shown in its place: each piece once, in its kind's colour, lines that fit."""

from __future__ import annotations

import re

import click
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds.cli.highlight import COLOURS, Mark, highlighted, marks, wrapped
from feeds.model import Evidence, Kind, Label

TITLE = "Panama opens a school in Colón"


def label(kind: Kind, code: str, *spots: tuple[str, int, int, str]) -> Label:
    pieces = [Evidence(field=f, start=s, end=e, words=w, rule="name") for f, s, e, w in spots]
    return Label(kind=kind, code=code, evidence=tuple(pieces))


def colour(text: str, kind: Kind, *, title: bool = False) -> str:
    return click.style(text, fg=COLOURS[kind], bold=True, underline=title or None)


def test_marks_are_those_of_the_field_and_leave_out_labels_without_words() -> None:
    labels = [
        label(Kind.TOPIC, "education", ("title", 15, 21, "school"), ("summary", 0, 3, "The")),
        label(Kind.COUNTRY, "pa", ("title", 0, 6, "Panama"), ("", 0, 0, "")),
    ]
    assert marks(labels, "title") == [(0, 6, Kind.COUNTRY), (15, 21, Kind.TOPIC)]


def test_words_have_the_colour_of_their_kind_in_a_bold_title() -> None:
    found: list[Mark] = [(0, 6, Kind.COUNTRY), (15, 21, Kind.TOPIC)]
    assert highlighted(TITLE, found, title=True) == (
        colour("Panama", Kind.COUNTRY, title=True) + click.style(" opens a ", bold=True)
        + colour("school", Kind.TOPIC, title=True) + click.style(" in Colón", bold=True)
    )  # fmt: skip


def test_where_evidence_overlaps_each_letter_stands_once_and_the_first_kind_has_it() -> None:
    found: list[Mark] = [(0, 6, Kind.COUNTRY), (0, 12, Kind.TOPIC)]
    assert highlighted(TITLE[:12], found) == colour("Panama", Kind.COUNTRY) + colour(" opens", Kind.TOPIC)


def test_a_text_without_evidence_stays_as_it_is() -> None:
    assert highlighted(TITLE, []) == TITLE


def test_long_texts_are_wrapped_between_words_and_paragraphs_stay_apart() -> None:
    text = "one two three four five six seven\n\neight"
    assert wrapped(text, [], 24, "    ") == "    one two three four\n    five six seven\n\n    eight"


def test_evidence_across_the_end_of_a_line_is_marked_on_both() -> None:
    text = "in the Republic of Panama today"
    shown = wrapped(text, [(7, 25, Kind.COUNTRY)], 20, "")
    assert shown.split("\n") == [
        "in the " + colour("Republic of", Kind.COUNTRY),
        colour("Panama", Kind.COUNTRY) + " today",
    ]


def test_a_word_longer_than_the_line_stands_by_itself() -> None:
    address = "https://news.example.org/a/very/long/address"
    assert wrapped(f"see {address} there", [], 20, "") == f"see\n{address}\nthere"


words = st.text(alphabet="ab ñ\n", max_size=80)
spots = st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80), st.sampled_from(list(Kind))), max_size=5)


@examples(60)
@given(text=words, found=spots, width=st.integers(22, 40))
def test_marking_and_wrapping_lose_and_double_no_letter(text: str, found: list[Mark], width: int) -> None:
    good = [(start, end, kind) for start, end, kind in found if start < end <= len(text)]
    assert click.unstyle(highlighted(text, good)) == text
    shown = click.unstyle(wrapped(text, good, width, "  "))
    assert shown.split() == text.split()
    assert all(len(line) <= width or not re.search(r"\S\s", line.strip()) for line in shown.split("\n"))
