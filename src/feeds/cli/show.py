"""How commands print: tables for people, JSON for machines, progress on a terminal only."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from dataclasses import fields as dataclass_fields
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeVar

import click

T = TypeVar("T")

LIMIT = click.IntRange(1, 1_000_000)
NUMBER = click.IntRange(1, 2**63 - 1)

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for machines.")


def colour(name: str) -> str | None:
    """A colour for `click.style`; none where $NO_COLOR asks for none (no-color.org): bold and lines stay."""
    return None if os.environ.get("NO_COLOR") else name


def plain(value: object) -> Any:
    """A value as JSON has it: instants and dates in ISO 8601, nouns as objects."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return value


def json_line(value: object) -> None:
    """One JSON object on one line of standard output."""
    click.echo(json.dumps(plain(value), ensure_ascii=False))


def fields(value: Any) -> dict[str, Any]:
    """A row of the store as a mapping for `rows`, its values as they are."""
    return {each.name: getattr(value, each.name) for each in dataclass_fields(value)}


def rows(found: Sequence[Mapping[str, Any]], columns: Sequence[str], as_json: bool, nothing: str) -> None:
    """A table of `columns`, or every field of each row as JSON, or the sentence `nothing`."""
    if as_json:
        for row in found:
            json_line(row)
    elif found:
        table(
            [column.replace("_", " ") for column in columns],
            [[cell(row[c]) for c in columns] for row in found],
        )
    else:
        click.echo(nothing)


def cell(value: object) -> str:
    """A value in a table: short instants, no line breaks or control characters."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, list | tuple):
        return " ".join(map(cell, value)) or "-"
    return printable(str(plain(value)))


def printable(text: str) -> str:
    """Text that cannot move a terminal's cursor, whatever a file was named (T17)."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def table(head: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    """Aligned columns; on a terminal the widest column gives way so that lines do not wrap."""
    widths = [max(len(row[i]) for row in [head, *body]) for i in range(len(head))]
    if sys.stdout.isatty():
        room = shutil.get_terminal_size().columns
        widest = widths.index(max(widths))
        widths[widest] = max(12, min(widths[widest], room - sum(widths) + widths[widest] - 2 * len(widths)))
    for number, row in enumerate([head, *body]):
        line = "  ".join(_fit(text, width) for text, width in zip(row, widths, strict=True)).rstrip()
        click.secho(line, bold=number == 0 or None)


def _fit(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else text[: width - 1] + "…"


def progress(things: Iterable[T], total: int, label: str) -> Iterator[T]:
    """`things`, with a bar on a terminal when there are enough to wait for."""
    if total < 5 or not sys.stderr.isatty():
        yield from things
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(things, description=label, total=total, console=Console(stderr=True), transient=True)
