"""Who did what to items and bulletins."""

from __future__ import annotations

from datetime import datetime

import click

from feeds.cli import cli, parts_of, show


@cli.command()
@click.option("--item", "item_id", help="Only what was done to this item; its id may be cut short.")
@click.option("--bulletin", type=show.NUMBER, help="Only what was done to the bulletin of this number.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day (UTC) on.")
@click.option("--limit", type=show.LIMIT, default=100, show_default=True, help="How many, newest first.")
@show.json_option
@click.pass_context
def audit(
    context: click.Context,
    item_id: str | None,
    bulletin: int | None,
    since: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """List who corrected, relabelled, withdrew, restored, released or took back what, and by which way.

    \b
    feeds audit --item 0a1b2c
    """
    from datetime import UTC

    from feeds.cli.answering import item_of
    from feeds.store import audit as stored

    parts = parts_of(context)
    item = item_of(parts, item_id) if item_id else None
    with parts.store.read() as conn:
        lines = stored.listing(
            conn,
            limit=limit,
            item_id=item.id if item else None,
            bulletin_id=bulletin,
            since=since.replace(tzinfo=UTC) if since else None,
        )
    columns = ["at", "who", "way", "act", "item_id", "bulletin_id", "reason"]
    show.rows([show.plain(line) for line in lines], columns, as_json, "Nobody has changed anything yet.")
