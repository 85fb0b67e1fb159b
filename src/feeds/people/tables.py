"""A list of people as somebody has it -> rows of our own columns: any separator, Excel, other programs.

Read as it is and row by row, so that a list of a million people takes no more memory than a short one.
Nothing is judged here but whether the list can be read at all.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import IO

from feeds.errors import InputError, Problem
from feeds.filters import fold

COLUMNS = ("address", "filter", "cadence", "lang", "zone", "hour", "weekday", "consent", "name")
# What else a column may be called, by its folded name.
_ALSO = {
    "email": "address", "e mail": "address", "mail": "address", "email address": "address",
    "correo": "address", "correo electronico": "address", "direccion": "address", "filtro": "filter",
    "direccion de correo": "address", "direccion de correo electronico": "address",
    "direccion de email": "address", "e mail address": "address",
    "frecuencia": "cadence", "frequency": "cadence", "idioma": "lang", "language": "lang",
    "zona horaria": "zone", "zona": "zone", "time zone": "zone", "timezone": "zone", "hora": "hour",
    "dia": "weekday", "dia de la semana": "weekday", "consentimiento": "consent", "nombre": "name",
}  # fmt: skip
_SEPARATORS = (",", ";", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_PIECE = 1 << 20


class Form(StrEnum):
    """Who wrote the list."""

    OWN = "feeds"
    LISTMONK = "listmonk"
    MAILCHIMP = "mailchimp"
    MAILMAN = "mailman"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins on and its cells, by our own columns. `fault`: why it cannot be read."""

    line: int
    cells: Mapping[str, str]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A list that can be read. `digest` tells it from all others, `columns` are those of its head."""

    path: Path
    form: Form
    encoding: str
    separator: str
    columns: tuple[str, ...]
    digest: str
    head_lines: int

    def rows(self) -> Iterator[Row]:
        """Its rows, one after the other."""
        with _opened(self.path, self.encoding) as file:
            for _ in range(self.head_lines):
                file.readline()
            if self.form is Form.MAILMAN:
                yield from _addresses(file)
            else:
                yield from _rows(self, file)

    def count(self) -> int:
        """About how many rows there are, for a bar that shows how far it is."""
        with self.path.open("rb") as file:
            return max(sum(piece.count(b"\n") for piece in iter(lambda: file.read(_PIECE), b"")), 1)


def open_table(path: Path, *, needs_filter: bool) -> Table:
    """The list in this file. Raises InputError when it is no list, or lacks a column that is needed."""
    try:
        encoding, digest = _looked_at(path)
        with _opened(path, encoding) as file:
            first = file.readline(_PIECE)
            told = 1 if first.strip().lower().startswith("sep=") and len(first.strip()) == 5 else 0
            separator = first.strip()[4] if told else ""
            head = file.readline(_PIECE) if told else first
    except (OSError, UnicodeError) as error:
        what = getattr(error, "strerror", None) or "holds bytes that are no text"
        raise InputError([Problem(path.name, f"cannot be read: {what}")]) from None
    return _judged(path, encoding, digest, head, separator, told, needs_filter=needs_filter)


def _judged(
    path: Path, encoding: str, digest: str, head: str, separator: str, told: int, *, needs_filter: bool
) -> Table:
    separator = separator or _separator(head)
    names = [name.strip() for name in next(csv.reader([head], delimiter=separator), [])]
    columns = _columns(names)
    if not any(name in COLUMNS for name in columns) and "@" in head:
        return Table(path, Form.MAILMAN, encoding, ",", ("address",), digest, told)
    form = _form({fold(name) for name in names})
    problems = list(_problems(path.name, form, columns, names, needs_filter=needs_filter))
    if problems:
        raise InputError(problems)
    return Table(path, form, encoding, separator, columns, digest, told + 1)


def _looked_at(path: Path) -> tuple[str, str]:
    """The encoding of a file and a digest of its bytes, read through once."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        start = file.read(4096)
        encoding = next((name for mark, name in _BOMS if start.startswith(mark)), "") or _without_mark(start)
        decoder = codecs.getincrementaldecoder("utf-8")()
        file.seek(0)
        for piece in iter(lambda: file.read(_PIECE), b""):
            digest.update(piece)
            try:
                if encoding == "utf-8":
                    decoder.decode(piece)
            except UnicodeDecodeError:
                encoding = "cp1252"
    return encoding, digest.hexdigest()


def _without_mark(start: bytes) -> str:
    """UTF-16 shows by its zeros; everything else is UTF-8 until a byte says otherwise."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) * 4 < len(start) or not start:
        return "utf-8"
    return "utf-16-le" if odd > even else "utf-16-be"


def _opened(path: Path, encoding: str) -> IO[str]:
    # A byte that cp1252 does not have must not end a list: its row is refused by itself.
    errors = "replace" if encoding == "cp1252" else "strict"
    return io.open(path, encoding=encoding, errors=errors, newline="")  # noqa: UP020 (newline as csv wants it)


def _separator(head: str) -> str:
    """The separator that makes most known columns of the head, or else most columns."""

    def known(separator: str) -> tuple[int, int]:
        cells = next(csv.reader([head], delimiter=separator), [])
        return sum(_column(cell.strip()) in COLUMNS for cell in cells), len(cells)

    return max(_SEPARATORS, key=known)


def _column(name: str) -> str:
    """Our own name of a column, or its name as it stands, in small letters."""
    plain = name.strip().lower()
    return plain if plain in COLUMNS else _ALSO.get(fold(plain), plain)


def _columns(names: Sequence[str]) -> tuple[str, ...]:
    """Our own names of the columns of a head. “Address” beside “Email Address” is a street (Mailchimp)."""
    columns = [_column(name) for name in names]
    by_mail = [fold(name) for name in names if "mail" in fold(name) or "correo" in fold(name)]
    if any(_ALSO.get(name) == "address" for name in by_mail):
        columns = [
            "" if column == "address" and fold(name) not in by_mail else column
            for column, name in zip(columns, names, strict=True)
        ]
    return tuple(columns)


def _form(names: set[str]) -> Form:
    if names & {"optin time", "leid", "member rating", "confirm time"} and not names & set(COLUMNS[1:8]):
        return Form.MAILCHIMP
    if "email" in names and ("uuid" in names or {"name", "attributes"} <= names):
        return Form.LISTMONK
    return Form.OWN


def _problems(
    file: str, form: Form, columns: Sequence[str], names: Sequence[str], *, needs_filter: bool
) -> Iterator[Problem]:
    needed = ("address", "filter") if needs_filter else ("address",)
    for column in needed:
        if column not in columns:
            hint = "; or say --filter for all rows" if column == "filter" else ""
            yield Problem(f"{file}:1", f"the column “{column}” is missing{hint}")
    for column in [name for name in COLUMNS if columns.count(name) > 1] if form is Form.OWN else []:
        yield Problem(f"{file}:1", f"there are two columns for “{column}”")
    if form is not Form.OWN:
        return
    for column, name in zip(columns, names, strict=True):
        if column not in COLUMNS:
            yield Problem(f"{file}:1", f"there is no column “{name.lower()}”; known are {', '.join(COLUMNS)}")


def _rows(table: Table, file: IO[str]) -> Iterator[Row]:
    reader = csv.reader(file, delimiter=table.separator)
    columns, width, line = table.columns, len(table.columns), table.head_lines
    reads = {Form.LISTMONK: _of_listmonk, Form.MAILCHIMP: _of_mailchimp}.get(table.form, _of_own)
    while True:
        begins = line + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line = reader.line_num + table.head_lines
            yield Row(begins, {}, f"is not CSV: {error}")
            continue
        line = reader.line_num + table.head_lines
        if not any(cells):
            continue
        if len(cells) > width and any(cells[width:]):
            yield Row(
                begins, {}, 'there are more cells than columns: put a filter with commas in "double quotes"'
            )
            continue
        yield reads(begins, dict(zip(columns, cells, strict=False)))


def _of_own(line: int, cells: dict[str, str]) -> Row:
    return Row(line, cells)


def _of_listmonk(line: int, cells: dict[str, str]) -> Row:
    """``uuid, email, name, attributes, status, created_at``; its names are people's, not subscriptions'."""
    status = cells.get("status", "").strip().lower()
    if status in ("blocklisted", "disabled"):
        return Row(line, {}, f"is {status} in listmonk")
    since = cells.get("created_at", "").strip()
    ours = {"address": cells.get("address", ""), "evidence": f"listmonk: subscribed {since}" if since else ""}
    return Row(line, ours)


# What Mailchimp knows of a consent, and what we call it.
_EVIDENCE = (
    ("optin_time", "asked"), ("optin_ip", "from"), ("confirm_time", "confirmed"), ("confirm_ip", "from"),
)  # fmt: skip


def _of_mailchimp(line: int, cells: dict[str, str]) -> Row:
    """``Email Address, …, OPTIN_TIME, OPTIN_IP, CONFIRM_TIME, CONFIRM_IP, …``; its exports of those who left
    or bounced have a column more."""
    for column, what in (("unsub_time", "left there"), ("clean_time", "bounced there")):
        if at := cells.get(column, "").strip():
            return Row(line, {}, f"{what} on {at}")
    known = [f"{word} {cells[name].strip()}" for name, word in _EVIDENCE if cells.get(name, "").strip()]
    evidence = f"mailchimp: {', '.join(known)}" if known else ""
    return Row(
        line, {"address": cells.get("address", ""), "evidence": evidence, "sure": "yes" if known else ""}
    )


def _addresses(file: IO[str]) -> Iterator[Row]:
    """One address a line, as Mailman writes them: ``ana@example.org`` or ``Ana <ana@example.org>``."""
    for line, text in enumerate(chain(file), 1):
        bare = text.strip().strip('"')
        if bare.endswith(">") and "<" in bare:
            bare = bare.rpartition("<")[2][:-1]
        if bare and not bare.startswith("#"):
            yield Row(line, {"address": bare})
