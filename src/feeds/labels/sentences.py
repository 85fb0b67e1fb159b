"""Sentences and lists around the places of a text (labels, floor 1).

Owns: which places make one list, what may stand between a cue and a place, where a
sentence begins and ends. Knows nothing of roles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from feeds.labels.folding import DASH
from feeds.labels.places import Hit
from feeds.labels.tables import cue_words

REACH = 80  # characters between a cue and its place, or between two places of a list
WORD = re.compile(r"\w+")
_CLAUSE_END = re.compile(rf"[.;:!?\n{re.escape(DASH)}]")
_SENTENCE_ENDS = (". ", "? ", "! ")
_CONNECTORS = frozenset("and y e et or o u ou as well asi como s mas".split())
_MAX_FILLERS = 6
_WORDS = 40  # characters before a place in which its last few words stand
_SENTENCE = 400  # characters on either side that are searched for a sentence's ends
_LAST_COMMA = re.compile(r", ?(?!(?:and|y|e|et|or|o|ou) )[^,]*$")
_OPENING = re.compile(
    r"\W*(?:(?:a|al|ao) (?:la )?)?(?P<word>\w+)"
)  # "With", "A diferencia", "À la différence"
_GOES_ON = re.compile(r"(?:'s)?[ ](?P<word>\w+)")
_OTHERS = re.compile(r" (?:\w+ ){1,5}?\w+,")  # "and other donors,"


def words_before(plain: str, at: int) -> list[str]:
    """The last words before a place, those of a few dozen letters."""
    return plain[max(0, at - _WORDS) : at].split()


def bridged(plain: str, start: int, end: int, more: str = "") -> bool:
    """Only filler words between a cue and a place, in one clause, or words of the list `more`; a list may
    follow a colon or bracket.
    """
    if end - start <= 1:
        return True
    between = plain[start:end]
    if between in (": ", " (", ", "):
        return between != ", "
    if "," in between or _CLAUSE_END.search(between):
        return False
    words = WORD.findall(between)
    fillers, others = cue_words("filler"), cue_words(more) if more else frozenset()
    return len(words) <= _MAX_FILLERS and all(
        word in fillers or word == "s" or word in others for word in words
    )


def in_list(plain: str, start: int, end: int) -> bool:
    """ ", ", " and the Government of ": two places of one list."""
    if end - start > REACH:
        return False
    between = plain[start:end]
    if _CLAUSE_END.search(between):
        return False
    joining = _joining()
    words = WORD.findall(between)
    for word in words:
        if word not in joining and not word.isdigit():
            return False
    joined = "," in between or "/" in between or "&" in between or "(" in between
    return len(words) <= _MAX_FILLERS and (joined or not _CONNECTORS.isdisjoint(words))


@cache
def _joining() -> frozenset[str]:
    """Words that may stand between two places of a list: "four Latvians and two Estonians"."""
    return _CONNECTORS.union(*(cue_words(role) for role in ("filler", "quantity", "body")))


def lists(plain: str, hits: Sequence[Hit]) -> Iterator[tuple[int, int]]:
    """First number and end of each run of hits that make one list; a hit alone is a run, too."""
    first = 0
    for index in range(1, len(hits) + 1):
        if index == len(hits) or not in_list(plain, hits[index - 1].end, hits[index].start):
            yield first, index
            first = index


def sentence(plain: str, hit: Hit) -> tuple[int, int]:
    """Where the hit's sentence begins and ends."""
    begin, behind = hit.start, hit.end
    first, last = max(0, begin - _SENTENCE), min(len(plain), behind + _SENTENCE)
    start = max(first, plain.rfind(DASH, first, begin) + 1)
    stop = last
    for sign in _SENTENCE_ENDS:
        start = max(start, plain.rfind(sign, start, begin) + 2)
        found = plain.find(sign, behind, stop)
        if found >= 0:
            stop = found
    return start, stop


def subject(plain: str, hits: Sequence[Hit], first: int, end: int) -> int:
    """Number of the hit with which the sentence's subject begins, in a list of hits that a phrase in front
    of the sentence leads to: "With support from Japan, Honduras opens a centre". `end` if there is none:
    in "With support from Japan, Honduras and Peru, the centre opens" all of them belong to the phrase.
    """
    opened = _OPENING.match(plain, sentence(plain, hits[first])[0], hits[first].start)
    if opened is None or opened["word"] not in cue_words("opening") or not acts(plain, hits[end - 1].end):
        return end
    for index in range(end - 1, first, -1):
        if _LAST_COMMA.search(plain[hits[index - 1].end : hits[index].start]):
            return index
    return end


def acts(plain: str, end: int) -> bool:
    """Whether a verb can follow at once behind a list of places: no comma, article or preposition does."""
    following = _GOES_ON.match(plain, end)
    if following is None or following["word"] in cue_words("article"):
        return False
    return following["word"] not in _CONNECTORS or not _OTHERS.match(plain, end)
