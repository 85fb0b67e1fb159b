"""The tables under src/feeds/labels/data: what a person who edits them can rely on."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain

import pytest

from feeds.labels.folding import fold_surface
from feeds.labels.patterns import parse
from feeds.labels.places import table_surfaces
from feeds.labels.tables import PLACE_TABLES, country_names, expand, read

LANGUAGES = {"en", "es", "fr", "pt", "mul", "-"}


def where(row: object) -> str:
    return f"{row.table}.tsv line {row.line}"  # type: ignore[attr-defined]


def test_one_surface_stands_for_one_country_unless_listed_as_ambiguous() -> None:
    owners: dict[str, dict[str, str]] = defaultdict(dict)
    ambiguous = {text for text, row, _ in table_surfaces() if row.table == "ambiguous"}
    for text, row, _ in table_surfaces():
        if text not in ambiguous:
            owners[text][row.code] = where(row)

    clashes = {text: found for text, found in owners.items() if len(found) > 1}
    assert clashes == {}


def test_an_ambiguous_surface_listed_twice_has_the_same_candidates() -> None:
    said: dict[str, set[tuple[tuple[str, ...], str]]] = defaultdict(set)
    for text, row, surface in table_surfaces():
        if row.table == "ambiguous":
            said[text].add((surface.codes, surface.default))

    assert {text: found for text, found in said.items() if len(found) > 1} == {}


def test_every_code_is_a_country_and_every_default_a_candidate() -> None:
    for row in chain.from_iterable(map(read, PLACE_TABLES)):
        assert row.code in country_names(), where(row)
    for row in read("ambiguous"):
        assert set(row.code.split(",")) <= set(country_names()), where(row)
        assert row.rest[0] in {"-", *row.code.split(",")}, where(row)


@pytest.mark.parametrize("table", [*PLACE_TABLES, "ambiguous", "guards", "traps", "cues"])
def test_every_row_is_clean(table: str) -> None:
    for row in read(table):
        assert row.language in LANGUAGES, where(row)
        assert row.surface == row.surface.strip(), where(row)
        for text in expand(row.surface):
            assert len(fold_surface(text)) >= (1 if table == "traps" else 2), where(row)
            assert not set("{}") & set(text), where(row)


def test_every_cue_is_a_pattern() -> None:
    for row in read("cues"):
        if row.code != "filler":
            parse(row.surface)
            assert row.kind in {"before", "after", "-"}, where(row)


def test_names_hold_the_249_codes_of_iso_3166_and_kosovo() -> None:
    codes = set(country_names())

    assert len(codes) == 250
    assert {"xk", "ss", "bq", "cw", "sx", "um", "aq"} <= codes
    assert not {"eu", "un", "zz", "ac", "an"} & codes


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("panameñ{o,a}", ["panameño", "panameña"]),
        ("Belizean{,s}", ["Belizean", "Belizeans"]),
        ("plain", ["plain"]),
        ("{a,b} {c,d}", ["a c", "a d", "b c", "b d"]),
    ],
)
def test_braces_list_endings(form: str, expected: list[str]) -> None:
    assert expand(form) == expected
