"""The labeller: one item's words in, its labels out (labels, floor 1).

Owns: putting places and topics together in the order that readers see. Built
once and shared; it holds no state of its own between items.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from feeds.labels.abroad import people_abroad
from feeds.labels.countries import label_places
from feeds.labels.cues import CueTable
from feeds.labels.overrides import Identity, Overrides, letter_by_letter
from feeds.labels.places import Gazetteer, Hit
from feeds.labels.scanner import Scanner, Text
from feeds.labels.settings import check, terms_of
from feeds.labels.topics import ABROAD, BETWEEN, TopicLabeller
from feeds.model import Kind, Label, Strength, Vocabulary

_COUNTRY, _ABOUT = Kind.COUNTRY, Strength.ABOUT


class Labeller:
    """Gives items their countries, regions and topics with evidence. Safe to use from several threads.

    `overrides` are what the office decided besides; `label_draft` and `label_item` apply them.
    `retired` are the topics that it gives to nothing and `label_item` takes from nothing, `members` the
    countries of each region.
    """

    def __init__(
        self,
        gazetteer: Gazetteer,
        topics: TopicLabeller,
        overrides: Overrides,
        retired: Collection[str] = (),
        members: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.overrides = overrides
        self.retired = frozenset(retired)
        self._gazetteer = gazetteer
        self._cues = CueTable()
        self._topics = topics
        self._members = {region: frozenset(codes) for region, codes in (members or {}).items()}
        self._scanner = Scanner(topics.forms, gazetteer.forms, self._cues.forms)

    def labels(self, title: str, summary: str, lang: str) -> tuple[Label, ...]:
        """Countries (`about` before `mentions`, in order of appearance), regions, topics (best first).

        `lang` chooses the topic patterns where a field's own language cannot be told.
        Offsets in the evidence slice the given `title` and `summary`.
        """
        text = Text(title, summary)
        topics, places, cues = self._scanner.find(text.folded)
        hits = self._gazetteer.choose(text, places) if places else []
        found = label_places(text, hits, self._cues.find(text, cues), self._members) if hits else []
        return (*found, *self._topics.label(text, topics, lang, _conditions(text, hits, found)))


def _conditions(text: Text, hits: Sequence[Hit], found: Sequence[Label]) -> set[int]:
    """Which patterns count besides: see `between` and `abroad` in topics.toml."""
    several = len([one for one in found if one.kind is _COUNTRY and one.strength is _ABOUT]) > 1
    return ({BETWEEN} if several else set()) | ({ABROAD} if people_abroad(text, hits) else set())


def build(
    topics: Mapping[str, Any] | None,
    places: Mapping[str, Any] | None,
    languages: Sequence[str] = ("en", "es"),
    *,
    sources: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    identity: Identity = letter_by_letter,
) -> tuple[Labeller, Vocabulary]:
    """The labeller and the site's terms from the parsed topics.toml, places.toml and, if any, overrides.toml.

    A table that is None could not be read: what others say of its labels is then no fault.
    `languages` are the site's: each term needs a name in the first of them or in English. `sources` may hold
    the text of the three files under these names, so that faults can name the line. `identity` says
    which days and titles are one item, for decisions that name one so.
    Raises ConfigError with every fault of all files and of the built-in tables, each with file, line and
    key and what is allowed.
    """
    with _undisturbed():
        rules = check(topics, places, languages, sources or {}, overrides or {}, identity)
        scored = TopicLabeller(rules.patterns, rules.scoring, rules.limits)
        retired = [term.code for term in rules.vocabulary.of(Kind.TOPIC) if term.retired]
        members = {term.code: term.members for term in rules.vocabulary.of(Kind.REGION)}
        made = Labeller(Gazetteer(rules.surfaces), scored, rules.overrides, retired, members)
    return made, rules.vocabulary


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the garbage collector: the tables are many objects that all stay, and it would look through
    them again and again (an eighth of the start).
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def build_vocabulary(
    topics: Mapping[str, Any] | None,
    places: Mapping[str, Any] | None,
    languages: Sequence[str] = ("en", "es"),
    *,
    sources: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    identity: Identity = letter_by_letter,
) -> Vocabulary:
    """The site's terms as `build` gives them, for who labels nothing: a fraction of the time, since names
    and patterns are left unread. Where a term has a fault, ConfigError with every fault, as of `build`.
    """
    known = terms_of(topics, places, languages)
    if known is not None:
        return known
    return build(topics, places, languages, sources=sources, overrides=overrides, identity=identity)[1]
