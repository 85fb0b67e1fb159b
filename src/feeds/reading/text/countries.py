"""Is this whole line a list of countries, and of which?

Owns the country line ("Panama", "País: México y Honduras") that web sites put
between a title and a date, and the names and codes in front matter. The names
are those of the label tables: one table in the house. Must not know items.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

LONGEST = 120
_MOST_WORDS = 16
_LABEL = re.compile(r"(?:countr(?:y|ies)|pa[ií]s(?:es)?|pays)(?: \([^)]{1,12}\))?\s?:\s?", re.IGNORECASE)
_APART = re.compile(r"\s*[,;/|·•]\s*")
_WORD = re.compile(r"[^\s,;/|·•]+")
_JOINED = re.compile(r"\s(?:and|y|e|et|&)\s", re.IGNORECASE)


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Folded country names in English, Spanish, French and Portuguese -> ISO 3166-1 code, lower case."""
    table = (files("feeds") / "labels" / "data" / "names.tsv").read_text(encoding="utf-8")
    rows = (row.split("\t") for row in table.splitlines() if row and not row.startswith("#"))
    return {_folded(row[3]): row[0] for row in rows}


def country_line(row: str) -> tuple[str, ...] | None:
    """The codes of a shown line that names countries and says nothing else, in the line's order."""
    if len(row) > LONGEST or row[-1] in ".!?:…" or row.count(" ") >= _MOST_WORDS:
        return None
    label = _LABEL.match(row) if ":" in row else None
    words = row[label.end() :] if label else row
    # Most lines are titles and texts: their first word settles it.
    first = _WORD.match(words)
    if first is None or _folded(first[0]) not in _first_words():
        return None
    codes: list[str] = []
    for piece in _APART.split(words):
        found = _codes_of(piece)
        if not found:
            return None
        codes += found
    return tuple(dict.fromkeys(codes))


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    return frozenset(name.split(" ", 1)[0] for name in names())


def country_code(name: str) -> str | None:
    """The code of a name, or of a code in any case; None for neither."""
    known = names()
    if len(name) == 2 and name.isascii() and name.isalpha():
        return name.lower() if name.lower() in set(known.values()) else None
    return known.get(_folded(name))


def _codes_of(piece: str) -> list[str]:
    """A name as a whole first: "Trinidad and Tobago" is one."""
    known = names()
    if whole := known.get(_folded(piece)):
        return [whole]
    parts = _JOINED.split(piece)
    codes = [known.get(_folded(part), "") for part in parts]
    return codes if len(parts) > 1 and all(codes) else []


def _folded(name: str) -> str:
    if name.isascii():
        return name.lower().replace(".", "")
    plain = unicodedata.normalize("NFD", name)
    return "".join(char for char in plain.casefold() if not unicodedata.combining(char)).replace(".", "")
