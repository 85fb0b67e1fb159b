"""Rules of labelling that one sentence or number tells: each test breaks if its rule is turned round."""

from __future__ import annotations

from datetime import date

import pytest
from tests.unit.test_labels import built, codes, labels, roles

from feeds.labels import UNKNOWN, label_draft, language
from feeds.labels.datelines import dateline_end
from feeds.labels.folding import fold
from feeds.labels.given import OVERRIDE, retired_labels
from feeds.labels.languages import _is_like, each_language
from feeds.labels.patterns import PatternFault, parse
from feeds.labels.sentences import words_before
from feeds.labels.tagged import _LONGEST as LONGEST
from feeds.labels.tagged import with_tags
from feeds.labels.tongues import is_other
from feeds.model import Draft, Evidence, Kind, Label, Strength


def about(title: str, summary: str = "") -> list[str]:
    return sorted(codes(labels(title, summary), Kind.COUNTRY, Strength.ABOUT))


def strengths(title: str, summary: str, lang: str = "en") -> dict[str, str]:
    return {one.code: one.strength.value for one in labels(title, summary, lang) if one.kind is Kind.COUNTRY}


# -- who pays, whose firm it is, what is only passed by -------------------------------------------


def test_where_only_the_payer_is_named_its_later_names_are_no_donors() -> None:
    """With nobody else named it is the news of who pays."""
    found = labels("A loan for schools", "It was financed by Norway. Norway has paid before.", "en")
    assert roles(found, "no") == ["donor", "plain"]
    beside = labels("A loan for schools in Togo", "It was financed by Norway. Norway has paid before.", "en")
    assert roles(beside, "no") == ["donor", "donor"]


@pytest.mark.parametrize(
    ("summary", "lang"),
    [
        ("It was built by a Dutch contractor.", "en"),
        ("Fue construido por una empresa francesa.", "es"),
        ("Il a été bâti par une société belge.", "fr"),
        ("Foi feito por uma empresa chinesa.", "pt"),
    ],
)
def test_the_home_of_a_firm_is_a_guest_of_the_summary(summary: str, lang: str) -> None:
    found = labels("Xxx", summary, lang)
    assert codes(found, Kind.COUNTRY, Strength.ABOUT) == []
    assert [one.evidence[0].role for one in found if one.kind is Kind.COUNTRY] == ["guest"]


def test_a_firm_of_the_title_stands() -> None:
    assert about("Danish firm wins prize", "It makes pumps.") == ["dk"]


@pytest.mark.parametrize(
    "summary",
    [
        "The storm is moving towards Cuba.",
        "The quake was felt as far as Cuba.",
        "The coffee is exported to Cuba.",
        "It had passed north of Cuba.",
    ],
)
def test_what_is_only_passed_by_is_never_all_that_an_item_is_about(summary: str) -> None:
    assert strengths("News of Xyzzy", summary) == {"cu": "mentions"}


def test_in_a_title_the_way_of_a_storm_is_news() -> None:
    assert about("Storm moving towards Cuba") == ["cu"]


def test_a_title_of_sales_tells_the_other_end_only() -> None:
    assert about("Weavers export bags to Japan", "The cooperative works in Otavalo, Ecuador.") == ["ec", "jp"]
    assert about("Cooperative sells coffee to Japan", "It stands in Peru.") == ["jp", "pe"]


# -- words around a place ---------------------------------------------------------------------------


def test_the_words_before_a_place_begin_where_the_text_does() -> None:
    assert words_before("one two three", 8) == ["one", "two"]
    assert words_before("one", 0) == []
    assert words_before("x" * 50 + " of ", 54) == ["x" * 36, "of"]


@pytest.mark.parametrize(
    ("summary", "role"),
    [
        ("La Facultad Latinoamericana dio el curso.", "institution"),
        ("Foo bar baz qux quux corge grault. La Facultad Latinoamericana dio el curso.", "institution"),
        ("El curso fue en América Latina.", "plain"),
        ("It was run by the Caribbean Agency for Health and Food.", "institution"),
        ("It was held for the Caribbean. An Agency wrote of it.", "plain"),
    ],
)
def test_a_region_in_the_name_of_a_body_is_an_institution(summary: str, role: str) -> None:
    lang = "es" if "La " in summary or "El " in summary else "en"
    regions = [one for one in labels("Xxx", summary, lang) if one.kind is Kind.REGION]
    assert [one.evidence[0].role for one in regions] == [role]


def test_a_shared_word_for_a_people_needs_no_capital_and_is_a_nationality() -> None:
    found = labels("Xxx", "Llegaron migrantes guineanos.", "es")
    assert roles(found, "gn") == ["nationality"]


def test_a_town_before_a_state_of_the_same_country_is_no_new_town() -> None:
    found = labels("Fire in Miami, Florida")
    assert [e.words for one in found for e in one.evidence if one.code == "us"] == ["Miami", "Florida"]
    assert about("School opens in Peru, Indiana") == ["us"]
    assert about("School opens in Peru, Bolivia") == ["bo", "pe"]


# -- cues ---------------------------------------------------------------------------------------------


def test_of_two_cues_the_nearer_one_counts() -> None:
    """The party stands right before its place, the donor further off."""
    found = labels("Xxx", "With funds from Japan it signed an agreement with Peru.", "en")
    assert roles(found, "jp") == ["donor"]
    assert roles(found, "pe") == ["party"]


def test_of_two_cues_that_end_together_the_later_beginning_counts() -> None:
    found = labels(
        "Xxx", "There is a border between Chad and Niger. Most of the migrants from Peru left.", "en"
    )
    assert roles(found, "td") == ["neighbour"]
    assert roles(found, "pe") == ["nationality"]


# -- topics ---------------------------------------------------------------------------------------------


def test_a_text_without_any_word_of_a_topic_has_none() -> None:
    assert codes(labels("Zzz", "Yyy"), Kind.TOPIC) == []


def test_an_unknown_topic_of_a_head_is_told_of_and_gives_no_label() -> None:
    labeller, vocabulary = built()
    draft = Draft(
        title="Zzz",
        summary="Yyy",
        date_on=date(2026, 5, 3),
        line=1,
        end_line=2,
        topics=("no such thing", "Health"),
    )
    _, found, faults = label_draft(labeller, vocabulary, draft, "en")
    assert [fault.detail for fault in faults] == ["no such thing"]
    assert codes(found, Kind.TOPIC) == ["health"]


# -- languages and patterns ---------------------------------------------------------------------------------


def test_a_word_of_one_letter_is_common_and_makes_no_pattern() -> None:
    with pytest.raises(PatternFault):
        parse("q of")
    assert parse("qx of").forms == (" qx of ",)


def test_half_the_letters_of_another_script_make_another_language() -> None:
    """Letters count, one of East Asia for several; exactly half is not most."""
    assert is_other(set(), "привет мир", 0)
    assert not is_other(set(), "привет abcdef", 0)
    assert is_other(set(), "привета abcdef", 0)
    assert is_other(set(), "日本 abcd", 0)
    assert not is_other({"the"}, "abcdefghijkl д", 1)


def test_one_foreign_letter_is_looked_at() -> None:
    assert language("Пожар в городе", "", "en") == UNKNOWN


def test_each_field_has_its_own_language() -> None:
    assert each_language("Curso para las mujeres", "The course was held for the women of the town", "en") == (
        "es",
        "en",
    )


@pytest.mark.parametrize(("letters", "cut"), [(LONGEST, False), (LONGEST + 1, True)])
def test_tags_that_are_told_of_are_cut_behind_a_limit_only(letters: int, cut: bool) -> None:
    tag = "a" * letters
    draft = Draft(title="Zzz", summary="Yyy", date_on=date(2026, 5, 3), line=1, end_line=2, tags=(tag,))
    _, notes = with_tags((), draft, built()[1])
    assert [note.detail.endswith("…") for note in notes] == [cut]
    assert all(len(note.detail) <= LONGEST for note in notes)


def test_folding_keeps_the_length_where_nothing_is_dropped() -> None:
    folded = fold("Él está — aquí")
    assert folded.text == "el esta | aqui"
    assert list(folded.starts) == list(range(14))


# -- authorities, datelines, bodies --------------------------------------------------------------------------


def test_a_people_before_an_authority_acts_for_its_country() -> None:
    assert about("Chile opens a port", "The Peruvian navy lent a ship to the Chilean one.") == ["cl"]
    assert about("Chile opens a port", "Then the Peruvian parliament voted on a road.") == ["cl", "pe"]
    assert about("Chile opens a port", "Then the Peruvian cooks voted on a road.") == ["cl"]


def test_a_dateline_has_names_days_and_a_few_small_words_only() -> None:
    assert dateline_end("San José de Costa Rica, 3 de mayo – El curso abrió.") > 0
    assert dateline_end("Lima goes home, 3 May – The course opened.") == 0


def test_of_the_guests_of_an_event_each_is_one() -> None:
    found = labels("Xxx", "The event with the bank, the Government of Samoa and two schools ended.", "en")
    assert roles(found, "ws") == ["guest"]
    other = labels("Xxx", "The experts from Peru slept. The Government of Samoa paid two schools.", "en")
    assert roles(other, "ws") != ["guest"]


def test_a_town_is_no_host_of_its_own_country() -> None:
    """A plain name in the summary tells the country, so its town is where it happens and no mere venue."""
    found = labels("Ministers of three countries meet", "Peru opened the talks. They went on in Cusco.", "en")
    assert roles(found, "pe")[-1] != "venue"


@pytest.mark.parametrize(("word", "like"), [("ation", True), ("tion", False)])
def test_an_ending_tells_a_language_in_words_of_five_letters_or_more(word: str, like: bool) -> None:
    assert _is_like(word, "en") is like


def test_the_other_end_of_a_title_is_told_by_either_word() -> None:
    """A preposition of the lists or a verb of selling is enough."""
    home = "The cooperative works in Otavalo, Ecuador."
    assert about("Weavers join forces with Japan", home) == ["ec", "jp"]
    casa = "La cooperativa está en Otavalo, Ecuador."
    found = labels("Tejedoras exportan bolsos a Japón", casa, "es")
    assert sorted(codes(found, Kind.COUNTRY, Strength.ABOUT)) == ["ec", "jp"]
    help_to = labels("Tejedoras ayudan a Japón", casa, "es")
    assert codes(help_to, Kind.COUNTRY, Strength.ABOUT) == ["jp"]


@pytest.mark.parametrize(
    ("summary", "lang", "code"),
    [
        ("A judge from Canada gave the first lesson.", "en", "ca"),
        ("Una jueza de Italia dio la primera clase.", "es", "it"),
        ("Un juge du Canada a ouvert le cours.", "fr", "ca"),
    ],
)
def test_a_few_people_who_come_to_teach_are_guests(summary: str, lang: str, code: str) -> None:
    assert roles(labels("Togo", summary, lang), code) == ["guest"]
    many = summary.replace("A judge", "The judge").replace("Una jueza", "La jirafa")
    if many != summary:
        assert roles(labels("Togo", many, lang), code) != ["guest"]


def test_labels_of_retired_topics_stay_without_what_decisions_added() -> None:
    """By words: stays. By a decision alone: gone. Without evidence, from before there was any: stays."""
    words = Evidence(field="title", start=0, end=1, words="x", rule="pattern")
    decided = Evidence(field="title", start=0, end=1, words="x", rule=OVERRIDE)
    both, alone, bare = (
        Label(kind=Kind.TOPIC, code=code, evidence=evidence)
        for code, evidence in (("a", (words, decided)), ("b", (decided,)), ("c", ()))
    )
    kept = retired_labels([both, alone, bare], {"a", "b", "c"})
    assert [(one.code, one.evidence) for one in kept] == [("a", (words,)), ("c", ())]
    assert retired_labels([both, bare], {"b"}) == []
