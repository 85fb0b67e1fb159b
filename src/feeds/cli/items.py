"""The stored items: look at them, correct, relabel, withdraw."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from feeds.cli import cli, me, parts_of, show
from feeds.errors import InputError, Problem
from feeds.model import Evidence, Filter, Item, Kind, Strength


@cli.group()
def items() -> None:
    """The items that are stored."""


@items.command("list")
@click.option("--country", help="Only items about this country (such as pa).")
@click.option("--topic", help="Only items on this topic (such as labour-migration).")
@click.option("--limit", type=show.LIMIT, default=50, show_default=True, help="How many, newest first.")
@show.json_option
@click.pass_context
def items_list(
    context: click.Context, country: str | None, topic: str | None, limit: int, as_json: bool
) -> None:
    """List items, newest first."""
    from feeds.filters import parse as parse_filter
    from feeds.store import items as stored

    if country and topic:
        raise InputError([Problem("--country, --topic", "choose one of the two")])
    parts = parts_of(context)
    text = f'country:"{country}"' if country else f'topic:"{topic}"'
    wanted = parse_filter(text, parts.vocabulary) if country or topic else Filter()
    codes = {Kind.COUNTRY: wanted.countries, Kind.TOPIC: wanted.topics}
    kind, code = next(((kind, found[0]) for kind, found in codes.items() if found), (None, None))
    with parts.store.read() as conn:
        found = stored.listing(conn, kind=kind, code=code, limit=limit)
    rows = [item_row(item) for item in found]
    show.rows(rows, ["id", "date", "countries", "topics", "title"], as_json, "No items yet.")


def item_row(item: Item) -> dict[str, Any]:
    """An item as lists show it."""
    return {
        "id": item.id,
        "date": item.date_on,
        "title": item.title,
        "lang": item.lang,
        "countries": [code.upper() for code in item.codes(Kind.COUNTRY)],
        "mentions": [code.upper() for code in item.codes(Kind.COUNTRY, Strength.MENTIONS)],
        "regions": list(item.codes(Kind.REGION)),
        "topics": list(item.codes(Kind.TOPIC)),
        "mailed": item.mailable,
        "updated_at": item.updated_at,
    }


@items.command("show")
@click.argument("item_id", metavar="ID")
@show.json_option
@click.pass_context
def items_show(context: click.Context, item_id: str, as_json: bool) -> None:
    """Show one item with the evidence of its labels and its history. ID may be cut short."""
    from feeds.store import history
    from feeds.store import items as stored

    parts = parts_of(context)
    with parts.store.read() as conn:
        item = stored.find(conn, item_id)
        changes = history.revisions(conn, item.id) if item else []
    if item is None:
        raise InputError([Problem(item_id, "there is no item whose id begins so; see `feeds items list`")])
    if as_json:
        show.json_line({**show.plain(item), "history": changes})
        return
    click.secho(item.title, bold=True)
    click.echo(f"{item.date_on}  {item.lang}  {parts.site.base_url}/items/{item.id}/  {item.atom_id}")
    if item.withdrawn_at:
        click.echo(f"withdrawn {show.cell(item.withdrawn_at)}: {item.withdrawn_reason}")
    click.echo(f"\n{item.summary}\n")
    for label in item.labels:
        words = ", ".join(map(_evidence, label.evidence))
        click.echo(
            f"{label.kind} {parts.vocabulary.name(label.kind, label.code, 'en')}, {label.strength}: {words}"
        )

    for change in changes:
        told = f" ({change.reason})" if change.reason else ""
        click.echo(f"\n{show.cell(change.at)} {change.kind} {', '.join(change.fields)}{told}; before:")
        click.echo(f"    {change.date_on} {change.title}\n    {change.summary}")
        if "link" in change.fields and change.link:
            click.echo(f"    {change.link}")
        if "labels" in change.fields:
            click.echo("    " + " ".join(f"{label.kind}:{label.code}" for label in change.labels))


def _evidence(piece: Evidence) -> str:
    if piece.words:
        return f"“{piece.words}” ({piece.rule}, {piece.role})"
    return "by the overrides file" if piece.rule == "override" else "chosen by the office"


@items.command("correct")
@click.argument("item_id", metavar="ID")
@click.option("--title", help="The new title.")
@click.option("--summary", help="The new text; paragraphs apart by a blank line.")
@click.option("--date", "date_text", help="The new date, such as 2026-11-18 or '18 November, 2026'.")
@click.option("--link", help="The address of the whole story; an empty one takes it away.")
@click.option("--reason", default="", help="Why, in a few words; readers see it.")
@click.pass_context
def items_correct(
    context: click.Context,
    item_id: str,
    title: str | None,
    summary: str | None,
    date_text: str | None,
    link: str | None,
    reason: str,
) -> None:
    """Correct an item: feeds and pages follow, and those who were sent it are told once."""
    from feeds.app.parts import now
    from feeds.office import editing

    parts = parts_of(context)
    words = editing.Words(
        title=None if title is None else editing.shown_words(title, "--title"),
        summary=None if summary is None else editing.shown_words(summary, "--summary", empty=True),
        date_on=None if date_text is None else _day(date_text),
        link=None if link is None else editing.web_address(link, "--link"),
    )
    item = editing.correct(parts.store, parts.labeller, item_id, words, reason, now(), me())
    click.echo(f"corrected: {item.date_on} {item.title}")


def _day(text: str) -> date:
    from feeds.reading.text.dates import parse

    found = parse(text)
    if not isinstance(found, date):
        raise InputError([Problem("--date", f"“{text}” is no date; write 2026-11-18")])
    return found


@items.command("relabel", context_settings={"ignore_unknown_options": True})
@click.argument("item_id", metavar="ID")
@click.argument("labels", nargs=-1, required=True, metavar="LABELS…")
@click.option("--reason", default="", help="Why, for the item's history.")
@click.pass_context
def items_relabel(context: click.Context, item_id: str, labels: tuple[str, ...], reason: str) -> None:
    """Give (+country:pa) and take (-topic:health) labels by hand; nothing is mailed again.

    Several labels stand apart by spaces or commas.
    """
    from feeds.app.parts import now
    from feeds.labels import read_choices
    from feeds.office import editing

    parts = parts_of(context)
    texts = [each.strip() for text in labels for each in text.split(",") if each.strip()]
    choices = read_choices(texts or labels, parts.vocabulary)
    item = editing.relabel(parts.store, item_id, choices, reason, now(), me())
    click.echo("labels: " + " ".join(f"{label.kind}:{label.code}" for label in item.labels))


@items.command("withdraw")
@click.argument("item_id", metavar="ID")
@click.option("--reason", required=True, help="Why; readers see it.")
@click.pass_context
def items_withdraw(context: click.Context, item_id: str, reason: str) -> None:
    """Take an item back: gone from feeds and pages with a note, and those who were sent it are told."""
    from feeds.app.parts import now
    from feeds.office import editing

    parts = parts_of(context)
    item = editing.withdraw(parts.store, item_id, reason, now(), me())
    click.echo(f"withdrawn: {item.date_on} {item.title}")


@items.command("restore")
@click.argument("item_id", metavar="ID")
@click.option("--reason", default="", help="Why, in a few words; readers see it.")
@click.pass_context
def items_restore(context: click.Context, item_id: str, reason: str) -> None:
    """Undo a withdrawal: the item stands again, and those who were told of the withdrawal are told once."""
    from feeds.app.parts import now
    from feeds.office import editing

    parts = parts_of(context)
    item = editing.restore(parts.store, item_id, reason, now(), me())
    click.echo(f"restored: {item.date_on} {item.title}")
