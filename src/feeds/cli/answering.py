"""Why somebody did, or did not, get an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from feeds.cli import cli, parts_of, show
from feeds.errors import InputError, Problem
from feeds.model import DeliveryState

if TYPE_CHECKING:
    from feeds.app.parts import Parts
    from feeds.model import Item


STATES = [state.value for state in DeliveryState]


@cli.command()
@click.argument("who", metavar="ADDRESS|ITEM")
@click.argument("item_id", metavar="[ITEM]", required=False)
@click.option("--who", "people", is_flag=True, help="With an item alone: each letter, with its address.")
@click.option("--state", type=click.Choice(STATES), help="With --who: only letters in this state.")
@click.option("--limit", type=show.LIMIT, default=100, show_default=True, help="With --who: how many.")
@show.json_option
@click.pass_context
def why(
    context: click.Context,
    /,
    who: str,
    item_id: str | None,
    people: bool,
    state: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Why somebody did, or did not, get an item.

    With an address alone: whether they get mail, and when next. With an item alone: to how many it went, by
    state, and with --who to whom. An item's id may be cut short.

    \b
    feeds why maria@example.org 0a1b2c
    feeds why 0a1b2c --who --state refused
    """
    parts = parts_of(context)
    if "@" not in who:
        if item_id:
            raise InputError([Problem(who, "is no address; write the address first, then the item")])
        if people:
            _of_people(parts, who, state, limit, as_json)
        else:
            _of_item(parts, who, as_json)
        return
    _of_person(parts, who, item_id, as_json)


def _of_person(parts: Parts, address: str, item_id: str | None, as_json: bool) -> None:
    from feeds.app.parts import now
    from feeds.mail.addresses import address_key, normal_address
    from feeds.people.why import why as answer_of
    from feeds.people.why_facts import facts_of

    normal = normal_address(address)
    with parts.store.read() as conn:
        item = item_of(parts, item_id) if item_id else None
        facts = facts_of(conn, normal, address_key(normal), item, now())
    answer = answer_of(facts, parts.vocabulary)
    if as_json:
        show.json_line(answer)
        return
    click.secho(show.printable(answer.sentence), bold=True)
    for fact in answer.facts:
        click.echo(f"  {show.printable(fact)}")


def _of_item(parts: Parts, item_id: str, as_json: bool) -> None:
    from feeds.store import answers

    item = item_of(parts, item_id)
    with parts.store.read() as conn:
        counts = answers.states_of(conn, item.id)
    rows = [
        {"state": state.value, "letters": number, "reason": reason}
        for (state, reason), number in sorted(counts.items())
    ]
    if not as_json:
        click.secho(show.printable(f"{item.id}  {item.title}"), bold=True)
    show.rows(rows, ["state", "letters", "reason"], as_json, "No letter holds it.")


def _of_people(parts: Parts, item_id: str, state: str | None, limit: int, as_json: bool) -> None:
    from feeds.store import answers

    item = item_of(parts, item_id)
    with parts.store.read() as conn:
        found = answers.who_has(conn, item.id, DeliveryState(state) if state else None, limit)
    columns = ["letter", "subscriber", "address", "state", "at", "reason"]
    show.rows([show.fields(row) for row in found], columns, as_json, "No letter holds it.")


def item_of(parts: Parts, item_id: str) -> Item:
    """The item whose id begins so. Raises InputError."""
    from feeds.store import items

    with parts.store.read() as conn:
        item = items.find(conn, item_id)
    if item is None:
        raise InputError([Problem(item_id, "there is no item whose id begins so; see `feeds items list`")])
    return item
