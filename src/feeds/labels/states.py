"""Towns of the United States that are named like another place: "Athens, Georgia" (labels, floor 1).

Owns: when a place before a state's name is a town of that state.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from feeds.labels.folding import fold_surface
from feeds.labels.places import Hit, Surface
from feeds.labels.sentences import acts, lists, words_before
from feeds.labels.tables import cue_words, read, words

_TOWN = Surface("city", ("us",), "us")
_TOWNS = frozenset({"capital", "city", "seat", "subdivision", "ambiguous"})


def with_towns(plain: str, hits: Sequence[Hit]) -> Sequence[Hit]:
    """The hits, a place and the state behind its comma as one: "School opens in Peru, Indiana"."""
    for hit in hits:
        if "us" in hit.surface.codes:
            break
    else:
        return hits
    made: list[Hit] = []
    for first, end in lists(plain, hits):
        if end - first == 2 and _is_town(plain, hits[first], hits[first + 1]):
            made.append(Hit(_TOWN, hits[first].start, hits[first + 1].end))
        else:
            made.extend(hits[first:end])
    return made


def _is_town(plain: str, place: Hit, state: Hit) -> bool:
    """Whether the two are a town and its state, not a list: no verb follows, and the name of a country
    stands where something is told to be ("in Mexico, Missouri").
    """
    if plain[place.end : state.start] != ", " or plain[state.start : state.end] not in _states():
        return False
    if place.surface.demonym or not {"us", *state.surface.codes}.isdisjoint(place.surface.codes):
        return False
    if acts(plain, state.end):
        return False
    return place.surface.rule in _TOWNS or _stands_somewhere(plain, place)


def _stands_somewhere(plain: str, place: Hit) -> bool:
    before = words_before(plain, place.start)
    return not before or before[-1] in cue_words("where") or before[-1] in ("|", "from", "near", "of", "de")


@cache
def _states() -> frozenset[str]:
    named = {fold_surface(row.surface) for row in read("subdivisions") if row.code == "us"}
    return words("traps", "state").union(named)
