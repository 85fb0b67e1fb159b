"""What part a place plays where it is named (labels, floor 1).

Owns: the cues before and after a place that make it a donor, a
venue, a nationality, a neighbour, a comparison or an institution's name. Does not
decide on labels.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import NamedTuple

from feeds.labels.folding import DASH, fold_surface
from feeds.labels.patterns import parse
from feeds.labels.places import REGION, Hit
from feeds.labels.scanner import Match, Text
from feeds.labels.sentences import REACH, WORD, bridged, in_list, lists, sentence, subject
from feeds.labels.tables import WORD_LISTS, cue_words, read

PLAIN = "plain"
DONOR = "donor"
VENUE = "venue"
DATELINE = "dateline"
NATIONALITY = "nationality"
NEIGHBOUR = "neighbour"
COMPARISON = "comparison"
ASIDE = "aside"
GUEST = "guest"
INSTITUTION = "institution"
MULTILATERAL = "multilateral"
DIVISION = "division"
HOMEWARD = "homeward"
AUTHORITY = "authority"
BODY = "body"
QUANTITY = "quantity"
WHERE = "where"

_PLURAL_FROM = re.compile(r"\w{3}s from (?:the )?$")  # "teachers from Uganda", whatever they are
_FROM_ENDS = ("from ", " the ")
_FROM = frozenset({"from", "of", "de", "du", "des", "do", "da"})
_NAME_AFTER = re.compile(r"(?: (?:of|for|on|and|the|de|para|[^\W\d_a-z][\w-]+))+")  # goes on in capitals
_NAME_BEFORE = re.compile(r"[^\W\d_a-z]\w+ (?:[^\W\d_a-z]\w+ )?(?:(?:de|del|para|of|the|la|el|las|los) )*$")
_CLAUSE = re.compile(rf"[^,.;:!?()\n{re.escape(DASH)}]+")


class Cue(NamedTuple):
    """A phrase of cues.tsv: the role it gives, where it stands, and what must follow its beginning."""

    role: str
    where: str
    rest: re.Pattern[str] | None


class Found(NamedTuple):
    """A cue found at `start:end` of the folded text."""

    role: str
    start: int
    end: int


_FEW = 8
_START, _END = attrgetter("start"), attrgetter("end")


class Cues:
    """The cues of one text by where they act, each list in the order of what is asked of it."""

    __slots__ = ("after", "before", "division", "donor", "homeward", "multilateral")

    def __init__(self) -> None:
        self.before: list[Found] = []  # these three by their ends
        self.donor: list[Found] = []
        self.division: list[Found] = []
        self.after: list[Found] = []  # these two by their starts
        self.homeward: list[Found] = []
        self.multilateral = False

    def sort(self) -> None:
        """Bring the lists into order, so that each place looks only at the cues near it."""
        for found, key in (
            (self.before, _END),
            (self.division, _END),
            (self.after, _START),
            (self.homeward, _START),
        ):
            if len(found) > 1:
                found.sort(key=key)
        if self.before:
            self.donor = [found for found in self.before if found.role == DONOR]


class CueTable:
    """All cues, by the forms that the scanner looks for."""

    def __init__(self) -> None:
        by_form: dict[str, list[Cue]] = {}
        for row in read("cues"):
            if row.code in WORD_LISTS:
                continue
            pattern = parse(row.surface)
            cue = Cue(row.code, row.kind, re.compile(pattern.rest) if pattern.rest else None)
            for form in pattern.forms:
                by_form.setdefault(form, []).append(cue)
        self.forms: Sequence[str] = list(by_form)
        self._cues = list(by_form.values())

    def find(self, text: Text, matches: list[Match]) -> Cues:
        """The cues of a text."""
        cues = Cues()
        plain = text.plain
        for number, start, end in matches:
            for role, where, rest in self._cues[number]:
                if rest is not None:
                    full = rest.match(plain, start)
                    if full is None:
                        continue
                    end = full.end()
                if where == "before":
                    (cues.division if role == DIVISION else cues.before).append(Found(role, start, end))
                elif where == "after":
                    cues.after.append(Found(role, start, end))
                elif role == HOMEWARD:
                    cues.homeward.append(Found(role, start, end))
                elif role == MULTILATERAL or _counted(plain, start):
                    cues.multilateral = True
        cues.sort()
        return cues


def _counted(plain: str, start: int) -> bool:
    """Whether a number or "several" stands right before."""
    before = plain[max(0, start - 20) : start].split()
    return bool(before) and (before[-1].isdigit() or before[-1] in cue_words(QUANTITY))


def roles(text: Text, hits: Sequence[Hit], cues: Cues, dateline: int) -> list[str]:
    """One role for each hit. `dateline` is an offset into the summary."""
    given = _roles_before(text.plain, hits, cues)
    after = _roles_after(text.plain, hits, cues) if cues.after else None
    for index, hit in enumerate(hits):
        if dateline and 0 <= text.in_summary(hit.end - 1) < dateline and hit.start >= text.edge:
            given[index] = DATELINE
            continue
        if given[index] == ASIDE and hit.start < text.edge:
            given[index] = PLAIN  # where people live or go is what a title tells
        if given[index] == PLAIN and after:
            given[index] = after[index]
        if given[index] == NATIONALITY and cues.homeward and goes_home(text.plain, hit, cues):
            given[index] = PLAIN
        if given[index] == PLAIN and hit.surface.rule == REGION and hit.start >= text.edge:
            given[index] = _of_region(text, hit, cues)
    return given


def _of_region(text: Text, hit: Hit, cues: Cues) -> str:
    """The role of a region in the summary that no cue stands beside."""
    if _follows_donor(text.plain, hit, cues):
        return DONOR
    return INSTITUTION if _in_body_name(text, hit) else PLAIN


def _in_body_name(text: Text, hit: Hit) -> bool:
    """Whether a region is part of a body's name: "Caribbean Health Agency", "Facultad Latinoamericana"."""
    bodies = cue_words(BODY)
    after = _NAME_AFTER.match(text.words(hit.end - 1, min(len(text.plain), hit.end + REACH)), 1)
    before = _NAME_BEFORE.search(text.words(max(0, hit.start - 40), hit.start))
    named = (after[0] if after else "").split()[:5] + (before[0] if before else "").split()[-3:]
    return any(fold_surface(word) in bodies for word in named)


def after_division(hit: Hit, cues: Cues) -> bool:
    """Whether "department of" or the like stands right before the hit."""
    at = bisect_right(cues.division, hit.start, key=_END)
    return at > 0 and cues.division[at - 1].end >= hit.start - 1


def speaks_for_country(plain: str, hit: Hit) -> bool:
    """Whether a place belongs to a country's institutions, land or law, not to people who come from it:
    "Honduran police", "autoridades hondureñas", "the Government of Honduras".
    """
    authority = cue_words(AUTHORITY)
    if hit.surface.demonym:
        if any(word in authority for word in plain[hit.start : hit.end].split()[:-1]):
            return True  # "governo americano" is one surface
        following = _CLAUSE.match(plain, hit.end, hit.end + 30)
        if following and any(word in authority for word in WORD.findall(following[0])[:2]):
            return True
    before = plain[max(0, hit.start - 40) : hit.start].split()
    fillers = cue_words("filler")
    for word in reversed(before[-4:]):
        if word in authority:
            return True
        if word not in fillers:
            return False
    return False


def happens_in(plain: str, hit: Hit) -> bool:
    """Whether a list that begins with the hit tells where something is done ("interviews in Peru, ...")."""
    before = plain[max(0, hit.start - 20) : hit.start].split()
    return bool(before) and before[-1] in cue_words(WHERE)


def _roles_before(plain: str, hits: Sequence[Hit], cues: Cues) -> list[str]:
    own = [_nearest_before(plain, hit, cues.before) for hit in hits]
    given = [role or PLAIN for role in own]
    if len(hits) == 1 or own.count(None) == len(hits):
        return given
    for first, end in lists(plain, hits):
        if end - first == 1 or None not in own[first:end]:
            continue
        # What stands in front of a list holds for all of it; in front of a sentence, up to its subject.
        ended = subject(plain, hits, first, end) if own[first] else end
        for index in range(first + 1, end):
            if index != ended:
                given[index] = own[index] or given[index - 1]
    return given


def _nearest_before(plain: str, hit: Hit, cues: Sequence[Found]) -> str | None:
    start = hit.start
    best: Found | None = None
    for found in _near(cues, start - REACH, start, _END):
        if (
            start - REACH <= found.end <= start
            and (best is None or found.end > best.end)
            and bridged(plain, found.end, start)
            and _fits(plain, found, hit)
        ):
            best = found
    if best is not None:
        return best.role
    if plain[start - 5 : start] in _FROM_ENDS and _PLURAL_FROM.search(plain, max(0, start - 40), start):
        return NATIONALITY
    return None


def _near(cues: Sequence[Found], low: int, high: int, key: Callable[[Found], int]) -> Sequence[Found]:
    """Of many cues those between two places; of a few all, which is quicker than to look for them."""
    if len(cues) <= _FEW:
        return cues
    return cues[bisect_left(cues, low, key=key) : bisect_right(cues, high, key=key)]


def _fits(plain: str, found: Found, hit: Hit) -> bool:
    # "migrantes haitianos" tells a nationality, "migrantes" before a country's name does not;
    # "migrants from Haiti" ends in a preposition and takes either.
    if found.role != NATIONALITY or hit.surface.demonym:
        return True
    return plain[found.start : found.end].rsplit(" ", 1)[-1] in _FROM


def _roles_after(plain: str, hits: Sequence[Hit], cues: Cues) -> list[str]:
    given = [PLAIN] * len(hits)
    last = PLAIN
    for index in range(len(hits) - 1, -1, -1):
        hit = hits[index]
        role = None
        for found in _near(cues.after, hit.end, hit.end + REACH, _START):
            if hit.end <= found.start <= hit.end + REACH and _follows(plain, hit, found):
                role = found.role
                break
        if role is None and last != PLAIN and in_list(plain, hit.end, hits[index + 1].start):
            role = last
        last = given[index] = role or PLAIN
    return given


def _follows(plain: str, hit: Hit, found: Found) -> bool:
    if found.role == NATIONALITY and not hit.surface.demonym:
        return False
    return bridged(plain, hit.end, found.start)


def goes_home(plain: str, hit: Hit, cues: Cues) -> bool:
    """Whether the hit's sentence speaks of return, consulates or diaspora: then its country is concerned."""
    first, last = sentence(plain, hit)
    at = bisect_left(cues.homeward, first, key=_START)
    return at < len(cues.homeward) and cues.homeward[at].start < last


def _follows_donor(plain: str, hit: Hit, cues: Cues) -> bool:
    """Whether a region stands later in a sentence that tells who paid: "funded by its facility for …"."""
    at = bisect_right(cues.donor, hit.start, key=_END)
    return at > 0 and cues.donor[at - 1].start >= sentence(plain, hit)[0]
