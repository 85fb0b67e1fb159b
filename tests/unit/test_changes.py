"""Identity by content (P1): which captures are one item."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.changes import Changed, Decision, Known, New, Same, decide, fingerprint, identity, item_id
from feeds.model import Draft
from feeds.reading import read

DAY = date(2026, 11, 16)
TITLE = "Panama’s border posts – “one form” for all"
SUMMARY = "The form records needs first. It takes twenty minutes."
ID = item_id(identity(DAY, TITLE))
KNOWN = Known(ID, DAY, TITLE, SUMMARY)
DRAFT = Draft(line=1, end_line=5, date_on=DAY, title=TITLE, summary=SUMMARY)

SAMPLES = Path(__file__).resolve().parents[2] / "src" / "feeds" / "samples"


def test_an_unknown_item_is_new_with_an_id_made_of_its_date_and_title() -> None:
    assert decide(DRAFT, []) == New(ID)
    assert re.fullmatch("[a-z2-7]{16}", ID)


def test_the_id_of_an_item_never_changes() -> None:
    # Announced ids are for ever (P1): if this fails, the identity rule has moved.
    assert item_id(identity(date(2021, 4, 27), "Some title")) == "vep6gijh2gpzskzv"


def test_the_same_item_again_is_the_same() -> None:
    assert decide(DRAFT, [KNOWN]) == Same(ID)


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ('Panama\'s border posts - "one form" for all', SUMMARY),
        ("PANAMA’S BORDER POSTS: “ONE FORM” FOR ALL", SUMMARY),
        (TITLE, "The form records needs first.It takes  twenty minutes"),
        ("Panama’s border posts –\xa0“one form” for all.", SUMMARY),
        ("Panama’s border posts – “one ﬁorm” for all".replace("ﬁo", "fo"), SUMMARY.upper()),
    ],
)
def test_typography_alone_moves_nothing(title: str, summary: str) -> None:
    assert decide(replace(DRAFT, title=title, summary=summary), [KNOWN]) == Same(ID)
    assert fingerprint(DAY, title, summary) == fingerprint(DAY, TITLE, SUMMARY)


@pytest.mark.parametrize(
    "summary", ["The form records", "The form rec…", "The form records ...", "The form records [...]", ""]
)
def test_a_summary_that_only_stops_earlier_is_the_same(summary: str) -> None:
    assert decide(replace(DRAFT, summary=summary), [KNOWN]) == Same(ID)


@pytest.mark.parametrize("summary", ["The form records needs last…", SUMMARY + " And more.", "Other."])
def test_other_words_in_the_summary_are_a_change(summary: str) -> None:
    assert decide(replace(DRAFT, summary=summary), [KNOWN]) == Changed(ID, ("summary",))
    assert fingerprint(DAY, TITLE, summary) != fingerprint(DAY, TITLE, SUMMARY)


def test_the_whole_text_after_a_short_one_is_a_change() -> None:
    assert decide(DRAFT, [replace(KNOWN, summary="The form records…")]) == Changed(ID, ("summary",))


def test_another_title_or_another_day_is_another_item() -> None:
    for other in (replace(DRAFT, title="Another"), replace(DRAFT, date_on=date(2026, 11, 17))):
        found = decide(other, [KNOWN])
        assert isinstance(found, New)
        assert found.item_id != ID


def test_a_change_keeps_the_id_that_was_announced() -> None:
    announced = replace(KNOWN, item_id="aaaaaaaaaaaaaaaa")
    assert decide(DRAFT, [announced]) == Same("aaaaaaaaaaaaaaaa")
    assert decide(replace(DRAFT, summary="Other."), [announced]) == Changed("aaaaaaaaaaaaaaaa", ("summary",))


def test_an_old_capture_undoes_no_corrected_title_and_takes_no_id_twice() -> None:
    corrected = replace(KNOWN, title="Panama has one form for all its border posts")
    assert decide(replace(DRAFT, summary="An older wording."), [corrected]) == Same(ID)


def test_the_right_one_of_several_candidates_is_found() -> None:
    others = [Known("b" * 16, DAY, "Another", SUMMARY), Known("c" * 16, date(2026, 11, 1), TITLE, SUMMARY)]
    assert decide(DRAFT, [*others, KNOWN]) == Same(ID)
    assert decide(DRAFT, others) == New(ID)


def test_day_title_and_summary_do_not_run_into_each_other() -> None:
    assert fingerprint(DAY, "a b", "c") != fingerprint(DAY, "a", "b c")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.text(max_size=80))
def test_any_item_is_the_same_as_itself(title: str, summary: str) -> None:
    draft = replace(DRAFT, title=title, summary=summary)
    first = decide(draft, [])
    assert isinstance(first, New)
    assert decide(draft, [Known(first.item_id, DAY, title, summary)]) == Same(first.item_id)


def test_two_overlapping_captures_give_each_item_once() -> None:
    stored: dict[str, Known] = {}
    decisions: list[Decision] = []
    for path in sorted(SAMPLES.glob("*.txt")):
        for draft in read(path.name, path.read_bytes()).drafts:
            key = identity(draft.date_on, draft.title)
            found = decide(draft, [stored[key]] if key in stored else [])
            stored.setdefault(key, Known(found.item_id, draft.date_on, draft.title, draft.summary))
            decisions.append(found)
    assert [type(found) for found in decisions[-3:]] == [Same, Same, Same]
    assert sum(isinstance(found, New) for found in decisions) == len(stored) == 41
    assert len(decisions) == 44
