"""Reading: where items begin and end, and what becomes of everything else."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from feeds.errors import BulletinError
from feeds.model import Bulletin, Draft, Fault
from feeds.reading import ReadingOptions, read

SEEDS = Path(__file__).resolve().parents[2].parent / "shared" / "seeds"
SAMPLES = Path(__file__).resolve().parents[2] / "src" / "feeds" / "samples"


def bulletin(*lines: str, **options: Any) -> Bulletin:
    """What a file of these lines says."""
    return read("b.txt", "\n".join(lines).encode(), ReadingOptions(**options))


def rejection(data: bytes) -> Fault:
    """The fault of a file that cannot be used at all."""
    with pytest.raises(BulletinError) as caught:
        read("b.txt", data, ReadingOptions())
    return caught.value.fault


def codes(of: Bulletin) -> list[tuple[str, int | None]]:
    return [(fault.code, fault.line) for fault in of.faults]


# -- the real bulletins


Labelled = list[tuple[dict[str, Any], Draft]]


@pytest.fixture(scope="module")
def seeds() -> Labelled:
    """Each labelled row beside the draft that stands in its place."""
    if not SEEDS.is_dir():
        pytest.skip(f"the seed bulletins are not here: {SEEDS}")
    rows = json.loads((SEEDS / "labels.json").read_text(encoding="utf-8"))
    drafts = {name: _clean_read(SEEDS / name).drafts for name in sorted({row["file"] for row in rows})}
    assert {name: len(found) for name, found in drafts.items()} == dict.fromkeys(drafts, 10)
    return [(row, drafts[row["file"]][row["n"] - 1]) for row in rows]


def _clean_read(path: Path) -> Bulletin:
    found = read(path.name, path.read_bytes(), ReadingOptions())
    assert found.faults == ()
    return found


def test_the_seeds_give_exactly_the_labelled_dates_and_titles(seeds: Labelled) -> None:
    assert len(seeds) == 20
    for row, draft in seeds:
        folded = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", draft.title).casefold()).strip()
        assert (draft.date_on.isoformat(), hashlib.sha1(folded.encode()).hexdigest()) == (
            row["date"],
            row["title_sha1"],
        )


def test_every_seed_summary_is_whole_and_only_the_dateline_parts_one(seeds: Labelled) -> None:
    paragraphs = {(row["file"][:3], row["n"]): draft.summary.split("\n\n") for row, draft in seeds}
    several = {key: found for key, found in paragraphs.items() if len(found) != 1}
    assert list(several) == [("003", 7)]
    assert several["003", 7][0].endswith(" 23 August 2021:")
    for _, draft in seeds:
        day_month_year = 3
        assert draft.original.split()[day_month_year:] == f"{draft.title} {draft.summary}".split()


def test_what_is_shown_of_the_seeds_has_no_stray_white_space(seeds: Labelled) -> None:
    originals = "".join(draft.original for _, draft in seeds)
    assert "\xa0" in originals
    for _, draft in seeds:
        for shown in (draft.title, *draft.summary.split("\n\n")):
            assert shown == " ".join(shown.split())
            assert "\xa0" not in shown


def test_the_samples_read_without_faults_and_newest_first() -> None:
    files = sorted(SAMPLES.glob("*.txt"))
    assert len(files) == 6
    for path in files:
        days = [draft.date_on for draft in _clean_read(path).drafts]
        assert all(newer >= older for newer, older in pairwise(days))
        assert date(2026, 10, 26) <= days[-1] <= days[0] <= date(2026, 11, 20)


def test_the_date_lines_of_the_samples_have_the_two_forms_that_the_demo_shifts() -> None:
    form = {"newsroom": r"\d{1,2} [A-Z][a-z]+, \d{4}", "prensa": r"\d{1,2} de [a-z]+ de \d{4}"}
    for path in SAMPLES.glob("*.txt"):
        for draft in _clean_read(path).drafts:
            first = draft.original.split("\n", 1)[0]
            assert re.fullmatch(form[path.stem.split("-")[-1]], first), first


# -- the form


def test_an_item_is_a_date_a_title_and_paragraphs() -> None:
    found = bulletin("27 April, 2021", "", "A title", "", "First.", "", "Second.", "")
    assert found.drafts == (
        Draft(
            line=1,
            end_line=7,
            date_on=date(2021, 4, 27),
            title="A title",
            summary="First.\n\nSecond.",
            original="27 April, 2021\n\nA title\n\nFirst.\n\nSecond.",
        ),
    )
    assert found.faults == ()


@pytest.mark.parametrize("blank", ["", "\n", "\n\n", "\n \n\xa0\n", "\n\n\t\n\u200b\n"])
def test_any_number_of_blank_lines_may_stand_anywhere(blank: str) -> None:
    parts = ["1 May 2021", "One", "About one.", "2 May 2021", "Two", "About two."]
    text = blank + "".join(f"{part}\n{blank}" for part in parts)
    found = bulletin(text)
    assert [(draft.title, draft.summary) for draft in found.drafts] == [
        ("One", "About one."),
        ("Two", "About two."),
    ]
    assert found.faults == ()


def test_a_date_in_prose_starts_nothing() -> None:
    prose = [
        "Georgetown, Guyana 23 August 2021:",
        "It was held from May 3 to June 9, 2019.",
        "On 3 May 2021 it began, and it ended on",
        "August 25, 2021.",
        "23 August 2021:",
    ]
    found = bulletin("26 August, 2021", "", "A title", "", *prose)
    assert [draft.date_on for draft in found.drafts] == [date(2021, 8, 26)]
    assert found.drafts[0].summary == " ".join(prose)


def test_a_wrapped_paragraph_is_joined_and_a_long_line_is_a_paragraph() -> None:
    long = "word " * 40 + "end."
    found = bulletin("1 May 2021", "", "Title", "", "Wrapped by", "hand.", "", long, long)
    assert found.drafts[0].summary.split("\n\n") == ["Wrapped by hand.", long, long]


def test_a_title_without_a_blank_line_below_does_not_take_the_summary() -> None:
    summary = "The municipality and its partners agreed on a plan for the coming rainy season"
    for more in ([], ["", "A second paragraph."], ["", "A second paragraph", "in two lines."]):
        found = bulletin("1 May 2021", "A town prepares for rain", summary, *more)
        assert found.drafts[0].title == "A town prepares for rain"
        assert found.drafts[0].summary.startswith(summary)


def test_a_title_wrapped_by_hand_is_one_title_in_a_text_wrapped_by_hand() -> None:
    found = bulletin(
        "1 May 2021",
        "",
        "Officials of nine municipalities complete a course on",
        "the reception of families",
        "",
        "The course took nine weeks and ended with a visit to",
        "the two reception centres.",
    )
    assert found.drafts[0].title == (
        "Officials of nine municipalities complete a course on the reception of families"
    )
    assert found.drafts[0].summary.startswith("The course took nine weeks")


WRAPPED = ("The course took nine weeks and ended with a visit to", "the two reception centres.")


@pytest.mark.parametrize(
    ("summary", "below"),
    [
        ("Municipalities met on Friday.", WRAPPED),  # ends a sentence
        ("Municipalities met on Friday", ("They meet again soon.",)),  # nothing below is wrapped
        ("All of them met on Friday", WRAPPED),  # "All" would have fitted
        ("Municipalities met on Friday", ()),  # nothing else could be the summary
        ("Municipalities met on Friday " + "and Saturday " * 9, WRAPPED),  # too long to be wrapped
    ],
)
def test_a_second_line_joins_the_title_only_if_all_speaks_for_it(
    summary: str, below: tuple[str, ...]
) -> None:
    found = bulletin("1 May 2021", "Nine towns complete a course on the rains", summary, "", *below)
    assert found.drafts[0].title == "Nine towns complete a course on the rains"
    assert found.drafts[0].summary.startswith(summary.strip())


def test_the_same_second_line_joins_a_title_that_is_wrapped() -> None:
    found = bulletin(
        "1 May 2021", "Nine towns complete a course on the rains", "Municipalities met", "", *WRAPPED
    )
    assert found.drafts[0].title == "Nine towns complete a course on the rains Municipalities met"


def test_a_rule_parts_paragraphs() -> None:
    found = bulletin("1 May 2021", "T", "", "One.", "-----", "Two.")
    assert found.drafts[0].summary == "One.\n\nTwo."


def test_a_rule_between_items_is_not_shown_but_counted() -> None:
    found = bulletin("1 May 2021", "-----", "One", "", "Text.", "* * *", "2 May 2021", "Two", "", "Text.")
    assert [(draft.title, draft.summary, draft.line, draft.end_line) for draft in found.drafts] == [
        ("One", "Text.", 1, 6),
        ("Two", "Text.", 7, 10),
    ]


def test_a_missing_space_after_a_full_stop_stays_as_the_source_has_it() -> None:
    assert bulletin("1 May 2021", "T", "", "One.Two.  Three.").drafts[0].summary == "One.Two. Three."


def test_the_language_of_the_folder_is_given_to_each_item() -> None:
    assert bulletin("1 May 2021", "T", "", "S.", lang="es").drafts[0].lang == "es"
    assert bulletin("1 May 2021", "T", "", "S.").drafts[0].lang is None


def test_the_original_is_the_untouched_text_of_the_item() -> None:
    data = b"1 May 2021\r\n\r\nA\xc2\xa0 title\r\n\r\nText.  \r\n\r\n2 May 2021\r\n\r\nNext\r\n\r\nText."
    first, second = read("b.txt", data).drafts
    assert first.original == "1 May 2021\r\n\r\nA\xa0 title\r\n\r\nText.  "
    assert second.original == "2 May 2021\r\n\r\nNext\r\n\r\nText."


# -- faults of items


def test_text_before_the_first_date_is_one_fault_at_its_first_line() -> None:
    found = bulletin("", "Our newsroom", "", "Latest news", "", "1 May 2021", "", "T", "", "S.")
    assert codes(found) == [("text-before-first-date", 2)]
    assert found.faults[0].detail == "Our newsroom"
    assert len(found.drafts) == 1


def test_a_date_followed_by_a_date_or_by_the_end_has_no_title() -> None:
    found = bulletin("1 May 2021", "", "2 May 2021", "", "Two", "", "S.", "", "3 May 2021", "----")
    assert codes(found) == [("title-missing", 1), ("title-missing", 9)]
    assert [draft.title for draft in found.drafts] == ["Two"]


def test_an_impossible_date_keeps_its_text_from_the_item_above() -> None:
    found = bulletin(
        "1 May 2021", "One", "", "S1.", "31 February, 2021", "", "Lost", "", "S2.", "", "2 May 2021", "Two"
    )
    assert [(draft.title, draft.summary) for draft in found.drafts] == [("One", "S1."), ("Two", "")]
    assert codes(found) == [("date-impossible", 5), ("summary-missing", 11)]
    assert found.faults[0].detail == "31 February, 2021"


def test_a_date_without_a_year_is_a_fault_and_not_a_paragraph() -> None:
    found = bulletin("1 May 2021", "One", "", "S1.", "", "27 April", "", "Lost", "", "S2.")
    assert codes(found) == [("date-incomplete", 6)]
    assert found.drafts[0].summary == "S1."


def test_a_day_where_a_title_is_due_is_the_title() -> None:
    found = bulletin("8 marzo, 2021", "", "8 de marzo", "", "Hoy se celebra.")
    assert found.faults == ()
    assert found.drafts[0].title == "8 de marzo"


def test_a_day_without_a_year_is_a_fault_where_no_title_is_due() -> None:
    assert codes(bulletin("8 March", "", "T", "", "1 May 2021", "", "T", "", "S.")) == [
        ("date-incomplete", 1)
    ]
    twice = bulletin("31 February, 2021", "", "8 March", "", "T")
    assert codes(twice) == [("date-impossible", 1), ("date-incomplete", 3)]


def test_an_item_without_text_is_accepted_with_a_warning() -> None:
    found = bulletin("1 May 2021", "", "Only a title")
    assert codes(found) == [("summary-missing", 1)]
    assert found.drafts[0].summary == ""


def test_a_title_of_500_characters_is_the_longest() -> None:
    found = bulletin("1 May 2021", "a" * 500, "", "S.", "2 May 2021", "b" * 501, "", "S.")
    assert [draft.title[0] for draft in found.drafts] == ["a"]
    assert codes(found) == [("title-too-long", 5)]
    assert len(found.faults[0].detail) == 80


def test_a_summary_of_50000_characters_is_the_longest() -> None:
    found = bulletin("1 May 2021", "One", "", "a" * 50_000, "", "2 May 2021", "Two", "", "b" * 50_001)
    assert [draft.title for draft in found.drafts] == ["One"]
    assert codes(found) == [("summary-too-long", 6)]


def test_a_bulletin_may_hold_faults_alone() -> None:
    found = bulletin("31 February, 2021", "", "T", "", "S.")
    assert found.drafts == ()
    assert codes(found) == [("date-impossible", 1)]


# -- whole files


@pytest.mark.parametrize("data", [b"", b"\n\n \n", "\xa0\n\u200b".encode(), b"\xef\xbb\xbf", b"\xff\xfe"])
def test_a_file_without_text_is_empty(data: bytes) -> None:
    assert rejection(data).code == "file-empty"


def test_a_file_without_a_date_has_no_items() -> None:
    assert rejection(b"Only words,\non 3 May 2021 too.") == Fault(code="no-items", detail="Only words,")


def test_a_file_over_the_limit_is_not_read() -> None:
    exact = b"1 May 2021\n\nT\n\n" + b"x" * 10
    assert read("b.txt", exact, ReadingOptions(max_bytes=len(exact))).drafts
    with pytest.raises(BulletinError) as caught:
        read("b.txt", exact, ReadingOptions(max_bytes=len(exact) - 1))
    assert caught.value.fault == Fault(code="file-too-large", detail="25 B > 24 B")


def test_an_unknown_fallback_encoding_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="latin-99"):
        ReadingOptions(fallback_encoding="latin-99")
