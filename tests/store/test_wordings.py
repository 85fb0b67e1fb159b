"""What items were called, said and linked to: kept where it changes, found again."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from feeds import changes
from feeds.changes import Wanted
from feeds.model import ChangeKind, Kind
from feeds.store import Store, history, items, wordings
from feeds.store.schema import item as item_table
from feeds.store.schema import revision
from store.making import MINUTE, NOW, about, item, put

OLD, NEW = "https://news.example.org/old", "https://news.example.org/new"


def test_ids_of_the_office_are_given_to_items_without_one_only(store: Store) -> None:
    with store.write() as conn:
        put(conn, item("a"), item("b", NOW + MINUTE))
        wordings.name(conn, {"a": "first"})
        wordings.name(conn, {"a": "second", "b": "third"})
        wordings.name(conn, {})
        query = select(item_table.c.id, item_table.c.office_key).order_by(item_table.c.id)
        assert [tuple(row) for row in conn.execute(query)] == [("a", "first"), ("b", "third")]


def test_items_become_news_each_from_its_own_instant(store: Store) -> None:
    with store.write() as conn:
        put(conn, item("a", mailable=False), item("b", NOW + MINUTE, mailable=False))
        items.announce(conn, {"a": NOW + 2 * MINUTE, "b": NOW + 3 * MINUTE})
        items.announce(conn, {})
        found = items.announced_between(conn, NOW, NOW + 9 * MINUTE)
    assert [(each.id, each.accepted_at) for each in found] == [
        ("a", NOW + 2 * MINUTE),
        ("b", NOW + 3 * MINUTE),
    ]


def test_a_change_of_link_or_stated_labels_is_remembered_both_ways(store: Store) -> None:
    old = item("a", link=OLD, stated=(Kind.COUNTRY,))
    new = replace(old, link=NEW, labels=(about("hn"),))
    with store.write() as conn:
        put(conn, old)
        history.revise(conn, new, NOW + MINUTE, fields=("link", "labels"), original="The new file.")
        (known,) = wordings.known(conn, Wanted({old.date_on}, set(), set(), set()))
        (before,) = history.revisions(conn, "a")
        kept = conn.scalar(select(revision.c.original))
        original = conn.scalar(select(item_table.c.original))
    assert changes.traits(old) | changes.traits(new) <= known.wordings
    assert (known.link, before.link, known.earlier) == (NEW, OLD, (old.summary,))
    assert (kept, original) == ("", "The new file.")


def test_labels_alone_move_no_instant_and_are_no_earlier_wording(store: Store) -> None:
    old = item("a")
    with store.write() as conn:
        put(conn, old)
        new = replace(old, labels=(about("hn"),), stated=(Kind.COUNTRY,))
        history.revise(conn, new, NOW + MINUTE, kind=ChangeKind.LABELLED_ANEW, fields=("labels",))
        (known,) = wordings.known(conn, Wanted({old.date_on}, set(), set(), set()))
        assert items.get(conn, "a") == new
    assert known.earlier == ()
