"""The pattern syntax of topics.toml and cues.tsv."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.labels.folding import fold
from feeds.labels.patterns import PatternFault, PatternSet, parse


def found(pattern: str, text: str) -> list[str]:
    folded = fold(text)
    return [folded.text[match.start : match.end] for match in PatternSet([parse(pattern)]).find(folded.text)]


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
        pattern = parse(source)
    except PatternFault:
        return
    list(PatternSet([pattern]).find("a b ab aab"))


def test_a_pattern_has_no_open_repeat_but_possessive_ones() -> None:
    """What rules out catastrophic backtracking: every * and + is possessive, gaps are bounded."""
    expression = parse("train* .. migra*|refugee* .. police-officer*").expression

    assert expression.count("*") == expression.count("*+") == 4
    assert expression.count("+") == expression.count("*+") + 2 * expression.count("++")
