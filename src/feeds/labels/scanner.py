"""The one pass over a text that finds everything looked for (labels, floor 1).

Owns: the automaton and the text it runs on, title and summary as one. Its cost grows
with the text and with what is found in it, not with how much is looked for.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import ahocorasick_rs

from feeds.labels.folding import Folded, fold
from feeds.model import Evidence, Kind, Label, Strength

_BLANK = 32
_WORD_END = re.compile(r"[^\W_]*")

Match = tuple[int, int, int]
"""Number of a form, and where it stands in the folded text (without the blanks around it)."""


class Text:
    """An item's title and summary, folded as one text; a bar stands between, which no match crosses."""

    __slots__ = ("_base", "_same", "edge", "folded", "original", "plain", "summary", "title")

    def __init__(self, title: str, summary: str) -> None:
        self.title = title
        self.summary = summary
        self.original = f" {title} | {summary} "
        # A bar where a paragraph ends: no name and no phrase goes on behind it. The length stays.
        self.folded: Folded = fold(self.original.replace("\n\n", "\n|"))
        self.plain = self.folded.text
        self._base = len(title) + 4
        starts, edge = self.folded.starts, len(title) + 2
        self._same = isinstance(starts, range)  # nothing moved: offsets are those of the original
        self.edge = edge if self._same else bisect_left(starts, edge)

    def words(self, start: int, end: int) -> str:
        """What stands at `start:end` in the original; nothing where that is empty."""
        if self._same or start >= end:
            return self.original[start:end] if self._same else ""
        first, last = self.folded.span(start, end)
        return self.original[first:last]

    def in_summary(self, start: int) -> int:
        """Offset into the summary of a place in the folded text; negative in the title."""
        return self.folded.starts[start] - self._base

    def evidence(self, start: int, end: int, rule: str, role: str = "plain") -> Evidence:
        """Evidence with offsets into the field as given."""
        first, last = (start, end) if self._same else self.folded.span(start, end)
        made = _new(Evidence)
        _set_words(made, self.original[first:last])
        if start < self.edge:
            base = 1
            _set_field(made, "title")
        else:
            base = self._base
            _set_field(made, "summary")
        _set_start(made, first - base)
        _set_end(made, last - base)
        _set_rule(made, rule)
        _set_role(made, role)
        return made


# A frozen dataclass sets each field through object.__setattr__, which is a sixth of all labelling;
# setting the slots themselves takes half of that. tests/unit/test_labels.py holds both ways equal.
_new = object.__new__
_setters: dict[type, list[Any]] = {
    kind: [getattr(kind, name).__set__ for name in kind.__dataclass_fields__] for kind in (Evidence, Label)
}
_set_field, _set_start, _set_end, _set_words, _set_rule, _set_role = _setters[Evidence]
_set_kind, _set_code, _set_strength, _set_evidence = _setters[Label]


def label_of(kind: Kind, code: str, strength: Strength, evidence: tuple[Evidence, ...]) -> Label:
    """A label, made quickly."""
    made = _new(Label)
    _set_kind(made, kind)
    _set_code(made, code)
    _set_strength(made, strength)
    _set_evidence(made, evidence)
    return made


class Scanner:
    """Finds all forms of topics, places and cues at once. Forms begin with a blank; without one at the
    end, any letters may follow. Safe to share between threads.
    """

    def __init__(self, topics: Sequence[str], places: Sequence[str], cues: Sequence[str]) -> None:
        self._places = len(topics)
        self._cues = len(topics) + len(places)
        forms = [form.encode("utf-8") for forms in (topics, places, cues) for form in forms]
        self._automaton = ahocorasick_rs.BytesAhoCorasick(forms)

    def find(self, folded: Folded) -> tuple[list[Match], list[Match], list[Match]]:
        """Matches of topics, of places and of cues, each numbered within its group, by their ends.

        Those of topics come as found, with the blanks and without the rest of a stem's word: many are of
        other languages and are not looked at further.
        """
        scan = folded.scan
        topics: list[Match] = []
        places: list[Match] = []
        cues: list[Match] = []
        first, second = self._places, self._cues
        for match in self._automaton.find_matches_as_indexes(scan, True):
            number, start, end = match
            if number < first:
                topics.append(match)
                continue
            end = end - 1 if scan[end - 1] == _BLANK else scan.find(b" ", end)
            if number < second:
                places.append((number - first, start + 1, end))
            else:
                cues.append((number - second, start + 1, end))
        if folded.text.isascii():
            return topics, places, cues
        return _in_letters(topics, scan), _in_letters(places, scan), _in_letters(cues, scan)


def _in_letters(matches: list[Match], scan: bytes) -> list[Match]:
    """Offsets into the text instead of into its UTF-8 bytes."""
    at: list[int] = []
    for index, char in enumerate(scan.decode("utf-8")):
        at.extend([index] * len(char.encode("utf-8")))
    return [(number, at[start], at[end - 1] + 1) for number, start, end in matches]


def word_end(plain: str, inside: int) -> int:
    """Where the word ends that `inside` stands in or behind."""
    end = _WORD_END.match(plain, inside)
    return end.end() if end else inside
