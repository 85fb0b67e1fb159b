"""What a correction changed, in the words themselves: the sentences that differ, their changed words marked.

Pure. Mails, pages and feeds show it, so that a reader sees what was said and what is said. Not more than a
few sentences: who wants all of it reads the item.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import zip_longest

from feeds.model import Item, Said

MOST_PASSAGES = 3
LONGEST = 300
"""Characters of a sentence that are shown."""
# Comparing costs with the square of this: a longer sentence counts as changed from end to end.
_MOST_WORDS = 300
_MOST_SENTENCES = 400
_ENDS = re.compile(r"(?<=[.!?…])\s+|\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a sentence; `changed`: the other wording has not this."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence as it was and as it is; empty where it was added or taken out."""

    was: tuple[Span, ...]
    now: tuple[Span, ...]

    @property
    def was_text(self) -> str:
        """As it was, without marks."""
        return " ".join(span.text for span in self.was)

    @property
    def now_text(self) -> str:
        """As it is, without marks."""
        return " ".join(span.text for span in self.now)


def reworded(was: Said, item: Item, day: Callable[[date], str]) -> Iterator[Passage]:
    """What differs between an item and how it was: its date (as `day` says it), its title, its sentences."""
    if was.date_on != item.date_on:
        yield Passage((Span(day(was.date_on), True),), (Span(day(item.date_on), True),))
    for old, new in ((was.title, item.title), (was.summary, item.summary)):
        yield from passages(old, new)


def passages(old: str, new: str) -> tuple[Passage, ...]:
    """The first sentences that differ, at most `MOST_PASSAGES`; none where the words are the same."""
    return tuple(passage for _, passage in zip(range(MOST_PASSAGES), _differing(old, new), strict=False))


def _differing(old: str, new: str) -> Iterator[Passage]:
    before, after = _sentences(old), _sentences(new)
    for first, last, start, end in _changed(before, after, _MOST_SENTENCES):
        for was, now in zip_longest(before[first:last], after[start:end], fillvalue=""):
            yield _passage(was.split(), now.split())


def _sentences(text: str) -> list[str]:
    return [" ".join(part.split()) for part in _ENDS.split(text) if part and part.strip()]


def _passage(was: Sequence[str], now: Sequence[str]) -> Passage:
    marked_was, marked_now = [False] * len(was), [False] * len(now)
    for first, last, start, end in _changed(was, now, _MOST_WORDS):
        marked_was[first:last] = [True] * (last - first)
        marked_now[start:end] = [True] * (end - start)
    return Passage(_spans(was, marked_was), _spans(now, marked_now))


def _changed(old: Sequence[str], new: Sequence[str], most: int) -> Iterator[tuple[int, int, int, int]]:
    """Where the two differ: what is replaced, from and to in the old one, and in the new one."""
    if len(old) > most or len(new) > most:
        yield 0, len(old), 0, len(new)
        return
    for tag, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield first, last, start, end


def _spans(words: Sequence[str], marked: Iterable[bool]) -> tuple[Span, ...]:
    """Neighbouring words of one kind together, cut where the sentence gets too long to show."""
    made: list[Span] = []
    room = LONGEST
    for word, changed in zip(words, marked, strict=True):
        if len(word) + 1 > room:
            made.append(Span("…", False))
            break
        room -= len(word) + 1
        if made and made[-1].changed == changed:
            made[-1] = Span(f"{made[-1].text} {word}", changed)
        else:
            made.append(Span(word, changed))
    return tuple(made)
