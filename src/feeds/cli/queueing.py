"""The letters on their way: digests to their members, and notices."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from feeds.cli import cli, parts_of, show
from feeds.errors import InputError, Problem
from feeds.model import DeliveryState

if TYPE_CHECKING:
    from feeds.store import Connection
    from feeds.store.by_hand import Act, Choice
    from feeds.store.deliveries import DeliveryRow
    from feeds.store.notices import NoticeRow

Command = Callable[..., Any]


@cli.group()
def queue() -> None:
    """The letters on their way."""


_STATE = click.option(
    "--state", type=click.Choice([state.value for state in DeliveryState]), help="Only this state."
)


def _conditions(command: Command) -> Command:
    """Which letters a command is about."""
    for option in (
        click.option("--address", default="", help="Only letters to this address."),
        click.option("--host", default="", help="Only letters to addresses at this host."),
        click.option("--digest", "digest_id", type=show.NUMBER, help="Only letters of this digest."),
    ):
        command = option(command)
    return command


def _act(command: Command) -> Command:
    """The arguments of commands that change letters."""
    for option in (
        show.json_option,
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option("--dry-run", is_flag=True, help="Only say how many letters it would touch."),
        click.option("--all", "everything", is_flag=True, help="All letters that it may touch."),
        click.argument("numbers", nargs=-1, metavar="[NUMBER]..."),
        click.pass_context,
    ):
        command = option(command)
    return _conditions(command)


@queue.command("list")
@_STATE
@_conditions
@click.option("--limit", type=show.LIMIT, default=50, show_default=True, help="How many, newest first.")
@show.json_option
@click.pass_context
def queue_list(
    context: click.Context, /, state: str | None, limit: int, as_json: bool, **where: Any
) -> None:  # fmt: skip
    """List letters with their state, tries and last reason: digests and notices."""
    from feeds.store.by_hand import Choice

    parts = parts_of(context)
    choice = Choice(state=DeliveryState(state) if state else None, **where)
    with parts.store.read() as conn:
        rows = _letters(conn, choice, limit)
    columns = ["number", "letter", "address", "state", "tries", "next_at", "reason"]
    show.rows(rows, columns, as_json, "The queue is empty.")


def _letters(conn: Connection, choice: Choice, limit: int) -> list[dict[str, Any]]:
    """The newest letters of both queues, newest first."""
    from feeds.store import by_hand, deliveries, notices
    from feeds.store.schema import delivery, notice

    found: list[DeliveryRow | NoticeRow] = [
        *notices.listing(conn, None, *by_hand.chosen(conn, choice, notice), limit=limit),
        *deliveries.listing(conn, None, *by_hand.chosen(conn, choice, delivery), limit=limit),
    ]
    found.sort(key=lambda row: (row.queued_at, row.id), reverse=True)
    return [{"number": row.number, "letter": row.about, **show.plain(row)} for row in found[:limit]]


@queue.command("retry")
@_STATE
@_act
def queue_retry(context: click.Context, state: str | None, **given: Any) -> None:
    """Send letters once more now that were refused, are uncertain, held, or wait for their next try.

    They keep their Message-ID. Name them by number, or by where they go:

        feeds queue retry 17

        feeds queue retry --host example.org --state refused
    """
    _do(context, "retry", state, "queued again", **given)


@queue.command("hold")
@_act
def queue_hold(context: click.Context, **given: Any) -> None:
    """Keep letters that wait until `feeds queue retry` sends them.

    Who leaves meanwhile gets none, and what is corrected is corrected in them.

        feeds queue hold --digest 12
    """
    _do(context, "hold", None, "held; `feeds queue retry` sends what is held", **given)


@queue.command("cancel")
@_act
def queue_cancel(context: click.Context, **given: Any) -> None:
    """Never send letters that wait, are held or uncertain.

    They are counted as suppressed, with that reason.

        feeds queue cancel --address ana@example.org
    """
    _do(context, "cancel", None, "cancelled", **given)


def _do(
    context: click.Context,
    name: str,
    state: str | None,
    done: str,
    *,
    numbers: tuple[str, ...],
    everything: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    **where: Any,
) -> None:
    from feeds.app.parts import now
    from feeds.store.by_hand import Act, Choice, count, is_number, perform

    if unknown := [Problem(show.printable(each), _NO_NUMBER) for each in numbers if not is_number(each)]:
        raise InputError(unknown)
    choice = Choice(numbers=numbers, state=DeliveryState(state) if state else None, **where)
    if choice == Choice() and not everything:
        raise InputError(
            [Problem(f"queue {name}", "name letters by number, --digest, --host, --address or --all")]
        )
    parts, act = parts_of(context), Act(name)
    with parts.store.read() as conn:
        number = count(conn, act, choice, now())
    if not number:
        raise InputError([Problem(_named(choice), _NOTHING[name])])
    if not dry_run:
        _agreed(name, number, choice, sure=yes or bool(numbers), as_json=as_json)
        number = parts.store.transact(lambda conn: perform(conn, act, choice, now()))
    _tell(act, number, dry_run, done, as_json)


_NO_NUMBER = "is no letter's number; see `feeds queue list`"
_NOTHING = {
    "retry": "only refused, uncertain, held and deferred letters can be sent again; see `feeds queue list`",
    "hold": "only letters that wait can be held; see `feeds queue list`",
    "cancel": "only letters that wait, are held or uncertain can be cancelled; see `feeds queue list`",
}


def _named(choice: Choice) -> str:
    words = [*choice.numbers, choice.host, choice.address]
    if choice.digest_id is not None:
        words.append(f"digest {choice.digest_id}")
    return show.printable(" ".join(filter(None, words))) or "the queue"


def _agreed(name: str, number: int, choice: Choice, *, sure: bool, as_json: bool) -> None:
    """Say how many before anything is done; letters that are named need no question."""
    if sure:
        return
    if as_json:
        raise InputError([Problem(f"queue {name}", f"would touch {_counted(number)}: add --yes")])
    click.confirm(f"{name.capitalize()} {_counted(number)} ({_named(choice)})?", abort=True)


def _counted(number: int) -> str:
    return f"{number} letter" if number == 1 else f"{number} letters"


def _tell(act: Act, number: int, dry_run: bool, done: str, as_json: bool) -> None:
    if as_json:
        show.json_line({"act": act, "letters": number, "done": not dry_run})
    elif dry_run:
        click.echo(f"would {act} {_counted(number)}")
    else:
        click.echo(f"{_counted(number)} {'is' if number == 1 else 'are'} {done}")
