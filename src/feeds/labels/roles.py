"""What part a place plays where it is named (labels, floor 1).

Owns: datelines, and the cues before and after a place that make it a donor, a
venue, a nationality or an institution's name. Does not decide on labels.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from feeds.labels.folding import Folded, fold_surface
from feeds.labels.patterns import PatternSet, parse
from feeds.labels.places import Hit
from feeds.labels.tables import read

PLAIN = "plain"
DONOR = "donor"
VENUE = "venue"
DATELINE = "dateline"
NATIONALITY = "nationality"
INSTITUTION = "institution"

_MONTHS = (
    "january february march april may june july august september october november december"
    " jan feb mar apr jun jul aug sep sept oct nov dec enero febrero marzo abril mayo junio julio agosto"
    " septiembre setiembre octubre noviembre diciembre ene ago dic janvier février mars avril mai juin"
    " juillet août septembre octobre novembre décembre janeiro fevereiro"
    " março maio junho julho setembro outubro dezembro"
).split()
_SMALL = "de del la las los el y e and of the da do dos das au aux le les du sur en".split()
_DATELINE_WORDS = frozenset(_MONTHS) | frozenset(_SMALL)
_DATELINE = re.compile(
    r"\s*([^\n\u2013\u2014|:]{2,90}?)\s*(?:\.?\s*[\u2013\u2014|]|\.\s?-+\s|\s-{1,2}\s|(:)\s)"
)
_DATELINE_TOKEN = re.compile(r"[^\W_]+")
_PLURAL_FROM = re.compile(r"\w{3}s from (?:the )?$")  # "teachers from Uganda", whatever they are
_CLAUSE_END = re.compile(r"[.;:!?\u2013\n]")
_SENTENCE_END = re.compile(r"[.!?]\s")
_WORD = re.compile(r"\w+")
_CONNECTORS = frozenset("and y e et or o u as well asi como s ou".split())
_MAX_FILLERS = 6
_REACH = 80  # characters between a cue and its place, or between two places of a list
_SENTENCE = 400  # characters on either side that are searched for a sentence's ends


@dataclass(frozen=True, slots=True)
class Cue:
    """What a phrase of cues.tsv says."""

    role: str
    where: str


@dataclass(frozen=True, slots=True)
class Found:
    """A cue found at `start:end` of the folded text."""

    cue: Cue
    start: int
    end: int


class Cues:
    """The cues of one text, so that those near a place are found without looking at all of them."""

    def __init__(self, found: Sequence[Found]) -> None:
        self.roles = frozenset(one.cue.role for one in found)
        self._by_start = sorted(found, key=lambda one: one.start)
        self._by_end = sorted(found, key=lambda one: one.end)
        self._starts = [one.start for one in self._by_start]
        self._ends = [one.end for one in self._by_end]

    def ending(self, first: int, last: int) -> Sequence[Found]:
        """Cues whose end lies in `first..last`, both included, the last ones last."""
        return self._by_end[bisect_left(self._ends, first) : bisect_right(self._ends, last)]

    def starting(self, first: int, last: int) -> Sequence[Found]:
        """Cues whose start lies in `first..last`, both included."""
        return self._by_start[bisect_left(self._starts, first) : bisect_right(self._starts, last)]


@cache
def _cues() -> tuple[PatternSet, tuple[Cue, ...], frozenset[str]]:
    rows = [row for row in read("cues") if row.code != "filler"]
    fillers = {fold_surface(w) for row in read("cues") if row.code == "filler" for w in row.surface.split()}
    cues = tuple(Cue(row.code, row.kind) for row in rows)
    return PatternSet(parse(row.surface) for row in rows), cues, frozenset(fillers)


def find_cues(folded: Folded) -> Cues:
    """All cues of a text."""
    patterns, cues, _ = _cues()
    found = (Found(cues[match.index], match.start, match.end) for match in patterns.find(folded.text))
    return Cues(list(found))


def dateline_end(summary: str) -> int:
    """Length of the dateline that opens a summary ("Tegucigalpa, 3 May (Office) – "), else 0.

    Before its dash or colon stand only capitalised words, numbers, months and small words;
    with a colon, a number too: "Georgetown, Guyana 23 August 2021:".
    """
    match = _DATELINE.match(summary)
    if match is None:
        return 0
    tokens = _DATELINE_TOKEN.findall(match[1])
    if len(tokens) > 14 or not any(token[0].isupper() for token in tokens):
        return 0
    if match[2] and not any(token.isdigit() for token in tokens):
        return 0
    plain = all(t[0].isupper() or t[0].isdigit() or t.lower() in _DATELINE_WORDS for t in tokens)
    return match.end() if plain else 0


def roles(folded: Folded, hits: Sequence[Hit], cues: Cues, dateline: int) -> list[str]:
    """One role for each hit. `dateline` is an offset into the original text."""
    before = _roles_before(folded.text, hits, cues)
    after = _roles_after(folded.text, hits, cues)
    given = []
    for index, hit in enumerate(hits):
        if folded.starts[hit.end - 1] < dateline:
            given.append(DATELINE)
            continue
        role = before[index] if before[index] != PLAIN else after[index]
        if role == NATIONALITY and _goes_home(folded.text, hit, cues):
            role = PLAIN
        given.append(role)
    return given


def after_division(hit: Hit, cues: Cues) -> bool:
    """Whether "department of" or the like stands right before the hit."""
    return any(found.cue.role == "division" for found in cues.ending(hit.start - 1, hit.start))


def _roles_before(text: str, hits: Sequence[Hit], cues: Cues) -> list[str]:
    given: list[str] = []
    for index, hit in enumerate(hits):
        cue = _nearest_before(text, hit, cues)
        if cue is None and index and _in_list(text[hits[index - 1].end : hit.start]):
            given.append(given[-1])
        else:
            given.append(cue or PLAIN)
    return given


def _nearest_before(text: str, hit: Hit, cues: Cues) -> str | None:
    for found in reversed(cues.ending(hit.start - _REACH, hit.start)):
        if found.cue.where != "before" or found.cue.role == "division":
            continue
        if _bridged(text[found.end : hit.start]) and _fits(found.cue, text, found, hit):
            return found.cue.role
    if _PLURAL_FROM.search(text, max(0, hit.start - _REACH), hit.start):
        return NATIONALITY
    return None


def _fits(cue: Cue, text: str, found: Found, hit: Hit) -> bool:
    # "migrantes haitianos" tells a nationality, "migrantes" before a country's name does not;
    # "migrants from Haiti" ends in a preposition and takes either.
    if cue.role != NATIONALITY or hit.surface.demonym:
        return True
    return text[found.start : found.end].split(" ")[-1] in ("from", "of", "de", "du")


def _roles_after(text: str, hits: Sequence[Hit], cues: Cues) -> list[str]:
    given = [PLAIN] * len(hits)
    for index in range(len(hits) - 1, -1, -1):
        hit = hits[index]
        near = cues.starting(hit.end, hit.end + _REACH)
        role = next(
            (one.cue.role for one in near if one.cue.where == "after" and _follows(text, hit, one)), None
        )
        if role is None and index + 1 < len(hits) and _in_list(text[hit.end : hits[index + 1].start]):
            role = given[index + 1]
        given[index] = role or PLAIN
    return given


def _follows(text: str, hit: Hit, found: Found) -> bool:
    if found.cue.role == NATIONALITY and not hit.surface.demonym:
        return False
    return _bridged(text[hit.end : found.start])


def _bridged(between: str) -> bool:
    """Only filler words between a cue and a place, within one clause."""
    if len(between) > _REACH or _CLAUSE_END.search(between) or "," in between:
        return False
    words = _WORD.findall(between)
    fillers = _cues()[2]
    return len(words) <= _MAX_FILLERS and all(word in fillers or word == "s" for word in words)


def _in_list(between: str) -> bool:
    """ ", ", " and the Government of ": two places of one list."""
    if len(between) > _REACH or _CLAUSE_END.search(between):
        return False
    words = _WORD.findall(between)
    fillers = _cues()[2]
    joined = any(char in between for char in ",/&(") or any(word in _CONNECTORS for word in words)
    return joined and len(words) <= _MAX_FILLERS and all(w in fillers or w in _CONNECTORS for w in words)


def _goes_home(text: str, hit: Hit, cues: Cues) -> bool:
    """Whether the hit's sentence speaks of return, consulates or diaspora: then its country is concerned."""
    first, last = max(0, hit.start - _SENTENCE), min(len(text), hit.end + _SENTENCE)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, first, hit.start)]
    stop = _SENTENCE_END.search(text, hit.end, last)
    near = cues.starting(ends[-1] if ends else first, stop.start() if stop else last)
    return any(found.cue.role == "homeward" for found in near)
