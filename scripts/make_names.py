"""Write the generated label tables: names.tsv (from babel) and subdivisions.tsv (from CLDR's JSON).

    python scripts/make_names.py                      names only
    python scripts/make_names.py UNPACKED_PACKAGE     and subdivisions, from an unpacked npm package
                                                      cldr-subdivisions-full (48.2.0 was used)

Both sources are Unicode CLDR data under the Unicode licence v3. Run it when babel or CLDR
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

from feeds.labels.folding import fold_surface

DATA = Path(__file__).resolve().parents[1] / "src" / "feeds" / "labels" / "data"
LANGUAGES = ("en", "es", "fr", "pt")
# CLDR regions with two letters that are not ISO 3166-1 countries (XK is kept: it is a feed of its own).
NOT_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())
AMERICAS = (
    "us ca mx gt bz hn sv ni cr pa cu do ht co ve ec pe bo br cl ar uy py gy sr tt".split()
)  # Jamaica's parishes and the Bahamas' islands are saints and plain words

HEAD = "# {what}\n# Made by scripts/make_names.py from {source} (Unicode licence v3). Do not edit by hand.\n"
COLUMNS = "# code\tlanguage\tkind\tsurface\n"


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


def name_rows() -> Iterator[tuple[str, str, str, str]]:
    """Display names first (kind `name`), then variants (kind `variant`), per country and language."""
    for code in countries():
        for language in LANGUAGES:
            name = Locale(language).territories[code]
            yield code.lower(), language, "name", name
            for variant in dict.fromkeys(variants(name)):
                yield code.lower(), language, "variant", variant


def taken(kept_tables: Iterable[str]) -> set[str]:
    """Folded surfaces that hand-made tables decide, so the generated table must not."""
    surfaces = set()
    for table in kept_tables:
        for line in (DATA / table).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                surfaces.add(fold_surface(line.split("\t")[3]))
    return surfaces


def subdivision_rows(package: Path) -> Iterator[tuple[str, str, str, str]]:
    """First-level subdivisions of the Americas that name one country only."""
    text = (package / "subdivisions" / "en" / "en.json").read_text(encoding="utf-8")
    names = json.loads(text)["subdivisions"]["localeDisplayNames"]["subdivisions"]
    owners: dict[str, set[str]] = defaultdict(set)
    for code, name in names.items():
        if code[:2] in AMERICAS:
            owners[fold_surface(name)].add(code[:2])
    known = taken(("names.tsv", "ambiguous.tsv", "capitals.tsv", "guards.tsv", "aliases.tsv"))
    for code, name in sorted(names.items()):
        surface = fold_surface(name)
        if code[:2] in AMERICAS and len(owners[surface]) == 1 and surface not in known:
            yield code[:2], "mul", "subdivision", name.replace(" & ", " y ")


def write(name: str, what: str, source: str, rows: Iterable[tuple[str, str, str, str]]) -> None:
    """One table, with its head and the columns' names."""
    body = "".join("\t".join(row) + "\n" for row in dict.fromkeys(rows))
    (DATA / name).write_text(HEAD.format(what=what, source=source) + COLUMNS + body, encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Write names.tsv, and subdivisions.tsv when the package's folder is given."""
    write("names.tsv", "Country names of CLDR in en, es, fr and pt", f"babel {version('babel')}", name_rows())
    if arguments:
        source = (
            "cldr-subdivisions-full "
            + json.loads((Path(arguments[0]) / "package.json").read_text(encoding="utf-8"))["version"]
        )
        rows = list(subdivision_rows(Path(arguments[0])))
        write("subdivisions.tsv", "First-level subdivisions of the Americas", source, rows)


if __name__ == "__main__":
    main(sys.argv[1:])
