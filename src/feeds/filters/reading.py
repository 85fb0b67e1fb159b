"""Text or query -> filter, or every fault at once.

Owns the limits, which values and combinations are allowed, and what to say
about those that are not. How terms fall apart is `terms`', names are `names`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from feeds.errors import InputError, Problem
from feeds.filters.form import MINUS, QUERY_KEYS, normal
from feeds.filters.names import KINDS, Lookup, language_code
from feeds.filters.terms import Wish, chunks, of_chunk, of_pairs
from feeds.filters.words import MAX_WORD_CHARS, distinct, fold, quoted, tidy
from feeds.model import Filter, Vocabulary

SWITCHES = ("mentions", "members")
_CANONICAL_KEYS = {MINUS.get(key, key) for key in QUERY_KEYS if key != "all"}
_ASKS = ("country", "region", "topic", "word", "q", "language")
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
    return _assemble(_apart(wishes), lookup, faults)


def from_query(pairs: Iterable[tuple[str, str]], vocabulary: Vocabulary | None = None) -> Filter:
    """Read the decoded pairs of a query such as ``country=hn,pa&word=work permit``.

    Keys may repeat and empty values (a form's untouched fields) ask for
    nothing. Raises InputError as `parse` does.
    """
    given, faults = list(pairs), list[Problem]()
    _bounded(sum(len(key) + len(value) for key, value in given))
    return _assemble(_apart(of_pairs(given, faults)), Lookup(vocabulary), faults)


def of_canonical(text: str) -> Filter:
    """The filter of a text that `canonical` made: `parse`, many times faster."""
    if '"' in text:
        return parse(text)
    given: dict[str, tuple[str, ...]] = {}
    for term in () if text == "all" else text.split(" "):
        key, _, values = term.partition(":")
        given[key] = tuple(values.split(","))
    if not given.keys() <= _CANONICAL_KEYS:
        return parse(text)
    return Filter(
        countries=given.get("country", ()), regions=given.get("region", ()), topics=given.get("topic", ()),
        words=given.get("word", ()), without=given.get("-word", ()), mentions="mentions" in given,
        members="members" not in given, all_words=given.get("q", ()), languages=given.get("language", ()),
        not_countries=given.get("-country", ()), not_regions=given.get("-region", ()),
        not_topics=given.get("-topic", ()), prefer=given.get("prefer", ()),
    )  # fmt: skip


def _apart(wishes: list[Wish]) -> list[Wish]:
    """Free text is words, all of which are asked for; other values are what they are."""
    if not any(wish.key == "q" for wish in wishes):
        return wishes
    return [
        replace(wish, value=word)
        for wish in wishes
        for word in (tidy(wish.value).split() or [wish.value] if wish.key == "q" else [wish.value])
    ]


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
    given = {key: tuple(values) for key, values in parts.items()}
    asked = Filter(
        countries=given["country"], regions=given["region"], topics=given["topic"], words=given["word"],
        all_words=given["q"], languages=given["language"], mentions="yes" in given["mentions"],
        members="no" not in given["members"], prefer=given["prefer"],
    )  # fmt: skip
    countries, regions, topics = (given[f"not-{key}"] for key in KINDS)
    unwanted = given["without"]
    return normal(
        replace(asked, without=unwanted, not_countries=countries, not_regions=regions, not_topics=topics)
    )


def _read(wish: Wish, lookup: Lookup) -> str | Problem:
    if kind := KINDS.get(wish.key.removeprefix("not-")):
        return lookup.code(wish.where, wish.value, kind)
    if wish.key in ("word", "without", "q"):
        return _word(wish)
    if wish.key in ("language", "prefer"):
        return _language(wish)
    value = wish.value.lower()
    allowed = ("yes",) if wish.key == "all" else ("yes", "no")
    return value if value in allowed else Problem(wish.where, f"can be {' or '.join(allowed)}")


def _word(wish: Wish) -> str | Problem:
    word = tidy(wish.value)
    if len(word) > MAX_WORD_CHARS:
        return Problem(wish.where, f"is too long; at most {MAX_WORD_CHARS} characters")
    return word if fold(word) else Problem(wish.where, "has no letter or digit to look for")


def _language(wish: Wish) -> str | Problem:
    code = language_code(wish.value)
    return code or Problem(wish.where, "is no language; use a code of two or three letters such as es")


def _conflicts(parts: dict[str, list[str]]) -> list[Problem]:
    faults = []
    if parts["all"] and any(parts[key] for key in _ASKS):
        faults.append(Problem("all", "takes everything, so only what is excluded can stand beside it"))
    faults += [Problem(key, "is both yes and no") for key in SWITCHES if len(set(parts[key])) > 1]
    both = [
        f"{key}:{code}" for key in KINDS for code in dict.fromkeys(parts[key]) if code in parts[f"not-{key}"]
    ]
    unwanted = {fold(word) for word in parts["without"]}
    words = distinct([*parts["word"], *parts["q"]])
    both += [f"word:{quoted(word)}" for word in words if fold(word) in unwanted]
    return faults + [Problem(term, "is both asked for and excluded") for term in both]
