"""What an item is about: kinds, labels, evidence, and the vocabulary of a site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a label names."""

    COUNTRY = "country"
    REGION = "region"
    TOPIC = "topic"


class Strength(StrEnum):
    """How much an item has to do with a label."""

    ABOUT = "about"
    MENTIONS = "mentions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a label was given: these words, there, by this rule.

    `field` is ``title`` or ``summary``; `start` and `end` are character
    offsets into that field as shown. `rule` names the table or pattern
    (``name``, ``demonym``, ``subdivision``, ``capital``, ``pattern`` …);
    `role` is ``plain``, ``donor``, ``venue``, ``dateline``, ``nationality``
    or ``institution``.
    """

    field: str
    start: int
    end: int
    words: str
    rule: str
    role: str = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A country (ISO 3166-1 alpha-2, lower case), region or topic (slug)."""

    kind: Kind
    code: str
    strength: Strength = Strength.ABOUT
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A country, region or topic as people see it: names by language.

    `members` are the country codes of a region. A `retired` topic is given to no new item.
    """

    kind: Kind
    code: str
    names: Mapping[str, str]
    descriptions: Mapping[str, str] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All terms of a site, by kind and code.

    `renamed` leads from slugs that topics had before to those of today; look-ups follow it.
    """

    terms: Mapping[tuple[Kind, str], Term]
    renamed: Mapping[str, str] = field(default_factory=dict)
    _within: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def current(self, kind: Kind, code: str) -> str:
        """The code of today: another one only for a topic that was renamed or merged."""
        return self.renamed.get(code, code) if kind is Kind.TOPIC else code

    def formerly(self, kind: Kind, code: str) -> tuple[str, ...]:
        """The codes that this one had before."""
        return tuple(old for old, new in self.renamed.items() if new == code and kind is Kind.TOPIC)

    def get(self, kind: Kind, code: str) -> Term | None:
        """The term, or None if the site has no such country, region or topic."""
        return self.terms.get((kind, self.current(kind, code)))

    def name(self, kind: Kind, code: str, lang: str) -> str:
        """The name for people in `lang`, else English, else the code itself."""
        term = self.get(kind, code)
        if term is None:
            return code.upper() if kind is Kind.COUNTRY else code
        return term.names.get(lang) or term.names.get("en") or code

    def within(self, region: str) -> tuple[str, ...]:
        """The other regions that lie within one: all of their members are members of it, too."""
        found = self._within.get(region)
        if found is None:  # asked for each region with each new item
            found = self._within[region] = self._inside(region)
        return found

    def _inside(self, region: str) -> tuple[str, ...]:
        around = self.get(Kind.REGION, region)
        members = set(around.members) if around else set()
        return tuple(
            term.code
            for term in self.of(Kind.REGION)
            if term.code != region and term.members and members.issuperset(term.members)
        )

    def of(self, kind: Kind) -> tuple[Term, ...]:
        """All terms of a kind, in the vocabulary's order."""
        return tuple(term for term in self.terms.values() if term.kind is kind)


@dataclass(frozen=True, slots=True)
class Choice:
    """A label to give or, with `give` False, to take away."""

    kind: Kind
    code: str
    give: bool


@dataclass(frozen=True, slots=True)
class DraftChoice:
    """A choice about an item of a bulletin that is held: the item is known by its identity
    (`changes.identity`)."""

    identity: str
    choice: Choice
