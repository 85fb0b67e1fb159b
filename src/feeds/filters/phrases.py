"""What is typed into a search box: words, and phrases in quotation marks.

``q`` means all its words, in any order, and keeps that meaning: the part in quotation marks is asked for as
``word``, which may be several words in a row. Values of ``word`` are any of them, so one phrase can be told
so; of a second one all words must be there. Knows nothing of what a filter is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from feeds.filters.words import MAX_WORD_CHARS, STRAIGHT, folded, tidy

_PHRASE = re.compile(r'"([^"]*)"')
Pairs = list[tuple[str, str]]


def phrases_apart(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """A query's decoded pairs, with the first phrase in the values of ``q`` as a ``word``, where none is
    asked for yet. Other quotation marks, also one that nobody closed, mean nothing.
    """
    given, made = list(pairs), Pairs()
    taken = any(key == "word" and value.strip() for key, value in given)
    for key, value in given:
        phrase, rest = _split(value) if key == "q" and not taken else ("", value)
        taken = taken or bool(phrase)
        if phrase:
            made.append(("word", f'"{phrase}"'))
        rest = tidy(rest) if key == "q" else rest
        if rest or key != "q":
            made.append((key, rest))
    return made


def _split(text: str) -> tuple[str, str]:
    """The first phrase of two words or more that a filter has room for, and the text without it."""
    straight = text.translate(STRAIGHT)
    for found in _PHRASE.finditer(straight):
        phrase = tidy(found[1])
        if len(folded(phrase)) > 1 and len(phrase) <= MAX_WORD_CHARS:
            return phrase, f"{straight[: found.start()]} {straight[found.end() :]}"
    return "", text
