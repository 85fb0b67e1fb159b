"""A title that tells of a people in another country, and the topic patterns that count only there."""

from __future__ import annotations

import pytest

from feeds.labels import build
from feeds.model import Kind

TOPICS = {
    "topics": {
        "abroad": {
            "names": {"en": "Abroad"},
            "abroad": {"en": ["vote|votes", "association*"], "es": ["votan"]},
            "not": {"en": ["football association"]},
        },
        "pacts": {"names": {"en": "Pacts"}, "between": {"en": ["sign"]}},
    }
}
LABELLER, _ = build(TOPICS, {})


def topics(title: str, summary: str = "", lang: str = "en") -> set[str]:
    return {label.code for label in LABELLER.labels(title, summary, lang) if label.kind is Kind.TOPIC}


@pytest.mark.parametrize(
    "title",
    [
        "Ecuadorians in Murcia vote",
        "Syrian doctors in Germany vote",
        "Tunisians of France vote on Sunday",
        "Malagasy harbour nurses in the Netherlands vote",
    ],
)
def test_a_people_in_another_country(title: str) -> None:
    assert topics(title) == {"abroad"}


@pytest.mark.parametrize(
    "title",
    [
        "Ecuadorians in Quito vote",  # at home
        "Ecuadorians vote",  # no place
        "Ecuador and Spain vote",  # countries, no people
        "Ecuadorians and Spaniards vote",  # two peoples
        "Ecuadorians of Latin America vote",  # a region is no other country
        "Ecuadorians with three dogs in Spain vote",  # too far away
        "Moldova closes the Russian consulate in Chișinău before the vote",  # the people is not whom it is of
    ],
)
def test_no_people_in_another_country(title: str) -> None:
    assert "abroad" not in topics(title)


def test_only_the_title_tells_a_people_abroad() -> None:
    assert topics("A ballot on Sunday", "Ecuadorians in Murcia vote.") == set()
    assert topics("Ecuadorians at the ballot", "In Murcia they vote.") == set()


def test_what_is_said_of_them_may_stand_in_the_summary() -> None:
    assert topics("Ecuadorians in Murcia sing", "Their association paid for the hall.") == {"abroad"}
    assert topics("Ecuadorians in Murcia sing", "The football association paid for the hall.") == set()


def test_patterns_between_countries_and_abroad_count_apart() -> None:
    assert topics("Ecuador and Spain sign and vote") == {"pacts"}
    assert topics("Ecuadorians in Quito vote and sign") == set()
    assert topics("Ecuadorians in Murcia vote and sign") == {"abroad", "pacts"}


def test_a_pattern_may_stand_in_both_conditional_lists_but_not_twice_in_one() -> None:
    both = {"names": {"en": "A"}, "abroad": {"en": ["vote"]}, "between": {"en": ["vote"]}}
    build({"topics": {"a": both}}, {})
    twice = {"names": {"en": "A"}, "abroad": {"en": ["vote", "vote"]}}
    with pytest.raises(Exception, match=r"abroad\.en\[1\]: clash: 'vote' already stands at abroad\.en\[0\]"):
        build({"topics": {"a": twice}}, {})
