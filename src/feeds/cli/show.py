"""How commands print: tables for people, JSON for machines, progress on a terminal only."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from dataclasses import fields as dataclass_fields
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeVar

import click

T = TypeVar("T")

NARROWEST = 6
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
        _tell_more(len(found))
    else:
        click.echo(nothing)


def _tell_more(number: int) -> None:
    """That a list ends where `--limit` says, and how to see more; on a terminal only."""
    context = click.get_current_context(silent=True)
    if context and number == context.params.get("limit") and sys.stderr.isatty():
        click.echo(f"These are {number}; there may be more: --limit {10 * number}", err=True)


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
    """Aligned columns. On a terminal the widest give way so that lines do not wrap, and what is longer than
    the screen is shown by $PAGER.
    """
    widths = [max(len(row[i]) for row in [head, *body]) for i in range(len(head))]
    screen = shutil.get_terminal_size() if sys.stdout.isatty() else None
    if screen:
        widths = narrowed(widths, screen.columns - 2 * (len(widths) - 1))
    lines = [
        "  ".join(_fit(text, width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in [head, *body]
    ]
    lines[0] = click.style(lines[0], bold=True)
    if screen and len(lines) >= screen.lines:
        os.environ.setdefault("LESS", "FRX")  # as git has it: colours, and nothing to leave where all fits
        click.echo_via_pager("\n".join(lines))
    else:
        click.echo("\n".join(lines))


def narrowed(widths: Sequence[int], room: int) -> list[int]:
    """The same widths, the widest cut down until all fit into `room`; none below what can still be read."""
    cut = max(widths, default=0)
    while cut > NARROWEST and sum(min(width, cut) for width in widths) > room:
        cut -= 1
    spare = max(0, room - sum(min(width, cut) for width in widths))
    found = [min(width, cut) for width in widths]
    for at in (n for n, width in enumerate(widths) if width > cut):
        more = min(spare, widths[at] - found[at])
        found[at], spare = found[at] + more, spare - more
    return found


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


@contextmanager
def waiting(label: str, *, beats: bool = True) -> Iterator[Callable[[], bool]]:
    """On a terminal, what is done and since when, while a body runs that nobody can count.

    Gives a function that shows it anew and answers no, as those are asked who might stop work. `beats`: it
    does so by itself, from a thread, which must not be where a process forks.
    """
    if not sys.stderr.isatty():
        yield lambda: False
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=beats) as shown:
        shown.add_task(label, total=None)

        def again() -> bool:
            shown.refresh()
            return False

        yield again
