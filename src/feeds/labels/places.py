"""Finds every place word of a text: the longest at each spot, guards first (labels, floor 1).

Owns: surfaces, when one counts (capital letters, exact spelling, persons and
languages), and the one automaton. Does not know what a hit means for an item.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import ahocorasick_rs

from feeds.labels.folding import Folded, fold_surface
from feeds.labels.tables import PLACE_TABLES, Row, expand, read, words

GUARD = "guard"
REGION = "region"
AMBIGUOUS = "ambiguous"
DEMONYM = "demonym"
SEAT = "seat"
_RULES = {"variant": "name", "exact": "abbreviation", "place": AMBIGUOUS, "word": AMBIGUOUS}
_PERSON_KINDS = frozenset({"capital", "city", "subdivision", AMBIGUOUS, SEAT})
_TONGUE_BEFORE = re.compile(
    r"\b(?:in|into|en|em|al)\s(?:[^\W\d]+(?:\s?[,/]\s?|\s(?:and|or|y|o|e|et|ou)\s)){0,4}+$"
)
_TONGUE_AFTER = re.compile(r"\s?(?:$|[.,;:)\"\u2013/]|(?:and|or|y|o|e|et|ou|with|for|to|version|language)\b)")
_LAST_WORD = re.compile(r"(\w+)\W{1,2}$")
_NEXT_WORD = re.compile(r"(?:'s)? (\w+)")


@dataclass(frozen=True, slots=True)
class Surface:
    """A way of writing a place. `codes` are countries, or one region's slug if `rule` is `region`."""

    text: str
    rule: str
    codes: tuple[str, ...] = ()
    default: str = ""
    capital: bool = True
    exact: bool = False
    demonym: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A surface found at `start:end` of the folded text."""

    surface: Surface
    start: int
    end: int


def surface_of(row: Row, text: str) -> Surface:
    """The surface that one expansion of a table's row stands for."""
    rule = _RULES.get(row.kind, row.kind)
    if rule == AMBIGUOUS:
        default = row.rest[0] if row.rest[0] != "-" else ""
        demonym = text[:1].islower() or text.endswith(("ean", "eans", "ese", "ian", "ican", "icans"))
        return Surface(text, rule, tuple(row.code.split(",")), default, row.kind == "place", demonym=demonym)
    codes = () if row.kind == GUARD else (row.code,)
    capital = row.kind not in (GUARD, "exact") and not (row.kind == DEMONYM and row.language != "en")
    return Surface(text, rule, codes, row.code, capital, row.kind == "exact", row.kind == DEMONYM)


@cache
def table_surfaces() -> tuple[tuple[str, Row, Surface], ...]:
    """(folded text, row, surface) of the built-in tables, those first that win over others written alike."""
    return tuple(
        (fold_surface(text), row, surface_of(row, text))
        for table in ("ambiguous", "guards", *PLACE_TABLES)
        for row in read(table)
        for text in expand(row.surface)
    )


class Gazetteer:
    """All surfaces in one automaton. Building takes some ten milliseconds; share the instance."""

    def __init__(self, extra: Iterable[Surface] = ()) -> None:
        by_text: dict[str, list[Surface]] = {}
        own = ((fold_surface(surface.text), surface) for surface in extra)
        for text, surface in (*((text, surface) for text, _, surface in table_surfaces()), *own):
            _hold(by_text.setdefault(text, []), surface)
        self._surfaces = list(by_text.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(by_text), store_patterns=False)

    def find(self, folded: Folded) -> list[Hit]:
        """Hits from left to right, none inside another; guards are left out.

        Matches are taken overlapping and sorted here, since the automaton knows no word
        boundaries: its own longest match could be one that ends inside a word.
        """
        found = self._automaton.find_matches_as_indexes(folded.text, overlapping=True)
        shouting = folded.original.isupper()
        hits, free = [], 0
        for index, start, end in sorted(found, key=lambda match: (match[1], -match[2])):
            if start < free or not folded.word_bounded(start, end):
                continue
            surface = self._believed(index, folded, start, end, shouting)
            if surface is None:
                continue
            free = end
            if surface.rule != GUARD:
                hits.append(Hit(surface, start, end))
        return hits

    def _believed(self, index: int, folded: Folded, start: int, end: int, shouting: bool) -> Surface | None:
        first, last = folded.span(start, end)
        written = folded.original[first:last]
        for surface in self._surfaces[index]:
            if surface.exact:
                if not shouting and written == surface.text:
                    return surface
            elif not surface.capital or any(char.isupper() for char in written):
                return (
                    None
                    if _is_person(surface, folded, start, end) or _is_tongue(surface, folded.text, start, end)
                    else surface
                )
        return None


def _hold(held: list[Surface], surface: Surface) -> None:
    """Keep a surface beside others that are written alike: exact ones first, then those with a capital.

    "Suiza" is a country and "suiza" a demonym. An ambiguous name hides other capitalised readings,
    but not a lower-case one: "Portuguesa" may be a state, "portuguesa" is not.
    """
    if held and held[0].rule == AMBIGUOUS and surface.capital:
        return
    if not any((other.exact, other.capital) == (surface.exact, surface.capital) for other in held):
        held.append(surface)
        held.sort(key=lambda other: (not other.exact, not other.capital))


def _is_tongue(surface: Surface, text: str, start: int, end: int) -> bool:
    """ "in English and Spanish" names languages."""
    if not surface.demonym or text[start:end] not in words("traps", "tongue"):
        return False
    before = text[max(0, start - 80) : start]
    return _TONGUE_AFTER.match(text, end) is not None and _TONGUE_BEFORE.search(before) is not None


def _is_person(surface: Surface, folded: Folded, start: int, end: int) -> bool:
    """ "Mr. Lima" and "Jordan Smith" name persons, "in Jordan Valley" does not."""
    given = folded.text[start:end] in words("traps", "given-name")
    if not given and surface.rule not in _PERSON_KINDS:
        return False
    last = _LAST_WORD.search(folded.text, max(0, start - 30), start)
    before = last[1] if last else ""
    if before in words("traps", "honorific"):
        return True
    if not given or before in words("traps", "preposition"):
        return False
    following = _NEXT_WORD.match(folded.text, end)
    if following is None or following[1] in words("traps", "institution"):
        return False
    # In a title set in capitals throughout, or one with Each Word Capitalised, a capital tells nothing.
    capital = folded.original[folded.starts[following.start(1)]].isupper()
    return capital and not _capitalised_throughout(folded.original)


def _capitalised_throughout(text: str) -> bool:
    long_words = [word for word in text.split() if len(word) > 4]
    return all(word[0].isupper() or not word[0].isalpha() for word in long_words)
