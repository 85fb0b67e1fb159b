"""What other programs find in the same items, for benchmarks/labels.py --predicted. Not part of the project's
environment: make a venv elsewhere with the program that is asked, and babel.

    python benchmarks/labels.py LABELS TEXT… --items items.jsonl
    VENV/bin/python benchmarks/labels_peers.py geotext items.jsonl > found.jsonl     needs geotext
    VENV/bin/python benchmarks/labels_peers.py cldr items.jsonl > found.jsonl        needs babel
    VENV/bin/python benchmarks/labels_peers.py spacy:MODEL items.jsonl > found.jsonl needs spacy and a model
    python benchmarks/labels.py LABELS TEXT… --predicted found.jsonl
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from time import process_time

from babel import Locale

LANGUAGES = ("en", "es", "fr", "pt")
Finder = Callable[[str], set[str]]


def plain(text: str) -> str:
    """Lower case without accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in letters if not unicodedata.combining(char))


def names() -> dict[str, str]:
    """CLDR's country names in four languages, folded, with their codes."""
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if re.fullmatch("[A-Z]{2}", str(code)) and code not in ("EU", "UN", "EZ", "ZZ", "QO"):
                found.setdefault(plain(name), str(code))
    return found


def cldr() -> Finder:
    """Names on word boundaries, the longest first."""
    known = names()
    pattern = re.compile(
        r"(?<!\w)(?:" + "|".join(sorted(map(re.escape, known), key=len, reverse=True)) + r")(?!\w)"
    )
    return lambda text: {known[match[0]] for match in pattern.finditer(plain(text))}


def geotext() -> Finder:
    """The countries that geotext says the text mentions."""
    from geotext import GeoText

    return lambda text: set(GeoText(text).country_mentions)


def spacy(model: str) -> Finder:
    """Entities that are places or peoples, looked up by CLDR's names."""
    import spacy as library

    pipeline = library.load(model)
    known = names()

    def find(text: str) -> set[str]:
        entities = (one for one in pipeline(text).ents if one.label_ in ("GPE", "NORP", "LOC"))
        written = (plain(one.text).removeprefix("the ").removesuffix("'s") for one in entities)
        return {known[name] for name in written if name in known}

    return find


def main(which: str, items: str) -> None:
    """Print one JSON line for each item, and the rate on the error channel."""
    finder = (
        spacy(which.split(":")[1])
        if which.startswith("spacy:")
        else {"cldr": cldr, "geotext": geotext}[which]()
    )
    rows = [json.loads(line) for line in Path(items).read_text(encoding="utf-8").splitlines()]
    before = process_time()
    found = [(row["title_sha1"], sorted(finder(f"{row['title']}. {row['summary']}"))) for row in rows]
    took = process_time() - before
    for key, countries in found:
        print(json.dumps({"title_sha1": key, "countries": countries}))
    print(f"{len(rows) / took:,.0f} items a second", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
