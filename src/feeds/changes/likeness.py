"""How alike are two texts or titles? (changes)

Owns the figures by which words decide. Must not know items.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from feeds.changes.folding import fold

ENOUGH = 0.5  # a text or title with half its words is the same one, corrected

_WORD = re.compile(r"\w+")
_SLIP = 0.75  # "Tapachla" for "Tapachula"


def words_of(text: str) -> set[str]:
    """The words of a text, typography apart."""
    return set(fold(text).split())


def alike(one: set[str], other: set[str]) -> float:
    """Words in common to words in all (Jaccard); nothing is like an empty text."""
    return len(one & other) / len(one | other) if one and other else 0.0


def names_other_things(one: str, other: str) -> bool:
    """Whether two titles differ in a name or a number, each having its own: these are two notices.

    A name is a word with a capital behind the first word; one that is nearly spelled the same is a slip.
    """
    mine, theirs = _names(one), _names(other)
    left, right = mine - theirs, theirs - mine
    return any(not any(_slip(name, each) for each in right) for name in left) and bool(right)


def _names(title: str) -> set[str]:
    words = _WORD.findall(title)
    return {word for at, word in enumerate(words) if word[0].isdigit() or (at and word[0].isupper())}


def _slip(one: str, other: str) -> bool:
    """Whether a word is the other one misspelled; a number never is."""
    if one[0].isdigit() or other[0].isdigit():
        return False
    return SequenceMatcher(None, one.casefold(), other.casefold()).ratio() >= _SLIP
