"""From words to topics: scores, silencing patterns and thresholds (labels, floor 1).

Owns: how patterns of topics.toml become topic labels with evidence. Knows
nothing of places, and nothing of TOML: `settings` gives it checked rules.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from feeds.labels.languages import each_language
from feeds.labels.patterns import Pattern
from feeds.labels.scanner import Match, Text, label_of, word_end
from feeds.model import Kind, Label, Strength

BETWEEN = 3
STRONG = 2
PLAIN = 1
SILENT = 0
_ABOUT = Strength.ABOUT


@dataclass(frozen=True, slots=True)
class TopicPattern:
    """A pattern of one topic and language with its weight; SILENT ones take hits away, BETWEEN ones count
    only where an item is about two countries or more.
    """

    topic: str
    language: str
    weight: int
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Scoring:
    """The numbers of topics.toml: see its head. What a site leaves out is as in the shipped file."""

    title_weight: float = 2
    threshold: float = 3
    most: int = 4
    share: float = 0.25
    least: float = 2


_Rule = tuple[int, int, str, int]
"""Numbers of the topic, weight, what must follow the beginning ("" for nothing), number of the pattern."""


class TopicLabeller:
    """Checked patterns, ready to score texts in several languages."""

    def __init__(
        self, patterns: Sequence[TopicPattern], scoring: Scoring, thresholds: Mapping[str, float]
    ) -> None:
        self._topics = list(dict.fromkeys(pattern.topic for pattern in patterns))
        self._scoring = scoring
        self._thresholds = [thresholds.get(topic, scoring.threshold) for topic in self._topics]
        self._rests: dict[str, re.Pattern[str]] = {}  # compiled when their beginning is first met
        by_form: dict[str, list[tuple[int, TopicPattern]]] = {}
        for number, pattern in enumerate(patterns):
            for form in pattern.pattern.forms:
                by_form.setdefault(form, []).append((number, pattern))
        self.forms: Sequence[str] = list(by_form)
        self._all = [self._rules(owners, None) for owners in by_form.values()]
        self._by_language = {
            code: [self._rules(owners, spoken) for owners in by_form.values()]
            for code, spoken in self._spoken(patterns).items()
        }

    @staticmethod
    def _spoken(patterns: Sequence[TopicPattern]) -> dict[str, tuple[str, frozenset[str]]]:
        """Language -> itself and the topics that have patterns in it."""
        languages = dict.fromkeys(pattern.language for pattern in patterns)
        return {
            code: (code, frozenset(pattern.topic for pattern in patterns if pattern.language == code))
            for code in languages
        }

    def _rules(
        self, owners: Sequence[tuple[int, TopicPattern]], spoken: tuple[str, frozenset[str]] | None
    ) -> tuple[_Rule, ...]:
        # A topic without patterns in this language is looked for in all its languages.
        return tuple(
            (self._topics.index(owner.topic), owner.weight, owner.pattern.rest, number)
            for number, owner in owners
            if spoken is None or owner.language == spoken[0] or owner.topic not in spoken[1]
        )

    def label(self, text: Text, matches: list[Match], lang: str, several: bool = False) -> list[Label]:
        """Topics of an item, the best score first; then those of the title, then in topics.toml's order.
        `several`: the item is about two countries or more.
        """
        if not matches:
            return []
        spots, scores = self._spots(text, matches, lang, several)
        titled = {topic for topic, own in spots.items() if own[0][0] < text.edge}
        return [
            label_of(
                Kind.TOPIC,
                self._topics[topic],
                _ABOUT,
                tuple([text.evidence(start, end, "pattern") for start, end in spots[topic]]),
            )
            for topic in self._chosen(scores, titled)
        ]

    def _spots(
        self, text: Text, matches: list[Match], lang: str, several: bool
    ) -> tuple[dict[int, list[tuple[int, int]]], dict[int, float]]:
        """For each topic its places and its score: of overlapping ones the first and widest, none silenced;
        a pattern once a field.
        """
        found = self._found(text, matches, lang, several)
        found.sort()
        silent = _silent([(start, -back, topic) for start, back, topic, weight, _ in found if not weight])
        edge, plain, title_weight = text.edge, text.plain, self._scoring.title_weight
        spots: dict[int, list[tuple[int, int]]] = {}
        scores: dict[int, float] = {}
        seen: set[tuple[bool, int]] = set()
        for start, back, topic, negative, pattern in found:
            own = spots.get(topic)
            if not negative or (own and start < own[-1][1]):
                continue
            if topic in silent and _silenced(silent[topic], start, -back):
                continue
            in_title = start < edge
            once = (in_title, pattern)
            if once in seen:
                continue
            seen.add(once)
            points = -negative * title_weight if in_title else -negative
            end = word_end(plain, -back)
            if own is None:
                spots[topic] = [(start, end)]
                scores[topic] = points
            else:
                own.append((start, end))
                scores[topic] += points
        return spots, scores

    def _found(
        self, text: Text, matches: list[Match], lang: str, several: bool = False
    ) -> list[tuple[int, int, int, int, int]]:
        """(start, -end, topic, -weight, pattern), so that sorting puts the widest and weightiest first."""
        first, second = each_language(text.title, text.summary, lang)
        title, summary = self._by_language.get(first, self._all), self._by_language.get(second, self._all)
        edge, plain, rests = text.edge, text.plain, self._rests
        found = []
        for number, start, end in matches:
            rules = (title if start < edge else summary)[number]
            if not rules:
                continue
            start += 1
            # The word of a stem goes on; where to is looked up only for what counts.
            back = 1 - end if not plain[end - 1].isalnum() else -end
            for topic, weight, rest, pattern in rules:
                if weight == BETWEEN and not several:
                    continue
                if rest:
                    compiled = rests.get(rest)
                    if compiled is None:
                        compiled = rests[rest] = re.compile(rest)
                    full = compiled.match(plain, start)
                    if full is None:
                        continue
                    found.append((start, -full.end(), topic, -weight, pattern))
                else:
                    found.append((start, back, topic, -weight, pattern))
        return found

    def _chosen(self, scores: Mapping[int, float], titled: Set[int]) -> list[int]:
        if not scores:
            return []
        ranked = sorted(scores, key=lambda topic: (-scores[topic], topic not in titled, topic))
        top = scores[ranked[0]]
        enough = [
            topic
            for topic in ranked
            if scores[topic] >= self._thresholds[topic] and scores[topic] >= top * self._scoring.share
        ]
        return (enough or (ranked[:1] if top >= self._scoring.least else []))[: self._scoring.most]


_Spans = dict[int, tuple[list[int], list[int]]]
"""Starts and ends of each topic's silent places, none touching another."""


def _silent(places: Sequence[tuple[int, int, int]]) -> _Spans:
    """(start, end, topic) in order; those of a topic that touch become one."""
    spans: _Spans = {}
    for start, end, topic in places:
        starts, ends = spans.setdefault(topic, ([], []))
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return spans


def _silenced(spans: tuple[list[int], list[int]], start: int, end: int) -> bool:
    starts, ends = spans
    after = bisect_right(ends, start)  # the first that ends behind the start
    return after < len(starts) and starts[after] < end
