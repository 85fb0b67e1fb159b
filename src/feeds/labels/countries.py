"""From hits and roles to country and region labels (labels, floor 1).

Owns: which country an item is about and which it only mentions. The rules are
few and each is a function; docs/labels.md tells them in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from feeds.labels.cues import DONOR, HAZARD, HOMEWARD, LIKEWISE, Cues
from feeds.labels.datelines import dateline_end
from feeds.labels.parties import WHERE, Group, parties
from feeds.labels.places import AMBIGUOUS, REGION, SEAT, Hit
from feeds.labels.roles import (
    ASIDE,
    COMPARISON,
    DATELINE,
    GUEST,
    INSTITUTION,
    NATIONALITY,
    NEIGHBOUR,
    ORIGIN,
    PARTY,
    PASSING,
    PLAIN,
    VENUE,
    after_division,
    goes_home,
    happens_in,
    roles,
    speaks_for_country,
)
from feeds.labels.scanner import Text, label_of
from feeds.labels.sentences import lists, sentence, words_before
from feeds.labels.states import with_towns
from feeds.labels.tables import cue_words
from feeds.model import Evidence, Kind, Label, Strength

# Countries that mostly give money: named as donors they are not concerned even if no other country is named.
_USUAL_DONORS = frozenset(
    "us ca gb de fr es it nl be lu ie dk se no fi ch at jp kr au nz sa ae qa kw cn tw".split()
)
# The other party: "signs agreement with Canada" tells not who signs.
_WITH = (" with ", " con ", " avec ", " com ")
_SELLS_TO = re.compile(  # "exportan café a Japón"
    r"\b(?:export|vend|sell|ship)\w* (?:\w+ ){0,3}?(?:to|a|al|au|aux|en|para|ao) (?:the |la |el )?$"
)
_SENTENCE_START = (". ", "| ", ". the ", "| the ", ". la ", "| la ", ". los ", "| los ", ". le ", ". o ")
_THE = frozenset("the la le l' los las el o a os as".split())
_NO_REGIONS: Mapping[str, Set[str]] = {}
_ABOUT, _MENTIONS = Strength.ABOUT, Strength.MENTIONS
_PROMOTED = (PLAIN, INSTITUTION, NATIONALITY, ASIDE, NEIGHBOUR, COMPARISON, ORIGIN, VENUE, DATELINE, DONOR)


class _Spot(NamedTuple):
    """One place word in the item: its country or region, its role, and whether it stands."""

    code: str
    role: str
    strong: bool
    hit: Hit


def label_places(
    text: Text, hits: Sequence[Hit], cues: Cues, members: Mapping[str, Set[str]] = _NO_REGIONS
) -> list[Label]:
    """Countries (about before mentions, in order of appearance), then regions. `members` are the countries
    of each region.
    """
    if not hits:
        return []
    hits = with_towns(text.plain, hits)
    runs = list(lists(text.plain, hits))
    given = roles(text, hits, runs, cues, dateline_end(text.summary))
    codes = [hit.surface.default or hit.surface.codes[0] for hit in hits]
    groups = [Group(first, end, frozenset(codes[first:end])) for first, end in runs]
    given = parties(text, hits, groups, given, cues, members)
    many = cues.multilateral
    for hit in hits:
        many = many or hit.surface.rule == REGION
    countries, regions = _spots(text, hits, _asides(text, hits, groups, given, cues), cues)
    about = {spot.code for spot in countries if spot.strong}
    if not about and not any(spot.strong for spot in regions):
        about = _promoted(countries, text.edge, many)
    if not regions:
        return _labels(text, Kind.COUNTRY, countries, about)
    concerned = {spot.code for spot in regions if _concerned(text, spot)}
    return [
        *_labels(text, Kind.COUNTRY, countries, about),
        *_labels(text, Kind.REGION, regions, concerned),
    ]


def _asides(
    text: Text, hits: Sequence[Hit], groups: Sequence[Group], given: list[str], cues: Cues
) -> list[str]:
    """Roles, with what the summary names in passing told apart.

    Where the title tells the country, another one that the summary names is mostly where someone came from,
    went, lives or was taught. It is more if it is one of a pair with the title's country or of a list of
    where something is done, acts through its authorities, or another sentence names it too.
    """
    edge = text.edge
    if PLAIN not in given or hits[-1].start < edge:
        return given
    told, named = _told(text, hits, given)
    if told and all(_other_end(text.plain, hit) for hit in hits if hit.start < edge):
        told |= _told_first(text, hits, given, later=False)
    named = named or cues.within(HOMEWARD, 0, edge)
    if not told:
        told, named = _told_first(text, hits, given), True
    weak = {
        hit.surface.codes for hit, role in zip(hits, given, strict=True) if hit.start < edge and role == VENUE
    }
    passing = [
        index
        for index, hit in enumerate(hits)
        if hit.start >= edge
        and given[index] == PLAIN
        and hit.surface.rule != REGION
        and (named or hit.surface.rule not in WHERE or hit.surface.codes in weak)
        and told.isdisjoint(hit.surface.codes)
    ]
    if not told or not passing:
        return given
    beside, named_at = _beside(text, hits, groups, told, cues), _named_at(hits, given)
    roles_now = list(given)
    for index in passing:
        if index in beside:
            continue
        if hits[index].surface.rule in WHERE and hits[index].surface.codes in weak:
            roles_now[index] = PASSING  # a town on the way: the title names its country as where people left
        else:
            hit = hits[index]
            roles_now[index] = _aside(text, hit, cues, named_at[hit.surface.codes], named)
    return roles_now


def _told(text: Text, hits: Sequence[Hit], given: Sequence[str]) -> tuple[set[str], bool]:
    """The countries that the title tells, and whether by a name or an authority: "23 Paraguayans rescued"
    tells who, but not where.
    """
    told = [
        hit
        for hit, role in zip(hits, given, strict=True)
        if hit.start < text.edge
        and role in (PLAIN, PARTY)
        and hit.surface.rule != REGION
        and not text.plain.endswith(_WITH, 0, hit.start)
    ]
    named = any(not hit.surface.demonym or speaks_for_country(text.plain, hit) for hit in told)
    codes = {code for hit in told for code in hit.surface.codes}
    return codes, named or len(codes) > 1


def _other_end(plain: str, hit: Hit) -> bool:
    """Whether the title tells only to, from or with whom: "Weavers export to Japan"."""
    if hit.surface.rule in (REGION, *WHERE):
        return False
    before = words_before(plain, hit.start)
    if len(before) > 1 and before[-1] in _THE:
        before.pop()
    partner = bool(before) and before[-1] in cue_words("partner")
    return partner or _SELLS_TO.search(plain, hit.start - 60, hit.start) is not None


def _told_first(text: Text, hits: Sequence[Hit], given: Sequence[str], *, later: bool = True) -> set[str]:
    """Where the title names none: the countries that the first sentence with a plain name or town names, or
    only the first sentence of all.
    """
    plain = text.plain
    named = [
        hit
        for hit, role in zip(hits, given, strict=True)
        if role in (PLAIN, PARTY) and hit.surface.rule not in (REGION, SEAT)
    ]
    places = [hit for hit in named if not hit.surface.demonym and (later or hit.start > text.edge)]
    if not named or (places and places[0].start < text.edge):
        return set()
    opening = named[0] if later and named[0].start > text.edge else None
    if (
        opening is not None
        and opening.surface.demonym
        and not plain[text.edge : sentence(plain, opening)[0]].strip(" |")
    ):
        places = named  # "Rangers of Peru" or "Peruvian rangers" open the summary
    if not places:
        return set()
    first, last = sentence(plain, places[0])
    if not later and plain[text.edge : first].strip(" |"):
        return set()
    return {code for hit in places if first <= hit.start < last for code in hit.surface.codes}


def _beside(text: Text, hits: Sequence[Hit], groups: Sequence[Group], told: set[str], cues: Cues) -> set[int]:
    """Numbers of the hits that stand in a list which concerns all its countries: a pair with one that the
    title tells, any list with two of those, or three or more that tell where something is done, other than
    what a storm struck.
    """
    beside: set[int] = set()
    for first, end, _ in groups:
        known = sum(not told.isdisjoint(hits[one].surface.codes) for one in range(first, end))
        pair = end - first == 2 and known == 1
        done = end - first > 2 and happens_in(text.plain, hits[first])
        if pair or (
            (known > 1 or done)
            and not (cues.has(HAZARD) and cues.within(HAZARD, *sentence(text.plain, hits[first])))
        ):
            beside.update(range(first, end))
    return beside


def _aside(text: Text, hit: Hit, cues: Cues, named_at: tuple[int, int], named: bool) -> str:
    if speaks_for_country(text.plain, hit, land=not named):
        return PLAIN
    if hit.surface.demonym:
        return PLAIN if cues.has(HOMEWARD) and goes_home(text.plain, hit, cues) else NATIONALITY
    # What opens a sentence acts; but where the title names another country it mostly helps or follows.
    opens = text.plain.endswith(_SENTENCE_START, 0, hit.start)
    if cues.has(LIKEWISE) and cues.within(LIKEWISE, *sentence(text.plain, hit)):
        return PASSING  # "Togo did the same last year"
    if not named and (opens or happens_in(text.plain, hit)):
        return PLAIN
    return PLAIN if _again(text, named_at, hit) else PASSING


def _named_at(hits: Sequence[Hit], given: Sequence[str]) -> dict[tuple[str, ...], tuple[int, int]]:
    """Where the countries are first and last named, other than as who pays, teaches or lends a name."""
    places: dict[tuple[str, ...], tuple[int, int]] = {}
    for hit, role in zip(hits, given, strict=True):
        if role not in (DONOR, INSTITUTION, GUEST):
            first, _ = places.get(hit.surface.codes, (hit.start, 0))
            places[hit.surface.codes] = first, hit.start
    return places


def _again(text: Text, named_at: tuple[int, int], hit: Hit) -> bool:
    """Whether another sentence names the country, too. "Texas, in the United States" names it once."""
    first, last = sentence(text.plain, hit)
    return named_at[0] < first or named_at[1] >= last


def _spots(
    text: Text, hits: Sequence[Hit], given: Sequence[str], cues: Cues
) -> tuple[list[_Spot], list[_Spot]]:
    """Countries and regions."""
    countries: list[_Spot] = []
    regions: list[_Spot] = []
    edge = text.edge
    open_codes: set[str] | None = None
    for hit, role in zip(hits, given, strict=True):
        surface, start, _ = hit
        rule = surface.rule
        if rule == AMBIGUOUS:
            if open_codes is None:
                open_codes = _open_codes(hits)
            code = _code(hit, open_codes, cues)
            if not code:
                continue
        else:
            code = surface.codes[0]
        strong = (
            (rule != SEAT or (start < edge and not cues.multilateral))
            if role in (PLAIN, PARTY)
            else start < edge and _stands(role)
        )
        (regions if rule == REGION else countries).append(_Spot(code, role, strong, hit))
    return countries, regions


def _open_codes(hits: Sequence[Hit]) -> set[str]:
    """Countries that the item names without ambiguity."""
    return {
        hit.surface.codes[0] for hit in hits if hit.surface.rule != AMBIGUOUS and hit.surface.rule != REGION
    }


def _code(hit: Hit, open_codes: set[str], cues: Cues) -> str:
    surface = hit.surface
    named = [code for code in surface.codes if code in open_codes]
    if len(named) == 1:
        return named[0]
    if not surface.default and after_division(hit, cues):
        return surface.codes[0]
    return surface.default


def _stands(role: str) -> bool:
    """Whether a hit with a role in the title alone makes an item be about its country.

    A title is chosen with care: a nationality in it stands, a neighbour, or where people came back from. A
    place where something was held stands only if nothing else does (`_promoted`).
    """
    return role not in (DONOR, INSTITUTION, COMPARISON, VENUE)


def _promoted(spots: Sequence[_Spot], edge: int, many: bool) -> set[str]:
    """The countries of the least weak role, when nothing stands and no region is named."""
    for role in _PROMOTED:
        if many and role in (PLAIN, INSTITUTION, VENUE, DATELINE):
            continue
        codes = {spot.code for spot in spots if spot.role == role and _may_stand(spot, edge)}
        if codes:
            return codes
    return set()


def _may_stand(spot: _Spot, edge: int) -> bool:
    """Whether a weak spot can be all that an item is about: an institution only if it is the title's."""
    if spot.role == INSTITUTION and spot.hit.start >= edge:
        return False
    if spot.role in (DONOR, INSTITUTION) and spot.code in _USUAL_DONORS:
        return False
    return spot.role == PLAIN or spot.hit.surface.rule != SEAT


def _concerned(text: Text, spot: _Spot) -> bool:
    """Whether an item is about a region: not if it only pays, or people only come from there."""
    if spot.hit.start < text.edge:
        return spot.role not in (DONOR, INSTITUTION)
    return spot.role in (PLAIN, VENUE, DATELINE, NEIGHBOUR)


def _labels(text: Text, kind: Kind, spots: Sequence[_Spot], about: set[str]) -> list[Label]:
    by_code: dict[str, list[Evidence]] = {}
    for code, role, _, (surface, start, end) in spots:
        evidence = text.evidence(start, end, surface.rule, role)
        if code in by_code:
            by_code[code].append(evidence)
        else:
            by_code[code] = [evidence]
    first = [label_of(kind, code, _ABOUT, tuple(own)) for code, own in by_code.items() if code in about]
    if len(first) == len(by_code):
        return first
    rest = [label_of(kind, code, _MENTIONS, tuple(own)) for code, own in by_code.items() if code not in about]
    return first + rest
