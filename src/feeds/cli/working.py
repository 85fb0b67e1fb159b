"""The four passes as commands: ingest, publish, compose, deliver."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feeds.cli import cli, parts_of, show
from feeds.errors import BulletinError, InputError, Problem
from feeds.model import BulletinReceipt, Outcome

if TYPE_CHECKING:
    from feeds.app.parts import Parts


@cli.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--notify/--no-notify",
    default=None,
    help="Mail all items of these bulletins, or none, whatever their age.",
)
@click.option("--dry-run", is_flag=True, help="Read and label only; store nothing.")
@show.json_option
@click.pass_context
def ingest(
    context: click.Context, files: tuple[Path, ...], notify: bool | None, dry_run: bool, as_json: bool
) -> None:
    """Take bulletins in: FILES where they lie, or else what is ready in the inbox.

    Named files stay where they are; those of the inbox move to done/ or
    rejected/ with a receipt beside them.
    """
    from feeds.app.ahead import calm, examiner_for
    from feeds.app.offices import note_unread
    from feeds.app.parts import now
    from feeds.intake.ingest import ingest_ready
    from feeds.office.lapsing import lapse

    parts = parts_of(context)
    mode = {None: "default", True: "all", False: "none"}[notify]
    if dry_run:
        waiting = [
            folder.inbox.root / name for folder in parts.watched_folders for name in folder.inbox.waiting()
        ]
        _rehearse(parts, files or tuple(waiting), as_json)
        return
    failed: list[tuple[str, str]] = []
    if files:
        receipts = _ingest_files(parts, files, mode)
    else:
        calm()
        with examiner_for(parts.watched_folders) as examiner:
            reports = [
                ingest_ready(folder, now, mode, _progress, examiner) for folder in parts.watched_folders
            ]
        note_unread(parts)
        lapse(parts.store, now(), parts.settings.digest.zone)
        receipts = [receipt for report in reports for receipt in report.receipts]
        failed = [each for report in reports for each in report.failed]
        if settling := sum(report.settling for report in reports):
            click.echo(
                f"{settling} still settling: copied in just now, taken when they stand still", err=True
            )
    _report(parts, receipts, as_json)
    for name, reason in failed:
        click.echo(f"{show.printable(name)} stays in the inbox: {reason}", err=True)
    if failed or any(receipt.rejected for receipt in receipts):
        context.exit(1)


def _ingest_files(parts: Parts, files: tuple[Path, ...], mode: str) -> list[BulletinReceipt]:
    from feeds.app.ahead import calm, examiner_of
    from feeds.app.parts import now
    from feeds.intake.named import Named, ingest_named

    _require_files(files)
    calm()
    rules = parts.ingest_rules
    named = (
        Named(show.printable(path.name), partial(read_file, path, rules.reading.max_bytes))
        for path in show.progress(files, len(files), "Reading")
    )
    with examiner_of([rules], len(files)) as examiner:
        return [done.receipt for done in ingest_named(parts.store, rules, named, now, mode, examiner)]


def _progress(names: Sequence[str]) -> Iterable[str]:
    return show.progress(names, len(names), "Reading")


def _require_files(files: tuple[Path, ...]) -> None:
    missing = [
        Problem(show.printable(str(path)), "there is no such file") for path in files if not path.is_file()
    ]
    if missing:
        raise InputError(missing)


def read_file(path: Path, max_bytes: int) -> bytes:
    """A named file's bytes, not more than a bulletin may have. Raises BulletinError."""
    from feeds.model import Fault

    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise BulletinError(Fault(code="file-unreadable", detail=error.strerror or "")) from None
    if len(data) > max_bytes:
        raise BulletinError(Fault(code="file-too-large", detail=f"{path.stat().st_size}"))
    return data


def _rehearse(parts: Parts, files: tuple[Path, ...], as_json: bool) -> None:
    from feeds.cli.reading import explain_files

    rules = parts.ingest_rules
    explain_files(rules.reading, parts.labeller, parts.vocabulary, files, rules.lang, as_json=as_json)


def _report(parts: Parts, receipts: list[BulletinReceipt], as_json: bool) -> None:
    if as_json:
        for receipt in receipts:
            show.json_line(receipt)
        return
    rows = [
        {
            "bulletin": receipt.name,
            **{str(o): receipt.count(o) for o in Outcome},
            "rejected": "yes" if receipt.rejected else "-",
        }
        for receipt in receipts
    ]
    show.rows(
        rows, ["bulletin", "new", "changed", "same", "faulty", "rejected"], False, "No bulletin is ready."
    )
    for receipt in receipts:
        if receipt.rejected or receipt.count(Outcome.FAULTY):
            click.echo("\n" + parts.receipt_text(receipt).rstrip())
        else:
            _tell(receipt)


def _tell(receipt: BulletinReceipt) -> None:
    """What somebody should look at in a file that was taken: a named one has no receipt beside it."""
    from feeds.reading.faults import explain

    for line in receipt.lines:
        if line.fault:
            what, remedy = explain(line.fault)
            click.echo(f"{show.printable(receipt.name)}:{line.fault.line or 1}: {what} {remedy}")


@cli.command()
@click.option("--all", "everything", is_flag=True, help="Rewrite every feed and page, not only what changed.")
@click.pass_context
def publish(context: click.Context, everything: bool) -> None:
    """Write the feeds and pages that new or changed items touch."""
    from feeds.app.looks import nothing_to_publish

    if not everything and nothing_to_publish(context.find_root().obj):
        click.echo("Nothing has changed.")
        return
    from feeds.app.ahead import calm
    from feeds.publishing.publish import publish as run

    parts = parts_of(context)
    _ = parts.press
    calm()
    with show.waiting("Publishing", beats=False) as again:
        cores = os.cpu_count() or 1
        report = run(parts.store, parts.press, everything=everything, cores=cores, stopped=again)
    if report.busy or report.superseded:
        why = "a newer one with other settings" if report.superseded else "another"
        click.echo(f"Left to {why} process that publishes {parts.press.public.root}", err=True)
    click.echo(f"{len(report.written)} of {report.looked_at} files written in {parts.press.public.root}")
    if parts.settings.publish.hub:
        _tell_hub(parts)


def _tell_hub(parts: Parts) -> None:
    """What the hub does not take now, the next publishing tells it."""
    from feeds.app.hubs import teller_of
    from feeds.hub import HubAwayError

    try:
        told = teller_of(parts).tell()
    except HubAwayError as error:
        click.echo(f"{error}; the next `feeds publish` tells it", err=True)
    else:
        click.echo(f"{told} feeds told to {parts.settings.publish.hub}")


@cli.command()
@click.option("--early", is_flag=True, help="Daily and weekly digests now, without waiting for their hour.")
@click.option("--dry-run", is_flag=True, help="Show what would be made; store nothing.")
@show.json_option
@click.pass_context
def compose(context: click.Context, early: bool, dry_run: bool, as_json: bool) -> None:
    """Make the digests that are due, and a delivery for each member."""
    from feeds.app.parts import now
    from feeds.composing.compose import compose as run

    parts = parts_of(context)
    with show.waiting("Composing") as again:
        report = run(parts.store, parts.compose_rules, now(), early=early, dry_run=dry_run, stopped=again)
    found = [show.fields(row) for row in report.composed]
    show.rows(found, ["period", "cadence", "items", "members", "subject"], as_json, "No digest is due.")
    for audience_id, reason in report.failed:
        click.echo(f"audience {audience_id} failed: {reason}", err=True)
    if report.failed:
        context.exit(1)


@cli.command()
@click.pass_context
def deliver(context: click.Context) -> None:
    """Send the letters that are due, and record each receipt."""
    import asyncio

    import uvloop

    from feeds.app.pauses import share_fairly
    from feeds.delivering.deliver import DeliverReport
    from feeds.delivering.deliver import deliver as run
    from feeds.operating.passing import LetterCount

    parts, report = parts_of(context), DeliverReport()
    count = LetterCount(parts.store)

    async def send() -> None:
        transports, dead = parts.transports(), parts.dead_owners
        try:
            await run(parts.store, transports, parts.deliver_rules, dead_owners=dead, report=report)
        finally:
            for transport in transports:
                await transport.close()

    share_fairly()
    count.begin(report.outcomes)
    try:
        with (
            show.waiting("Delivering"),
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            runner.run(send())
    finally:
        count.note()
    counts = ", ".join(f"{count} {word}" for word, count in sorted(report.outcomes.items()))
    click.echo(counts or "No letter is due.")
    if report.away:
        click.echo(f"The mail server cannot be used: {report.away.reason}", err=True)
        click.echo("Nothing is lost: every letter waits; run `feeds deliver` again.", err=True)
        context.exit(1)
