"""Where in a text the words of a filter stand, to be marked for whoever searched for them (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from feeds.filters.words import folded

_WORD = re.compile(r"[^\W_]+")
Span = tuple[int, int]


def spans(text: str, words: Iterable[str]) -> list[Span]:
    """The places of these words and phrases, in order, joined where they touch."""
    wanted = [parts for word in words if (parts := folded(word))]
    if not wanted:
        return []
    tokens = [(part, m.start(), m.end()) for m in _WORD.finditer(text) for part in _parts(m[0])]
    begins = {parts[0] for parts in wanted}
    found = []
    for first, (token, start, _) in enumerate(tokens):
        for parts in wanted if token in begins else ():
            here = tokens[first : first + len(parts)]
            if [part for part, _, _ in here] == parts:
                found.append((start, here[-1][2]))
    return _joined(sorted(found))


def _parts(word: str) -> Iterable[str]:
    return (word.lower(),) if word.isascii() else folded(word)


def _joined(found: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
