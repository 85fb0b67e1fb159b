"""People and what they asked for: subscribers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from feeds import config
from feeds.cli import cli, parts_of, show
from feeds.errors import InputError, Problem
from feeds.model import SubscriberState

if TYPE_CHECKING:
    from feeds.app.parts import Parts
    from feeds.people.signup import Joining
    from feeds.store.subscribers import SubscriberRow


class HowOften(click.ParamType[str]):
    """A cadence as people write it."""

    name = "cadence"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from feeds.cadences import read_cadence

        try:
            return read_cadence(value).value
        except ValueError as error:
            self.fail(str(error), param, ctx)


CADENCES = HowOften()


@cli.group()
def subscribers() -> None:
    """The people who get mail."""


@subscribers.command("add")
@click.argument("address")
@click.option(
    "--filter", "texts", multiple=True, required=True, metavar="FILTER",
    help="What they want, such as 'country:pa topic:health' or 'all'. May be given again.",
)  # fmt: skip
@click.option("--cadence", type=CADENCES, help="How often; weekly for filters that are new.")
@click.option("--lang", type=click.Choice(config.LANGUAGES), help="Language of their mail.")
@click.option("--zone", help="Their time zone, such as America/Panama.")
@click.option("--hour", type=click.IntRange(0, 23), help="Local hour of daily and weekly mail.")
@click.option("--weekday", type=click.Choice(config.WEEKDAYS), help="Day of weekly mail.")
@click.option("--consent", required=True, help="Where and when they asked; kept as proof.")
@click.option("--again", is_flag=True, help="Also when they left, bounced or paused: they asked anew.")
@click.pass_context
def subscribers_add(
    context: click.Context, /, address: str, texts: tuple[str, ...], again: bool, **given: Any
) -> None:
    """Add a confirmed subscriber, or more filters to one who is there.

    Options that are not given leave what is stored as it is.
    """
    from feeds.app.parts import now
    from feeds.people import signup

    parts = parts_of(context)
    hour = given.pop("hour")
    row = {"address": address, "hour": None if hour is None else str(hour), **given}
    joining = _read(parts, row, texts)
    number = signup.join(
        parts.store, joining, parts.joining_defaults, now(), again=again, vocabulary=parts.vocabulary,
        tokens=parts.tokens,
    )  # fmt: skip
    say_what_is_stored(parts, number)


def _read(parts: Parts, row: dict[str, str | None], wishes: Sequence[str]) -> Joining:
    from feeds.people.joining import read_joining

    return read_joining(row, wishes, parts.vocabulary)


def find(parts: Parts, address: str) -> SubscriberRow:
    """The subscriber with this address. Raises InputError when there is none."""
    from feeds.mail.addresses import address_key, normal_address
    from feeds.store import subscribers as stored

    with parts.store.read() as conn:
        person = stored.by_address(conn, address_key(normal_address(address)))
    if person is None:
        raise InputError([Problem(address, "there is no such subscriber; see `feeds subscribers list`")])
    return person


def say_what_is_stored(parts: Parts, number: int) -> None:
    """What a subscriber has now, in words."""
    from feeds import filters
    from feeds.i18n import translator
    from feeds.store import subscribers as stored
    from feeds.wording import describe

    with parts.store.read() as conn:
        person = stored.get(conn, number)
        rows = stored.subscriptions_of(conn, number)
    if person is None:
        return  # erased meanwhile by somebody else
    state = "" if person.state is SubscriberState.ACTIVE else f" ({person.state})"
    click.echo(f"subscriber {number}: {person.address}{state}, mail in {_habits(person)}")
    for row in rows:
        wanted = describe(filters.parse(row.filter_text), parts.vocabulary, translator("en"))
        name = f" “{row.name}”" if row.name else ""
        paused = f", paused until {row.paused_until:%Y-%m-%d %H:%M} UTC" if row.paused_until else ""
        click.echo(show.printable(f"  {row.cadence}:{name} {wanted}{paused}"))


def _habits(person: SubscriberRow) -> str:
    """``es, America/Panama, at 08:00, weekly on tuesday``."""
    weekday = config.WEEKDAYS[person.weekday - 1]
    return f"{person.lang}, {person.zone}, at {person.hour:02d}:00, weekly on {weekday}"


@subscribers.command("list")
@click.option("--limit", type=show.LIMIT, default=100, show_default=True, help="How many.")
@show.json_option
@click.pass_context
def subscribers_list(context: click.Context, limit: int, as_json: bool) -> None:
    """List subscribers."""
    from feeds.store import subscribers as stored

    parts = parts_of(context)
    with parts.store.read() as conn:
        rows = [show.plain(row) for row in stored.listing(conn, limit=limit)]
    columns = ["id", "address", "state", "subscriptions", "lang", "zone", "hour", "created_at"]
    show.rows(rows, columns, as_json, "No subscribers yet.")


@subscribers.command("show")
@click.argument("address")
@show.json_option
@click.pass_context
def subscribers_show(context: click.Context, address: str, as_json: bool) -> None:
    """Show one subscriber: what they asked for, and what they were sent."""
    from feeds.store import deliveries
    from feeds.store import subscribers as stored

    parts = parts_of(context)
    person = find(parts, address)
    with parts.store.read() as conn:
        wishes = stored.subscriptions_of(conn, person.id, ended=True)
        sent = deliveries.for_subscriber(conn, person.id)
    if as_json:
        show.json_line({"subscriber": person, "subscriptions": wishes, "deliveries": sent})
        return
    click.secho(f"{person.address}  {person.state}  since {show.cell(person.created_at)}", bold=True)
    click.echo(f"mail in {_habits(person)}")
    newest, *earlier = person.consent.splitlines() or [""]
    click.echo(f"consent of {show.cell(person.consent_at)}: {show.printable(newest)}")
    for proof in earlier:
        click.echo(f"  before: {show.printable(proof)}")
    click.echo()
    show.rows(
        [show.plain(row) for row in wishes],
        ["cadence", "filter_text", "name", "created_at", "paused_until", "ended_at", "ended_reason"],
        False,
        "No subscriptions.",
    )
    click.echo()
    show.rows(
        [show.plain(row) for row in sent],
        ["id", "period", "state", "tries", "subject", "reason"],
        False,
        "No mail yet.",
    )
