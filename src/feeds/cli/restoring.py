"""Commands around the database as a whole: migrate, backup, restore."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from feeds.cli import cli, parts_of, show
from feeds.errors import FeedsError, InputError, Problem

if TYPE_CHECKING:
    from feeds.app.parts import Parts
    from feeds.store import Store

_FILE = click.Path(path_type=Path)


@cli.command()
@click.option("--plan", is_flag=True, help="Say what would be done, and change nothing.")
@click.pass_context
def migrate(context: click.Context, plan: bool) -> None:
    """Bring the database up to this version's tables."""
    parts = parts_of(context, ready=False)
    if plan:
        _plan(parts)
        return
    with show.waiting("Migrating"):
        applied = parts.store.migrate()
    click.echo(f"applied: {', '.join(applied)}" if applied else "The database is up to date.")


def _plan(parts: Parts) -> None:
    steps = parts.store.plan()
    for revision, words in steps:
        click.echo(f"{revision}  {words}")
    if not steps:
        click.echo("The database is up to date.")
        return
    click.echo("All in one transaction; then it cannot be undone but by a backup (`feeds backup FILE`).")
    click.echo(
        "Processes of the release before may run on meanwhile: start them anew afterwards, one by one."
    )


@cli.command()
@click.argument("file", type=_FILE)
@click.pass_context
def backup(context: click.Context, file: Path) -> None:
    """Copy the database to FILE while everything runs on."""
    from feeds.app.moving_back import follower_of

    parts = parts_of(context)
    with show.waiting("Copying"):
        parts.store.backup(file)
    follower_of(parts).follow()
    journal = parts.settings.store.journal
    click.echo(
        f"{file} holds the database; keep config/, state/secret.key and the inbox with it, "
        f"and {journal} somewhere else"
    )


@cli.command()
@click.argument("file", type=_FILE, required=False)
@click.option("--replace", is_flag=True, help="Move the SQLite database that is there out of the way.")
@click.option("--dry-run", is_flag=True, help="Restore into a place that is thrown away, and count.")
@click.option(
    "--journal", "journals", type=_FILE, multiple=True, help="Another host's journal of departures."
)
@click.option("--go", is_flag=True, help="Let mail leave again; nothing old is sent.")
@click.option(
    "--moved", is_flag=True, help="With --go: nothing was sent since the copy, go on where it stood."
)
@click.pass_context
def restore(
    context: click.Context, file: Path | None, replace: bool, dry_run: bool, journals: tuple[Path, ...],
    go: bool, moved: bool,
) -> None:  # fmt: skip
    """Put a backup back; no mail leaves until `feeds restore --go`."""
    _require_sense(file, go, moved, replace or dry_run)
    if file is None:
        _release(parts_of(context), journals, moved=moved)
    elif dry_run:
        _try(parts_of(context, ready=False), file)
    else:
        _restore(parts_of(context, ready=False), file, journals, replace=replace)


def _require_sense(file: Path | None, go: bool, moved: bool, about_file: bool) -> None:
    if (file is None) != go:
        raise InputError([Problem("FILE", "name a backup, or say --go and no file")])
    if (moved and not go) or (about_file and go):
        raise InputError([Problem("--go", "--moved goes with it, --replace and --dry-run go with a file")])


def _try(parts: Parts, file: Path) -> None:
    from feeds.store.trying import tried

    with show.waiting("Restoring"), tried(parts.settings.store_url(), file) as store:
        click.echo(f"{file} can be restored: {_counts(store)}")


def _restore(parts: Parts, file: Path, journals: tuple[Path, ...], *, replace: bool) -> None:
    store = parts.store
    if not store.is_empty():
        if not replace:
            raise FeedsError(
                f"There is a database at {store.where}: --replace moves it out of the way, "
                "--dry-run only tries the backup."
            )
        _require_nobody(parts)
        click.echo(f"what was there lies at {store.set_aside()}")
    with show.waiting("Restoring"):
        store.restore(file)
    click.echo(f"restored: {_counts(store)}")
    _apply(parts, journals)
    click.echo("No mail leaves until `feeds restore --go`.")


def _require_nobody(parts: Parts) -> None:
    """FeedsError while processes of the site run. A database that cannot say so has none that know it."""
    from feeds.app.moving_back import running
    from feeds.app.parts import now

    try:
        found = running(parts, now())
    except FeedsError:
        return  # it is damaged, or of an earlier release: that is why it is replaced
    if found:
        names = ", ".join(f"{row.host} ({row.roles})" for row in found)
        raise FeedsError(f"Processes of this site are running: stop them first. {names}")


def _release(parts: Parts, journals: tuple[Path, ...], *, moved: bool) -> None:
    from feeds.app.parts import now
    from feeds.restoring import release

    _apply(parts, journals)
    aside = release(parts.store, now(), moved=moved)
    if aside is None:
        click.echo("The database is no restored copy: mail leaves as ever.")
    elif moved:
        click.echo("Mail leaves again, and goes on where the copy stood.")
    else:
        click.echo(
            f"Mail leaves again. {aside} letters that may have been sent since were set aside: ", nl=False
        )
        click.echo("`feeds queue list --state uncertain`" if aside else "none")


def _apply(parts: Parts, journals: tuple[Path, ...]) -> None:
    from feeds.app.moving_back import apply_journals

    done = apply_journals(parts, journals)
    words = f"{done.left} left, {done.erased} erased, {done.suppressed} bounced, complained or blocked"
    click.echo(f"since the backup, by the journal: {words}")


def _counts(store: Store) -> str:
    from feeds.store import deliveries, items, subscribers

    with store.read() as conn:
        people, letters = sum(subscribers.count(conn).values()), sum(deliveries.accounting(conn).values())
        return f"{items.count(conn)} items, {people} subscribers, {letters} letters"
