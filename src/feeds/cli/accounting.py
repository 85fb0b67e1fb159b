"""What became of each digest: its members by state and reason (P5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from feeds.cli import cli, parts_of, show
from feeds.errors import InputError, Problem

if TYPE_CHECKING:
    from feeds.app.parts import Parts

COLUMNS = (
    "digest", "composed_at", "members", "sent", "waiting", "in_hand", "refused", "suppressed", "uncertain",
    "subject",
)  # fmt: skip


@cli.command()
@click.argument("number", type=show.NUMBER, required=False)
@click.option("--limit", type=show.LIMIT, default=20, show_default=True, help="How many digests.")
@show.json_option
@click.pass_context
def digests(context: click.Context, number: int | None, limit: int, as_json: bool) -> None:
    """Digests with what became of each member: sent, waiting, refused, suppressed.

    The numbers of a line add up to its members. With NUMBER: that digest, by state and reason.

    \b
    feeds digests 4711
    """
    from feeds.store import answers

    parts = parts_of(context)
    if number is not None:
        _one(parts, number, as_json)
        return
    with parts.store.read() as conn:
        found = answers.accounts(conn, limit)
    show.rows([show.fields(row) for row in found], COLUMNS, as_json, "No digest was made yet.")


def _one(parts: Parts, number: int, as_json: bool) -> None:
    from feeds.store import answers, deliveries

    with parts.store.read() as conn:
        found = answers.accounts(conn, 1, number)
        reasons = deliveries.accounting(conn, number)
    if not found:
        raise InputError([Problem(str(number), "there is no such digest; see `feeds digests`")])
    rows = [
        {"state": answers.ENDS[state], "letters": letters, "reason": reason}
        for (state, reason), letters in sorted(reasons.items())
    ]
    if as_json:
        show.json_line(show.fields(found[0]) | {"reasons": rows})
        return
    click.secho(show.printable(f"{number}  {found[0].subject}; members: {found[0].members}"), bold=True)
    show.rows(rows, ["state", "letters", "reason"], False, "It has no members.")
