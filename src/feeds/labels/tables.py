"""The hand-made and generated tables in data/, read once (labels, floor 1).

Owns: the rows' form and the endings in braces. Knows nothing of texts.
Every table is tab-separated: code, language, kind, surface and, in
ambiguous.tsv, the default and the reason. `#` opens a comment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product

from feeds.labels.folding import fold_surface

PLACE_TABLES = ("names", "aliases", "demonyms", "capitals", "subdivisions", "cities")
_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. `line` counts from 1, for messages to whoever edits it."""

    table: str
    line: int
    code: str
    language: str
    kind: str
    surface: str
    rest: tuple[str, ...] = ()


@cache
def read(table: str) -> tuple[Row, ...]:
    """The rows of `data/TABLE.tsv` in file order, surfaces unexpanded."""
    text = files("feeds.labels").joinpath("data", f"{table}.tsv").read_text(encoding="utf-8")
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line and not line.startswith("#"):
            code, language, kind, surface, *rest = line.split("\t")
            rows.append(Row(table, number, code, language, kind, surface, tuple(rest)))
    return tuple(rows)


def expand(surface: str) -> list[str]:
    """`panameñ{o,a}` -> panameño, panameña; several braces multiply."""
    if "{" not in surface:
        return [surface]
    parts = _BRACES.split(surface)
    choices = [part.split(",") if index % 2 else [part] for index, part in enumerate(parts)]
    return ["".join(chosen) for chosen in product(*choices)]


@cache
def country_names() -> dict[str, dict[str, str]]:
    """Code -> language -> display name: the 249 codes of ISO 3166-1 and xk, CLDR's names."""
    names: dict[str, dict[str, str]] = {}
    for row in read("names"):
        if row.kind == "name":
            names.setdefault(row.code, {})[row.language] = row.surface
    return names


@cache
def words(table: str, kind: str) -> frozenset[str]:
    """All surfaces of one kind in a table of plain words, folded."""
    return frozenset(fold_surface(row.surface) for row in read(table) if row.kind == kind)
