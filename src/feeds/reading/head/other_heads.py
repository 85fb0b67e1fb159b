"""Heads in TOML, in JSON, and those without marks ("Title: …" line by line) become entries.

Owns these three ways of writing a head. Must not know what a name means.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence

from feeds.reading.head.entries import Entry, broken, entries_of

SET = re.compile(r"[ \t]*[\"']?(?P<name>[\w-]{1,40})[\"']?[ \t]*=")
# The names that such heads have, beside "title": a text that begins "Title: …" and "Venue: …" has none.
BARE_NAMES = frozenset(
    "date modified author authors category categories tags keywords slug summary status lang template "
    "description subtitle url save_as translation draft published fecha país pais países paises pays idioma"
    " etiquetas categoría categoria resumen estado".split()
)
_TITLES = frozenset({"title", "título", "titulo", "titre", "headline"})
_BARE = re.compile(r"([^\W\d_][^\W\d]{1,30}(?:-[^\W\d]{1,30})?)\s?:(?:[ \t]+(.*)|$)")
_MORE = re.compile(r"[ \t]+\S")
_MOST_LINES = 60
_STARTS_JSON = re.compile(r'\{\s*"[\w-]{1,40}"\s*:')


def toml(lines: Sequence[str], number: int) -> list[Entry]:
    """The entries of a TOML head; `number` is its first line in the file."""
    try:
        table = tomllib.loads("\n".join(lines))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"at line ([0-9]+)", str(error))
        at = min(int(found[1]) - 1 if found else 0, len(lines) - 1)
        raise broken(number + at, lines[at]) from None
    return [entry for name, value in table.items() for entry in _at_its_line(name, value, lines, number)]


def _at_its_line(name: str, value: object, lines: Sequence[str], number: int) -> Iterator[Entry]:
    """The entries of one name of a table, each at the line that sets it."""
    for entry in entries_of(name, value, number):
        key = entry.name.rpartition(".")[2]
        tells = (
            at for at, line in enumerate(lines) if (found := SET.match(line)) and found[1].lower() == key
        )
        yield entry._replace(line=number + next(tells, 0))


def json_head(text: str, known: Callable[[str], bool]) -> tuple[list[Entry], int] | None:
    """The entries of a text that begins with a JSON object, and where that ends; None if it does not.

    BulletinError if it begins as such a head does and cannot be read.
    """
    begin = len(text) - len(text.lstrip())
    if not _STARTS_JSON.match(text, begin):
        return None
    try:
        table, end = json.JSONDecoder(strict=False).raw_decode(text, begin)
    except (ValueError, RecursionError) as error:
        if not known(text[begin:].split('"', 2)[1].lower()):
            return None
        line = getattr(error, "lineno", 1)
        raise broken(line, text.split("\n")[line - 1]) from None
    rest = text[end:].partition("\n")[0]
    if rest.strip() or not any(known(name.lower()) for name in table):
        return None
    found = [
        entry
        for name, value in table.items()
        for entry in entries_of(name, value, text.count("\n", 0, text.find(f'"{name}"', begin)) + 1)
    ]
    return found, min(end + len(rest) + 1, len(text))


def bare(text: str) -> tuple[list[Entry], int] | None:
    """The entries of a text that begins with lines of "Name: value", a title among them, and their number.

    A blank line ends them. None for any other text, and where such lines come again further down: then
    they head items, not the file.
    """
    lines = text.split("\n", _MOST_LINES)[:_MOST_LINES]
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    found: list[Entry] = []
    for at, line in enumerate(lines[first:], first):
        if not line.strip():
            break
        if pair := _BARE.fullmatch(line.rstrip()):
            found.append(Entry(pair[1].lower(), (pair[2] or "").strip(), at + 1, pair[1]))
        elif found and _MORE.match(line):
            found[-1] = found[-1]._replace(value=f"{found[-1].value} {line.strip()}".strip())
        else:
            return None
    else:
        return None
    names = {entry.name for entry in found}
    again = re.search(
        r"^(?:title|título|titulo|titre|headline)\s?:[ \t]",
        "\n".join(text.split("\n")[at:]),
        re.IGNORECASE | re.MULTILINE,
    )
    return None if not names & _TITLES or not names & BARE_NAMES or again else (found, at + 1)
