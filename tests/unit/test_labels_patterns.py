"""The pattern syntax of topics.toml and cues.tsv."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from conftest import ROOT
from feeds.labels.patterns import MAX_FORMS, MAX_GAPS, PatternFault, _parsed, _simple, parse
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


def topics_in(text: str, lang: str, *patterns: tuple[str, str, str]) -> list[str]:
    """Topics that (topic, language, pattern) give a text, in the order of the patterns."""
    made = [TopicPattern(topic, language, 2, parse(pattern)) for topic, language, pattern in patterns]
    topics = TopicLabeller(made, Scoring(), {})
    item = Text("", text)
    found_there = topics._found(item, Scanner(topics.forms, [], []).find(item.folded)[0], lang)
    numbers = {topic for _, _, topic, _, _ in found_there}
    return [topic for number, topic in enumerate(topics._topics) if number in numbers]


def test_of_patterns_that_begin_alike_each_goes_on_in_its_own_way() -> None:
    alike = (("care", "xx", "centre* of health"), ("news", "xx", "centre* .. news"), ("any", "xx", "centre*"))
    assert topics_in("Centres of health", "xx", *alike) == ["care", "any"]
    assert topics_in("A centre for all the news", "xx", *alike) == ["news", "any"]
    assert topics_in("A centre", "xx", *alike) == ["any"]
    assert topics_in("Nothing", "xx", *alike) == []


def test_a_topic_without_patterns_of_a_language_is_looked_for_in_all_others_only_in_theirs() -> None:
    both = (("two", "xx", "boat"), ("two", "yy", "bateau"), ("one", "xx", "boat"), ("one", "xx", "ship*"))
    assert topics_in("boat", "xx", *both) == ["two", "one"]
    assert topics_in("boat", "yy", *both) == ["one"]
    assert topics_in("bateau", "yy", *both) == ["two"]
    assert topics_in("bateau", "xx", *both) == []
    assert topics_in("bateau and ships", "zz", *both) == ["two", "one"]


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


@examples(60)
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


def ways(parsed: Iterable[Any]) -> int:
    """In how many ways a parsed regular expression can be read: what backtracking may have to try."""
    number = 1
    for code, value in parsed:
        match str(code):
            case "ATOMIC_GROUP" | "POSSESSIVE_REPEAT" | "ASSERT_NOT" | "LITERAL" | "IN" | "NOT_LITERAL":
                continue
            case "SUBPATTERN":
                number *= ways(value[-1])
            case "MAX_REPEAT" | "MIN_REPEAT":
                low, high, inner = value
                number *= sum(ways(inner) ** times for times in range(low, int(high) + 1))
            case "BRANCH":
                number *= sum(ways(branch) for branch in value[1])
            case other:
                raise AssertionError(other)
    return number


def rest_ways(pattern: str) -> int:
    return ways(re._parser.parse(parse(pattern).rest))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("train* police", 1),
        ("train* .. migra*|refugee* .. police-officer*", 25),
        ("zzz* " + "aa-aa|aa|aaa* " * 25 + "yyy", 1),
        ("zzz* " + "aba*|abab*|abaa* " * 20 + "yyy", 1),
        ("zzz* 's|''s l'x .. yyy", 5),
    ],
)
def test_only_gaps_can_be_read_in_several_ways(pattern: str, expected: int) -> None:
    """What rules out catastrophic backtracking, whatever the text: the ways are bounded by construction."""
    assert rest_ways(pattern) == expected


@examples(200)
@given(
    st.lists(
        st.sampled_from(["..", "abc*", "aba*|abab*", "aa-aa|aa", "o'aa|o", "'aa", "aa|aa|aa"]), max_size=12
    ).map(" ".join)
)
def test_no_pattern_has_more_ways_than_two_gaps_give(source: str) -> None:
    try:
        assert rest_ways(source) <= 5**MAX_GAPS
    except PatternFault:
        return


def test_no_shipped_pattern_has_more_ways_than_two_gaps_give() -> None:
    topics = tomli.loads((ROOT / "config" / "topics.toml").read_text(encoding="utf-8"))["topics"].values()
    parts = [topic.get(part, {}) for topic in topics for part in ("strong", "patterns", "not")]
    patterns = [text for part in parts for texts in part.values() for text in texts]
    assert len(patterns) > 500
    assert max(map(rest_ways, patterns)) <= 5**MAX_GAPS


def test_a_third_gap_is_refused_and_so_are_two_in_a_row() -> None:
    parse("zzz .. zzz .. yyy")
    with pytest.raises(PatternFault, match=r"has 3 gaps \(\.\.\), more than 2; leave words out"):
        parse("zzz .. zzz .. zzz .. yyy")
    with pytest.raises(PatternFault, match="between two words"):
        parse("zzz .. .. yyy")


def test_of_alternatives_the_longest_that_stands_there_counts() -> None:
    assert found("train* aa|aa-bb cc", "trained aa bb cc") == ["trained aa bb cc"]
    assert found("train* aa-bb|aa cc", "trained aa cc") == ["trained aa cc"]
    assert found("rock* 'n roll", "rocks 'n' roll, rocks n roll") == ["rocks 'n' roll", "rocks n roll"]


def test_a_pattern_of_fixed_words_leaves_nothing_to_try() -> None:
    parsed = parse("labour|labor migra*")

    assert parsed.forms == (" labour migra", " labor migra")
    assert parsed.rest == ""


SHIPPED = tomli.loads((ROOT / "config" / "topics.toml").read_text("utf-8"))
PATTERNS = [
    text
    for topic in SHIPPED["topics"].values()
    for part in ("strong", "patterns", "not", "between")
    for texts in topic.get(part, {}).values()
    for text in texts
]


def test_simple_patterns_are_read_as_all_others_are() -> None:
    """There is a short way for patterns of plain words; it must give what the long one gives."""
    assert sum(_simple(text) is not None for text in PATTERNS) > len(PATTERNS) / 2
    for text in [
        *PATTERNS,
        "migración",
        "garçon*",
        "straße",
        "x" * 401,
        "of the",
        "the of*",
        "ab",
        "abc",
        "ab*",
    ]:
        short = _simple(text)
        if short is not None:
            assert short == _parsed(text)


def given(title: str, summary: str, *patterns: tuple[int, str], **limits: float) -> bool:
    """Whether (weight, pattern) give their one topic to a text."""
    made = [TopicPattern("topic", "xx", weight, parse(pattern)) for weight, pattern in patterns]
    topics = TopicLabeller(made, Scoring(), {"topic": limits})
    item = Text(title, summary)
    return bool(topics.label(item, Scanner(topics.forms, [], []).find(item.folded)[0], "xx"))


def test_of_patterns_that_overlap_the_heaviest_counts_wherever_it_begins() -> None:
    wide, heavy = (1, "both countries agreed"), (2, "agreed")
    assert not given("", "Both countries agreed", wide)
    assert given("", "Both countries agreed", wide, heavy)
    assert given("", "Both countries agreed", heavy, wide)
    assert not given("", "Both countries agreed", wide, (1, "agreed"))  # and not both of them


def test_a_topic_may_ask_for_more_than_one_word_of_the_summary() -> None:
    word = (2, "workshop")
    assert given("", "They met in a workshop", word)
    assert not given("", "They met in a workshop", word, least=3)
    assert given("A workshop", "They met", word, least=3)
    assert given("", "They met in a workshop", word, threshold=2, least=3)
