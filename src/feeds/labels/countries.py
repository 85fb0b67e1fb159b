"""From hits and roles to country and region labels (labels, floor 1).

Owns: which country an item is about and which it only mentions. The rules are
few and each is a function; docs/labels.md tells them in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from feeds.labels.folding import Folded
from feeds.labels.places import AMBIGUOUS, REGION, SEAT, Gazetteer, Hit
from feeds.labels.roles import (
    DATELINE,
    DONOR,
    INSTITUTION,
    NATIONALITY,
    VENUE,
    Cues,
    after_division,
    dateline_end,
    find_cues,
    roles,
)
from feeds.model import Evidence, Kind, Label, Strength

# Countries that mostly give money: named as donors they are not concerned even if no other country is named.
_USUAL_DONORS = frozenset(
    "us ca gb de fr es it nl be lu ie dk se no fi ch at jp kr au nz sa ae qa kw cn tw".split()
)
_PROMOTED = (NATIONALITY, VENUE, DATELINE, DONOR)


@dataclass(frozen=True, slots=True)
class _Spot:
    """One place word in the item: its country or region, its role, and whether it stands."""

    code: str
    region: bool
    role: str
    strong: bool
    seat: bool
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Zone:
    """A field with what was found in it."""

    field: str
    folded: Folded
    hits: Sequence[Hit]
    cues: Cues
    roles: Sequence[str]


def label_places(gazetteer: Gazetteer, title: Folded, summary: Folded) -> list[Label]:
    """Countries (about before mentions, in order of appearance), then regions."""
    dateline = dateline_end(summary.original)
    zones = [_zone(gazetteer, "title", title, 0), _zone(gazetteer, "summary", summary, dateline)]
    many = any("multilateral" in zone.cues.roles for zone in zones)
    many = many or any(hit.surface.rule == REGION for zone in zones for hit in zone.hits)
    open_codes = _open_codes(zones)
    spots = [spot for zone in zones for spot in _spots(zone, open_codes, many)]
    regions = [spot for spot in spots if spot.region]
    countries = [spot for spot in spots if not spot.region]
    about = {spot.code for spot in countries if spot.strong}
    if not about and not any(spot.strong for spot in regions):
        about = _promoted(countries, many)
    return [*_country_labels(countries, about), *_region_labels(regions)]


def _zone(gazetteer: Gazetteer, field: str, folded: Folded, dateline: int) -> _Zone:
    hits = gazetteer.find(folded)
    cues = find_cues(folded)
    return _Zone(field, folded, hits, cues, roles(folded, hits, cues, dateline))


def _open_codes(zones: Iterable[_Zone]) -> frozenset[str]:
    """Countries that the item names without ambiguity."""
    return frozenset(
        code
        for zone in zones
        for hit in zone.hits
        if hit.surface.rule not in (AMBIGUOUS, REGION)
        for code in hit.surface.codes
    )


def _spots(zone: _Zone, open_codes: frozenset[str], many: bool) -> Iterable[_Spot]:
    for hit, role in zip(zone.hits, zone.roles, strict=True):
        code = _code(zone, hit, open_codes)
        if code:
            strong = _stands(zone.field, role, many)
            region, seat = hit.surface.rule == REGION, hit.surface.rule == SEAT
            yield _Spot(code, region, role, strong, seat, _evidence(zone, hit, role))


def _code(zone: _Zone, hit: Hit, open_codes: frozenset[str]) -> str:
    surface = hit.surface
    if surface.rule != AMBIGUOUS:
        return surface.codes[0]
    named = [code for code in surface.codes if code in open_codes]
    if len(named) == 1:
        return named[0]
    if not surface.default and after_division(hit, zone.cues):
        return surface.codes[0]
    return surface.default


def _stands(field: str, role: str, many: bool) -> bool:
    """Whether this hit alone makes an item be about its country.

    A title is chosen with care: a nationality in it stands, a venue only if the item is not
    about a meeting of many countries. In the summary only plain hits stand.
    """
    if field != "title":
        return role not in (DONOR, VENUE, DATELINE, NATIONALITY, INSTITUTION)
    return role not in (DONOR, INSTITUTION) and not (role == VENUE and many)


def _promoted(spots: Sequence[_Spot], many: bool) -> set[str]:
    """The countries of the least weak role, when nothing stands and no region is named."""
    for role in _PROMOTED:
        if many and role in (VENUE, DATELINE):
            continue
        codes = {
            spot.code
            for spot in spots
            if spot.role == role and not spot.seat and not (role == DONOR and spot.code in _USUAL_DONORS)
        }
        if codes:
            return codes
    return set()


def _evidence(zone: _Zone, hit: Hit, role: str) -> Evidence:
    start, end = zone.folded.span(hit.start, hit.end)
    words = zone.folded.original[start:end]
    return Evidence(field=zone.field, start=start, end=end, words=words, rule=hit.surface.rule, role=role)


def _country_labels(spots: Sequence[_Spot], about: set[str]) -> list[Label]:
    codes = dict.fromkeys(spot.code for spot in spots)
    return [
        _label(Kind.COUNTRY, code, strength, spots)
        for strength in (Strength.ABOUT, Strength.MENTIONS)
        for code in codes
        if (code in about) is (strength is Strength.ABOUT)
    ]


def _region_labels(spots: Sequence[_Spot]) -> list[Label]:
    strong = {spot.code for spot in spots if spot.strong or spot.role != DONOR}
    return [
        _label(Kind.REGION, code, strength, spots)
        for strength in (Strength.ABOUT, Strength.MENTIONS)
        for code in dict.fromkeys(spot.code for spot in spots)
        if (code in strong) is (strength is Strength.ABOUT)
    ]


def _label(kind: Kind, code: str, strength: Strength, spots: Sequence[_Spot]) -> Label:
    evidence = tuple(spot.evidence for spot in spots if spot.code == code)
    return Label(kind=kind, code=code, strength=strength, evidence=evidence)
