"""Where in a TOML text a key stands (labels, floor 1).

Owns: the way from a key path such as `topics.health.patterns.en[2]` to a line, so that a
fault can name it. The parser keeps no lines; this reads only as much TOML as that needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEADER = re.compile(r"\s*\[{1,2}([^\[\]]+)\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_TOKEN = re.compile(
    r"""\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\#[^\n]*|[\[\]{},]|[^\s\[\]{},"'\#]+""",
    re.DOTALL,
)
_INDEX = re.compile(r"\[(\d+)\]$")


def line_of(source: str, path: str) -> int:
    """The line, counted from 1, of the key, else of the first key in its table, else of the last of its
    parents that is written; 0 if none is.
    """
    index = _INDEX.search(path)
    wanted = path[: index.start()] if index else path
    best, line, inside = 0, 0, 0
    for number, offset, key in _keys(source):
        if wanted == key:
            return _item_line(source, offset, int(index[1])) if index else number
        if wanted.startswith(f"{key}.") and len(key) > best:
            best, line = len(key), number
        if not inside and key.startswith(f"{wanted}."):
            inside = number
    return inside or line


def _keys(source: str) -> Iterator[tuple[int, int, str]]:
    """(line, offset after the line's key, full key path) of all tables and keys."""
    table: list[str] = []
    offset = 0
    for number, text in enumerate(source.splitlines(keepends=True), start=1):
        header, key = _HEADER.match(text), _KEY.match(text)
        if header:
            table = _parts(header[1])
            yield number, offset + header.end(), ".".join(table)
        elif key:
            yield number, offset + key.end(), ".".join([*table, *_parts(key[1])])
        offset += len(text)


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(dotted)]


def _item_line(source: str, offset: int, index: int) -> int:
    """The line of a list's entry number `index`, whatever it is; the list begins at `offset`."""
    depth = number = 0
    for match in _TOKEN.finditer(source, offset):
        piece = match[0]
        if piece.startswith("#"):
            continue
        if depth == 1 and number == index and piece not in ",]":
            return source.count("\n", 0, match.start()) + 1
        depth += (piece in "[{") - (piece in "]}")
        number += piece == "," and depth == 1
        if not depth:
            break
    return source.count("\n", 0, offset) + 1
