"""Identity by content (P1): which captures are one item."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from counting import calls
from feeds.changes import (
    Candidates,
    Changed,
    Decision,
    Known,
    New,
    Same,
    fingerprint,
    identity,
    item_id,
    office_key,
    translation_key,
)
from feeds.changes.decisions import moved_day
from feeds.changes.likeness import names_other_things
from feeds.model import Draft
from feeds.reading import read

DAY = date(2026, 11, 16)
TITLE = "Panama’s border posts – “one form” for all"
SUMMARY = "The form records needs first. It takes twenty minutes."
ID = item_id(identity(DAY, TITLE))
KNOWN = Known(ID, DAY, TITLE, SUMMARY)
DRAFT = Draft(line=1, end_line=5, date_on=DAY, title=TITLE, summary=SUMMARY)


def decide(
    draft: Draft, known: Iterable[Known], stated: Collection[str] = (), *, recaptured: bool = False
) -> Decision:
    return Candidates(known).decide(draft, stated, recaptured=recaptured)


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
    assert decide(replace(DRAFT, summary=summary), [KNOWN]) == Same(ID, cut=True)


@pytest.mark.parametrize(
    ("summary", "replaced"),
    [("The form records needs last…", True), (SUMMARY + " And more.", False), ("Other.", True)],
)
def test_other_words_in_the_summary_are_a_change(summary: str, replaced: bool) -> None:
    found = decide(replace(DRAFT, summary=summary), [KNOWN])
    assert found == Changed(ID, ("summary",), replaced=replaced)
    assert fingerprint(DAY, TITLE, summary) != fingerprint(DAY, TITLE, SUMMARY)


def test_the_whole_text_after_a_short_one_is_a_change() -> None:
    assert decide(DRAFT, [replace(KNOWN, summary="The form records…")]) == Changed(ID, ("summary",))


SHORT = replace(DRAFT, summary="More information soon.")
SHORT_KNOWN = replace(KNOWN, summary="More information soon.")
OTHER_TEXT = "The national theatre opens its season with a play about rivers."


@pytest.mark.parametrize("text", [SHORT.summary, OTHER_TEXT])
def test_another_title_or_another_day_is_another_item(text: str) -> None:
    for other in (replace(SHORT, title="Another"), replace(SHORT, date_on=date(2026, 11, 17))):
        found = decide(replace(other, summary=text), [SHORT_KNOWN])
        assert isinstance(found, New)
        assert found.item_id != ID


RENAMED = replace(DRAFT, title="Panama’s border posts – one form for everyone")


def test_the_text_of_an_item_under_a_like_title_is_a_corrected_title() -> None:
    assert decide(RENAMED, [KNOWN], recaptured=True) == Changed(ID, ("title",))


@pytest.mark.parametrize("days", [1, 6])
def test_title_and_text_under_another_day_are_a_corrected_date(days: int) -> None:
    moved = replace(DRAFT, date_on=DAY - timedelta(days=days))
    assert decide(moved, [KNOWN], recaptured=True) == Changed(ID, ("date",))
    among = Candidates([KNOWN])
    assert among.decide(moved, recaptured=True, newest=DAY) == Changed(ID, ("date",))
    older = among.decide(moved, recaptured=True, newest=DAY - timedelta(days=1))
    assert isinstance(older, New)  # a capture from before


def test_a_file_of_the_same_name_corrects_what_it_brought() -> None:
    candidates = Candidates([replace(KNOWN, source="news.txt")])
    assert candidates.decide(RENAMED, source="news.txt") == Changed(ID, ("title",))
    assert isinstance(candidates.decide(RENAMED, source="other.txt"), New)


@pytest.mark.parametrize(
    "other",
    [RENAMED, replace(DRAFT, date_on=DAY + timedelta(days=1)), replace(RENAMED, summary=SUMMARY + " More.")],
)
def test_a_file_that_holds_nothing_we_know_corrects_nothing(other: Draft) -> None:
    assert isinstance(decide(other, [KNOWN]), New)


def test_a_notice_that_comes_every_week_is_a_new_item() -> None:
    assert isinstance(decide(replace(DRAFT, date_on=DAY + timedelta(days=7)), [KNOWN], recaptured=True), New)


def test_notices_that_differ_in_a_place_stay_two() -> None:
    here = "The consulate comes to Tapachula on Saturday from eight to four. Bring two photographs."
    known = replace(KNOWN, title="Consulate visits Tapachula", summary=here)
    there = replace(DRAFT, title="Consulate visits Tenosique", summary=here.replace("Tapachula", "Tenosique"))
    assert isinstance(decide(there, [known], recaptured=True), New)


def test_one_text_under_unlike_titles_is_two_items() -> None:
    assert isinstance(decide(replace(DRAFT, title="Fishing begins"), [KNOWN], recaptured=True), New)


def test_short_texts_under_like_titles_are_items_of_their_own() -> None:
    known = replace(KNOWN, title="Panama story 1", summary="News.")
    assert isinstance(decide(replace(DRAFT, title="Honduras story 1", summary="News."), [known]), New)


def test_an_item_that_the_file_states_itself_is_nobodys_earlier_wording() -> None:
    stated = {identity(DAY, TITLE), identity(DAY, RENAMED.title)}
    assert isinstance(decide(RENAMED, [KNOWN], stated, recaptured=True), New)


def test_a_spanish_version_is_an_item_of_its_own() -> None:
    spanish = replace(
        DRAFT, title="Un solo formulario", summary="El formulario registra primero las necesidades."
    )
    assert isinstance(decide(spanish, [KNOWN]), New)


def test_a_wording_from_before_a_correction_undoes_nothing() -> None:
    before = fingerprint(DAY, TITLE, SUMMARY)
    corrected = replace(KNOWN, summary=OTHER_TEXT, wordings=frozenset({before}))
    assert decide(DRAFT, [corrected]) == Same(ID, earlier=True)


def test_in_one_run_a_correction_is_remembered_with_what_it_was_before() -> None:
    candidates = Candidates([KNOWN])
    found = candidates.decide(replace(DRAFT, summary=OTHER_TEXT))
    assert found == Changed(ID, ("summary",), replaced=True)
    candidates.add(replace(KNOWN, summary=OTHER_TEXT))
    assert candidates.decide(replace(DRAFT, summary=OTHER_TEXT)) == Same(ID)
    assert candidates.decide(DRAFT) == Same(ID, earlier=True)


def test_a_long_day_costs_no_more_an_item_than_a_short_one() -> None:
    def day(items: int) -> None:
        candidates = Candidates()
        for n in range(items):
            draft = replace(
                DRAFT, title=f"Title {n} of {items}", summary=f"Text {n} of {items} " + "and so on " * 5
            )
            found = candidates.decide(draft)
            candidates.add(Known(found.item_id, DAY, draft.title, draft.summary))

    assert calls(lambda: day(1200)) < 3 * calls(lambda: day(600))


def test_a_change_keeps_the_id_that_was_announced() -> None:
    announced = replace(KNOWN, item_id="aaaaaaaaaaaaaaaa")
    assert decide(DRAFT, [announced]) == Same("aaaaaaaaaaaaaaaa")
    more = replace(DRAFT, summary=SUMMARY + " More.")
    assert decide(more, [announced]) == Changed("aaaaaaaaaaaaaaaa", ("summary",))


def test_an_old_capture_undoes_no_corrected_title_and_takes_no_id_twice() -> None:
    before = frozenset({identity(DAY, TITLE)})
    corrected = replace(KNOWN, title="Panama has one form for all its border posts", identities=before)
    assert decide(replace(DRAFT, summary="An older wording."), [corrected]) == Same(ID, earlier=True)
    forgotten = replace(corrected, identities=frozenset())
    found = decide(replace(DRAFT, summary=OTHER_TEXT), [forgotten])
    assert isinstance(found, New)
    assert found.item_id != ID


def test_the_right_one_of_several_candidates_is_found() -> None:
    others = [Known("b" * 16, DAY, "Another", SUMMARY), Known("c" * 16, date(2026, 9, 1), TITLE, SUMMARY)]
    assert decide(DRAFT, [*others, KNOWN]) == Same(ID)
    near = Known("d" * 16, DAY, "One form for all border posts of Panama", SUMMARY)
    assert decide(DRAFT, [*others, near], recaptured=True) == Changed("d" * 16, ("title",))


def test_day_title_and_summary_do_not_run_into_each_other() -> None:
    assert fingerprint(DAY, "a b", "c") != fingerprint(DAY, "a", "b c")


@examples(60)
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


@pytest.mark.parametrize(
    ("one", "other"),
    [("C++ course opens", "C# course opens"), ("Dollar: +2 %", "Dollar: -2 %"), ("R&D day", "RD day")],
)
def test_signs_that_make_another_word_make_another_item(one: str, other: str) -> None:
    assert identity(DAY, one) != identity(DAY, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Guatemala-Honduras", "Guatemala – Honduras"),
        ("up 2 %", "up 2%"),
        ("2020-2026", "2020–2026"),
        ("a_b", "a b"),
    ],
)
def test_dashes_and_spaces_before_a_sign_do_not(one: str, other: str) -> None:
    assert identity(DAY, one) == identity(DAY, other)


def named(external_id: str, **fields: object) -> Draft:
    return replace(DRAFT, external_id=external_id, **fields)


def knowing(draft: Draft, source: str = "a.md") -> Known:
    return replace(KNOWN, source=source, office_key=office_key(source, draft))


def test_the_id_that_the_office_gave_names_the_item_whatever_else_is_different() -> None:
    known = [knowing(named("p-1"))]
    other = named("p-1", title="Quite another title", summary="Short.", date_on=date(2027, 1, 1))
    decide_in = Candidates(known).decide
    assert decide_in(other, source="b.md") == Changed(ID, ("title", "date", "summary"))
    assert decide_in(named("p-1"), source="b.md") == Same(ID)
    assert decide_in(named("p-1", title=TITLE.upper()), source="b.md") == Same(ID)


def test_a_shorter_text_under_the_offices_own_id_is_a_change() -> None:
    found = Candidates([knowing(named("p-1"))]).decide(named("p-1", summary="The form."), source="a.md")
    assert found == Changed(ID, ("summary",))


def test_an_item_with_another_id_of_the_office_is_another_item_however_alike() -> None:
    found = Candidates([knowing(named("p-1"))]).decide(named("p-2"), source="a.md", recaptured=True)
    assert isinstance(found, New)
    assert found.item_id != ID


def test_an_item_without_an_id_is_found_by_its_words_and_then_by_the_id_it_is_given() -> None:
    candidates = Candidates([KNOWN])
    assert candidates.decide(named("p-1"), source="a.md") == Same(ID)
    assert candidates.name(ID, office_key("a.md", named("p-1")))
    assert not candidates.name(ID, office_key("a.md", named("p-2")))
    moved = named("p-1", title="Another", date_on=DAY + timedelta(days=40))
    assert candidates.decide(moved, source="c.md") == Changed(ID, ("title", "date"))


def test_an_id_counts_within_its_office_and_language() -> None:
    here = office_key("inbox.md", named("1"))
    assert here == office_key("other.md", named("1"))
    assert here != office_key("es/inbox.md", named("1"))
    assert here != office_key("inbox.md", named("1", lang="es"))
    assert office_key("inbox.md", DRAFT) == ""


def test_an_old_wording_under_the_offices_own_id_undoes_no_correction() -> None:
    candidates = Candidates([knowing(named("p-1"))])
    candidates.add(replace(knowing(named("p-1")), title="Corrected title"))
    assert candidates.decide(named("p-1"), source="a.md") == Same(ID, earlier=True)


def test_a_cut_text_that_was_heard_before_a_correction_does_not_undo_it() -> None:
    cut = replace(DRAFT, summary="The form records")
    candidates = Candidates([KNOWN])
    assert candidates.decide(cut) == Same(ID, cut=True)
    assert candidates.hear(cut, ID)
    assert not candidates.hear(cut, ID)
    assert candidates.decide(cut) == Same(ID, cut=True)  # it says what stands, so it is no earlier wording
    candidates.add(replace(KNOWN, summary="Everything about the form is different now."))
    assert candidates.decide(cut) == Same(ID, earlier=True)


def test_titles_that_differ_in_a_name_however_short_name_two_things() -> None:
    assert names_other_things("Form A of the school", "Form B of the school")
    assert names_other_things("Room 1 opens", "Room 2 opens")
    assert not names_other_things("Form A of the school", "Form A of the schools")
    assert not names_other_things("Consulate opens", "Embassy opens")  # the first word has a capital anyway


@pytest.mark.parametrize(
    ("day", "days", "moved"),
    [
        (date(2026, 11, 25), 6, date(2026, 12, 1)),
        (date(2026, 11, 25), -6, date(2026, 11, 19)),
        (date.min, -1, date.min),
        (date.max, 1, date.max),
    ],
)
def test_a_day_is_moved_as_far_as_the_calendar_goes(day: date, days: int, moved: date) -> None:
    assert moved_day(day, days) == moved


def test_versions_of_an_item_have_one_key_in_a_folder_whatever_their_language() -> None:
    english, spanish = (replace(named("p-1"), lang=lang) for lang in ("en", "es"))
    assert translation_key("a.md", english) == translation_key("b.md", spanish) != ""
    assert translation_key("es/a.md", english) != translation_key("a.md", english)
    assert translation_key("a.md", named("p-2")) != translation_key("a.md", english)
    stated = replace(named("p-2"), translation_of="p-1")
    assert translation_key("a.md", stated) == translation_key("a.md", english)
    assert translation_key("a.md", replace(stated, external_id=None)) == translation_key("a.md", english)
    assert translation_key("a.md", replace(english, external_id=None)) == ""
    assert translation_key("a.md", english) != office_key("a.md", english)
