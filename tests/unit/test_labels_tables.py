"""The tables under src/feeds/labels/data: what a person who edits them can rely on."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain

import pytest

from feeds.labels.folding import fold_surface
from feeds.labels.patterns import parse
from feeds.labels.roles import WORD_LISTS
from feeds.labels.tables import (
    LANGUAGES,
    PLACE_TABLES,
    country_names,
    expand,
    expanded,
    faults,
    places,
    read,
    rows_of,
)


def test_the_shipped_tables_have_no_faults() -> None:
    assert faults(places()) == []


def test_a_table_tells_all_its_faults_with_file_and_line() -> None:
    text = "\n".join(
        [
            "# head",
            "hn\ten\tcity\tNowhere Town",
            "ni\ten\tcity\tNowhere Town",
            "zz\ten\tcity\tElsewhere",
            "hn en city Tela",
            "hn\tde\tcity\tDanli",
            "hn\ten\ttown\tYoro",
        ]
    )

    problems = {problem.where: problem.what for problem in faults(expanded(rows_of("cities", text)))}
    assert set(problems) == {f"cities.tsv line {line}" for line in (3, 4, 5, 6, 7)}
    assert "clash: 'Nowhere Town' already stands for hn (cities.tsv line 2)" in problems["cities.tsv line 3"]
    assert "'zz' is no country" in problems["cities.tsv line 4"]
    assert "tabs between" in problems["cities.tsv line 5"]
    assert "no language" in problems["cities.tsv line 6"]
    assert "no kind" in problems["cities.tsv line 7"]


def test_an_ambiguous_surface_listed_twice_has_the_same_candidates() -> None:
    said: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for text, _, row in expanded(read("ambiguous")):
        said[text].add((row.code, row.rest[0]))

    assert {text: found for text, found in said.items() if len(found) > 1} == {}


def test_every_default_is_a_candidate() -> None:
    for row in read("ambiguous"):
        assert row.rest[0] in {"-", *row.code.split(",")}, row.where


def test_no_generated_name_is_one_that_a_person_left_out() -> None:
    left_out = {fold_surface(row.surface) for row in read("leftout")}

    assert not left_out & {text for text, _, _ in expanded(chain(read("subdivisions"), read("exemplars")))}


def test_every_country_is_found_by_its_names_in_four_languages() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for text, _, row in places():
        owners[text].update(row.code.split(","))

    for code, names in country_names().items():
        assert set(names) == {"en", "es", "fr", "pt"}
        assert all(code in owners[fold_surface(name)] for name in names.values()), code


AMERICAS = (
    "us ca mx gt bz hn sv ni cr pa cu do ht jm bs bb tt gy sr lc vc gd dm ag kn co ve ec pe bo cl ar uy py br"
)


@pytest.mark.parametrize("language", ["en", "es", "fr", "pt"])
def test_every_country_of_the_americas_has_its_people_in_four_languages(language: str) -> None:
    # "peruano" and "cubana" are Portuguese as well: words of all languages always apply.
    languages = {language, "es"} if language == "pt" else {language}
    rows = chain(read("demonyms"), read("ambiguous"))
    named = {code for row in rows if row.language in languages for code in row.code.split(",")}

    assert set(AMERICAS.split()) - named == set()


@pytest.mark.parametrize("table", [*PLACE_TABLES, "ambiguous", "guards", "traps", "cues", "leftout"])
def test_every_row_is_clean(table: str) -> None:
    for row in read(table):
        assert row.language in LANGUAGES, row.where
        assert row.surface == row.surface.strip(), row.where
        for text in expand(row.surface):
            assert len(fold_surface(text)) >= (1 if table == "traps" else 2), row.where
            assert not set("{}") & set(text), row.where


def test_every_cue_is_a_pattern() -> None:
    for row in read("cues"):
        if row.code not in WORD_LISTS:
            parse(row.surface)
            assert row.kind in {"before", "after", "-"}, row.where


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
