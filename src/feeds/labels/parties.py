"""Who takes part in what an item reports, and who is only its host (labels, floor 1).

Owns: when places of the summary are parties ("teachers from Togo, Benin and Mali took
part"), when the movement of people concerns where they come from, and when a town is
the mere venue of what many countries do. docs/labels.md tells what is meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from feeds.labels.cues import DONOR, LIKEWISE, MOVING, SHARE, TAKING, Cues
from feeds.labels.places import REGION, SEAT, Hit
from feeds.labels.roles import (
    DELEGATE,
    GUEST,
    INSTITUTION,
    NATIONALITY,
    ORIGIN,
    PARTY,
    PEOPLE,
    PLAIN,
    VENUE,
    happens_in,
    speaks_for_country,
)
from feeds.labels.scanner import Text
from feeds.labels.sentences import acts, sentence, words_before
from feeds.labels.tables import cue_words

WHERE = frozenset({"capital", "city", "subdivision"})  # rules of places where something happens
_TOWNS = WHERE | {SEAT}
_FROM = re.compile(
    r"\b(?:from|de|del|desde|do|da|depuis|du|d'|des) (?:the |la |le |l'|el |a |o |las |los )?$"
)
_SHARE = re.compile(
    r" ?\(?(?:about |some |around |unos |environ |cerca de )?\d+(?:[.,]\d+)? ?"
    r"(?:%|\)|per ?cent|por ciento|por cento|pour cent)"
)
_SHARE_SIGNS = ("%", "(", "percent", "r cent", "r ciento")
_CLAUSE_START = re.compile(
    r"(?:[.!?:|] ?|\| |, (?:and|y|e|et|while|mientras|tandis que|enquanto) )"
    r"(?:(?:the|la|le|el|o|a|as|os|les|los|l')[ ]?)?$"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")  # what is told with its year is no news
_NUMBER = re.compile(r"\b\d[\d.,]*\b")
_PEOPLE = re.compile(
    r"\b(?:people|persons?|refugees|migrants|families|children|women|men|group|thousands|hundreds|dozens"
    r"|personas|migrantes|refugiad[oa]s|familias|grupo|miles|cientos|personnes|refugies|familles|groupe|milliers"
    r"|pessoas|famílias|milhares)\b"
)
_EARLIER = re.compile(r" (?:had|already|ya|habian?|tenian?|avait|avaient|deja|tinham?|havia|haviam|ja)\b")
_PANEL = re.compile(r"\b(?:panels?|webinars?|painel|mesa redonda|table ronde) (?:with|con|avec|com) ")
_ARTICLE = re.compile(r" ?(?:the |la |le |les |l'|los |las |el |o |a |os |as )?")
_RELATIVE = re.compile(r"\b(?:who|that|which|whom|had|que|quienes|qui|quem|cuando|when)\b")
_UNDECIDED = frozenset({DELEGATE, PEOPLE})
_LIFTED = frozenset({PLAIN, DELEGATE, PEOPLE, INSTITUTION, NATIONALITY, GUEST})
_MANY = 3
_WIDE = 20  # of more countries than that, one that acts in the summary is no member that meets


class Group(NamedTuple):
    """Hits `first` to `end` that make one list, and the countries they stand for."""

    first: int
    end: int
    codes: Set[str]


def parties(
    text: Text,
    hits: Sequence[Hit],
    groups: Sequence[Group],
    given: list[str],
    cues: Cues,
    members: Mapping[str, Set[str]],
) -> list[str]:
    """Roles, with those of the summary that take part as `party`, and each `delegate` decided."""
    edge, plain = text.edge, text.plain
    if hits[-1].start < edge:
        return [NATIONALITY if role in _UNDECIDED else role for role in given]
    known = _of_title(hits, given, edge, members)
    alone = known or cues.has(MOVING)  # whether one country for itself can take part
    shares = any(sign in plain for sign in _SHARE_SIGNS)
    now = list(given)
    for group in groups:
        first, end, codes = group
        if hits[first].start < edge:
            continue
        if shares and _shared(plain, hits, group):
            now[first:end] = [NATIONALITY] * (end - first)
        elif len(codes) == 1 and not alone and given[first] == PLAIN:
            continue
        elif _takes_part(text, hits, group, given, cues, known):
            now[first:end] = [PARTY if role in _LIFTED else role for role in given[first:end]]
        elif _left_behind(text, hits, group, given, cues):
            now[first] = PARTY
    if not _UNDECIDED.isdisjoint(now):
        now = [NATIONALITY if role in _UNDECIDED else role for role in now]
    return _hosts(text, hits, groups, now, cues, bool(known))


def _of_title(
    hits: Sequence[Hit], given: Sequence[str], edge: int, members: Mapping[str, Set[str]]
) -> Set[str]:
    """The members of the regions that the title tells."""
    found: set[str] = set()
    for hit, role in zip(hits, given, strict=True):
        if hit.start >= edge:
            break
        if hit.surface.rule == REGION and role not in (DONOR, INSTITUTION):
            found.update(members.get(hit.surface.codes[0], ()))
    return found


def _shared(plain: str, hits: Sequence[Hit], group: Group) -> bool:
    """Whether numbers or shares stand behind the places: "Syria (40%), Iraq (12)"."""
    for index in range(group.first, group.end):
        end = hits[index].end
        behind = plain[end + 1 : end + 2]
        if (behind == "(" or behind.isdigit()) and _SHARE.match(plain, end):
            return True
    return False


def _takes_part(
    text: Text, hits: Sequence[Hit], group: Group, given: Sequence[str], cues: Cues, known: Set[str]
) -> bool:
    """Whether the countries of a list take part, by what its first place is told to be."""
    role, size, first = given[group.first], len(group.codes), hits[group.first]
    if role == PLAIN:
        return _acts(text, hits, group, cues, known)
    if role == DELEGATE:
        return (size > 1 or _taken(text, first, cues)) and not _on_a_panel(text, first)
    if role == PEOPLE:
        if size < _MANY:
            return size > 1 and _taken(text, first, cues)
        invited = _watching(text, first)
        return not invited and (cues.multilateral or _opening(text, first) or _taken(text, first, cues))
    if size < _MANY:
        return False
    if role == NATIONALITY:
        return len(group.codes & known) >= _MANY or (cues.multilateral and not _moving(text, first, cues))
    if role == INSTITUTION:
        return _taken(text, first, cues) and _members(text.plain, first)
    return role == GUEST and (cues.multilateral or _taken(text, first, cues)) and not _watching(text, first)


def _acts(text: Text, hits: Sequence[Hit], group: Group, cues: Cues, known: Set[str]) -> bool:
    """Whether a list without a cue acts: as a subject, through its authorities, or where some took part."""
    size, first, last = len(group.codes), hits[group.first], hits[group.end - 1].end
    if size == 1 and (len(known) > _WIDE or group.codes.isdisjoint(known)):
        return False
    if size >= _MANY and len(group.codes & known) >= _MANY:
        return True
    if cues.within(LIKEWISE, *sentence(text.plain, first)):
        return False
    subject = _opens(text.plain, first) and acts(text.plain, last) and not _EARLIER.match(text.plain, last)
    if size == 1 or (size >= _MANY and subject):
        return subject
    if speaks_for_country(text.plain, first, land=False):
        return True
    return not first.surface.demonym and not _placed(text.plain, first) and _taken(text, first, cues)


def _opening(text: Text, hit: Hit) -> bool:
    """Whether a hit stands in the summary's first sentence."""
    return not text.plain[text.edge : sentence(text.plain, hit)[0]].strip(" |")


def _placed(plain: str, hit: Hit) -> bool:
    """Whether a preposition tells that something is done there, or for them."""
    before = words_before(plain, hit.start)
    return bool(before) and (happens_in(plain, hit) or before[-1] in cue_words("toward"))


def _taken(text: Text, hit: Hit, cues: Cues) -> bool:
    """Whether the hit's sentence tells that someone took part, met or agreed."""
    return cues.within(TAKING, *sentence(text.plain, hit))


def _moving(text: Text, hit: Hit, cues: Cues) -> bool:
    """Whether the list before a hit is one of people who move, or of a share of some."""
    before = words_before(text.plain, hit.start)
    movers = cue_words("mover")
    return any(word in movers for word in before[-4:]) or (
        cues.within(SHARE, sentence(text.plain, hit)[0], hit.start)
    )


def _watching(text: Text, hit: Hit) -> bool:
    """Whether the list before a hit is one of observers, speakers or the like, who do not take part."""
    before = words_before(text.plain, hit.start)
    return any(word in cue_words("watcher") for word in before[-4:])


def _on_a_panel(text: Text, hit: Hit) -> bool:
    """Whether those before a hit are heard on a panel: they speak, whoever sent them, and take no part."""
    return _PANEL.search(text.plain, sentence(text.plain, hit)[0], hit.start) is not None


def _members(plain: str, hit: Hit) -> bool:
    before = words_before(plain, hit.start)
    return any(word.strip(":(,") in cue_words("member") for word in before)


def _opens(plain: str, hit: Hit) -> bool:
    """Whether a clause begins with the hit."""
    return _CLAUSE_START.search(plain, hit.start - 20, hit.start) is not None


def _left_behind(text: Text, hits: Sequence[Hit], group: Group, given: Sequence[str], cues: Cues) -> bool:
    """Whether the summary's first sentence tells that people came from here: "reached Uganda from Rwanda"."""
    first = hits[group.first]
    if not cues.has(MOVING) or len(group.codes) != 1 or first.surface.rule == REGION:
        return False
    if given[group.first] not in (PLAIN, NATIONALITY, PEOPLE, ORIGIN):
        return False
    start, end = sentence(text.plain, first)
    moved = cues.last(MOVING, start, first.start)
    if moved is None or not _opening(text, first) or cues.within(SHARE, start, first.start):
        return False
    before = text.plain[start : moved.start]
    if _RELATIVE.search(before) or _YEAR.search(text.plain, first.end, end):
        return False
    if not (_NUMBER.search(before) or _PEOPLE.search(before) or _PEOPLE.search(text.plain, 0, text.edge)):
        return False
    return (
        _ARTICLE.fullmatch(text.plain, moved.end, first.start) is not None
        or _FROM.search(text.plain, first.start - 14, first.start) is not None
    )


def _hosts(
    text: Text, hits: Sequence[Hit], groups: Sequence[Group], given: list[str], cues: Cues, regional: bool
) -> list[str]:
    """Towns behind "in" as venues, where many countries take part and the town's own is not among them."""
    if not (cues.multilateral or regional or PARTY in given):
        return given
    taking = {code for group in groups if given[group.first] == PARTY for code in group.codes}
    if not (cues.multilateral or regional or len(taking) > 1):
        return given
    edge = text.edge
    told = taking | {
        hit.surface.codes[0]
        for hit, role in zip(hits, given, strict=True)
        if role == PLAIN and (hit.start < edge or hit.surface.rule not in _TOWNS)
    }
    for group in groups:
        first = hits[group.first]
        if (
            first.start < edge
            or given[group.first] != PLAIN
            or first.surface.rule not in _TOWNS
            or len(group.codes) > 1
        ):
            continue
        alone = group.end - group.first > 1 or group.codes.isdisjoint(told)
        if alone and group.codes.isdisjoint(taking) and happens_in(text.plain, first):
            given[group.first : group.end] = [VENUE] * (group.end - group.first)
    return given
