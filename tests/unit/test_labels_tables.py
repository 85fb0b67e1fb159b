"""The tables under src/feeds/labels/data: what a person who edits them can rely on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import defaultdict
from itertools import chain
from pathlib import Path

import pytest

from feeds.labels.folding import fold_surface
from feeds.labels.tables import (
    LANGUAGES,
    PLACE_TABLES,
    country_names,
    cue_faults,
    expand,
    expanded,
    faults,
    places,
    read,
    rows_of,
    trap_faults,
)

SOURCE = Path(__file__).resolve().parents[2] / "src" / "feeds"


def test_the_shipped_tables_have_no_faults() -> None:
    assert [*faults(places()), *cue_faults(read("cues")), *trap_faults(read("traps"))] == []


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
            "hn\ten\tcity\tYoro\tdepartment",
        ]
    )

    problems = {problem.where: problem.what for problem in faults(expanded(rows_of("cities", text)))}
    assert set(problems) == {f"cities.tsv line {line}" for line in (3, 4, 5, 6, 7, 8)}
    assert "clash: 'Nowhere Town' already stands for hn (cities.tsv line 2)" in problems["cities.tsv line 3"]
    assert "'zz' is no country" in problems["cities.tsv line 4"]
    assert "tabs between" in problems["cities.tsv line 5"]
    assert "no language" in problems["cities.tsv line 6"]
    assert "no kind" in problems["cities.tsv line 7"]
    assert "tabs between" in problems["cities.tsv line 8"]


def test_the_cues_tell_all_their_faults_with_file_and_line() -> None:
    text = "\n".join(
        [
            "donor\ten\tbefore\tfund* by",
            "donor\ten\tbefore",
            "donor\ten\tbefore\tpaid (by",
            "doner\ten\tbefore\tpaid by",
            "donor\ten\tbefor\tpaid by",
            "donor\tde\tbefore\tbezahlt von",
            "donor\ten\tbefore\tpaid by\tmore",
            "homeward\ten\tbefore\treturn*",
            "filler\ten\t-\tthe of (and",
            "venue\ten\tbefore\tof the",
        ]
    )

    problems = {problem.where: problem.what for problem in cue_faults(rows_of("cues", text))}
    assert set(problems) == {f"cues.tsv line {line}" for line in range(2, 11)}
    assert "a phrase, with tabs between" in problems["cues.tsv line 2"]
    assert "'(' is not allowed here" in problems["cues.tsv line 3"]
    assert "'doner' is no role; use article, aside" in problems["cues.tsv line 4"]
    assert problems["cues.tsv line 5"] == "'befor' is not where donor can stand; use after, before"
    assert "'de' is no language" in problems["cues.tsv line 6"]
    assert "tabs between" in problems["cues.tsv line 7"]
    assert problems["cues.tsv line 8"] == "'before' is not where homeward can stand; use -"
    assert "'(and' is no word" in problems["cues.tsv line 9"]
    assert "matches nearly everything" in problems["cues.tsv line 10"]


def test_the_traps_tell_all_their_faults_with_file_and_line() -> None:
    text = "\n".join(
        [
            "-\tmul\tgiven-name\tJordan",
            "-\tmul\tgiven-nam\tChad",
            "-\tmul\tgiven-name",
            "-\tde\ttongue\tDeutsch",
            "us\ten\ttongue\tEnglish",
        ]
    )

    problems = {problem.where: problem.what for problem in trap_faults(rows_of("traps", text))}
    assert set(problems) == {f"traps.tsv line {line}" for line in (2, 3, 4, 5)}
    assert "'given-nam' is no kind of this table; use given-name, honorific" in problems["traps.tsv line 2"]
    assert "with tabs between" in problems["traps.tsv line 3"]
    assert "'de' is no language" in problems["traps.tsv line 4"]
    assert "needs -" in problems["traps.tsv line 5"]


def test_a_start_with_broken_tables_tells_the_faults_of_all_of_them(tmp_path: Path) -> None:
    # The tables come with the package: a copy of it is broken and started in a process of its own.
    shutil.copytree(SOURCE, tmp_path / "feeds", ignore=shutil.ignore_patterns("__pycache__"))
    for table, line in (
        ("cues", "donor\ten\tbefore"),
        ("traps", "-\ten\tgiven-nam\tChad"),
        ("cities", "zz\t-"),
    ):
        with (tmp_path / "feeds" / "labels" / "data" / f"{table}.tsv").open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")

    done = subprocess.run(
        [sys.executable, "-c", "from feeds.labels import build; build({}, {})"],
        env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    told = done.stderr.splitlines()
    for table in ("cues", "traps", "cities"):
        lines = len((tmp_path / "feeds" / "labels" / "data" / f"{table}.tsv").read_text("utf-8").splitlines())
        assert any(f"{table}.tsv line {lines}: " in line for line in told), done.stderr


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
