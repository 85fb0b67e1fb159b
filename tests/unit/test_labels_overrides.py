"""What people decide instead of the labeller, topics with a past, and lines of faults."""

from __future__ import annotations

from typing import Any

import pytest
import tomli

from feeds.errors import ConfigError
from feeds.labels import build, difference, read_overrides, topic_history
from feeds.labels.lines import line_of
from feeds.model import Evidence, Kind, Label, Strength

TOPICS = """
[topics.health]
names = { en = "Health" }
patterns.en = [
  "clinic*",
  "nurse*",
]
[topics.law]
names = { en = "Law" }
patterns.en = ["court*"]
"""
LABELLER, VOCABULARY = build(tomli.loads(TOPICS), {})


def labels(title: str) -> tuple[Label, ...]:
    return LABELLER.labels(title, "", "en")


def codes(found: tuple[Label, ...]) -> list[tuple[str, str]]:
    return [(label.code, label.strength) for label in found]


def overrides_faults(text: str) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        read_overrides(tomli.loads(text), VOCABULARY, source=text)
    return {problem.where: problem.what for problem in caught.value.problems}


def test_a_decision_replaces_the_kinds_it_names_and_no_others() -> None:
    decided = read_overrides({"items": {"a1": {"countries": ["hn"], "mentions": ["bz"]}}}, VOCABULARY)

    found = decided.apply("a1", labels("Clinic opens in Belize"))
    assert codes(found) == [("hn", "about"), ("bz", "mentions"), ("health", "about")]


def test_an_empty_list_takes_all_labels_of_the_kind_away() -> None:
    decided = read_overrides({"items": {"a1": {"topics": []}}}, VOCABULARY)

    assert codes(decided.apply("a1", labels("Clinic opens in Belize"))) == [("bz", "about")]


def test_an_item_without_a_decision_stays_as_it_is() -> None:
    decided = read_overrides({"items": {"a1": {"topics": []}}}, VOCABULARY)

    assert decided.apply("a2", labels("Clinic in Belize")) == labels("Clinic in Belize")


def test_a_found_label_keeps_its_evidence_and_a_given_one_says_that_a_person_gave_it() -> None:
    decided = read_overrides({"items": {"a1": {"countries": ["bz", "hn"]}}}, VOCABULARY)

    belize, honduras, _ = decided.apply("a1", labels("Clinic in Belize"))
    assert belize.evidence[0].words == "Belize"
    assert honduras.evidence == (Evidence(field="title", start=0, end=0, words="", rule="person"),)


def test_a_decision_survives_a_second_labelling() -> None:
    decided = read_overrides({"items": {"a1": {"countries": ["hn"]}}}, VOCABULARY)

    once = decided.apply("a1", labels("Clinic in Belize"))
    assert codes(decided.apply("a1", once)) == codes(once)


def test_faults_of_an_overrides_file_come_at_once_with_lines() -> None:
    text = (
        '[items.a1]\ncountries = ["hn", "zz"]\ntopics = ["sports"]\nmentions = ["hn"]\nlabel = 1\n[other]\n'
    )

    assert overrides_faults(text) == {
        "overrides.toml line 2: items.a1.countries[1]": "'zz' is no country of this site",
        "overrides.toml line 3: items.a1.topics[0]": "'sports' is no topic of this site",
        "overrides.toml line 4: items.a1.mentions[0]": "'hn' is named twice",
        "overrides.toml line 5: items.a1.label": (
            "unknown key; allowed are by, countries, mentions, on, regions, title, topics, why"
        ),
        "overrides.toml line 6: other": "unknown key; allowed is items",
    }


def test_difference_tells_what_comes_and_goes() -> None:
    before, after = labels("Clinic in Belize"), labels("Court in Belize")

    change = difference(before, after)
    assert change.added == ((Kind.TOPIC, "law", Strength.ABOUT),)
    assert change.removed == ((Kind.TOPIC, "health", Strength.ABOUT),)
    assert not difference(before, before)


# -- topics with a past -------------------------------------------------------------------------


def test_old_slugs_lead_to_the_new_one_and_a_retired_topic_is_given_to_nothing() -> None:
    parsed = tomli.loads(TOPICS)
    parsed["topics"]["health"]["renamed_from"] = ["salud", "care"]
    parsed["topics"]["law"] = {"names": {"en": "Law"}, "retired": True}

    labeller, vocabulary = build(parsed, {})
    history = topic_history(parsed)
    assert [history.today(slug) for slug in ("salud", "care", "health", "other")] == ["health"] * 3 + [
        "other"
    ]
    assert history.retired == {"law"}
    assert vocabulary.name(Kind.TOPIC, "law", "en") == "Law"
    assert labeller.labels("Court opens", "", "en") == ()


@pytest.mark.parametrize(
    ("key", "value", "where", "what"),
    [
        ("renamed_from", ["law"], "topics.health.renamed_from[0]", "still a topic"),
        ("renamed_from", ["Old One"], "topics.health.renamed_from[0]", "slug"),
        ("renamed_from", ["old", "old"], "topics.health.renamed_from[1]", "clash"),
        ("renamed_from", "old", "topics.health.renamed_from", "list"),
        ("retired", "yes", "topics.health.retired", "true or false"),
        ("retired", True, "topics.health.retired", "take its patterns out"),
    ],
)
def test_a_fault_in_a_topics_past_names_its_key(key: str, value: Any, where: str, what: str) -> None:
    parsed = tomli.loads(TOPICS)
    parsed["topics"]["health"][key] = value

    with pytest.raises(ConfigError) as caught:
        build(parsed, {})
    assert what in {problem.where: problem.what for problem in caught.value.problems}[f"topics.toml: {where}"]


# -- lines --------------------------------------------------------------------------------------


def test_a_fault_names_file_and_line_when_the_text_is_given() -> None:
    text = TOPICS.replace('"nurse*"', '"*"').replace('"court*"', '"the"')

    with pytest.raises(ConfigError) as caught:
        build(tomli.loads(text), {}, sources={"topics.toml": text})
    assert [problem.where for problem in caught.value.problems] == [
        "topics.toml line 6: topics.health.patterns.en[1]",
        "topics.toml line 10: topics.law.patterns.en[0]",
    ]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("topics.health", 2),
        ("topics.health.names", 3),
        ("topics.health.names.en", 3),
        ("topics.health.patterns.en[0]", 5),
        ("topics.health.patterns.en[7]", 4),
        ("topics.law.patterns.es", 8),
        ("topics.none", 0),
        ("", 0),
    ],
)
def test_a_key_path_has_the_line_of_the_nearest_written_key(path: str, line: int) -> None:
    assert line_of(TOPICS, path) == line
