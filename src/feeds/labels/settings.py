"""topics.toml, places.toml and overrides.toml, parsed, become checked rules (labels, floor 1).

Owns: what the first two may say, and all faults at once, each with its
key; `overrides` owns the third. Reading the files and TOML itself are config's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import Any

from feeds.errors import ConfigError, Problem
from feeds.labels.folding import fold_surface
from feeds.labels.lines import line_of
from feeds.labels.overrides import Identity, Overrides, read_overrides
from feeds.labels.patterns import Pattern, PatternFault, parse
from feeds.labels.places import REGION, Surface
from feeds.labels.renaming import SLUG, SLUG_FORM, renames
from feeds.labels.tables import country_names, cue_faults, expand, faults, places, read, trap_faults
from feeds.labels.topics import ABROAD, BETWEEN, PLAIN, SILENT, STRONG, Scoring, TopicPattern
from feeds.model import Kind, Term, Vocabulary

MAX_WRITINGS = 200
_BRACES = re.compile(r"\{([^{}]*)\}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_TOPIC_KEYS = {
    "names",
    "description",
    "threshold",
    "least",
    "abroad",
    "between",
    "strong",
    "patterns",
    "not",
    "retired",
    "renamed_from",
}
_WEIGHTS = {"abroad": ABROAD, "between": BETWEEN, "strong": STRONG, "patterns": PLAIN, "not": SILENT}
_SCORING_KEYS = {"title_weight", "threshold", "most", "share", "least"}


@dataclass(frozen=True, slots=True)
class Rules:
    """All that the three files say, checked."""

    vocabulary: Vocabulary
    surfaces: tuple[tuple[str, Surface], ...]
    patterns: tuple[TopicPattern, ...]
    limits: Mapping[str, Mapping[str, float]]
    """A topic's own `threshold` and `least`."""
    scoring: Scoring
    overrides: Overrides


def check(
    topics: Mapping[str, Any] | None,
    places_file: Mapping[str, Any] | None,
    languages: Sequence[str],
    sources: Mapping[str, str],
    overrides: Mapping[str, Any],
    identity: Identity,
) -> Rules:
    """The rules, or ConfigError with every fault of all three files and of the built-in tables."""
    checker = _Checker(languages, sources)
    checker.problems.extend(_table_faults())
    regions, surfaces = checker.places_file(places_file or {})
    terms, patterns, limits, scoring = checker.topics(topics or {})
    vocabulary = checker.vocabulary(regions, terms, topics or {})
    unread = {kind for kind, table in ((Kind.TOPIC, topics), (Kind.REGION, places_file)) if table is None}
    decided = read_overrides(
        overrides,
        vocabulary,
        lambda key, what: checker.fault(f"overrides.toml: {key}", what),
        identity,
        unread,
    )
    if checker.problems:
        raise ConfigError(checker.problems)
    return Rules(vocabulary, tuple(surfaces), tuple(patterns), limits, scoring, decided)


def terms_of(
    topics: Mapping[str, Any] | None, places_file: Mapping[str, Any] | None, languages: Sequence[str]
) -> Vocabulary | None:
    """The site's terms alone: names and patterns, which take most of the time, are not looked at.

    None if something is wrong with the terms: `check` tells what.
    """
    checker = _Checker(languages, {}, terms_only=True)
    regions, _ = checker.places_file(places_file or {})
    terms, _, _, _ = checker.topics(topics or {})
    vocabulary = checker.vocabulary(regions, terms, topics or {})
    return None if checker.problems else vocabulary


class _Checker:
    """Walks both mappings, collecting faults and going on. `terms_only` leaves out what only the labelling
    of texts needs.
    """

    def __init__(
        self, languages: Sequence[str], sources: Mapping[str, str], *, terms_only: bool = False
    ) -> None:
        self.languages = languages
        self.sources = sources
        self.terms_only = terms_only
        self.problems: list[Problem] = []

    def fault(self, where: str, what: str) -> None:
        file, _, key = where.partition(": ")
        line = line_of(self.sources.get(file, ""), key)
        self.problems.append(Problem(f"{file} line {line}: {key}" if line else where, what))

    def table(self, value: Any, where: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        if value is not None:
            self.fault(where, "must be a table")
        return {}

    def keys(self, table: Mapping[str, Any], allowed: set[str], where: str) -> None:
        for key in sorted(set(table) - allowed):
            self.fault(f"{where}{key}", f"unknown key; allowed are {', '.join(sorted(allowed))}")

    def slug(self, slug: str, where: str) -> None:
        if not SLUG.fullmatch(slug):
            self.fault(where, SLUG_FORM)

    def texts(self, value: Any, where: str, required: bool) -> dict[str, str]:
        table = self.table(value, where)
        for key, text in table.items():
            if not isinstance(text, str) or not text.strip() or "\n" in text:
                self.fault(f"{where}.{key}", "must be one line of text")
        if required and not {"en", *self.languages[:1]} & set(table):
            self.fault(f"{where}.en", "is required: the name that is shown where no other language has one")
        return {str(key): text for key, text in table.items() if isinstance(text, str)}

    def lists(self, value: Any, where: str) -> Iterator[tuple[str, str, str]]:
        """(language, key path, text) of a table of lists by language."""
        for language, texts in self.table(value, where).items():
            if not _LANGUAGE.fullmatch(str(language)):
                self.fault(f"{where}.{language}", "must be a language code such as en, or mul")
            if not isinstance(texts, list):
                self.fault(f"{where}.{language}", "must be a list of texts")
                continue
            for number, text in enumerate(texts):
                key = f"{where}.{language}[{number}]"
                if isinstance(text, str) and text.strip():
                    yield str(language), key, text
                else:
                    self.fault(key, "is empty; write at least one word, or take the line out")

    # -- places.toml ---------------------------------------------------------------------------

    def places_file(self, places: Mapping[str, Any]) -> tuple[list[Term], list[tuple[str, Surface]]]:
        self.keys(places, {"regions", "places"}, "places.toml: ")
        terms: list[Term] = []
        surfaces: list[tuple[str, Surface]] = []
        regions = self.table(places.get("regions"), "places.toml: regions")
        for slug, region in regions.items():
            where = f"places.toml: regions.{slug}"
            terms.append(self.region(slug, self.table(region, where), where))
        if self.terms_only:
            return terms, surfaces
        owners = dict(_table_owners())
        for slug, region in regions.items():
            where = f"places.toml: regions.{slug}.surfaces"
            if isinstance(region, Mapping):
                surfaces.extend(self.surfaces(region.get("surfaces"), where, slug, owners))
        for code, place in self.table(places.get("places"), "places.toml: places").items():
            where = f"places.toml: places.{code}"
            self.code(code, where)
            self.keys(self.table(place, where), {"surfaces"}, f"{where}.")
            listed = self.table(place, where).get("surfaces")
            surfaces.extend(self.surfaces(listed, f"{where}.surfaces", code, owners, "city"))
        return terms, surfaces

    def region(self, slug: str, region: Mapping[str, Any], where: str) -> Term:
        self.slug(slug, where)
        self.keys(region, {"names", "description", "members", "surfaces"}, f"{where}.")
        members = region.get("members", [])
        if not isinstance(members, list) or not members:
            self.fault(f"{where}.members", "must list at least one country code")
            members = []
        for number, code in enumerate(members):
            self.code(code, f"{where}.members[{number}]")
        if len(set(map(str, members))) < len(members):
            self.fault(f"{where}.members", "names a country twice")
        return Term(
            kind=Kind.REGION,
            code=slug,
            names=self.texts(region.get("names"), f"{where}.names", True),
            descriptions=self.texts(region.get("description"), f"{where}.description", False),
            members=tuple(map(str, members)),
        )

    def code(self, code: Any, where: str) -> None:
        if code not in country_names():
            self.fault(where, f"{code!r} is no country; use a lower-case ISO 3166-1 alpha-2 code, or xk")

    def surfaces(
        self, value: Any, where: str, code: str, owners: dict[str, str], rule: str = REGION
    ) -> Iterator[tuple[str, Surface]]:
        for language, key, text in self.lists(value, where):
            if (ways := _writings(text)) > MAX_WRITINGS:
                self.fault(key, f"its braces stand for {ways} names, more than {MAX_WRITINGS}; write several")
                continue
            for written in expand(text):
                folded = fold_surface(written)
                if len(folded) < 2:
                    self.fault(key, "is too short: at least two letters")
                    continue
                owner = owners.setdefault(folded, code)
                if owner != code:
                    self.fault(key, f"clash: {written!r} already stands for {owner}")
                capital = language in ("en", "mul")
                yield written, Surface(rule, (code,), code, capital, demonym=written[:1].islower())

    # -- topics.toml ---------------------------------------------------------------------------

    def topics(
        self, topics: Mapping[str, Any]
    ) -> tuple[list[Term], list[TopicPattern], dict[str, dict[str, float]], Scoring]:
        self.keys(topics, {"topics", *_SCORING_KEYS}, "topics.toml: ")
        scoring = self.scoring(topics)
        terms: list[Term] = []
        patterns: list[TopicPattern] = []
        limits: dict[str, dict[str, float]] = {}
        for slug, value in self.table(topics.get("topics"), "topics.toml: topics").items():
            where = f"topics.toml: topics.{slug}"
            topic = self.table(value, where)
            self.slug(slug, where)
            self.keys(topic, _TOPIC_KEYS, f"{where}.")
            names = self.texts(topic.get("names"), f"{where}.names", True)
            description = self.texts(topic.get("description"), f"{where}.description", False)
            retired = topic.get("retired") is True
            term = Term(kind=Kind.TOPIC, code=slug, names=names, descriptions=description, retired=retired)
            terms.append(term)
            if not isinstance(topic.get("retired", False), bool):
                self.fault(f"{where}.retired", "must be true or false")
            if self.terms_only:
                continue
            if not retired:
                patterns.extend(self.patterns(slug, topic, where))
            elif set(_WEIGHTS) & set(topic):
                self.fault(f"{where}.retired", "a retired topic is given to nothing: take its patterns out")
            limits[slug] = {
                key: self.number(topic[key], f"{where}.{key}", 0.5, 100)
                for key in ("threshold", "least")
                if key in topic
            }
        return terms, patterns, limits, scoring

    def renamed(self, topics: Mapping[str, Any]) -> dict[str, str]:
        tables = topics.get("topics")
        found = tables if isinstance(tables, Mapping) else {}
        return renames(found, lambda key, what: self.fault(f"topics.toml: {key}", what))

    def scoring(self, topics: Mapping[str, Any]) -> Scoring:
        limits = {
            "title_weight": (0.5, 100),
            "threshold": (0.5, 100),
            "most": (1, 20),
            "share": (0, 1),
            "least": (0, 100),
        }
        given = {
            key: self.number(topics[key], f"topics.toml: {key}", *limits[key])
            for key in limits
            if key in topics
        }
        most = int(given.pop("most", Scoring().most))
        return Scoring(**given, most=most)

    def number(self, value: Any, where: str, low: float, high: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.fault(where, f"must be a number from {low} to {high}")
            return low
        return value

    def patterns(self, slug: str, topic: Mapping[str, Any], where: str) -> Iterator[TopicPattern]:
        seen: dict[tuple[str, str, int], str] = {}
        positive = 0
        for part, weight in _WEIGHTS.items():
            for language, key, text in self.lists(topic.get(part), f"{where}.{part}"):
                positive += weight != SILENT
                pattern = self.pattern(text, key)
                first = seen.setdefault((language, fold_surface(text), max(weight, STRONG)), key)
                if first != key:
                    self.fault(key, f"clash: {text!r} already stands at {first.removeprefix(f'{where}.')}")
                if pattern is not None:
                    yield TopicPattern(slug, language, weight, pattern)
        if not positive:
            self.fault(f"{where}.patterns", "at least one pattern is needed, or nothing gets this topic")

    def pattern(self, text: str, key: str) -> Pattern | None:
        try:
            return parse(text)
        except PatternFault as fault:
            self.fault(key, f"{text!r} {fault}")
            return None

    def vocabulary(
        self, regions: Sequence[Term], terms: Sequence[Term], topics: Mapping[str, Any]
    ) -> Vocabulary:
        self.one_meaning(regions, terms)
        countries = (Term(kind=Kind.COUNTRY, code=code, names=names) for code, names in _named_countries())
        all_terms = {(term.kind, term.code): term for term in (*countries, *regions, *terms)}
        return Vocabulary(all_terms, self.renamed(topics))

    def one_meaning(self, regions: Sequence[Term], topics: Sequence[Term]) -> None:
        """A slug means one thing, and two terms of a kind do not share a name."""
        for slug in sorted({term.code for term in regions} & {term.code for term in topics}):
            self.fault(f"topics.toml: topics.{slug}", "duplicate slug: a region in places.toml has it too")
        for file, table, terms in (("places", "regions", regions), ("topics", "topics", topics)):
            seen: dict[tuple[str, str], str] = {}
            for term in terms:
                for language, name in term.names.items():
                    first = seen.setdefault((language, fold_surface(name)), term.code)
                    if first != term.code:
                        where = f"{file}.toml: {table}.{term.code}.names.{language}"
                        self.fault(where, f"clash: {first} has the name {name!r} too")


def _writings(surface: str) -> int:
    """How many names the braces of a surface stand for, counted without writing them out."""
    return prod(inside.count(",") + 1 for inside in _BRACES.findall(surface))


def _named_countries() -> list[tuple[str, dict[str, str]]]:
    return sorted(country_names().items())


@cache
def _table_owners() -> dict[str, str]:
    """Folded surface -> who has it in the built-in tables (shared: copy before adding)."""
    owners: dict[str, str] = {}
    for folded, _, row in places():
        if folded not in owners:
            owners[folded] = row.code
            if row.table in ("guards", "ambiguous"):
                meaning = "no place" if row.table == "guards" else "several places"
                owners[folded] = f"{meaning} ({row.where})"
    return owners


@cache
def _table_faults() -> tuple[Problem, ...]:
    return (*faults(places()), *cue_faults(read("cues")), *trap_faults(read("traps")))
