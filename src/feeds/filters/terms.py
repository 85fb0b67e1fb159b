"""Text and queries fall into wishes: one value asked for, under its key, and how it was written.

Owns where a term ends, quotation marks, and what to say about a term that is
none. Must not judge values: that is `reading`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from feeds.errors import InputError, Problem
from feeds.filters.form import MINUS, QUERY_KEYS
from feeds.filters.names import Lookup
from feeds.filters.words import STRAIGHT

MAX_SHOWN_CHARS = 80

_TEXT_KEYS = {key: key for key in QUERY_KEYS if key not in MINUS and key != "all"}
_TEXT_KEYS |= {written: key for key, written in MINUS.items()}
_CHUNK = re.compile(r'(?:"[^"]*"|[^\s"])+')
_VALUE = re.compile(r'(?:"[^"]*"|[^,"])+')
_STARTS_TERM = re.compile(r"-?\w+:")


@dataclass(frozen=True, slots=True)
class Wish:
    """One value somebody asked for, and how they wrote it."""

    where: str
    key: str
    value: str


def chunks(text: str) -> list[str]:
    """Terms apart at white space, but ``country: hn, pa`` is one term.

    Raises InputError for a quotation mark that is not closed.
    """
    apart: list[str] = []
    for piece in _CHUNK.findall(_straight(text)):
        goes_on = apart and apart[-1].endswith((",", ":")) and not _STARTS_TERM.match(piece)
        if apart and (goes_on or piece.startswith(",")):
            apart[-1] += piece
        else:
            apart.append(piece)
    return apart


def of_chunk(chunk: str, lookup: Lookup, faults: list[Problem]) -> list[Wish]:
    """The wishes of one term of a text; a term that is none is added to `faults`."""
    if chunk.lower() == "all":
        return [Wish(chunk, "all", "yes")]
    written, colon, rest = chunk.partition(":")
    key = _TEXT_KEYS.get(written.lower())
    values = _values(rest)
    if not colon or '"' in written:
        faults.append(Problem(_shown(chunk), lookup.no_term(chunk)))
    elif key is None:
        faults.append(Problem(_shown(chunk), _unknown_key(written.lower(), _TEXT_KEYS, ":")))
    elif not values:
        faults.append(Problem(_shown(chunk), "names nothing; write something after the colon"))
    else:
        return [Wish(_shown(f"{written}:{value}"), key, value) for value in values]
    return []


def of_pairs(pairs: list[tuple[str, str]], faults: list[Problem]) -> list[Wish]:
    """The wishes of a query's decoded pairs; each unknown key is added to `faults` once.

    Raises InputError for a quotation mark that is not closed.
    """
    unknown = dict.fromkeys(key for key, _ in pairs if key not in QUERY_KEYS)
    faults += [Problem(_shown(f"{key}="), _unknown_key(key, QUERY_KEYS, "=")) for key in unknown]
    return [
        Wish(_shown(f"{key}={one}"), key, one)
        for key, value in pairs
        if key in QUERY_KEYS
        for one in _values(_straight(value))
    ]


def _straight(text: str) -> str:
    text = text.translate(STRAIGHT)
    if text.count('"') % 2:
        raise InputError([Problem(_shown(text), 'a quotation mark is not closed; write word:"work permit"')])
    return text


def _values(text: str) -> list[str]:
    found = (value.replace('"', "").strip() for value in _VALUE.findall(text))
    return [value for value in found if value]


def _shown(text: str) -> str:
    """A term fit for a message: visible characters only, cut short."""
    seen = "".join(c if c.isprintable() else "\ufffd" for c in text)
    return seen if len(seen) <= MAX_SHOWN_CHARS else seen[: MAX_SHOWN_CHARS - 1] + "…"


def _unknown_key(key: str, allowed: Iterable[str], sign: str) -> str:
    if key.startswith("-"):
        return f"cannot be excluded; what can is {', '.join(f'{one}:' for one in MINUS.values())}"
    near = get_close_matches(key[:20], list(allowed), n=1)
    hint = f"; did you mean {near[0]}{sign}?" if near else ""
    return f"is no kind of term; use {', '.join(one + sign for one in allowed)}{hint}"
