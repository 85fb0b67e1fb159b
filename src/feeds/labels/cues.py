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

from feeds.labels.patterns import parse
from feeds.labels.scanner import Match, Text
from feeds.labels.tables import WORD_LISTS, cue_words, read

DONOR = "donor"
MULTILATERAL = "multilateral"
DIVISION = "division"
HOMEWARD = "homeward"
TAKING = "taking"
MOVING = "moving"
SHARE = "share"
HAZARD = "hazard"
QUANTITY = "quantity"
_START, _END = attrgetter("start"), attrgetter("end")


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


class Cues:
    """The cues of one text by where they act, each list in the order of what is asked of it."""

    __slots__ = ("after", "anywhere", "before", "division", "donor", "multilateral")

    def __init__(self) -> None:
        self.before: list[Found] = []  # these three by their ends
        self.donor: list[Found] = []
        self.division: list[Found] = []
        self.after: list[Found] = []  # these by their starts
        self.anywhere: dict[str, list[Found]] = {}
        self.multilateral = False

    def sort(self) -> None:
        """Bring the lists into order, so that each place looks only at the cues near it."""
        for found, key in (
            (self.before, _END),
            (self.division, _END),
            (self.after, _START),
            *((own, _START) for own in self.anywhere.values()),
        ):
            if len(found) > 1:
                found.sort(key=key)
        if self.before:
            self.donor = [found for found in self.before if found.role == DONOR]

    def within(self, role: str, start: int, end: int) -> bool:
        """Whether a cue that acts anywhere in its sentence begins at `start` or later, before `end`."""
        found = self.anywhere.get(role)
        if not found:
            return False
        at = bisect_left(found, start, key=_START)
        return at < len(found) and found[at].start < end

    def last(self, role: str, start: int, end: int) -> Found | None:
        """The last such cue in there."""
        found = self.anywhere.get(role)
        if not found:
            return None
        at = bisect_left(found, end, key=_START)
        return found[at - 1] if at and found[at - 1].start >= start else None


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
                last = end
                if rest is not None:
                    full = rest.match(plain, start)
                    if full is None:
                        continue
                    last = full.end()
                if where == "before":
                    (cues.division if role == DIVISION else cues.before).append(Found(role, start, last))
                elif where == "after":
                    cues.after.append(Found(role, start, last))
                elif role == MULTILATERAL or role == "counted":
                    cues.multilateral = cues.multilateral or role == MULTILATERAL or _counted(plain, start)
                else:
                    cues.anywhere.setdefault(role, []).append(Found(role, start, last))
        cues.sort()
        return cues


def _counted(plain: str, start: int) -> bool:
    """Whether a number or "several" stands right before."""
    before = plain[max(0, start - 20) : start].split()
    return bool(before) and (before[-1].isdigit() or before[-1] in cue_words(QUANTITY))
