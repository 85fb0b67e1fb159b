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

ABROAD = 4
BETWEEN = 3
STRONG = 2
PLAIN = 1
SILENT = 0
_ABOUT = Strength.ABOUT
_NOTHING: frozenset[int] = frozenset()


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

_Rules = tuple[tuple[_Rule, ...], str, tuple[_Rule, ...]]
"""What one beginning leads to: rules that need no more, what any of the others needs, the others."""


class TopicLabeller:
    """Checked patterns, ready to score texts in several languages."""

    def __init__(
        self, patterns: Sequence[TopicPattern], scoring: Scoring, limits: Mapping[str, Mapping[str, float]]
    ) -> None:
        """`limits`: a topic's own `threshold` and `least`, where it has any."""
        self._topics = list(dict.fromkeys(pattern.topic for pattern in patterns))
        self._scoring = scoring
        own = [limits.get(topic, {}) for topic in self._topics]
        self._thresholds = [one.get("threshold", scoring.threshold) for one in own]
        self._leasts = [one.get("least", scoring.least) for one in own]
        self._rests: dict[str, re.Pattern[str]] = {}  # compiled when their beginning is first met
        by_form: dict[str, list[tuple[int, TopicPattern]]] = {}
        for number, pattern in enumerate(patterns):
            for form in pattern.pattern.forms:
                by_form.setdefault(form, []).append((number, pattern))
        self.forms: Sequence[str] = list(by_form)
        numbers = {topic: number for number, topic in enumerate(self._topics)}
        owners = list(by_form.values())
        self._all = _ByForm(owners, numbers, "", frozenset())
        self._by_language = {
            code: _ByForm(owners, numbers, code, spoken) for code, spoken in self._spoken(patterns).items()
        }

    @staticmethod
    def _spoken(patterns: Sequence[TopicPattern]) -> dict[str, set[str]]:
        """Language -> the topics that have patterns in it."""
        spoken: dict[str, set[str]] = {}
        for pattern in patterns:
            spoken.setdefault(pattern.language, set()).add(pattern.topic)
        return spoken

    def label(self, text: Text, matches: list[Match], lang: str, holds: Set[int] = _NOTHING) -> list[Label]:
        """Topics of an item, the best score first; then those of the title, then in topics.toml's order.
        `holds`: which of the conditional weights count, BETWEEN and ABROAD.
        """
        spots, scores = self._spots(text, matches, lang, holds)
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
        self, text: Text, matches: list[Match], lang: str, holds: Set[int]
    ) -> tuple[dict[int, list[tuple[int, int]]], dict[int, float]]:
        """For each topic its places and its score: of overlapping ones the first and widest, which weighs as
        much as the heaviest, none silenced; a pattern once a field.
        """
        found = self._found(text, matches, lang, holds)
        found.sort()
        silent = _silent([(start, -back, topic) for start, back, topic, weight, _ in found if not weight])
        edge, plain, title_weight = text.edge, text.plain, self._scoring.title_weight
        spots: dict[int, list[tuple[int, int]]] = {}
        scores: dict[int, float] = {}
        latest: dict[int, float] = {}
        seen: set[tuple[bool, int]] = set()
        for start, back, topic, negative, pattern in found:
            if not negative or (topic in silent and _silenced(silent[topic], start, -back)):
                continue
            own = spots.get(topic)
            in_title = start < edge
            points = -negative * title_weight if in_title else -negative
            if own and start < own[-1][1]:
                if points > latest[topic]:
                    scores[topic] += points - latest[topic]
                    latest[topic] = points
                continue
            once = (in_title, pattern)
            if once in seen:
                continue
            seen.add(once)
            latest[topic] = points
            end = word_end(plain, -back)
            if own is None:
                spots[topic] = [(start, end)]
                scores[topic] = points
            else:
                own.append((start, end))
                scores[topic] += points
        return spots, scores

    def _found(
        self, text: Text, matches: list[Match], lang: str, holds: Set[int] = _NOTHING
    ) -> list[tuple[int, int, int, int, int]]:
        """(start, -end, topic, -weight, pattern), so that sorting puts the widest and weightiest first."""
        first, second = each_language(text.title, text.summary, lang)
        title, summary = self._by_language.get(first, self._all), self._by_language.get(second, self._all)
        edge, plain = text.edge, text.plain
        found = []
        for number, start, end in matches:
            rules = (title if start < edge else summary)[number]
            if rules is None:
                continue
            bare, guard, longer = rules
            start += 1
            if bare:
                # The word of a stem goes on; where to is looked up only for what counts.
                back = 1 - end if not plain[end - 1].isalnum() else -end
                for topic, weight, _, pattern in bare:
                    if weight < BETWEEN or weight in holds:
                        found.append((start, back, topic, -weight, pattern))
            if longer and self._follows(guard, plain, start):
                for topic, weight, rest, pattern in longer:
                    full = self._follows(rest, plain, start) if weight < BETWEEN or weight in holds else None
                    if full:
                        found.append((start, -full.end(), topic, -weight, pattern))
        return found

    def _follows(self, rest: str, plain: str, start: int) -> re.Match[str] | None:
        compiled = self._rests.get(rest)
        if compiled is None:
            compiled = self._rests[rest] = re.compile(rest)
        return compiled.match(plain, start)

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
        if enough:
            return enough[: self._scoring.most]
        return [topic for topic in ranked if scores[topic] >= self._leasts[topic]][:1]


class _ByForm(dict[int, "_Rules | None"]):
    """Number of a form -> what it leads to in one language; worked out when the form is first met, since no
    text has them all. A topic without patterns in this language (`spoken` has those with) is looked for in
    all languages.
    """

    def __init__(
        self,
        owners: Sequence[Sequence[tuple[int, TopicPattern]]],
        topics: Mapping[str, int],
        language: str,
        spoken: Set[str],
    ) -> None:
        super().__init__()
        self._owners, self._topics, self._language, self._spoken = owners, topics, language, spoken

    def __missing__(self, form: int) -> _Rules | None:
        made = self[form] = _grouped(
            [
                (self._topics[owner.topic], owner.weight, owner.pattern.rest, number)
                for number, owner in self._owners[form]
                if owner.language == self._language or owner.topic not in self._spoken
            ]
        )
        return made


def _grouped(rules: Sequence[_Rule]) -> _Rules | None:
    """One test tells whether any of several rests follows: mostly none does. None if there are no rules."""
    if not rules:
        return None
    longer = tuple(rule for rule in rules if rule[2])
    return tuple(rule for rule in rules if not rule[2]), "|".join({rule[2]: None for rule in longer}), longer


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
