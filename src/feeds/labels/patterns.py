"""The small pattern syntax of topics and cues (labels, floor 1).

Owns: parsing a pattern, its faults, and finding many patterns in one pass.
A pattern never becomes slow: the automaton finds first words, and from there
a bounded expression with possessive stems looks at most a few words ahead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ahocorasick_rs

from feeds.labels.folding import fold_surface
from feeds.labels.languages import STOP_WORDS

GAP = ".."
MAX_LENGTH = 400
_MIN_STEM = 3
_ALLOWED = (
    "allowed are words, * at a word's end, | between alternatives of a word and .. for up to four words"
)
_SEPARATOR = r"[ '/\u2013]{1,3}"
_BREAK = r"[^\w.!?;:]{1,3}"
_GAP = rf"(?:{_BREAK}\w++){{0,4}}?{_BREAK}"


class PatternFault(ValueError):  # noqa: N818 - Fault is this house's word for it
    """A pattern cannot be used; the text says what is allowed."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern: what to look for first, and how to go on from there."""

    source: str
    anchors: tuple[str, ...]
    expression: str


@dataclass(frozen=True, slots=True)
class Match:
    """Pattern number `index` stands at `start:end` of a folded text."""

    index: int
    start: int
    end: int


def parse(source: str) -> Pattern:
    """Check and compile one pattern; PatternFault says what is wrong with it."""
    words = source.split()
    if not words:
        raise PatternFault(f"is empty; {_ALLOWED}")
    if len(source) > MAX_LENGTH:
        raise PatternFault(f"is longer than {MAX_LENGTH} characters")
    if GAP in (words[0], words[-1]):
        raise PatternFault(".. must stand between two words")
    parts = [_GAP if word == GAP else _word(word) for word in words]
    if all(_is_common(word) for word in words):
        raise PatternFault("matches nearly everything: it is made of very common words only")
    return Pattern(source, tuple(_anchors(words[0])), _join(words, parts))


def _join(words: list[str], parts: list[str]) -> str:
    joined = [parts[0]]
    for index in range(1, len(words)):
        if GAP not in (words[index - 1], words[index]):
            joined.append(_SEPARATOR)
        joined.append(parts[index])
    return "".join(joined)


def _word(word: str) -> str:
    return "(?:" + "|".join(_alternative(alternative) for alternative in word.split("|")) + r")(?!\w)"


def _alternative(alternative: str) -> str:
    stem = alternative.removesuffix("*")
    if not all(char.isalnum() or char in "-'’" for char in stem):
        bad = next(char for char in stem if not (char.isalnum() or char in "-'’"))
        raise PatternFault(f"{bad!r} is not allowed here; {_ALLOWED}")
    folded = fold_surface(stem)
    if not any(char.isalnum() for char in folded):
        raise PatternFault(f"matches everything or nothing: a word without letters; {_ALLOWED}")
    if stem != alternative and len(folded) < _MIN_STEM:
        raise PatternFault(f"matches nearly everything: at least {_MIN_STEM} letters must stand before *")
    regex = _SEPARATOR.join(map(re.escape, folded.split(" ")))
    return regex + (r"\w*+" if stem != alternative else "")


def _anchors(word: str) -> Iterator[str]:
    for alternative in word.split("|"):
        yield fold_surface(alternative.removesuffix("*")).split(" ")[0]


def _is_common(word: str) -> bool:
    return word == GAP or any(
        len(alternative) < 2 or fold_surface(alternative) in STOP_WORDS for alternative in word.split("|")
    )


class PatternSet:
    """Many patterns, found in one pass over a folded text. Numbers are positions in `patterns`."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.patterns = tuple(patterns)
        by_anchor: dict[str, list[int]] = {}
        for index, pattern in enumerate(self.patterns):
            for anchor in dict.fromkeys(pattern.anchors):
                by_anchor.setdefault(anchor, []).append(index)
        self._candidates = list(by_anchor.values())
        # Compiling is slow and most patterns never meet their first word: each waits for it.
        self._compiled: list[re.Pattern[str] | None] = [None] * len(self.patterns)
        self._automaton = ahocorasick_rs.AhoCorasick(list(by_anchor), store_patterns=False)

    def find(self, text: str) -> Iterator[Match]:
        """All matches, in the order of their first words; the same pattern may match often."""
        for anchor, start, _ in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if start and text[start - 1].isalnum():
                continue
            for index in self._candidates[anchor]:
                match = self._expression(index).match(text, start)
                if match is not None:
                    yield Match(index, start, match.end())

    def _expression(self, index: int) -> re.Pattern[str]:
        compiled = self._compiled[index]
        if compiled is None:
            compiled = self._compiled[index] = re.compile(self.patterns[index].expression)
        return compiled
