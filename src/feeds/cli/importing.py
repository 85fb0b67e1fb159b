"""A list of people: `subscribers import`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feeds import config
from feeds.cli import parts_of, show
from feeds.cli.subscribing import CADENCES, subscribers

if TYPE_CHECKING:
    from feeds.people.importing import Fault, Imported
    from feeds.people.tables import Row, Table


@subscribers.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--consent", default="", help="Proof of consent for rows that have none of their own.")
@click.option(
    "--filter", "texts", multiple=True, metavar="FILTER",
    help="What rows without a filter want. May be given again.",
)  # fmt: skip
@click.option("--cadence", type=CADENCES, help="How often, for rows that do not say.")
@click.option("--lang", type=click.Choice(config.LANGUAGES), help="Language, for rows that do not say.")
@click.option("--zone", help="Time zone, for rows that do not say.")
@click.option("--dry-run", is_flag=True, help="Say what would be done and every fault; store nothing.")
@click.pass_context
def subscribers_import(
    context: click.Context, /, file: Path, consent: str, texts: tuple[str, ...], dry_run: bool, **given: Any
) -> None:
    """Add subscribers from a list in FILE; a bad row is named and the others are added.

    So is a row of somebody who left, bounced or was erased: nobody is taken back by a list.

    Columns: address, filter (several separated by ';'), and optionally cadence, lang, zone, hour,
    weekday, consent, name; separated by comma, semicolon, tab or bar. Exports of listmonk, Mailchimp and
    Mailman are read as they are, with --filter.
    """
    import time

    from feeds.app.parts import now
    from feeds.people.ahead import worthwhile
    from feeds.people.entries import EntryReader
    from feeds.people.import_parts import ImportRules
    from feeds.people.importing import Imported, import_rows
    from feeds.people.tables import open_table

    parts = parts_of(context)
    table = open_table(file, needs_filter=not texts)
    reader = EntryReader(parts.vocabulary, consent, texts, given)
    reader.check()
    rules = ImportRules(
        vocabulary=parts.vocabulary, defaults=parts.joining_defaults, tokens=parts.tokens,
        clock=time.monotonic,
    )  # fmt: skip
    report = Imported()
    rows = _shown(table)
    key = f"{table.digest}/{texts}/{consent}/{sorted(given.items())}"
    import_rows(
        parts.store,
        rules,
        rows,
        reader,
        key,
        now(),
        _teller(file.name),
        dry_run=dry_run,
        report=report,
        in_two=worthwhile(),
    )
    _say(report, dry_run=dry_run)
    if report.faults:
        context.exit(1)


def _shown(table: Table) -> Iterator[Row]:
    """The rows, with a bar on a terminal."""
    return show.progress(table.rows(), table.count(), "Importing")


def _teller(name: str) -> Callable[[Fault], None]:
    def tell(fault: Fault) -> None:
        line, problem = fault
        said = f"{problem.where}: {problem.what}" if problem.where else problem.what
        click.echo(f"{name}:{line}: {show.printable(said)}", err=True)

    return tell


def _say(report: Imported, *, dry_run: bool) -> None:
    if report.skipped:
        click.echo(f"{report.skipped} rows were in already: the import went on from there", err=True)
    words = "would be imported" if dry_run else "imported"
    new = f"; people who are new: {report.added}" if report.added else ""
    click.echo(f"{report.good} {words}, {report.faults} with faults{new}")
