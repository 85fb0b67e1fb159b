"""Text or query -> filter, or every fault at once.

Owns the limits, which values and combinations are allowed, and what to say
about those that are not. How terms fall apart is `terms`', names are `names`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from feeds.errors import InputError, Problem
from feeds.filters.form import QUERY_KEYS, normal
from feeds.filters.names import KINDS, Lookup
from feeds.filters.terms import Wish, chunks, of_chunk, of_pairs
from feeds.filters.words import MAX_WORD_CHARS, distinct, fold, quoted, tidy
from feeds.model import Filter, Vocabulary

SWITCHES = ("mentions", "members")
MAX_TERMS = 60
MAX_TEXT_CHARS = 8_000


def parse(text: str, vocabulary: Vocabulary | None = None) -> Filter:
    """Read the text form; ``all`` alone (or with ``-word:``) is everything.

    With a vocabulary, codes must be known to it and full names in any of its
    languages are understood (``country:"Costa Rica"``). Without one only the
    shape of codes is checked: that is for reading back what was stored, which
    must go on working after a topic was taken out of the configuration.
    Raises InputError with every fault, each with its term and what is allowed.
    """
    _bounded(len(text))
    apart = chunks(text)
    _counted(apart)
    lookup, faults = Lookup(vocabulary), list[Problem]()
    wishes = [wish for chunk in apart for wish in of_chunk(chunk, lookup, faults)]
    return _assemble(wishes, lookup, faults)


def from_query(pairs: Iterable[tuple[str, str]], vocabulary: Vocabulary | None = None) -> Filter:
    """Read the decoded pairs of a query such as ``country=hn,pa&word=work permit``.

    Keys may repeat and empty values (a form's untouched fields) ask for
    nothing. Raises InputError as `parse` does.
    """
    given, faults = list(pairs), list[Problem]()
    _bounded(sum(len(key) + len(value) for key, value in given))
    return _assemble(of_pairs(given, faults), Lookup(vocabulary), faults)


def _bounded(chars: int) -> None:
    if chars > MAX_TEXT_CHARS:
        raise InputError([Problem("filter", f"is too long; at most {MAX_TEXT_CHARS:,} characters")])


def _counted(terms: Sequence[object]) -> None:
    """Ends the reading before names are looked up for thousands of terms."""
    if len(terms) > MAX_TERMS:
        raise InputError([Problem("filter", f"has too many terms; at most {MAX_TERMS} together")])


def _assemble(wishes: Sequence[Wish], lookup: Lookup, faults: list[Problem]) -> Filter:
    _counted([*wishes, *faults])
    parts: dict[str, list[str]] = {key: [] for key in QUERY_KEYS}
    for wish in wishes:
        value = _read(wish, lookup)
        if isinstance(value, Problem):
            faults.append(value)
        else:
            parts[wish.key].append(value)
    faults += _conflicts(parts)
    if not faults and all(wish.key in SWITCHES for wish in wishes):
        faults.append(Problem("filter", "is empty; write all, or terms such as country:pa topic:health"))
    if faults:
        raise InputError(faults)
    countries, regions, topics, words, unwanted, mentions, members, _ = map(tuple, parts.values())
    places = Filter(
        countries=countries, regions=regions, mentions="yes" in mentions, members="no" not in members
    )
    return normal(replace(places, topics=topics, words=words, without=unwanted))


def _read(wish: Wish, lookup: Lookup) -> str | Problem:
    if wish.key in KINDS:
        return lookup.code(wish.where, wish.value, KINDS[wish.key])
    if wish.key in ("word", "without"):
        return _word(wish)
    value = wish.value.lower()
    allowed = ("yes",) if wish.key == "all" else ("yes", "no")
    return value if value in allowed else Problem(wish.where, f"can be {' or '.join(allowed)}")


def _word(wish: Wish) -> str | Problem:
    word = tidy(wish.value)
    if len(word) > MAX_WORD_CHARS:
        return Problem(wish.where, f"is too long; at most {MAX_WORD_CHARS} characters")
    return word if fold(word) else Problem(wish.where, "has no letter or digit to look for")


def _conflicts(parts: dict[str, list[str]]) -> list[Problem]:
    faults = []
    if parts["all"] and any(parts[key] for key in ("country", "region", "topic", "word")):
        faults.append(Problem("all", "takes everything, so no other term but -word: can stand beside it"))
    faults += [Problem(key, "is both yes and no") for key in SWITCHES if len(set(parts[key])) > 1]
    unwanted = {fold(word) for word in parts["without"]}
    both = [word for word in distinct(parts["word"]) if fold(word) in unwanted]
    return faults + [Problem(f"word:{quoted(word)}", "is both asked for and excluded") for word in both]
