"""Looking at what was read: explain, items, bulletins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feeds.cli import cli, parts_of, show
from feeds.errors import BulletinError, ConfigError, InputError, Problem
from feeds.model import Fault, Item, Kind, Label, Outcome, Strength, Vocabulary

if TYPE_CHECKING:
    from feeds.labels import Labeller
    from feeds.model import Draft
    from feeds.reading import ReadingOptions
    from feeds.store.bulletins import BulletinRow


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@show.json_option
@click.pass_context
def explain(context: click.Context, files: tuple[Path, ...], as_json: bool) -> None:
    """Show what would be read from FILES, with which labels, and why. Needs no site."""
    from feeds import config, shipped
    from feeds.labels import build
    from feeds.reading import ReadingOptions

    option = context.find_root().obj
    try:
        settings = config.load(config.find(option))
    except ConfigError:
        if option or config.chosen():
            raise
        settings = config.load(shipped.folder("config") / "feeds.toml")
    labeller, vocabulary = build(settings.topics, settings.places)
    section = settings.inbox
    options = ReadingOptions(
        max_bytes=section.max_bytes,
        fallback_encoding=section.fallback_encoding,
        date_order=section.date_order,
    )
    if explain_files(options, labeller, vocabulary, files, section.language, as_json=as_json):
        context.exit(1)


def explain_files(
    options: ReadingOptions,
    labeller: Labeller,
    vocabulary: Vocabulary,
    files: Iterable[Path],
    lang: str,
    *,
    as_json: bool = False,
) -> int:
    """Print every file's items and faults. Returns how many files could not be read at all."""
    from feeds.cli.working import read_file
    from feeds.reading import read

    rejected = 0
    for path in files:
        if not path.is_file():
            raise InputError([Problem(show.printable(str(path)), "there is no such file")])
        try:
            bulletin = read(path.name, read_file(path, options.max_bytes), options)
        except BulletinError as error:
            rejected += 1
            _print_faults(path, [error.fault], as_json)
            continue
        _print_bulletin(path, bulletin.drafts, bulletin.faults, labeller, vocabulary, lang, as_json)
    return rejected


def _print_bulletin(
    path: Path,
    drafts: Sequence[Draft],
    faults: Sequence[Fault],
    labeller: Labeller,
    vocabulary: Vocabulary,
    lang: str,
    as_json: bool,
) -> None:
    from feeds.labels import language

    left = list(faults)
    for draft in drafts:
        own = [fault for fault in left if fault.line and draft.line <= fault.line <= draft.end_line]
        left = [fault for fault in left if fault not in own]
        found = draft.lang or language(draft.title, draft.summary, lang)
        labels = labeller.labels(draft.title, draft.summary, found)
        if as_json:
            show.json_line(_explained(path, draft, found, labels, own))
        else:
            _print_item(draft, found, labels, vocabulary)
            _print_faults(path, own, as_json=False)
    _print_faults(path, left, as_json)


def _explained(
    path: Path, draft: Draft, lang: str, labels: Sequence[Label], faults: Sequence[Fault]
) -> dict[str, Any]:
    """One item as the JSON form of `feeds explain` has it; countries in upper case as in ISO 3166."""

    def codes(kind: Kind, strength: Strength | None = None) -> list[str]:
        chosen = [row.code for row in labels if row.kind is kind and strength in (None, row.strength)]
        return [code.upper() for code in chosen] if kind is Kind.COUNTRY else chosen

    return {
        "file": str(path),
        "line": draft.line,
        "date": draft.date_on,
        "title": draft.title,
        "summary": draft.summary,
        "lang": lang,
        "countries": codes(Kind.COUNTRY, Strength.ABOUT),
        "mentions": codes(Kind.COUNTRY, Strength.MENTIONS),
        "regions": codes(Kind.REGION),
        "topics": codes(Kind.TOPIC),
        "evidence": [
            {
                "kind": row.kind,
                "code": row.code.upper() if row.kind is Kind.COUNTRY else row.code,
                **show.plain(piece),
            }
            for row in labels
            for piece in row.evidence
        ],
        "faults": [_fault(fault) for fault in faults],
    }


def _fault(fault: Fault) -> dict[str, Any]:
    from feeds.reading.faults import explain as words

    what, remedy = words(fault)
    return {"line": fault.line, "code": fault.code, "what": what, "remedy": remedy}


def _print_item(draft: Draft, lang: str, labels: Sequence[Label], vocabulary: Vocabulary) -> None:
    click.secho(f"{draft.line}: {draft.date_on} [{lang}] {draft.title}", bold=True)
    for label in labels:
        strength = "" if label.strength is Strength.ABOUT else " (only mentioned)"
        click.echo(f"    {label.kind}: {vocabulary.name(label.kind, label.code, 'en')}{strength}")
        for piece in label.evidence:
            role = "" if piece.role == "plain" else f", as {piece.role}"
            click.echo(
                f"        “{click.style(piece.words, fg='yellow')}” in the {piece.field} ({piece.rule}{role})"
            )


def _print_faults(path: Path, faults: Sequence[Fault], as_json: bool) -> None:
    for fault in faults:
        words = _fault(fault)
        if as_json:
            show.json_line({"file": str(path), "line": fault.line, "faults": [words]})
        else:
            click.secho(
                f"{show.printable(path.name)}:{fault.line or 1}: {words['what']} {words['remedy']}", fg="red"
            )


@cli.group()
def items() -> None:
    """The items that are stored."""


@items.command("list")
@click.option("--country", help="Only items about this country (such as pa).")
@click.option("--topic", help="Only items on this topic (such as labour-migration).")
@click.option("--limit", default=50, show_default=True, help="How many, newest first.")
@show.json_option
@click.pass_context
def items_list(
    context: click.Context, country: str | None, topic: str | None, limit: int, as_json: bool
) -> None:
    """List items, newest first."""
    from feeds.store import items as stored

    if country and topic:
        raise InputError([Problem("--country, --topic", "choose one of the two")])
    parts = parts_of(context)
    kind, code = (Kind.COUNTRY, country.lower()) if country else (Kind.TOPIC, topic)
    with parts.store.read() as conn:
        found = stored.listing(conn, kind=kind if code else None, code=code, limit=limit)
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
    """Show one item with the evidence of its labels. ID may be cut short."""
    from feeds.store import items as stored

    parts = parts_of(context)
    with parts.store.read() as conn:
        item = stored.find(conn, item_id)
    if item is None:
        raise InputError([Problem(item_id, "there is no item whose id begins so; see `feeds items list`")])
    if as_json:
        show.json_line(item)
        return
    click.secho(item.title, bold=True)
    click.echo(f"{item.date_on}  {item.lang}  {parts.site.base_url}/items/{item.id}/  {item.atom_id}")
    click.echo(f"\n{item.summary}\n")
    for label in item.labels:
        words = ", ".join(f"“{piece.words}” ({piece.rule}, {piece.role})" for piece in label.evidence)
        click.echo(
            f"{label.kind} {parts.vocabulary.name(label.kind, label.code, 'en')}, {label.strength}: {words}"
        )


@cli.group()
def bulletins() -> None:
    """The bulletins that came in, with their receipts."""


@bulletins.command("list")
@click.option("--limit", default=50, show_default=True, help="How many, newest first.")
@show.json_option
@click.pass_context
def bulletins_list(context: click.Context, limit: int, as_json: bool) -> None:
    """List bulletins, newest first."""
    from feeds.store import bulletins as stored

    parts = parts_of(context)
    with parts.store.read() as conn:
        found = stored.listing(conn, limit)
    rows = [_bulletin_row(row) for row in found]
    columns = ["id", "received_at", "name", "new", "changed", "same", "faulty", "rejected"]
    show.rows(rows, columns, as_json, "No bulletins yet.")


def _bulletin_row(row: BulletinRow) -> dict[str, Any]:
    counts = {outcome.value: row.receipt.count(outcome) for outcome in Outcome}
    facts = {"id": row.id, "name": row.name, "received_at": row.receipt.received_at}
    return facts | {"rejected": row.receipt.rejected, "filed_as": row.filed_as} | counts


@bulletins.command("show")
@click.argument("name")
@show.json_option
@click.pass_context
def bulletins_show(context: click.Context, name: str, as_json: bool) -> None:
    """Show the receipt of a bulletin, by its number or its file's NAME (the newest of that name)."""
    from feeds.store import bulletins as stored

    parts = parts_of(context)
    with parts.store.read() as conn:
        row = stored.find(conn, name)
    if row is None:
        raise InputError(
            [Problem(show.printable(name), "there is no such bulletin; see `feeds bulletins list`")]
        )
    if as_json:
        show.json_line(row.receipt)
    else:
        click.echo(parts.receipt_text(row.receipt).rstrip())
