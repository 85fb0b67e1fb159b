"""Write the generated label tables: names and exemplars from babel, subdivisions from CLDR's JSON.

    python scripts/make_names.py                      names.tsv and exemplars.tsv
    python scripts/make_names.py UNPACKED_PACKAGE     and subdivisions.tsv, from an unpacked npm package
                                                      cldr-subdivisions-full (48.2.0 was used)
    python scripts/make_names.py --check              write nothing; 1 if names or exemplars would change

All sources are Unicode CLDR data under the Unicode licence v3. Run it when babel or CLDR
moves, read the difference, and run tests/unit/test_labels_tables.py.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from babel import Locale

from feeds.labels.folding import fold_many, fold_surface
from feeds.labels.tables import expand

DATA = Path(__file__).resolve().parents[1] / "src" / "feeds" / "labels" / "data"
LANGUAGES = ("en", "es", "fr", "pt")
# CLDR regions with two letters that are not ISO 3166-1 countries (XK is kept: it is a feed of its own).
NOT_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())
AMERICAS = (
    "us ca mx gt bz hn sv ni cr pa cu do ht co ve ec pe bo br cl ar uy py gy sr tt".split()
)  # Jamaica's parishes and the Bahamas' islands are saints and plain words
# Countries whose first-level subdivisions are towns, parishes or quarters: too small, too common.
TOO_SMALL = frozenset("ad ag bb bm bs dm gd jm kn lc li lv mc me mk ms mt nr pw sc si sm tv vc".split())
# Words that make a name a description ("Eastern Region"), or a saint or person that stands in many countries.
DESCRIBES = re.compile(
    r"\b(?:north|south|east|west|northern|southern|eastern|western|upper|lower|central|centre|center|capital"
    r"|city|district|region|province|state|territory|islands?|federal|autonomous|metropolitan|municipality"
    r"|norte|sur|este|oeste|sud|nord|est|ouest|sul|leste|centro|distrito|regi[oó]n|regiao|provincia|estado"
    r"|isla|islas|ilha|ilhas|[iî]les?|republic|republica|republique|saint|sainte|san|santa|santo|sao|st|new)\b"
)
MIN_LETTERS = 5  # shorter names outside the Americas are words of some language

HEAD = "# {what}\n# Made by scripts/make_names.py from {source} (Unicode licence v3). Do not edit by hand.\n"
COLUMNS = "# code\tlanguage\tkind\tsurface\n"
Columns = tuple[str, str, str, str]


def variants(name: str) -> Iterator[str]:
    """Other ways in which a CLDR name is written in running text."""
    if " & " in name:
        yield name.replace(" & ", " and ")
    if name.startswith("St. "):
        rest = name[4:].replace(" & ", " and ")
        yield f"Saint {rest}"
        yield f"St {rest}"
        yield f"St. {rest}"
    bracket = re.fullmatch(r"(.+?) \((.+)\)", name)
    if bracket and bracket[2] not in ("China", "partie néerlandaise"):
        yield bracket[1]
        yield bracket[2]


def countries() -> list[str]:
    """The 249 codes of ISO 3166-1 and XK, upper case, sorted."""
    codes = [str(code) for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", str(code))]
    return sorted(set(codes) - NOT_COUNTRIES)


def name_rows() -> Iterator[Columns]:
    """Display names first (kind `name`), then variants (kind `variant`), per country and language."""
    for code in countries():
        for language in LANGUAGES:
            name = Locale(language).territories[code]
            yield code.lower(), language, "name", name
            for variant in dict.fromkeys(variants(name)):
                yield code.lower(), language, "variant", variant


def lines(table: str) -> Iterator[list[str]]:
    """The columns of a table's rows."""
    for line in (DATA / table).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def taken(tables: Iterable[str]) -> set[str]:
    """Folded surfaces that these tables decide, so the generated table must not."""
    return {fold_surface(text) for table in tables for columns in lines(table) for text in expand(columns[3])}


def exemplar_rows() -> Iterator[Columns]:
    """Capitals in Spanish, French and Portuguese: CLDR's cities of time zones whose English name is a
    capital of capitals.tsv. Capitals that share their name with something else are not in it.
    """
    capitals = {
        columns[3]: (columns[0], columns[2]) for columns in lines("capitals.tsv") if columns[1] == "en"
    }
    known = taken(("names.tsv", "ambiguous.tsv", "capitals.tsv", "guards.tsv", "aliases.tsv", "cities.tsv"))
    english = Locale("en").time_zones
    zones = {language: Locale(language).time_zones for language in LANGUAGES[1:]}
    for zone in sorted(set().union(*zones.values())):
        city = english.get(zone, {}).get("city") or zone.rsplit("/", 1)[-1].replace("_", " ")
        for language, named in zones.items():
            name = named.get(zone, {}).get("city", "")
            if city in capitals and name.replace(" ", "").isalpha() and fold_surface(name) not in known:
                code, kind = capitals[city]
                yield code, language, kind, name


def subdivision_rows(package: Path) -> list[Columns]:
    """First-level subdivisions, world-wide, in four languages, that name one country only and nothing else.

    leftout.tsv lists names that are words, persons or many places, as a person found them.
    """
    known = taken(
        ("names.tsv", "ambiguous.tsv", "capitals.tsv", "guards.tsv", "aliases.tsv", "exemplars.tsv")
    )
    known |= taken(("demonyms.tsv", "cities.tsv", "leftout.tsv"))
    owners: dict[str, set[str]] = defaultdict(set)
    rows: dict[str, Columns] = {}
    for language in LANGUAGES:
        text = (package / "subdivisions" / language / f"{language}.json").read_text(encoding="utf-8")
        named = json.loads(text)["subdivisions"]["localeDisplayNames"]["subdivisions"].items()
        for (code, name), folded in zip(named, fold_many(name for _, name in named), strict=True):
            owners[folded].add(code[:2])
            if safe(code[:2], folded) and folded not in known:
                kept = "mul" if language == "en" else language
                rows.setdefault(folded, (code[:2], kept, "subdivision", name.replace(" & ", " y ")))
    return sorted(row for folded, row in rows.items() if len(owners[folded]) == 1)


def safe(country: str, folded: str) -> bool:
    """Whether a subdivision's name can stand for its country by its form."""
    if country in AMERICAS:
        return True
    if country in TOO_SMALL or DESCRIBES.search(folded) or "," in folded or "(" in folded:
        return False
    return len(folded) >= MIN_LETTERS and not any(char.isdigit() for char in folded)


def table(what: str, source: str, rows: Iterable[Columns]) -> str:
    """A table's text, with its head and the columns' names."""
    body = "".join("\t".join(row) + "\n" for row in dict.fromkeys(rows))
    return HEAD.format(what=what, source=source) + COLUMNS + body


def main(arguments: list[str]) -> int:
    """Write the tables, or with --check say whether they are what the sources give."""
    babel = f"babel {version('babel')}"
    made = {
        "names.tsv": lambda: table("Country names of CLDR in en, es, fr and pt", babel, name_rows()),
        "exemplars.tsv": lambda: table("Capitals in es, fr and pt", f"{babel}, time zones", exemplar_rows()),
    }
    stale = []
    for name, text in made.items():
        path = DATA / name
        if "--check" in arguments:
            if not path.exists() or path.read_text(encoding="utf-8") != text():
                stale.append(name)
        else:
            path.write_text(text(), encoding="utf-8")
    packages = [Path(argument) for argument in arguments if argument != "--check"]
    for package in packages:
        number = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
        source = f"cldr-subdivisions-full {number}"
        text_ = table("First-level subdivisions of all countries", source, subdivision_rows(package))
        (DATA / "subdivisions.tsv").write_text(text_, encoding="utf-8")
    for name in stale:
        print(f"{name} is not what {babel} gives: run python scripts/make_names.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
