"""People and what they asked for: subscribers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feeds import config
from feeds.cli import cli, parts_of, show
from feeds.errors import InputError, Problem
from feeds.model import Cadence

if TYPE_CHECKING:
    from feeds.app.parts import Parts
    from feeds.people.signup import Joining
    from feeds.store.subscribers import SubscriberRow

CADENCES = [cadence.value for cadence in Cadence]
EXTRA = "cells without a column"
COLUMNS = ("address", "filter", "cadence", "lang", "zone", "hour", "weekday", "consent")


@cli.group()
def subscribers() -> None:
    """The people who get mail."""


@subscribers.command("add")
@click.argument("address")
@click.option(
    "--filter", "texts", multiple=True, required=True, metavar="FILTER",
    help="What they want, such as 'country:pa topic:health' or 'all'. May be given again.",
)  # fmt: skip
@click.option("--cadence", type=click.Choice(CADENCES), help="How often; weekly for filters that are new.")
@click.option("--lang", type=click.Choice(config.LANGUAGES), help="Language of their mail.")
@click.option("--zone", help="Their time zone, such as America/Panama.")
@click.option("--hour", type=click.IntRange(0, 23), help="Local hour of daily and weekly mail.")
@click.option("--weekday", type=click.Choice(config.WEEKDAYS), help="Day of weekly mail.")
@click.option("--consent", required=True, help="Where and when they asked; kept as proof.")
@click.option("--again", is_flag=True, help="Also when they left, bounced or paused: they asked anew.")
@click.pass_context
def subscribers_add(
    context: click.Context, /, address: str, texts: tuple[str, ...], again: bool, **given: Any
) -> None:
    """Add a confirmed subscriber, or more filters to one who is there.

    Options that are not given leave what is stored as it is.
    """
    from feeds.app.parts import now
    from feeds.people import signup

    parts = parts_of(context)
    hour = given.pop("hour")
    row = {"address": address, "hour": None if hour is None else str(hour), **given}
    joining = _read(parts, row, texts)
    number = signup.join(
        parts.store, joining, parts.joining_defaults, now(), again=again, vocabulary=parts.vocabulary
    )
    _say_what_is_stored(parts, number)


def _read(parts: Parts, row: dict[str, str | None], wishes: Sequence[str]) -> Joining:
    from feeds.people.joining import read_joining

    return read_joining(row, wishes, parts.vocabulary)


def _say_what_is_stored(parts: Parts, number: int) -> None:
    from feeds import filters
    from feeds.i18n import translator
    from feeds.store import subscribers as stored
    from feeds.wording import describe

    with parts.store.read() as conn:
        person = stored.get(conn, number)
        rows = stored.subscriptions_of(conn, number)
    if person is None:
        return  # erased meanwhile by somebody else
    click.echo(f"subscriber {number}: {person.address}, mail in {_habits(person)}")
    for row in rows:
        wanted = describe(filters.parse(row.filter_text), parts.vocabulary, translator("en"))
        click.echo(f"  {row.cadence}: {wanted}")


def _habits(person: SubscriberRow) -> str:
    """``es, America/Panama, at 08:00, weekly on tuesday``."""
    weekday = config.WEEKDAYS[person.weekday - 1]
    return f"{person.lang}, {person.zone}, at {person.hour:02d}:00, weekly on {weekday}"


@subscribers.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--consent", help="Proof of consent for rows that have no consent column.")
@click.pass_context
def subscribers_import(context: click.Context, file: Path, consent: str | None) -> None:
    """Add subscribers from a CSV FILE; a bad row is named and the others are added.

    So is a row of somebody who left, bounced or paused: nobody is taken back by a list.

    Columns: address, filter (several separated by ';'), and optionally
    cadence, lang, zone, hour, weekday, consent.
    """
    from feeds.app.parts import now
    from feeds.people import signup

    parts = parts_of(context)
    rows = _csv_rows(file)
    added, faults = 0, 0
    for number, row in show.progress(rows, len(rows), "Importing"):
        if row.pop(EXTRA, None):
            faults += 1
            what = 'there are more cells than columns: put a filter with commas in "double quotes"'
            click.echo(f"{file.name}:{number}: {what}", err=True)
            continue
        wishes = [text.strip() for text in (row.get("filter") or "").split(";") if text.strip()]
        try:
            joining = _read(parts, {**row, "consent": row.get("consent") or consent}, wishes)
            signup.join(parts.store, joining, parts.joining_defaults, now(), vocabulary=parts.vocabulary)
        except InputError as error:
            faults += 1
            for problem in error.problems:
                click.echo(f"{file.name}:{number}: {show.printable(str(problem))}", err=True)
        else:
            added += 1
    click.echo(f"{added} imported, {faults} with faults")
    if faults:
        context.exit(1)


def _csv_rows(file: Path) -> list[tuple[int, dict[str, str | None]]]:
    """Rows with the line each ends on. Raises InputError for a file without the needed columns."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"byte {error.start} is not UTF-8: save the file as UTF-8"
        raise InputError([Problem(file.name, what)]) from None
    except OSError as error:
        raise InputError([Problem(file.name, f"cannot be read: {error.strerror}")]) from None
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey=EXTRA, strict=False)
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or []]
    if problems := list(_column_problems(file.name, reader.fieldnames)):
        raise InputError(problems)
    try:
        return [(reader.line_num, {key: _text(value) for key, value in row.items()}) for row in reader]
    except csv.Error as error:
        raise InputError([Problem(f"{file.name}:{reader.line_num}", f"is not CSV: {error}")]) from None


def _column_problems(name: str, columns: Sequence[str]) -> Iterator[Problem]:
    for needed in ("address", "filter"):
        if needed not in columns:
            yield Problem(f"{name}:1", f"the column “{needed}” is missing")
    for column in columns:
        if column not in COLUMNS:
            yield Problem(f"{name}:1", f"there is no column “{column}”; known are {', '.join(COLUMNS)}")


def _text(value: object) -> str | None:
    return ",".join(map(str, value)) if isinstance(value, list) else None if value is None else str(value)


@subscribers.command("list")
@click.option("--limit", type=show.LIMIT, default=100, show_default=True, help="How many.")
@show.json_option
@click.pass_context
def subscribers_list(context: click.Context, limit: int, as_json: bool) -> None:
    """List subscribers."""
    from feeds.store import subscribers as stored

    parts = parts_of(context)
    with parts.store.read() as conn:
        rows = [show.plain(row) for row in stored.listing(conn, limit=limit)]
    columns = ["id", "address", "state", "subscriptions", "lang", "zone", "hour", "created_at"]
    show.rows(rows, columns, as_json, "No subscribers yet.")


@subscribers.command("show")
@click.argument("address")
@show.json_option
@click.pass_context
def subscribers_show(context: click.Context, address: str, as_json: bool) -> None:
    """Show one subscriber: what they asked for, and what they were sent."""
    from feeds.mail.addresses import address_key, normal_address
    from feeds.store import deliveries
    from feeds.store import subscribers as stored

    parts = parts_of(context)
    with parts.store.read() as conn:
        person = stored.by_address(conn, address_key(normal_address(address)))
        if person is None:
            raise InputError([Problem(address, "there is no such subscriber; see `feeds subscribers list`")])
        wishes = stored.subscriptions_of(conn, person.id, ended=True)
        sent = deliveries.for_subscriber(conn, person.id)
    if as_json:
        show.json_line({"subscriber": person, "subscriptions": wishes, "deliveries": sent})
        return
    click.secho(f"{person.address}  {person.state}  since {show.cell(person.created_at)}", bold=True)
    click.echo(f"mail in {_habits(person)}")
    newest, *earlier = person.consent.splitlines() or [""]
    click.echo(f"consent of {show.cell(person.consent_at)}: {show.printable(newest)}")
    for proof in earlier:
        click.echo(f"  before: {show.printable(proof)}")
    click.echo()
    show.rows(
        [show.plain(row) for row in wishes],
        ["cadence", "filter_text", "created_at", "ended_at", "ended_reason"],
        False,
        "No subscriptions.",
    )
    click.echo()
    show.rows(
        [show.plain(row) for row in sent],
        ["id", "period", "state", "tries", "subject", "reason"],
        False,
        "No mail yet.",
    )
