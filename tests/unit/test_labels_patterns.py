"""The pattern syntax of topics.toml and cues.tsv."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.labels.patterns import MAX_FORMS, PatternFault, parse
from feeds.labels.scanner import Scanner, Text, word_end
from feeds.labels.topics import Scoring, TopicLabeller, TopicPattern


def found(pattern: str, text: str) -> list[str]:
    """What one pattern matches, folded; each matching text once."""
    topics = TopicLabeller([TopicPattern("topic", "xx", 1, parse(pattern))], Scoring(), {})
    item = Text("", text)
    matches = Scanner(topics.forms, [], []).find(item.folded)[0]
    return [
        item.plain[start : word_end(item.plain, -back)]
        for start, back, *_ in sorted(topics._found(item, matches, "xx"))
    ]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("work permit", "A Work Permit, and a work-permit", ["work permit", "work permit"]),
        ("work permit", "network permits", []),
        ("migra*", "Migrants, emigrants and migración", ["migrants", "migracion"]),
        ("labour|labor market", "the labor market", ["labor market"]),
        ("train* .. police", "trained the local border police", ["trained the local border police"]),
        ("train* .. police", "trained a b c d e police", []),
        ("train* .. police", "They were trained. The police came", []),
        ("covid-19", "COVID 19 and Covid-19 and covid-195", ["covid 19", "covid 19"]),
        ("niño*", "ninos y NIÑAS", ["ninos"]),
    ],
)
def test_what_a_pattern_matches(pattern: str, text: str, expected: list[str]) -> None:
    assert found(pattern, text) == expected


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("*", "matches everything"),
        ("a*", "nearly everything"),
        ("mi* labour", "nearly everything"),
        ("the", "very common words"),
        ("de .. la", "very common words"),
        (".. permit", "between two words"),
        ("permit ..", "between two words"),
        ("(a+)+b", "not allowed"),
        ("per*mit", "not allowed"),
        ("visa.*", "not allowed"),
        ("visa|", "without letters"),
        ("x" * 401, "longer than"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_its_reason(pattern: str, reason: str) -> None:
    with pytest.raises(PatternFault, match=reason):
        parse(pattern)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab*|. (+-'é", max_size=12))
def test_any_text_is_a_pattern_or_a_fault(source: str) -> None:
    try:
        parse(source)
    except PatternFault:
        return
    found(source, "a b ab aab")


def test_too_many_alternatives_are_refused() -> None:
    one = "|".join(f"w{letter}" for letter in "abcdefghijklmnop")

    with pytest.raises(PatternFault, match=f"more than {MAX_FORMS}"):
        parse(f"{one} {one}")


def test_a_pattern_has_no_open_repeat_but_possessive_ones() -> None:
    """What rules out catastrophic backtracking: every * and + is possessive, gaps are bounded."""
    expression = parse("train* .. migra*|refugee* .. police-officer*").rest

    assert expression.count("*") == expression.count("*+") == 4
    assert expression.count("+") == expression.count("*+") + 2 * expression.count("++")


def test_a_pattern_of_fixed_words_leaves_nothing_to_try() -> None:
    parsed = parse("labour|labor migra*")

    assert parsed.forms == (" labour migra", " labor migra")
    assert parsed.rest == ""
