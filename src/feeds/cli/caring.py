"""What an operator does for one subscriber who calls: change, pause, resume, move, remove, erase, export."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

import click

from feeds import config
from feeds.cli import parts_of, show
from feeds.cli.subscribing import CADENCES, find, say_what_is_stored, subscribers
from feeds.errors import InputError, Problem

if TYPE_CHECKING:
    from feeds.app.parts import Parts
    from feeds.model import Filter
    from feeds.store.subscribers import SubscriberRow, SubscriptionRow

ONLY = click.option(
    "--filter", "texts", multiple=True, metavar="FILTER",
    help="Only this one of their filters. May be given again.",
)  # fmt: skip


@subscribers.command("change")
@click.argument("address")
@ONLY
@click.option("--to", "target", metavar="FILTER", help="Put this filter in the place of the one named.")
@click.option("--cadence", type=CADENCES, help="How often, for the filters named, or all.")
@click.option("--name", help="What they call the filter named; '' for no name.")
@click.option("--lang", type=click.Choice(config.LANGUAGES), help="Language of all their mail.")
@click.option("--zone", help="Their time zone, such as America/Panama.")
@click.option("--hour", type=click.IntRange(0, 23), help="Local hour of daily and weekly mail.")
@click.option("--weekday", type=click.Choice(config.WEEKDAYS), help="Day of weekly mail.")
@click.pass_context
def subscribers_change(
    context: click.Context, /, address: str, texts: tuple[str, ...], target: str | None, **given: Any
) -> None:
    """Change what a subscriber gets, and when. Nothing that waited is lost, nothing comes twice."""
    parts = parts_of(context)
    person = find(parts, address)
    rows = _named(parts, person, texts)
    if (target is not None or given["name"] is not None) and len(rows) != 1:
        raise InputError([Problem("--filter", "name the one filter that is to change")])
    _change_habits(parts, person, given)
    _change_wishes(parts, person, rows, target, given)
    say_what_is_stored(parts, person.id)


def _change_habits(parts: Parts, person: SubscriberRow, given: dict[str, Any]) -> None:
    from feeds import schedule
    from feeds.app.parts import now
    from feeds.model import Habits
    from feeds.people import changing

    if given["zone"] and not schedule.valid_zone(given["zone"]):
        raise InputError(
            [Problem("--zone", f"must be a time zone such as America/Panama, not “{given['zone']}”")]
        )
    hour, weekday = given["hour"], given["weekday"]
    habits = Habits(
        lang=given["lang"] or person.lang, zone=given["zone"] or person.zone,
        hour=person.hour if hour is None else hour,
        weekday=config.WEEKDAYS.index(weekday) + 1 if weekday else person.weekday,
    )  # fmt: skip
    before = Habits(lang=person.lang, zone=person.zone, hour=person.hour, weekday=person.weekday)
    if habits != before:
        changing.set_habits(parts.store, person.id, habits, now())


def _change_wishes(
    parts: Parts,
    person: SubscriberRow,
    rows: list[SubscriptionRow],
    target: str | None,
    given: dict[str, Any],
) -> None:
    from feeds import filters
    from feeds.app.parts import now
    from feeds.model import Cadence, Wished
    from feeds.people import changing

    if target is None and given["cadence"] is None and given["name"] is None:
        return
    for row in rows:
        wished = Wished(
            filter=filters.parse(target, parts.vocabulary) if target else filters.parse(row.filter_text),
            cadence=Cadence(given["cadence"]) if given["cadence"] else row.cadence,
            name=(row.name or "") if given["name"] is None else given["name"],
        )
        changing.edit_as(parts.store, parts.vocabulary, person.id, row.id, wished, now())


def _named(parts: Parts, person: SubscriberRow, texts: tuple[str, ...]) -> list[SubscriptionRow]:
    """Their active subscriptions to these filters, or all; a filter that they do not have is a fault."""
    from feeds import filters
    from feeds.store import subscribers as stored

    with parts.store.read() as conn:
        rows = stored.subscriptions_of(conn, person.id)
    if not texts:
        return rows
    wanted: list[Filter] = [filters.parse(text, parts.vocabulary) for text in texts]
    held = {row.id: filters.current(filters.parse(row.filter_text), parts.vocabulary) for row in rows}
    missing = [
        Problem("--filter", f"they have no subscription to “{filters.canonical(each)}”")
        for each in wanted
        if each not in held.values()
    ]
    if missing:
        raise InputError(missing)
    return [row for row in rows if held[row.id] in wanted]


def _day(value: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(value), time(), UTC)
    except ValueError:
        raise InputError([Problem("--until", f"must be a day such as 2026-12-31, not “{value}”")]) from None


@subscribers.command("pause")
@click.argument("address")
@ONLY
@click.option("--until", required=True, metavar="DAY", help="When it goes on by itself, such as 2026-12-31.")
@click.option("--catch-up/--no-catch-up", default=True, help="Mail then what came meanwhile, or not.")
@click.pass_context
def subscribers_pause(
    context: click.Context, address: str, texts: tuple[str, ...], until: str, catch_up: bool
) -> None:
    """Send a subscriber nothing until a day; letters that wait included."""
    from feeds.app.parts import now
    from feeds.people import changing

    parts = parts_of(context)
    person = find(parts, address)
    ids = [row.id for row in _named(parts, person, texts)]
    changing.pause(parts.store, person.id, ids, _day(until), now(), catch_up=catch_up)
    say_what_is_stored(parts, person.id)


@subscribers.command("resume")
@click.argument("address", required=False)
@ONLY
@click.option("--catch-up/--no-catch-up", default=None, help="Mail what came meanwhile, or not.")
@click.option("--since", metavar="INSTANT", help="All who bounced since then, after a fault of a server.")
@click.pass_context
def subscribers_resume(
    context: click.Context,
    address: str | None,
    texts: tuple[str, ...],
    catch_up: bool | None,
    since: str | None,
) -> None:
    """End a pause; or take back that somebody bounced, complained or was blocked."""
    from feeds.app.parts import now
    from feeds.people import changing, ending

    parts = parts_of(context)
    if (address is None) == (since is None):
        raise InputError([Problem("ADDRESS", "name one, or give --since")])
    if since is not None:
        back = ending.bounced_since(parts.store, _instant(since))
        for number in show.progress(back, len(back), "Resuming"):
            ending.restore(parts.store, parts.tokens, number, now())
        click.echo(f"{len(back)} who bounced get mail again")
        return
    person = find(parts, address or "")
    if not ending.restore(parts.store, parts.tokens, person.id, now()):
        ids = [row.id for row in _named(parts, person, texts)]
        changing.resume(parts.store, person.id, ids, now(), catch_up=catch_up)
    say_what_is_stored(parts, person.id)


def _instant(value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        what = f"must be an instant such as 2026-11-28T14:00Z, not “{value}”"
        raise InputError([Problem("--since", what)]) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@subscribers.command("move")
@click.argument("address")
@click.argument("new_address")
@click.option("--consent", required=True, help="Where and when they asked; kept as proof.")
@click.pass_context
def subscribers_move(context: click.Context, address: str, new_address: str, consent: str) -> None:
    """Send a subscriber's mail to another address; filters and waiting letters go along."""
    from feeds.app.parts import now
    from feeds.mail.addresses import normal_address
    from feeds.people import moving

    parts = parts_of(context)
    person = find(parts, address)
    target = normal_address(new_address)
    moving.move_by_hand(parts.store, parts.tokens, person.id, target, consent, now())
    say_what_is_stored(parts, person.id)


@subscribers.command("remove")
@click.argument("address")
@ONLY
@click.option("--reason", default="asked the operator", show_default=True, help="Why; kept with it.")
@click.option("--block", is_flag=True, help="Never write to this address again, whoever asks.")
@click.pass_context
def subscribers_remove(
    context: click.Context, address: str, texts: tuple[str, ...], reason: str, block: bool
) -> None:
    """End a subscriber's subscriptions, letters that wait included. What was sent stays in the books."""
    from feeds.app.parts import now
    from feeds.mail.addresses import normal_address
    from feeds.model import Suppression
    from feeds.people import ending, leaving

    parts = parts_of(context)
    if block:
        ending.block(parts.store, parts.tokens, normal_address(address), now())
    try:
        person = find(parts, address)
    except InputError:
        if not block:
            raise
        click.echo("nobody has this address; it is blocked")
        return
    ids = [row.id for row in _named(parts, person, texts)] if texts else None
    leaving.leave(parts.store, person.id, None, now(), reason, ids=ids)
    if block:
        ending.end(parts.store, parts.tokens, person.id, Suppression.BLOCKED, reason, now())
    say_what_is_stored(parts, person.id)


@subscribers.command("erase")
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask once more.")
@click.pass_context
def subscribers_erase(context: click.Context, address: str, yes: bool) -> None:
    """Erase a subscriber from every table. What cannot be told apart any more is only counted."""
    from feeds.app.parts import now
    from feeds.people import erasing

    parts = parts_of(context)
    person = find(parts, address)
    if not yes:
        click.confirm(f"Erase {show.printable(person.address)} and all that is known of them?", abort=True)
    erasing.erase(parts.store, parts.tokens, person.id, now())
    click.echo(f"subscriber {person.id} is erased; nobody but themselves can bring them back")


@subscribers.command("export")
@click.argument("address")
@click.pass_context
def subscribers_export(context: click.Context, address: str) -> None:
    """Print all that is known of a subscriber, as JSON, for them."""
    from feeds.app.parts import now
    from feeds.people import erasing

    parts = parts_of(context)
    found = erasing.export(parts.store, find(parts, address).id, now())
    click.echo(json.dumps(show.plain(found), ensure_ascii=False, indent=2))
