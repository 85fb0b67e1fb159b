"""The bulletins that came in, with their receipts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from feeds.cli import cli, me, parts_of, show
from feeds.errors import InputError, Problem
from feeds.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from feeds.app.parts import Parts
    from feeds.inbox import Where
    from feeds.intake.folders import WatchedFolder
    from feeds.model import Item
    from feeds.store.bulletins import BulletinRow


@cli.group()
def bulletins() -> None:
    """The bulletins that came in, with their receipts."""


@bulletins.command("list")
@click.option("--limit", type=show.LIMIT, default=50, show_default=True, help="How many, newest first.")
@show.json_option
@click.pass_context
def bulletins_list(context: click.Context, limit: int, as_json: bool) -> None:
    """List bulletins, newest first."""
    from feeds.store import bulletins as stored

    parts = parts_of(context)
    with parts.store.read() as conn:
        found = stored.listing(conn, limit)
    rows = [_bulletin_row(row) for row in found]
    columns = ["id", "received_at", "name", "new", "changed", "same", "faulty", "state"]
    show.rows(rows, columns, as_json, "No bulletins yet.")


def _bulletin_row(row: BulletinRow) -> dict[str, Any]:
    counts = {outcome.value: row.receipt.count(outcome) for outcome in Outcome}
    facts = {"id": row.id, "name": row.name, "received_at": row.receipt.received_at, "state": _state(row)}
    return facts | {"rejected": row.receipt.rejected, "filed_as": row.filed_as} | counts


def _state(row: BulletinRow) -> str:
    """What became of the whole file, in one word."""
    if row.receipt.undone_at:
        return "undone"
    return "held" if row.receipt.held_until else "rejected" if row.receipt.rejected else "done"


@bulletins.command("show")
@click.argument("name")
@show.json_option
@click.pass_context
def bulletins_show(context: click.Context, name: str, as_json: bool) -> None:
    """Show the receipt of a bulletin, by its number or its file's NAME (the newest of that name)."""
    parts = parts_of(context)
    row = _found(parts, name)
    if as_json:
        show.json_line(
            {"id": row.id, "state": _state(row), "filed_as": row.filed_as} | show.plain(row.receipt)
        )
    else:
        click.echo(_folder(parts, row).render(row.receipt).rstrip())


def _found(parts: Parts, name: str) -> BulletinRow:
    """The bulletin of this number or name. Raises InputError."""
    from feeds.store import bulletins as stored

    with parts.store.read() as conn:
        row = stored.find(conn, name)
    if row is None:
        raise InputError(
            [Problem(show.printable(name), "there is no such bulletin; see `feeds bulletins list`")]
        )
    return row


def _folder(parts: Parts, row: BulletinRow) -> WatchedFolder:
    """Where it came in: that office's folders and language."""
    return next(
        (folder for folder in parts.watched_folders if folder.is_mine(row.name)), parts.watched_folders[0]
    )


@bulletins.command("withdraw")
@click.argument("name")
@click.option("--reason", required=True, help="Why; readers see it.")
@click.pass_context
def bulletins_withdraw(context: click.Context, name: str, reason: str) -> None:
    """Take back all items that came in with a bulletin; those who were sent them are told."""
    from feeds.app.parts import now
    from feeds.office import editing

    parts = parts_of(context)
    gone = editing.withdraw_all(parts.store, _found(parts, name).id, reason, now(), me())
    _say_items(name, gone, "withdrawn", "has no item that still stands")


@bulletins.command("restore")
@click.argument("name")
@click.option("--reason", default="", help="Why, in a few words; readers see it.")
@click.pass_context
def bulletins_restore(context: click.Context, name: str, reason: str) -> None:
    """Let all withdrawn items of a bulletin stand again; those who were told of it are told once."""
    from feeds.app.parts import now
    from feeds.office import editing

    parts = parts_of(context)
    back = editing.restore_all(parts.store, _found(parts, name).id, reason, now(), me())
    _say_items(name, back, "restored", "has no item that was withdrawn")


def _say_items(name: str, every: Sequence[Item], done: str, nothing: str) -> None:
    if not every:
        raise InputError([Problem(show.printable(name), nothing)])
    for item in every:
        click.echo(show.printable(f"{done}: {item.date_on} {item.title}"))


@bulletins.command("retry")
@click.argument("name")
@click.pass_context
def bulletins_retry(context: click.Context, name: str) -> None:
    """Put a filed bulletin back into the inbox, after it was mended or the site was."""
    parts = parts_of(context)
    row = _found(parts, name)
    state, folder = _state(row), _folder(parts, row)
    if state == "held":
        held = "is held: it is announced by itself, and `feeds bulletins undo` takes it back"
        raise InputError([Problem(show.printable(name), held)])
    where: Where = "undone" if state == "undone" else "rejected" if state == "rejected" else "done"
    try:
        back = folder.inbox.put_back((row.filed_as or row.name).removeprefix(folder.prefix), where)
    except OSError:
        lost = f"does not lie in {folder.inbox.root / where} any more: drop it in again"
        raise InputError([Problem(show.printable(name), lost)]) from None
    click.echo(f"{show.printable(back)} is in the inbox again and will be read like a new file")


@bulletins.command("release")
@click.argument("name")
@click.pass_context
def bulletins_release(context: click.Context, name: str) -> None:
    """Let a held bulletin go now: one that waits because something in it is in doubt, or for its time."""
    from feeds.app.parts import now
    from feeds.intake.letting_go import release_now

    parts = parts_of(context)
    row = _found(parts, name)
    if not release_now(parts.store, row.id, now(), me()):
        done = "was taken back" if row.receipt.undone_at else "is not held any more"
        raise InputError([Problem(show.printable(name), done)])
    click.echo(f"{show.printable(row.name)} is let go: `feeds run` or `feeds ingest` takes it in now")


@bulletins.command("embargo")
@click.argument("name")
@click.argument("until", required=False)
@click.option("--lift", is_flag=True, help="Let no embargo hold it, whatever its head says.")
@click.pass_context
def bulletins_embargo(context: click.Context, name: str, until: str | None, lift: bool) -> None:
    """Let a held bulletin go out at UNTIL and not before, such as '2026-12-01 06:00 America/Panama'."""
    from feeds.app.parts import now
    from feeds.intake.embargoing import lift_embargo, set_embargo

    parts = parts_of(context)
    row, at = _found(parts, name), None if lift or until is None else _instant(parts, until)
    if (until is None) is not lift:
        raise InputError([Problem("UNTIL", "name an instant, or --lift, and not both")])
    rules = _folder(parts, row).rules
    done = (
        lift_embargo(parts.store, row.id, rules.hold, now(), me())
        if at is None
        else set_embargo(parts.store, row.id, at, now(), me())
    )
    if not done:
        raise InputError([Problem(show.printable(name), "is not held any more")])
    click.echo(
        f"{show.printable(row.name)}: " + (f"embargo until {at:%Y-%m-%d %H:%M} UTC" if at else "no embargo")
    )


def _instant(parts: Parts, words: str) -> datetime:
    """An instant as a head names it. Raises InputError."""
    from feeds.reading.head import instant

    found = instant(words, parts.ingest_rules.reading.date_order, parts.settings.digest.zone)
    if found is None:
        raise InputError(
            [Problem(show.printable(words), "is no instant; write 2026-12-01 06:00 America/Panama")]
        )
    return found


@bulletins.command("undo")
@click.argument("name")
@click.pass_context
def bulletins_undo(context: click.Context, name: str) -> None:
    """Take a bulletin back that is still held: all files of NAME, or the one of a number."""
    from feeds.app.parts import now
    from feeds.intake.undoing import undo
    from feeds.store import bulletins as stored

    parts = parts_of(context)
    row = _found(parts, name)
    with parts.store.read() as conn:
        held = [row] if name == str(row.id) else stored.held_of(conn, row.name)
    folder = _folder(parts, row)
    undone = [one for one in held if undo(folder, one, now(), me())]
    if not undone:
        done = "was undone before" if row.receipt.undone_at else "is not held any more"
        late = f"{done}; `feeds items withdraw` takes single items back"
        raise InputError([Problem(show.printable(name), late)])
    times = f", {len(undone)} files of that name" if len(undone) > 1 else ""
    where = folder.inbox.root / "undone"
    click.echo(f"{show.printable(row.name)} is taken back{times}; see {where}")
