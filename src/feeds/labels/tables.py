"""The hand-made and generated tables in data/, read once (labels, floor 1).

Owns: the rows' form and the endings in braces. Knows nothing of texts.
Every table is tab-separated: code, language, kind, surface and, in
ambiguous.tsv, the default and the reason; cues.tsv has roles for codes and, for
kinds, where they act. `#` opens a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product
from typing import NamedTuple

from feeds.errors import Problem
from feeds.labels.folding import fold_many, fold_surface
from feeds.labels.patterns import Pattern, PatternFault, parse

PLACE_TABLES = ("names", "aliases", "demonyms", "capitals", "exemplars", "subdivisions", "cities", "towns")
LANGUAGES = frozenset({"en", "es", "fr", "pt", "mul", "-"})
_KINDS = {
    "names": {"name", "variant"},
    "aliases": {"alias", "exact"},
    "demonyms": {"demonym"},
    "capitals": {"capital", "seat"},
    "exemplars": {"capital", "seat"},
    "subdivisions": {"subdivision"},
    "cities": {"city", "seat"},
    "towns": {"city"},
    "ambiguous": {"place", "word"},
    "guards": {"guard"},
}
WORD_LISTS = frozenset(  # rows of plain words, not of phrases
    {
        "article",
        "authority",
        "auxiliary",
        "body",
        "filler",
        "land",
        "member",
        "mover",
        "opening",
        "partner",
        "person",
        "quantity",
        "toward",
        "watcher",
        "where",
    }
)
_BESIDE = frozenset({"before", "after"})
_CUES: dict[str, frozenset[str]] = {
    **dict.fromkeys(WORD_LISTS, frozenset({"-"})),
    **dict.fromkeys(
        ("aside", "comparison", "delegate", "donor", "firm", "guest", "institution", "party", "passing"),
        _BESIDE,
    ),
    **dict.fromkeys(("nationality", "neighbour", "origin", "venue"), _BESIDE),
    **dict.fromkeys(
        ("counted", "hazard", "homeward", "likewise", "moving", "multilateral", "share", "taking"),
        frozenset({"-"}),
    ),
    "gives": frozenset({"after"}),
    **dict.fromkeys(("division", "where"), frozenset({"before"})),
}
_TRAPS = frozenset({"given-name", "honorific", "institution", "preposition", "state", "tongue"})
_BRACES = re.compile(r"\{([^{}]*)\}")


class Row(NamedTuple):
    """One line of a table. `line` counts from 1, for messages to whoever edits it."""

    table: str
    line: int
    code: str
    language: str
    kind: str
    surface: str
    rest: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self.table}.tsv line {self.line}"


@cache
def read(table: str) -> tuple[Row, ...]:
    """The rows of `data/TABLE.tsv` in file order, surfaces unexpanded."""
    return tuple(rows_of(table, files("feeds.labels").joinpath("data", f"{table}.tsv").read_text("utf-8")))


def rows_of(table: str, text: str) -> Iterator[Row]:
    """The rows of a table's text; a line with too few columns has an empty surface, which is a fault."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line and line[0] != "#":
            columns = line.split("\t")
            if len(columns) == 4:
                yield Row(table, number, columns[0], columns[1], columns[2], columns[3])
            else:
                code, language, kind, surface, *rest = (*columns, "", "", "", "")[: max(4, len(columns))]
                yield Row(table, number, code, language, kind, surface, tuple(rest))


def expand(surface: str) -> list[str]:
    """`panameñ{o,a}` -> panameño, panameña; several braces multiply."""
    if "{" not in surface:
        return [surface]
    parts = _BRACES.split(surface)
    choices = [part.split(",") if index % 2 else [part] for index, part in enumerate(parts)]
    return ["".join(chosen) for chosen in product(*choices)]


def expanded(rows: Iterable[Row]) -> Iterator[tuple[str, str, Row]]:
    """(folded text, text as written, row) for each way of writing in the rows."""
    written = [(text, row) for row in rows for text in expand(row.surface)]
    for folded, (text, row) in zip(fold_many(text for text, _ in written), written, strict=True):
        yield folded, text, row


@cache
def places() -> tuple[tuple[str, str, Row], ...]:
    """`expanded` of all place tables, those first that win over others written alike."""
    return tuple(expanded(row for table in ("ambiguous", "guards", *PLACE_TABLES) for row in read(table)))


def faults(surfaces: Iterable[tuple[str, str, Row]]) -> list[Problem]:
    """What is wrong in `expanded` place tables: form, unknown codes, a surface that two countries claim."""
    found: list[Problem] = []
    shared: set[str] = set()
    owners: dict[str, Row] = {}
    sound: set[tuple[object, ...]] = set()  # most rows are like thousands of others but for their names
    for folded, _, row in surfaces:
        alike = (row.table, row.code, row.language, row.kind, row.rest)
        wrong = _row_fault(row, folded) if alike not in sound or len(folded) < 2 else ""
        if wrong:
            found.append(Problem(row.where, wrong))
            continue
        sound.add(alike)
        if row.table == "ambiguous":
            shared.add(folded)
        elif row.kind not in ("guard", "exact"):
            owner = owners.setdefault(folded, row)
            if owner.code != row.code and folded not in shared:
                claim = f"{row.surface!r} already stands for {owner.code} ({owner.where})"
                found.append(Problem(row.where, f"clash: {claim}; name both in ambiguous.tsv"))
    return list(dict.fromkeys(found))


def _row_fault(row: Row, folded: str) -> str:
    if len(folded) < 2 or (row.rest and row.table != "ambiguous"):
        return "needs code, language, kind and a surface of two letters, with tabs between"
    if row.language not in LANGUAGES:
        return f"{row.language!r} is no language of the tables; use {_one_of(LANGUAGES)}"
    if row.kind not in _KINDS[row.table]:
        return f"{row.kind!r} is no kind of this table; use {_one_of(_KINDS[row.table])}"
    if row.table == "guards":
        return ""
    codes = row.code.split(",") if row.table == "ambiguous" else [row.code]
    unknown = [code for code in codes if code not in country_names()]
    if unknown:
        return f"{unknown[0]!r} is no country; use a lower-case ISO 3166-1 alpha-2 code, or xk"
    if row.table == "ambiguous" and (not row.rest or row.rest[0] not in ("-", *codes)):
        return "the default must be one of the candidates, or -"
    return ""


def cue_faults(rows: Iterable[Row]) -> list[Problem]:
    """What is wrong in the rows of cues.tsv: form, roles, where they act, patterns."""
    return [Problem(row.where, wrong) for row in rows if (wrong := _cue_fault(row))]


def _cue_fault(row: Row) -> str:
    if not row.surface.strip() or row.rest:
        return "needs role, language, where and a phrase, with tabs between"
    if row.code not in _CUES:
        return f"{row.code!r} is no role; use {_one_of(_CUES)}"
    if row.language not in LANGUAGES:
        return f"{row.language!r} is no language of the tables; use {_one_of(LANGUAGES)}"
    if row.kind not in _CUES[row.code]:
        return f"{row.kind!r} is not where {row.code} can stand; use {_one_of(_CUES[row.code])}"
    if row.code in WORD_LISTS:
        odd = [word for word in row.surface.split() if not fold_surface(word).isalnum()]
        return f"{odd[0]!r} is no word; list plain words with blanks between" if odd else ""
    try:
        cue_pattern(row.surface)
    except PatternFault as fault:
        return f"{row.surface!r} {fault}"
    return ""


@lru_cache(maxsize=4096)
def cue_pattern(surface: str) -> Pattern:
    """`parse` of a phrase of cues.tsv, asked for twice at start: for its faults, for its forms."""
    return parse(surface)


def trap_faults(rows: Iterable[Row]) -> list[Problem]:
    """What is wrong in the rows of traps.tsv."""
    return [Problem(row.where, wrong) for row in rows if (wrong := _trap_fault(row))]


def _trap_fault(row: Row) -> str:
    if row.code != "-" or not fold_surface(row.surface) or row.rest:
        return "needs -, language, kind and a word, with tabs between"
    if row.language not in LANGUAGES:
        return f"{row.language!r} is no language of the tables; use {_one_of(LANGUAGES)}"
    if row.kind not in _TRAPS:
        return f"{row.kind!r} is no kind of this table; use {_one_of(_TRAPS)}"
    return ""


def _one_of(allowed: Iterable[str]) -> str:
    return ", ".join(sorted(allowed))


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


@cache
def cue_words(role: str) -> frozenset[str]:
    """The words of a role of cues.tsv that lists plain words, folded."""
    return frozenset(
        fold_surface(word) for row in read("cues") if row.code == role for word in row.surface.split()
    )
