"""Patterns looked for in a text, each under the name of who wants to know (labels, floor 1)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from feeds.labels.patterns import Pattern
from feeds.labels.scanner import Match, Scanner, Text, word_end
from feeds.model import Evidence


class Phrases:
    """Finds which names have one of their patterns in a text, and where. Safe to share between threads."""

    def __init__(self, patterns: Sequence[tuple[str, Pattern]], rule: str) -> None:
        rows = [(form, name, pattern.rest) for name, pattern in patterns for form in pattern.forms]
        self._owners = [(name, re.compile(rest) if rest else None) for _, name, rest in rows]
        self._rule = rule
        self._scanner = Scanner([form for form, _, _ in rows], (), ())

    def find(self, title: str, summary: str) -> dict[str, tuple[Evidence, ...]]:
        """By name the words that were found, in reading order."""
        if not self._owners:
            return {}
        text = Text(title, summary)
        found: dict[str, set[tuple[int, int]]] = {}
        for match in self._scanner.find(text.folded)[0]:
            name, rest = self._owners[match[0]]
            if (end := _end(text.plain, match, rest)) is not None:
                found.setdefault(name, set()).add((match[1] + 1, end))
        return {
            name: tuple(text.evidence(start, end, self._rule) for start, end in sorted(spots))
            for name, spots in found.items()
        }


def _end(plain: str, match: Match, rest: re.Pattern[str] | None) -> int | None:
    """Where the words end that begin with a match; None if the rest of the pattern does not follow."""
    _, start, end = match
    if rest is not None:
        full = rest.match(plain, start + 1)
        return full.end() if full else None
    if not plain[end - 1].isalnum():
        return end - 1  # the blank behind whole words
    return word_end(plain, end)
