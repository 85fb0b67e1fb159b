"""From words to topics: scores, silencing patterns and thresholds (labels, floor 1).

Owns: how patterns of topics.toml become topic labels with evidence. Knows
nothing of places, and nothing of TOML: `settings` gives it checked rules.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from feeds.labels.folding import Folded
from feeds.labels.languages import language
from feeds.labels.patterns import Match, Pattern, PatternSet
from feeds.model import Evidence, Kind, Label

STRONG = 2
PLAIN = 1
SILENT = 0


@dataclass(frozen=True, slots=True)
class TopicPattern:
    """A pattern of one topic and language with its weight; SILENT ones take hits away."""

    topic: str
    language: str
    weight: int
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Scoring:
    """The numbers of topics.toml: see its head."""

    title_weight: float = 2
    threshold: float = 2
    most: int = 4
    share: float = 0.3


@dataclass(frozen=True, slots=True)
class _Spot:
    field: str
    folded: Folded
    number: int
    match: Match


class TopicLabeller:
    """Checked patterns, ready to score texts in several languages."""

    def __init__(
        self, patterns: Sequence[TopicPattern], scoring: Scoring, thresholds: Mapping[str, float]
    ) -> None:
        self._patterns = patterns
        self._scoring = scoring
        self._thresholds = thresholds
        self._order = {pattern.topic: -number for number, pattern in enumerate(patterns)}
        self._all = self._set(range(len(patterns)))
        languages = dict.fromkeys(pattern.language for pattern in patterns)
        self._by_language = {code: self._set(self._numbers(code)) for code in languages}

    def _numbers(self, code: str) -> list[int]:
        # A topic without patterns in this language is looked for in all its languages.
        spoken = {pattern.topic for pattern in self._patterns if pattern.language == code}
        return [
            number
            for number, pattern in enumerate(self._patterns)
            if pattern.language == code or pattern.topic not in spoken
        ]

    def _set(self, numbers: Iterable[int]) -> tuple[Sequence[int], PatternSet]:
        chosen = list(numbers)
        return chosen, PatternSet(self._patterns[number].pattern for number in chosen)

    def label(self, title: Folded, summary: Folded, lang: str) -> list[Label]:
        """Topics of an item, the best score first; ties in the order of topics.toml."""
        spots = [*self._spots("title", title, lang), *self._spots("summary", summary, lang)]
        by_topic: dict[str, list[_Spot]] = defaultdict(list)
        for spot in spots:
            by_topic[self._patterns[spot.number].topic].append(spot)
        scores = {topic: self._score(found) for topic, found in by_topic.items()}
        return [
            Label(kind=Kind.TOPIC, code=topic, evidence=tuple(map(_evidence, by_topic[topic])))
            for topic in self._chosen(scores)
        ]

    def _spots(self, field: str, folded: Folded, lang: str) -> list[_Spot]:
        numbers, patterns = self._by_language.get(language(folded.original, "", lang), self._all)
        found = [(numbers[match.index], match) for match in patterns.find(folded.text)]
        silent: dict[str, list[Match]] = defaultdict(list)
        for number, match in found:
            if self._patterns[number].weight == SILENT:
                silent[self._patterns[number].topic].append(match)
        silenced = {topic: _Silence(matches) for topic, matches in silent.items()}
        return [
            _Spot(field, folded, number, match)
            for number, match in found
            if self._patterns[number].weight != SILENT
            and (
                self._patterns[number].topic not in silenced
                or not silenced[self._patterns[number].topic].covers(match)
            )
        ]

    def _score(self, spots: Iterable[_Spot]) -> float:
        """Each pattern counts once a field; of patterns at the same spot only the widest counts."""
        counted = {(spot.field, spot.number) for spot in _widest(spots)}
        weights = {"title": self._scoring.title_weight, "summary": 1}
        return sum(self._patterns[number].weight * weights[field] for field, number in counted)

    def _chosen(self, scores: Mapping[str, float]) -> list[str]:
        if not scores:
            return []
        ranked = sorted(scores, key=lambda topic: (scores[topic], self._order[topic]), reverse=True)
        top = scores[ranked[0]]
        enough = [
            topic
            for topic in ranked
            if scores[topic] >= self._thresholds.get(topic, self._scoring.threshold)
            and scores[topic] >= top * self._scoring.share
        ]
        return (enough or ranked[:1])[: self._scoring.most]


class _Silence:
    """Spans that take away what they overlap."""

    def __init__(self, matches: Iterable[Match]) -> None:
        ordered = sorted(matches, key=lambda match: match.start)
        self._starts = [match.start for match in ordered]
        self._furthest = list(accumulate((match.end for match in ordered), max))

    def covers(self, match: Match) -> bool:
        """Whether any span overlaps the match."""
        before = bisect_left(self._starts, match.end)
        return before > 0 and self._furthest[before - 1] > match.start


def _widest(spots: Iterable[_Spot]) -> list[_Spot]:
    """Of overlapping spots of one topic the first, of those that start together the widest:
    "labour" inside "labour migration" adds nothing.
    """
    kept: list[_Spot] = []
    for spot in sorted(spots, key=lambda s: (s.field, s.match.start, -s.match.end)):
        if not kept or spot.field != kept[-1].field or spot.match.start >= kept[-1].match.end:
            kept.append(spot)
    return kept


def _evidence(spot: _Spot) -> Evidence:
    start, end = spot.folded.span(spot.match.start, spot.match.end)
    return Evidence(
        field=spot.field, start=start, end=end, words=spot.folded.original[start:end], rule="pattern"
    )
