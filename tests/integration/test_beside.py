"""What stands beside an item on its page follows every change, and a rebuild gives the same bytes (P3)."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from feeds.app.parts import Parts, now
from feeds.errors import InputError
from feeds.office import editing
from feeds.publishing.publish import publish
from feeds.publishing.relating import relate
from feeds.store import beside, items
from feeds.store.beside_tables import beside as table
from integration.test_languages import speaking, tree
from taking import accept_one

PLACES = ("Panama", "Honduras", "Panama and Honduras", "Central America", "nobody")
DEEDS = ("opens a school", "agrees on labour contracts", "vaccinates children against measles", "sings")
FIRST = date(2026, 11, 1)


def accept(site: Parts, chance: random.Random, number: int) -> None:
    """An item of some day; a third of them a version of the one before."""
    head = f"date: {FIRST + timedelta(days=chance.randrange(9))}\nid: n{number}\n"
    if chance.random() < 0.3:
        head += f"translation-of: n{number - 1}\n"
    title = f"{chance.choice(PLACES)} {chance.choice(DEEDS)}, report {number}"
    data = f'---\ntitle: "{title}"\n{head}---\nReport {number}.\n'.encode()
    accept_one(site, f"{number}.md", data, now(), "all", filed=True)


def change(site: Parts, chance: random.Random) -> None:
    """Something that the office does to an item."""
    with site.store.read() as conn:
        one = chance.choice(items.listing(conn, limit=99))
    deed = chance.choice((withdraw, retitle, redate))
    deed(site, one.id, chance)


def withdraw(site: Parts, item_id: str, chance: random.Random) -> None:
    editing.withdraw(site.store, item_id, "told twice", now())


def retitle(site: Parts, item_id: str, chance: random.Random) -> None:
    title = f"{chance.choice(PLACES)} {chance.choice(DEEDS)}, once more {chance.random()}"
    editing.correct(site.store, site.labeller, item_id, editing.Words(title=title), "a slip", now())


def redate(site: Parts, item_id: str, chance: random.Random) -> None:
    on = FIRST + timedelta(days=chance.randrange(9))
    with suppress(InputError):  # it has that day
        editing.correct(site.store, site.labeller, item_id, editing.Words(date_on=on), "a slip", now())


def rows(site: Parts) -> dict[str, dict[int, str]]:
    with site.store.read() as conn:
        every = [each.id for each in items.listing(conn, limit=999)]
        return dict(beside.rows_of(conn, every))


def from_the_start(site: Parts) -> dict[str, dict[int, str]]:
    with site.store.write() as conn:
        conn.execute(delete(table))
        beside.set_come_to(conn, 0)
    relate(site.store, site.press)
    return rows(site)


@pytest.mark.parametrize("at_once", [1, 3])
def test_however_many_changed_the_rows_are_found_in_an_end(
    site: Parts, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    chance = random.Random(3)
    for number in range(8):
        accept(site, chance, number)
    relate(site.store, site.press)
    right, turns = rows(site), iter(range(40))
    monkeypatch.setattr("feeds.publishing.relating.AT_ONCE", at_once)
    with site.store.write() as conn:
        conn.execute(delete(table))
        beside.set_come_to(conn, 0)
    assert not relate(site.store, site.press, stopped=lambda: next(turns, None) is None)
    assert rows(site) == right
    change(site, chance)
    change(site, chance)
    assert not relate(site.store, site.press, stopped=lambda: next(turns, None) is None)
    grown = rows(site)
    monkeypatch.undo()
    assert from_the_start(site) == grown


def test_many_changes_in_parts_reach_all_that_did_not_change(
    site: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part leads to what its changes are near to, but not back to parts before it."""
    chance, numbers = random.Random(5), iter(range(100))
    for _ in range(12):
        accept(site, chance, next(numbers))
    relate(site.store, site.press)
    monkeypatch.setattr("feeds.publishing.relating.AT_ONCE", 2)
    for _ in range(6):
        for _ in range(5):
            accept(site, chance, next(numbers))
        change(site, chance)
        relate(site.store, site.press)
    grown = rows(site)
    monkeypatch.undo()
    assert from_the_start(site) == grown


def test_what_grew_is_what_a_rebuild_gives(site: Parts, tmp_path: Path) -> None:
    chance = random.Random(2)
    for number in range(14):
        accept(site, chance, number)
        if number % 3 == 2:
            change(site, chance)
        if number % 2:
            publish(site.store, site.press)
    publish(site.store, site.press)
    grown, pages = rows(site), tree(site.public.root)
    publish(site.store, speaking(site, tmp_path / "again", "en", "es"))
    assert tree(tmp_path / "again") == pages
    assert from_the_start(site) == grown
    assert max(max(places) for places in grown.values()) > beside.RELATED
