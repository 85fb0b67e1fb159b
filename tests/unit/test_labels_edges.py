"""Where the rules of labels end: the last letter, sentence, list or line for which each of them holds."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from feeds.labels import build
from feeds.labels.folding import DASH
from feeds.labels.given import BY_A_PERSON, BY_A_TAG, BY_THE_OVERRIDES
from feeds.labels.patterns import parse
from feeds.labels.phrases import Phrases
from feeds.labels.places import Hit, Surface
from feeds.labels.sentences import in_list, lists, sentence
from feeds.labels.tongues import is_other
from feeds.model import Kind, Strength

LABELLER, _ = build({}, {})
PLACE = Surface("name", ("pe",), "pe")


def about(title: str, summary: str = "") -> set[str]:
    labels = LABELLER.labels(title, summary, "en")
    return {one.code for one in labels if one.kind is Kind.COUNTRY and one.strength is Strength.ABOUT}


def roles(title: str, summary: str) -> dict[str, list[str]]:
    labels = LABELLER.labels(title, summary, "en")
    return {one.code: [each.role for each in one.evidence] for one in labels if one.kind is Kind.COUNTRY}


def hit(plain: str, word: str) -> Hit:
    return Hit(PLACE, plain.index(word), plain.index(word) + len(word))


# -- what people gave


@pytest.mark.parametrize(
    ("evidence", "rule"), [(BY_A_PERSON, "person"), (BY_A_TAG, "tag"), (BY_THE_OVERRIDES, "override")]
)
def test_a_label_that_was_given_stands_nowhere_in_the_words(evidence: tuple[object, ...], rule: str) -> None:
    (one,) = evidence
    assert astuple(one) == ("", 0, 0, "", rule, astuple(one)[-1])  # type: ignore[call-overload]


# -- names of persons


@pytest.mark.parametrize("title", ["Mr. Lima opens the school", "Mrs. Sofia speaks", "Dr. Florence heals"])
def test_a_town_with_a_title_before_it_is_a_person(title: str) -> None:
    assert about(title) == set()


@pytest.mark.parametrize(("title", "code"), [("Mr. Peru opens the school", "pe"), ("Dr. Ghana heals", "gh")])
def test_a_country_is_no_person(title: str, code: str) -> None:
    assert about(title) == {code}


# -- lists


@pytest.mark.parametrize(
    ("between", "joined"),
    [
        (", ", True), (" and ", True), (" & ", True), ("/", True), (" (", True),
        (", 12 ", True), (" ", False),
        (" the ", False), (" and the government of ", True), (" and two ", True),
        (". And ", False), ("; ", False),
        (" and then ", False), (" sells to ", False), (", " + " " * 78, True), (", " + " " * 79, False),
        (" and " + "the " * 5, True), (" and " + "the " * 6, False), ("", False),
    ],
)  # fmt: skip
def test_what_stands_between_two_places_of_a_list(between: str, joined: bool) -> None:
    plain = f"peru{between}chile"
    assert in_list(plain, 4, 4 + len(between)) is joined


def test_a_list_ends_where_the_next_place_is_not_joined() -> None:
    plain = "peru, chile and ghana sell to togo, mali"
    hits = [hit(plain, word) for word in ("peru", "chile", "ghana", "togo", "mali")]
    assert list(lists(plain, hits)) == [(0, 3), (3, 5)]
    assert list(lists(plain, hits[:1])) == [(0, 1)]
    assert list(lists(plain, [])) == []


# -- sentences


@pytest.mark.parametrize(
    ("sign", "ends"), [(". ", True), ("? ", True), ("! ", True), ("; ", False), (", ", False)]
)
def test_a_sentence_reaches_from_one_sign_to_the_next(sign: str, ends: bool) -> None:
    plain = f" one two{sign}it is peru here{sign}three"  # a text begins with a blank
    start, stop = sentence(plain, hit(plain, "peru"))
    assert plain[start:stop] == ("it is peru here" if ends else plain[1:])


def test_a_sentence_begins_behind_a_dash_and_goes_on_over_one() -> None:
    plain = "lima \N{EM DASH} it is peru \N{EM DASH} here".replace("\N{EM DASH}", DASH)
    start, stop = sentence(plain, hit(plain, "peru"))
    assert plain[start:stop] == f" it is peru {DASH} here"


def test_so_many_letters_on_either_side_are_searched_for_the_ends() -> None:
    plain = "a" * 500 + "peru" + "b" * 500
    assert sentence(plain, Hit(PLACE, 500, 504)) == (100, 904)
    assert sentence(" peru", Hit(PLACE, 1, 5)) == (1, 5)


# -- datelines


def test_a_place_in_front_of_the_dash_is_a_dateline_and_one_behind_it_is_not() -> None:
    assert roles("Course opens", "Lima, 3 May 2026 – Ghana sends three teachers.") == {
        "pe": ["dateline"],
        "gh": ["plain"],
    }
    assert roles("Course opens", "Lima – It opens on Monday.")["pe"] == ["dateline"]


def test_what_is_in_the_title_is_no_dateline() -> None:
    assert roles("Lima opens a school", "Accra, 3 May 2026 – It opens on Monday.") == {
        "pe": ["plain"],
        "gh": ["dateline"],
    }


# -- languages


@pytest.mark.parametrize("letter", ["一", "あ", "가"])
def test_a_letter_of_east_asia_weighs_as_much_as_a_word(letter: str) -> None:
    text = f"ferry boats {letter * 3}"
    assert is_other(set(text.split()), text, 0)


def test_letters_of_other_scripts_weigh_as_letters() -> None:
    assert not is_other({"ferry"}, "ferry boats жж", 0)
    assert is_other({"ferry"}, "ferry жжжжжж", 0)


# -- phrases of overrides and tags


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("work permit", ["work permit"]),
        ("permit*", ["permit", "permits"]),
        ("work|stay permit*", ["work permit", "stay permits"]),
        ("stay .. papers", ["stay permits and papers"]),
        ("work .. papers", []),
    ],
)
def test_the_words_of_a_phrase_are_shown_and_no_more(pattern: str, shown: list[str]) -> None:
    found = Phrases([("a", parse(pattern))], "override").find(
        "A work permit again", "Stay permits and papers. Go."
    )
    assert [each.words.lower() for each in found.get("a", ())] == shown


def test_no_phrases_find_nothing() -> None:
    assert Phrases([], "override").find("A", "B") == {}
