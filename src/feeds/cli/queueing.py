"""The letters on their way: digests to their members, and notices."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from feeds.cli import cli, parts_of, show
from feeds.errors import InputError, Problem
from feeds.model import DeliveryState

if TYPE_CHECKING:
    from feeds.store import Connection
    from feeds.store.deliveries import DeliveryRow
    from feeds.store.notices import NoticeRow


@cli.group()
def queue() -> None:
    """The letters on their way."""


@queue.command("list")
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]), help="Only this state.")
@click.option("--limit", type=show.LIMIT, default=50, show_default=True, help="How many, newest first.")
@show.json_option
@click.pass_context
def queue_list(context: click.Context, state: str | None, limit: int, as_json: bool) -> None:
    """List letters with their state, tries and last reason: digests and notices."""
    parts = parts_of(context)
    with parts.store.read() as conn:
        rows = _letters(conn, DeliveryState(state) if state else None, limit)
    columns = ["number", "letter", "address", "state", "tries", "next_at", "reason"]
    show.rows(rows, columns, as_json, "The queue is empty.")


def _letters(conn: Connection, state: DeliveryState | None, limit: int) -> list[dict[str, Any]]:
    """The newest letters of both queues, newest first."""
    from feeds.store import deliveries, notices

    found: list[DeliveryRow | NoticeRow] = [
        *notices.listing(conn, state, limit=limit),
        *deliveries.listing(conn, state, limit=limit),
    ]
    found.sort(key=lambda row: (row.queued_at, row.id), reverse=True)
    return [{"number": row.number, "letter": row.about, **show.plain(row)} for row in found[:limit]]


@queue.command("retry")
@click.argument("number")
@click.pass_context
def queue_retry(context: click.Context, number: str) -> None:
    """Send a refused or uncertain letter once more, with the same Message-ID."""
    from feeds.app.parts import now
    from feeds.store import deliveries, notices

    parts = parts_of(context)
    known = re.fullmatch(rf"({notices.MARK}?)([0-9]{{1,18}})", number)
    letters = notices if known and known[1] else deliveries
    if not known or not parts.store.transact(lambda conn: letters.retry(conn, int(known[2]), now())):
        what = "only a refused or uncertain letter can be sent again; see `feeds queue list`"
        raise InputError([Problem(show.printable(number), what)])
    click.echo(f"letter {number} is queued again")
