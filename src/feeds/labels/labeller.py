"""The labeller: one item's words in, its labels out (labels, floor 1).

Owns: putting places and topics together in the order that readers see. Built
once and shared; it holds no state of its own between items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from feeds.labels.countries import label_places
from feeds.labels.folding import fold
from feeds.labels.places import Gazetteer
from feeds.labels.settings import check
from feeds.labels.tables import country_names
from feeds.labels.topics import TopicLabeller
from feeds.model import Kind, Label, Term, Vocabulary


class Labeller:
    """Gives items their countries, regions and topics with evidence. Safe to use from several threads."""

    def __init__(self, gazetteer: Gazetteer, topics: TopicLabeller) -> None:
        self._gazetteer = gazetteer
        self._topics = topics

    def labels(self, title: str, summary: str, lang: str) -> tuple[Label, ...]:
        """Countries (`about` before `mentions`, in order of appearance), regions, topics (best first).

        `lang` chooses the topic patterns where a field's own language cannot be told.
        Offsets in the evidence slice the given `title` and `summary`.
        """
        head, body = fold(title), fold(summary)
        return (*label_places(self._gazetteer, head, body), *self._topics.label(head, body, lang))


def build(
    topics: Mapping[str, Any], places: Mapping[str, Any], languages: Sequence[str] = ("en", "es")
) -> tuple[Labeller, Vocabulary]:
    """The labeller and the site's terms from the parsed topics.toml and places.toml.

    `languages` are the site's: each term needs a name in the first of them or in English.
    Raises ConfigError with every fault of both, each with its key and what is allowed.
    """
    rules = check(topics, places, languages)
    labeller = Labeller(
        Gazetteer(rules.surfaces), TopicLabeller(rules.patterns, rules.scoring, rules.thresholds)
    )
    countries = [
        Term(kind=Kind.COUNTRY, code=code, names=names) for code, names in sorted(country_names().items())
    ]
    return labeller, Vocabulary({(term.kind, term.code): term for term in (*countries, *rules.terms)})
