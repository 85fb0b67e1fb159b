"""The cues of a text: phrases that say what part the places near them play (labels, floor 1).

Owns: cues.tsv as something the scan looks for, and the cues found in a text by where they
act. Does not know what place has which role.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from feeds.labels.patterns import Pattern
from feeds.labels.scanner import Match, Text
from feeds.labels.tables import WORD_LISTS, cue_pattern, cue_words, read

DONOR = "donor"
MULTILATERAL = "multilateral"
COUNTED = "counted"
DIVISION = "division"
HOMEWARD = "homeward"
TAKING = "taking"
MOVING = "moving"
SHARE = "share"
HAZARD = "hazard"
LIKEWISE = "likewise"
QUANTITY = "quantity"
_START, _END = attrgetter("start"), attrgetter("end")


class Found(NamedTuple):
    """A cue found at `start:end` of the folded text."""

    role: str
    start: int
    end: int


_found = tuple.__new__  # a named tuple's own way of making one costs twice as much
_BESIDE = {"before": 0, "after": 1}
_ANYWHERE = {
    role: slot for slot, role in enumerate((TAKING, MOVING, SHARE, HAZARD, HOMEWARD, LIKEWISE), start=3)
}
_DIVISION, _MANY, _COUNTED = 2, 9, 10
_SLOTS = 9

Cue = tuple[str, int, re.Pattern[str] | None]
"""A phrase of cues.tsv: the role it gives, the number of its list, what must follow its beginning."""


class Cues:
    """The cues of one text by where they act, each list in the order of what is asked of it."""

    __slots__ = ("_lists", "after", "before", "division", "donor", "multilateral")

    def __init__(self, found: Sequence[list[Found]], multilateral: bool) -> None:
        for number, cues in enumerate(found):
            if len(cues) > 1:
                cues.sort(key=_END if number in (0, _DIVISION) else _START)
        self._lists = found
        self.before, self.after, self.division = found[
            :3
        ]  # `after` by their starts, the others by their ends
        self.donor = [cue for cue in self.before if cue.role == DONOR]
        self.multilateral = multilateral

    def has(self, role: str) -> bool:
        """Whether a cue that acts anywhere in its sentence is in the text."""
        return bool(self._lists[_ANYWHERE[role]])

    def within(self, role: str, start: int, end: int) -> bool:
        """Whether a cue that acts anywhere in its sentence begins at `start` or later, before `end`."""
        found = self._lists[_ANYWHERE[role]]
        if not found:
            return False
        at = bisect_left(found, start, key=_START)
        return at < len(found) and found[at].start < end

    def last(self, role: str, start: int, end: int) -> Found | None:
        """The last such cue in there."""
        found = self._lists[_ANYWHERE[role]]
        at = bisect_left(found, end, key=_START)
        return found[at - 1] if at and found[at - 1].start >= start else None


_Phrase = tuple[str, int, Pattern]


class _ByForm(dict[int, list[Cue]]):
    """Number of a form -> the cues that begin so; what must follow is compiled when the form is first met."""

    def __init__(self, phrases: Sequence[Sequence[_Phrase]]) -> None:
        super().__init__()
        self._phrases = phrases

    def __missing__(self, form: int) -> list[Cue]:
        made = self[form] = [
            (role, slot, re.compile(pattern.rest) if pattern.rest else None)
            for role, slot, pattern in self._phrases[form]
        ]
        return made


class CueTable:
    """All cues, by the forms that the scanner looks for."""

    def __init__(self) -> None:
        by_form: dict[str, list[_Phrase]] = {}
        for row in read("cues"):
            if row.code in WORD_LISTS:
                continue
            phrase = row.code, _slot(row.code, row.kind), cue_pattern(row.surface)
            for form in phrase[2].forms:
                by_form.setdefault(form, []).append(phrase)
        self.forms: Sequence[str] = list(by_form)
        self._cues = _ByForm(list(by_form.values()))

    def find(self, text: Text, matches: list[Match]) -> Cues:
        """The cues of a text."""
        lists: list[list[Found]] = [[] for _ in range(_SLOTS)]
        many = False
        plain = text.plain
        for number, start, end in matches:
            for role, slot, rest in self._cues[number]:
                last = end
                if rest is not None:
                    full = rest.match(plain, start)
                    if full is None:
                        continue
                    last = full.end()
                if slot < _SLOTS:
                    lists[slot].append(_found(Found, (role, start, last)))
                else:
                    many = many or slot == _MANY or _counted(plain, start)
        return Cues(lists, many)


def _slot(role: str, where: str) -> int:
    """The number of the list that a cue goes to."""
    if role == DIVISION:
        return _DIVISION
    if where in _BESIDE:
        return _BESIDE[where]
    return _MANY if role == MULTILATERAL else _ANYWHERE.get(role, _COUNTED)


def _counted(plain: str, start: int) -> bool:
    """Whether a number or "several" stands right before."""
    before = plain[max(0, start - 20) : start].split()
    return bool(before) and (before[-1].isdigit() or before[-1] in cue_words(QUANTITY))
