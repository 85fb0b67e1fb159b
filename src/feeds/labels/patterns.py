"""The small pattern syntax of topics and cues (labels, floor 1).

Owns: parsing a pattern and its faults. A pattern becomes a few fixed beginnings,
which the one scan finds, and a rest that is tried from there. In the rest only gaps can
be read in several ways: repeats are possessive and the alternatives of a word atomic, the
longest first. A gap has five ways (none to four words) and a pattern at most two gaps, so from
each beginning at most 25 ways are tried, none of them longer than the pattern's words
and eight more: cost grows with the text and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

from feeds.labels.folding import DASH, fold_surface, scan_form
from feeds.labels.languages import STOP_WORDS

GAP = ".."
MAX_LENGTH = 400
MAX_FORMS = 200
MAX_GAPS = 2
_MIN_STEM = 3
_ALLOWED = (
    "allowed are words, * at a word's end, | between alternatives of a word and .. for up to four words"
)
_SIMPLE = re.compile(
    r"(?:[a-z\xe0-\xff]{2,} )*[a-z\xe0-\xff]{3,}\*?"
)  # whole words in small letters, the last maybe a stem
_SEPARATOR = rf"[ '/{re.escape(DASH)}]{{1,3}}+"
_BREAK = rf"[^\w.!?;:{re.escape(DASH)}]{{1,3}}+"
_GAP = rf"(?:{_BREAK}\w++){{0,4}}?{_BREAK}"


class PatternFault(ValueError):  # noqa: N818 - Fault is this house's word for it
    """A pattern cannot be used; the text says what is allowed."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern. `forms` are its beginnings as they stand in a scanned text, each with a space before
    and, unless it ends in a stem, one after.
    """

    source: str
    forms: tuple[str, ...]

    @property
    def rest(self) -> str:
        """What must follow from the first letter on; empty if the beginnings are all there is."""
        words = self.source.split()
        return "" if _head(words) == len(words) else _join(words, _choices(words))


def parse(source: str) -> Pattern:
    """Check and take apart one pattern; PatternFault says what is wrong with it."""
    return _simple(source) or _parsed(source)


def _simple(source: str) -> Pattern | None:
    """A pattern of whole words in small letters, the last one maybe a stem: most are, and there are thousands
    of them at start. None for all others, and for those that have a fault.
    """
    if len(source) > MAX_LENGTH or not _SIMPLE.fullmatch(source):
        return None
    folded = fold_surface(source)
    if STOP_WORDS.issuperset(folded.split()):
        return None
    return Pattern(source, (f" {folded[:-1]}" if folded[-1] == "*" else f" {folded} ",))


def _parsed(source: str) -> Pattern:
    words = source.split()
    if not words:
        raise PatternFault(f"is empty; {_ALLOWED}")
    if len(source) > MAX_LENGTH:
        raise PatternFault(f"is longer than {MAX_LENGTH} characters")
    if GAP in (words[0], words[-1]) or (GAP, GAP) in pairwise(words):
        raise PatternFault(".. must stand between two words")
    if words.count(GAP) > MAX_GAPS:
        gaps = f"has {words.count(GAP)} gaps (..), more than {MAX_GAPS}"
        raise PatternFault(f"{gaps}; leave words out, or write several patterns")
    choices = _choices(words)
    if all(_is_common(word) for word in words):
        raise PatternFault("matches nearly everything: it is made of very common words only")
    head = _head(words)
    forms = tuple(dict.fromkeys(_forms(choices[:head])))
    if len(forms) > MAX_FORMS:
        raise PatternFault(
            f"has {len(forms)} beginnings, more than {MAX_FORMS}; write it as several patterns"
        )
    return Pattern(source, forms)


def _choices(words: list[str]) -> list[tuple[tuple[str, bool], ...]]:
    return [() if word == GAP else _alternatives(word) for word in words]


def _head(words: list[str]) -> int:
    """How many words the scan can find as one piece: up to a gap, or up to a word that may end in a stem."""
    for index, word in enumerate(words):
        if word == GAP:
            return index
        if "*" in word:
            return index + 1
    return len(words)


def _forms(choices: list[tuple[tuple[str, bool], ...]]) -> Iterator[str]:
    for chosen in product(*choices):
        stem = chosen[-1][1]
        yield " " + " ".join([_scanned(text) for text, _ in chosen]) + ("" if stem else " ")


@lru_cache(maxsize=32768)
def _scanned(text: str) -> str:
    return scan_form(text)


def _join(words: list[str], choices: list[tuple[tuple[str, bool], ...]]) -> str:
    joined: list[str] = []
    for index, word in enumerate(words):
        if index and GAP not in (words[index - 1], word):
            joined.append(_SEPARATOR)
        joined.append(_GAP if word == GAP else _expression(choices[index]))
    return "".join(joined)


@lru_cache(maxsize=32768)
def _expression(alternatives: tuple[tuple[str, bool], ...]) -> str:
    each = (
        _SEPARATOR.join(map(re.escape, text.split(" "))) + (r"\w*+" if stem else "")
        for text, stem in sorted(alternatives, key=lambda one: -len(one[0]))
    )
    return "(?>(?:" + "|".join(each) + r")(?!\w))"


@lru_cache(maxsize=32768)
def _alternatives(word: str) -> tuple[tuple[str, bool], ...]:
    """(folded text, whether it is a stem) of each alternative of one word."""
    return tuple(_alternative(one) for one in word.split("|"))


def _alternative(word: str) -> tuple[str, bool]:
    stem = word.removesuffix("*")
    if not stem.isalnum() and not all(char.isalnum() or char in "-'’" for char in stem):
        bad = next(char for char in stem if not (char.isalnum() or char in "-'’"))
        raise PatternFault(f"{bad!r} is not allowed here; {_ALLOWED}")
    folded = _folded(stem).lstrip("' ")  # a quote before a word is no part of it
    if not folded.isalnum() and not any(char.isalnum() for char in folded):
        raise PatternFault(f"matches everything or nothing: a word without letters; {_ALLOWED}")
    if stem != word and len(folded) < _MIN_STEM:
        raise PatternFault(f"matches nearly everything: at least {_MIN_STEM} letters must stand before *")
    return folded, stem != word


@lru_cache(maxsize=8192)
def _folded(word: str) -> str:
    return fold_surface(word)


def _is_common(word: str) -> bool:
    return word == GAP or any(
        len(alternative) < 2 or _folded(alternative) in STOP_WORDS for alternative in word.split("|")
    )
