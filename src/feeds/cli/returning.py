"""What comes back to the bounce address."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from feeds.cli import cli, parts_of, show
from feeds.errors import ConfigError, FeedsError, Problem

if TYPE_CHECKING:
    from feeds.delivering.returning import Outcome

# What a mail server takes as "try again later" (sysexits.h), when it pipes a mail into us.
_TRY_AGAIN = 75
_ALL = sys.maxsize


@cli.command()
@click.argument("source", required=False, metavar="[-]", type=click.Choice(["-"]))
@click.pass_context
def bounces(context: click.Context, source: str | None) -> None:
    """Read what came back: undeliverable letters, complaints, mails of people who want to leave.

    From the maildir or IMAP box that the settings name; with `-` from standard input, one mail or an mbox.
    Each mail is told in one line. Only what carries a tag of ours has an effect, and each mail has it once.
    """
    try:
        failed = _read(context, source is not None)
    except FeedsError as error:
        if source is None:
            raise
        click.echo(f"feeds: {error}", err=True)
        context.exit(_TRY_AGAIN)
    if failed:
        click.echo(f"{failed} could not be dealt with; see the log", err=True)
        context.exit(_TRY_AGAIN if source else 1)


def _read(context: click.Context, piped: bool) -> int:
    """How many mails could not be dealt with."""
    from feeds.app import coming_back
    from feeds.app.parts import now
    from feeds.delivering.returning import read_box

    parts = parts_of(context)
    rules = coming_back.rules_of(parts, now)
    box = coming_back.stream(sys.stdin.buffer) if piped else coming_back.box_of(parts)
    if box is None:
        what = "name a maildir or an imap_host, or pipe mails into `feeds bounces -`"
        raise ConfigError([Problem("bounces", what)])
    report = read_box(parts.store, box, rules, _tell, _ALL)
    if not report.outcomes and not report.failed:
        click.echo("Nothing came back.")
    return report.failed


def _tell(outcome: Outcome) -> None:
    click.echo(show.printable(outcome.line))
