"""Which place words of a text count: the longest at each spot, guards first (labels, floor 1).

Owns: surfaces, and when one counts (capital letters, exact spelling, persons and
languages). Does not know what a hit means for an item.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from feeds.labels.folding import fold_many, scan_form
from feeds.labels.scanner import Match, Text
from feeds.labels.tables import Row, places, words

GUARD = "guard"
REGION = "region"
AMBIGUOUS = "ambiguous"
DEMONYM = "demonym"
SEAT = "seat"
_RULES = {"variant": "name", "exact": "abbreviation", "place": AMBIGUOUS, "word": AMBIGUOUS}
_PERSON_KINDS = frozenset({"capital", "city", "subdivision", AMBIGUOUS, SEAT})
_ENGLISH_DEMONYM = ("ean", "eans", "ese", "ian", "ians", "ican", "icans")
_TONGUE_BEFORE = re.compile(
    r"\b(?:in|into|en|em|al|de|do|du|of)\s(?:[^\W\d]+(?:\s?[,/]\s?|\s(?:and|or|y|o|e|et|ou)\s)){0,4}+$"
)
_LESSON_BEFORE = re.compile(r"\b(?:aulas|clases|cours|classes|lessons|idioma|lingua|langue|lengua) (?:de )?$")
# "English, Portuguese and Spanish": beside a word that can only be a language.
_ONLY_TONGUE = (
    r"(?:english|ingles|anglais|creole|kreyol|criollo|mam|k'iche'?|q'eqchi'?|garifuna|miskito|arabic|arabe)"
)
_AND = r"(?:,|,? (?:and|y|e|et|or|o))"
_TONGUE_LIST_BEFORE = re.compile(rf"\b{_ONLY_TONGUE}(?:{_AND} [^\W\d]+){{0,4}}{_AND} $")
_TONGUE_LIST_AFTER = re.compile(rf"(?:{_AND} [^\W\d]+){{0,3}}{_AND} {_ONLY_TONGUE}\b")
_TONGUE_AFTER = re.compile(
    r"\s?(?:$|[.,;:)\"|/]|(?:and|or|y|o|e|et|ou|with|for|to|on|at|by|from|here|only|too|version|language"
    r"|sur|en|dans|pour|para|no|na|por)\b)"
)
_TONGUE_WORD = re.compile(
    r"[ -](?:acronyms?|abbreviations?|initials|translations?|subtitles|version|language|lessons"
    r"|speaking|speakers?|taught|spoken|ensinado|falado|ensenado|hablado|enseigne)\b"
)
_ABBREVIATION = 4  # letters of a site's own surface in capitals that may be a word, too
_ARTICLES = frozenset({"El", "La", "Los", "Las", "Le", "Les", "O", "A", "Os", "As"})
_NEXT_WORD = re.compile(r"(?:'s)? (\w+)")
_MONEY_AFTER = re.compile(
    r"[ -]?\$|[ -](?:dollars?|dolar|dolares)\b"
)  # "US$2 million" and "US dollars" are sums
_NUMBER_AFTER = re.compile(r"[ -]\d+/\d|-\d")  # "RD 240/2007" is a decree
_MONEY_BEFORE = ("dollars ", "dolares ")  # "dollars US"


class Surface(NamedTuple):
    """What a way of writing stands for. `codes` are countries, or one region's slug if `rule` is `region`.

    `exact` is the only spelling that counts, if there is one; `person`, `name`, `tongue`: it may be a
    surname, a given name, a language. Shared by all ways of writing that mean the same, so that big
    tables stay small.
    """

    rule: str
    codes: tuple[str, ...] = ()
    default: str = ""
    capital: bool = True
    exact: str = ""
    demonym: bool = False
    person: bool = False
    name: bool = False
    tongue: bool = False


class Hit(NamedTuple):
    """A surface found at `start:end` of the folded text."""

    surface: Surface
    start: int
    end: int


@cache
def _of_kind(kind: str, code: str, language: str) -> Surface:
    rule = _RULES.get(kind, kind)
    capital = kind != GUARD and not (kind == DEMONYM and language != "en")
    codes = () if kind == GUARD else (code,)
    return Surface(rule, codes, code, capital, demonym=kind == DEMONYM, person=rule in _PERSON_KINDS)


def _ambiguous(row: Row, text: str) -> Surface:
    default = row.rest[0] if row.rest[0] != "-" else ""
    demonym = text[:1].islower() or text.endswith(_ENGLISH_DEMONYM)
    codes = tuple(row.code.split(","))
    return Surface(AMBIGUOUS, codes, default, row.kind == "place", demonym=demonym, person=True)


def surface_of(row: Row, folded: str, text: str) -> Surface:
    """What one way of writing in a table's row stands for."""
    if row.table == AMBIGUOUS:
        surface = _ambiguous(row, text)
    elif row.kind == "exact":
        surface = Surface("abbreviation", (row.code,), row.code, False, text)
    else:
        surface = _of_kind(row.kind, row.code, row.language)
    if folded in _names():
        surface = surface._replace(name=True, person=True)
    return surface._replace(tongue=True) if surface.demonym and folded in _tongues() else surface


@cache
def _names() -> frozenset[str]:
    return words("traps", "given-name")


@cache
def _honorifics() -> frozenset[str]:
    return words("traps", "honorific")


@cache
def _tongues() -> frozenset[str]:
    return words("traps", "tongue")


@cache
def _built_in() -> dict[str, tuple[Surface, ...]]:
    """Folded text -> its surfaces, from the tables; those first that win over others written alike."""
    held: dict[str, tuple[Surface, ...]] = {}
    for folded, text, row in places():
        _hold(held, folded, surface_of(row, folded, text))
    return held


def _hold(held: dict[str, tuple[Surface, ...]], folded: str, surface: Surface) -> None:
    """Keep a surface beside others that are written alike: exact ones first, then those with a capital.

    "Suiza" is a country and "suiza" a demonym. An ambiguous name hides other capitalised readings,
    but not a lower-case one: "Portuguesa" may be a state, "portuguesa" is not.
    """
    others = held.get(folded)
    if others is None:
        held[folded] = (surface,)
    elif not (others[0].rule == AMBIGUOUS and surface.capital) and not any(
        (bool(other.exact), other.capital) == (bool(surface.exact), surface.capital) for other in others
    ):
        held[folded] = tuple(sorted((*others, surface), key=lambda one: (not one.exact, not one.capital)))


def _as_written(text: str, surface: Surface) -> Surface:
    """A short abbreviation counts only letter by letter: EU is the Union, "Eu" is Portuguese for "I"."""
    if text.isupper() and len(text) <= _ABBREVIATION:
        return surface._replace(capital=False, exact=text)
    return surface


class Gazetteer:
    """All surfaces, and the judgement which of their matches count."""

    def __init__(self, extra: Iterable[tuple[str, Surface]] = ()) -> None:
        held = dict(_built_in())
        own = list(extra)
        for folded, (text, surface) in zip(fold_many(text for text, _ in own), own, strict=True):
            _hold(held, folded, _as_written(text, surface))
        self._surfaces = list(held.values())
        self._texts = list(held)
        self.forms: Sequence[str] = [f" {scan_form(text)} " for text in held]

    def choose(self, text: Text, matches: list[Match]) -> list[Hit]:
        """Hits from left to right, none inside another; guards are left out."""
        plain = text.plain
        hits: list[Hit] = []
        free = 0
        for start, back, number in sorted([(start, -end, number) for number, start, end in matches]):
            end = -back
            if start < free or plain[start:end] != self._texts[number]:
                continue
            written = text.words(start, end)
            for surface in self._surfaces[number]:
                if surface.exact:
                    if written == surface.exact and _is_place(text, start, end):
                        break
                elif not surface.capital or not _in_small_letters(surface, written):
                    break
            else:
                continue
            if surface.rule == GUARD:
                free = end
            elif not (
                (surface.person and _is_person(surface, text, start, end))
                or (surface.tongue and _is_tongue(plain, start, end))
            ):
                free = end
                hits.append(Hit(surface, start, end))
        return hits


def _in_small_letters(surface: Surface, written: str) -> bool:
    """Whether it is not written as a name: "la Unión" is the union and "El progreso" progress, while the
    towns have capitals throughout.
    """
    if surface.rule == AMBIGUOUS and written[0].islower():
        return True
    article, _, noun = written.partition(" ")
    return noun[:1].islower() if article in _ARTICLES and noun else written.islower()


def _shouted(text: Text, start: int) -> bool:
    """Whether the field is set in capitals throughout, so that "US" may be "us"."""
    return _in_capitals(text.title if start < text.edge else text.summary)


@lru_cache(maxsize=8)  # a field is asked about for each of its names, and may be long
def _in_capitals(field: str) -> bool:
    return field.isupper()


def _is_place(text: Text, start: int, end: int) -> bool:
    """Whether an abbreviation stands for a place: no currency, no number of a law, no word in capitals."""
    plain = text.plain
    if _MONEY_AFTER.match(plain, end) or plain.endswith(_MONEY_BEFORE, 0, start):
        return False
    return not _NUMBER_AFTER.match(plain, end) and not _shouted(text, start)


def _is_tongue(plain: str, start: int, end: int) -> bool:
    """ "in English and Spanish" names languages."""
    before = plain[max(0, start - 80) : start]
    if (
        _TONGUE_WORD.match(plain, end)
        or _LESSON_BEFORE.search(before)
        or _TONGUE_LIST_BEFORE.search(before)
        or _TONGUE_LIST_AFTER.match(plain, end)
    ):
        return True
    return _TONGUE_AFTER.match(plain, end) is not None and _TONGUE_BEFORE.search(before) is not None


def _is_person(surface: Surface, text: Text, start: int, end: int) -> bool:
    """ "Mr. Lima" and "Jordan Smith" name persons, "in Jordan Valley" does not."""
    plain = text.plain
    before = plain[plain.rfind(" ", 0, start - 1) + 1 : start - 1].rstrip(".")
    if before in _honorifics():
        return True
    if not surface.name or before in words("traps", "preposition"):
        return False
    following = _NEXT_WORD.match(plain, end)
    if following is None or following[1] in words("traps", "institution"):
        return False
    # In a title set in capitals throughout, or one with Each Word Capitalised, a capital tells nothing.
    capital = text.original[text.folded.starts[following.start(1)]].isupper()
    return capital and not _capitalised_throughout(text.title if start < text.edge else text.summary)


@lru_cache(maxsize=8)
def _capitalised_throughout(field: str) -> bool:
    long_words = [word for word in field.split() if len(word) > 4]
    return all(word[0].isupper() or not word[0].isalpha() for word in long_words)
