"""Which wordings are one (the finer fold), and what an edited file changes: cut texts, links."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds.changes import (
    Candidates,
    Changed,
    Known,
    Same,
    fingerprint,
    fold,
    former_fingerprint,
    identity,
    is_cut_short,
    item_id,
    link_key,
    office_key,
    wording_fold,
)
from feeds.model import Draft

DAY = date(2026, 11, 16)
TITLE = "Ferry service starts again"
FIRST, LAST = "The ferry runs every hour from six in the morning.", "Tickets are sold on board."
SUMMARY = f"{FIRST} {LAST}"
ID = item_id(identity(DAY, TITLE))
KNOWN = Known(ID, DAY, TITLE, SUMMARY, source="news.txt", link="https://news.example.org/ferry")
DRAFT = Draft(line=1, end_line=5, date_on=DAY, title=TITLE, summary=SUMMARY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3-5 million", "3.5 million"),
        ("1,5 per cent", "1/5 per cent"),
        ("20:30", "20, 30"),
        ("20:30", "20.30"),
        ("2 – 3 weeks", "2, 3 weeks"),
        ("write to info-x.org", "write to info.x.org"),
        ("see www.a-b.example", "see www.a.b.example"),
        ("press-desk@example.org", "press.desk@example.org"),
        ("https://example.org/a-b", "https://example.org/a/b"),
        ("Minister resigns?", "Minister resigns"),
    ],
)
def test_signs_inside_numbers_and_addresses_and_question_marks_make_another_wording(
    one: str, other: str
) -> None:
    assert fold(one) == fold(other)  # so ids and what finds an item do not notice
    assert wording_fold(one) != wording_fold(other)
    known = replace(KNOWN, summary=f"{FIRST} {one}")
    draft = replace(DRAFT, summary=f"{FIRST} {other}")
    assert Candidates([known]).decide(draft) == Changed(ID, ("summary",))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2020-2026", "2020–2026"),
        ("2020 - 2026", "2020–2026"),
        ("10\xa0000 people", "10\u2009000 people"),
        ("10\u202f000 people", "10 000 people"),
        ("“one form” for all", '"one form" for all'),
        ("here – and there", "here, and there"),
        ("The first.It takes", "The first. It takes"),
        ("¿Renuncia?", "RENUNCIA ?"),
        ("In 2020, 300 came.", "in 2020 300 came"),
        ("Write to Desk@Example.org.", "write to desk@example.org"),
        ("see info‑x.org", "see info-x.org,"),
        ("5’6", "5'6"),
        ("up 2 %", "up 2%"),
    ],
)
def test_typography_makes_no_other_wording(one: str, other: str) -> None:
    assert fingerprint(DAY, one, SUMMARY) == fingerprint(DAY, other, SUMMARY)


@examples(300)
@given(st.text("ab1 .,-?:/@'’–%+", max_size=30))
def test_what_is_one_wording_is_one_for_the_broad_fold_too(text: str) -> None:
    assert fold(fold(wording_fold(text))) == fold(fold(text))


@pytest.mark.parametrize("hostile", ["a.", "a-", "1.", "www.", "http://!", "?", "- ", "@", "a@", "…", "["])
def test_folding_is_done_for_texts_without_end(hostile: str) -> None:
    text = hostile * 25_000
    assert is_cut_short(text + "…", wording_fold(text)) in (True, False)


@pytest.mark.parametrize("cut", ["More at www.exa…", "More at www.example [...]", "More at", "More…"])
def test_a_capture_may_cut_an_address(cut: str) -> None:
    assert is_cut_short(cut, "More at www.example.org and by telephone.")
    assert not is_cut_short("More at www.example-org", "More at www.example.org and by telephone.")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": f"{TITLE}?"}, ("title",)),
        ({"title": f"{TITLE}?", "summary": f"{SUMMARY} No."}, ("title", "summary")),
    ],
)
def test_a_sign_in_the_title_is_a_correction_and_no_new_item(
    fields: dict[str, str], expected: tuple[str, ...]
) -> None:
    found = Candidates([KNOWN]).decide(replace(DRAFT, **fields))
    assert found == Changed(ID, expected)


SHORTER = replace(DRAFT, summary=FIRST)


def test_a_sentence_taken_out_of_the_offices_own_file_is_a_change() -> None:
    assert Candidates([KNOWN]).decide(SHORTER, source="news.txt") == Changed(ID, ("summary",))


@pytest.mark.parametrize("source", ["capture.txt", "", "es/news.txt"])
def test_a_capture_that_cuts_shortens_nothing_and_says_so(source: str) -> None:
    assert Candidates([KNOWN]).decide(SHORTER, source=source) == Same(ID, cut=True)


def test_a_text_that_ends_in_an_ellipsis_is_a_cut_one_in_any_file() -> None:
    draft = replace(DRAFT, summary=FIRST[:-1] + " …")
    assert Candidates([KNOWN]).decide(draft, source="news.txt") == Same(ID, cut=True)


def test_a_file_that_has_an_item_whole_and_cut_shortens_nothing() -> None:
    key = identity(DAY, TITLE)
    found = Candidates([KNOWN]).decide(SHORTER, [key], source="news.txt", repeated=[key])
    assert found == Same(ID, cut=True)


def test_a_text_that_was_shorter_once_does_not_come_back_with_the_old_file() -> None:
    before = frozenset({fingerprint(DAY, TITLE, FIRST)})
    found = Candidates([replace(KNOWN, wordings=before)]).decide(SHORTER, source="news.txt")
    assert found == Same(ID, cut=True)


def test_a_cut_capture_of_a_text_from_before_a_correction_undoes_nothing() -> None:
    corrected = replace(KNOWN, summary="Everything is different now.", earlier=(SUMMARY,))
    assert Candidates([corrected]).decide(SHORTER, source="capture.txt") == Same(ID, earlier=True)
    candidates = Candidates([KNOWN])
    candidates.add(replace(KNOWN, summary="Everything is different now."))
    assert candidates.decide(SHORTER, source="capture.txt") == Same(ID, earlier=True)


def test_a_corrected_title_takes_the_sentence_along_that_was_added_with_it() -> None:
    draft = replace(DRAFT, title="Ferry service starts once again", summary=f"{SUMMARY} Bring a chair.")
    assert Candidates([KNOWN]).decide(draft, source="news.txt") == Changed(ID, ("title", "summary"))
    cut = replace(draft, summary=FIRST)
    assert Candidates([KNOWN]).decide(cut, source="capture.txt", recaptured=True) == Changed(
        ID, ("title",), cut=True
    )


def test_another_link_is_a_change_and_none_takes_none_away() -> None:
    moved = replace(DRAFT, link="https://news.example.org/ferry-2")
    named = replace(moved, external_id="p-1")
    assert Candidates([KNOWN]).decide(moved) == Changed(ID, ("link",))
    by_id = replace(KNOWN, office_key=office_key("a.md", named))
    assert Candidates([by_id]).decide(named, source="a.md") == Changed(ID, ("link",))
    assert Candidates([KNOWN]).decide(DRAFT) == Same(ID)
    assert Candidates([replace(KNOWN, link=None)]).decide(moved) == Changed(ID, ("link",))
    both = replace(moved, summary=SUMMARY.replace("six", "seven"))
    assert Candidates([KNOWN]).decide(both) == Changed(ID, ("summary", "link"))


def test_a_link_from_before_a_correction_undoes_none() -> None:
    old = replace(DRAFT, link="https://news.example.org/old")
    remembered = frozenset({link_key(ID, "https://news.example.org/old")})
    assert Candidates([replace(KNOWN, wordings=remembered)]).decide(old) == Same(ID, earlier=True)
    candidates = Candidates([replace(KNOWN, link=old.link)])
    candidates.add(KNOWN)
    assert candidates.decide(old) == Same(ID, earlier=True)
    candidates.add(Known("b" * 16, DAY, "Another", SUMMARY, link="https://news.example.org/other"))
    other = replace(old, title="Another")  # what one item had, another may get
    assert candidates.decide(other) == Changed("b" * 16, ("link",))


def test_a_new_link_beside_words_from_before_a_correction_counts_and_the_words_do_not() -> None:
    candidates = Candidates([KNOWN])
    candidates.add(replace(KNOWN, summary="Everything is different now."))
    moved = replace(DRAFT, link="https://news.example.org/ferry-2")
    assert candidates.decide(moved, source="news.txt") == Changed(ID, ("link",), earlier=True)


def stored_before(*words: str) -> frozenset[str]:
    """What an older version remembered of an item that had these texts."""
    return frozenset(former_fingerprint(DAY, TITLE, each) for each in words)


def test_wordings_that_an_older_version_stored_still_count() -> None:
    earlier = "The ferry runs every two hours."
    known = replace(KNOWN, wordings=stored_before(SUMMARY, earlier))
    assert Candidates([known]).decide(DRAFT) == Same(ID)
    assert Candidates([known]).decide(replace(DRAFT, summary=earlier)) == Same(ID, earlier=True)


def test_a_number_that_an_older_version_took_for_the_same_can_be_corrected_now() -> None:
    known = replace(KNOWN, summary="It cost 3-5 million.", wordings=stored_before("It cost 3-5 million."))
    draft = replace(DRAFT, summary="It cost 3.5 million.")
    assert Candidates([known]).decide(draft) == Changed(ID, ("summary",))
