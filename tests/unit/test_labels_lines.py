"""Retired topics, and lines of faults."""

from __future__ import annotations

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
