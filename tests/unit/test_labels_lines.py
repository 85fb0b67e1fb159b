"""Retired and renamed topics, and lines of faults."""

from __future__ import annotations

import json
from typing import Any

import pytest
import tomli

from feeds.errors import ConfigError
from feeds.labels import build
from feeds.labels.lines import line_of
from feeds.model import Kind

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


# -- retired topics -----------------------------------------------------------------------------


def test_a_retired_topic_keeps_its_name_and_is_given_to_nothing() -> None:
    parsed = tomli.loads(TOPICS)
    parsed["topics"]["law"] = {"names": {"en": "Law"}, "retired": True}

    labeller, vocabulary = build(parsed, {})
    assert vocabulary.name(Kind.TOPIC, "law", "en") == "Law"
    assert labeller.labels("Court opens", "", "en") == ()


@pytest.mark.parametrize(("value", "what"), [("yes", "true or false"), (True, "take its patterns out")])
def test_a_fault_in_retiring_a_topic_names_its_key(value: Any, what: str) -> None:
    parsed = tomli.loads(TOPICS)
    parsed["topics"]["health"]["retired"] = value

    with pytest.raises(ConfigError) as caught:
        build(parsed, {})
    (problem,) = caught.value.problems
    assert problem.where == "topics.toml: topics.health.retired"
    assert what in problem.what


# -- renamed topics -----------------------------------------------------------------------------


def test_look_ups_follow_a_topics_former_slugs() -> None:
    parsed = tomli.loads(TOPICS)
    parsed["topics"]["health"]["renamed_from"] = ["salud", "care"]

    _, vocabulary = build(parsed, {})
    assert [vocabulary.current(Kind.TOPIC, slug) for slug in ("salud", "health", "x")] == ["health"] * 2 + [
        "x"
    ]
    assert vocabulary.formerly(Kind.TOPIC, "health") == ("salud", "care")
    assert vocabulary.name(Kind.TOPIC, "care", "en") == "Health"
    assert vocabulary.current(Kind.COUNTRY, "salud") == "salud"


@pytest.mark.parametrize(
    ("value", "where", "what"),
    [
        (["law"], "[0]", "still a topic of its own"),
        (["old", "health"], "[1]", "leads in a circle"),
        (["Old One"], "[0]", "the slug must be"),
        (["old", "old"], "[1]", "leads to 'health' already"),
        ("old", "", "must be a list"),
    ],
)
def test_a_fault_in_a_topics_former_slugs_names_its_line(value: Any, where: str, what: str) -> None:
    written = f"renamed_from = {json.dumps(value)}\n[topics.law]"
    text = TOPICS.replace("[topics.law]", written)

    with pytest.raises(ConfigError) as caught:
        build(tomli.loads(text), {}, sources={"topics.toml": text})
    (problem,) = caught.value.problems
    assert problem.where == f"topics.toml line 8: topics.health.renamed_from{where}"
    assert what in problem.what


def test_topics_that_are_renamed_from_each_other_or_share_a_former_slug_are_faults() -> None:
    text = TOPICS.replace("[topics.law]", 'renamed_from = ["law", "old"]\n[topics.law]')
    text += 'renamed_from = ["health", "old"]\n'

    with pytest.raises(ConfigError) as caught:
        build(tomli.loads(text), {}, sources={"topics.toml": text})
    assert [
        (problem.where.partition(":")[0], problem.what.split(":")[0]) for problem in caught.value.problems
    ] == [
        ("topics.toml line 8", "leads in a circle"),
        ("topics.toml line 12", "leads in a circle"),
        ("topics.toml line 12", "'old' leads to 'health' already; it can have one successor"),
    ]


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


MIXED = """[regions.andes]
members = ["pe", # Peru, not "bo"
  7, 'bo',
  ["x", "y"],
  { a = "b", c = 2 },
  2026-11-18,
  \"\"\"two
lines\"\"\",
  "a # b",
]
other = ["z"]
[other.name]
x = 1
"""


@pytest.mark.parametrize(
    ("index", "line"), [(0, 2), (1, 3), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), (7, 9), (8, 2)]
)
def test_an_entry_of_a_list_has_its_own_line_whatever_stands_before_it(index: int, line: int) -> None:
    members = tomli.loads(MIXED)["regions"]["andes"]["members"]
    assert len(members) == 8
    assert line_of(MIXED, f"regions.andes.members[{index}]") == line


def test_a_table_that_is_only_written_through_its_parts_has_the_line_of_the_first() -> None:
    assert line_of(MIXED, "other") == 12
    assert line_of(MIXED, "regions") == 1


def test_what_is_said_of_a_table_that_cannot_be_read_is_no_fault_and_all_else_is() -> None:
    overrides = """[overrides.x]
item = "k3jq2xv7d5tzpmwa"
give = ["topic:health", "region:andes", "country:zz"]
reason = "r"
by = "b"
[other.table]
"""
    sources = {"overrides.toml": overrides, "topics.toml": TOPICS}

    def faults(topics: dict[str, Any] | None, places: dict[str, Any] | None) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            build(topics, places, sources=sources, overrides=tomli.loads(overrides))
        return [problem.where.removeprefix("overrides.toml ") for problem in caught.value.problems]

    give = "line 3: overrides.x.give"
    assert faults(None, None) == ["line 6: other", f"{give}[2]"]
    assert faults(None, {}) == ["line 6: other", f"{give}[1]", f"{give}[2]"]
    assert faults({}, None) == ["line 6: other", f"{give}[0]", f"{give}[2]"]
