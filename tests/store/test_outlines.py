"""What is read of all items at once: instants, labels, last corrections; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import event

from feeds.model import ChangeKind, FeedKey, Kind, Strength, Vocabulary
from feeds.publishing.catalogue import Catalogue
from feeds.store import Store, history, items, outlines
from store.making import MINUTE, NOW, about, announce

PANAMA = FeedKey(kind="country", code="pa")


def test_an_outline_has_the_instants_as_they_are_kept(store: Store) -> None:
    with store.write() as conn:
        (one,) = announce(conn, "a")
        (found,) = outlines.outlines(conn)
        assert found.id == "a"
        assert found.date_on == one.date_on
        assert found.accepted_at == found.updated_at == one.accepted_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        assert (found.mailable, found.withdrawn_at) == (True, None)
        assert list(outlines.outlined_labels(conn)) == [("a", "country", "pa", "about")]


def test_only_those_asked_for_are_read(store: Store) -> None:
    with store.write() as conn:
        announce(conn, "a", "b", "c")
        assert [each.id for each in outlines.outlines(conn, ["b"])] == ["b"]
        assert [each.item_id for each in outlines.outlined_labels(conn, ["c"])] == ["c"]
        assert list(outlines.outlines(conn, [])) == []


def test_the_last_correction_of_each_item_is_told_and_relabelling_is_not(store: Store) -> None:
    with store.write() as conn:
        a, b, c = announce(conn, "a", "b", "c")
        for n, reason in enumerate(["first", "second"]):
            changed = replace(a, title=reason)
            history.revise(conn, changed, NOW + (n + 1) * MINUTE, fields=("title",), reason=reason)
        history.revise(conn, b, NOW + 5 * MINUTE, kind=ChangeKind.RELABELLED)
        found = history.last_changes(conn, ["a", "b", c.id])
        assert {key: (each.n, each.reason, each.item.title) for key, each in found.items()} == {
            "a": (2, "second", "second")
        }


def test_a_catalogue_reads_what_changed_in_place_of_what_it_knew(store: Store) -> None:
    mentioned = about("hn", strength=Strength.MENTIONS)
    with store.write() as conn:
        a, b = announce(conn, "a", "b", labels=(about("pa"), mentioned))
        catalogue = Catalogue("site", 0)
        catalogue.read(conn)
        words = Vocabulary({})
        feed = catalogue.feed(PANAMA, words)
        assert catalogue.newest(feed, 5) == ["b", "a"]
        assert not catalogue.feed(FeedKey(kind="country", code="hn"), words)
        assert catalogue.labelled("country", "hn", Strength.MENTIONS) == feed
        gone = replace(b, withdrawn_at=NOW + MINUTE, labels=(about("hn"),))
        history.revise(conn, gone, NOW + MINUTE, kind=ChangeKind.WITHDRAWN)
        announce(conn, "c", now=NOW + 2 * MINUTE, date_on=date(2026, 1, 1))
        catalogue.read(conn, ["b", "c"])
        feed = catalogue.feed(PANAMA, words)
        assert catalogue.newest(feed, 5) == ["c", "a"]
        assert catalogue.by_date(feed, 5) == ["a", "c"]
        honduras = catalogue.feed(FeedKey(kind="country", code="hn"), words)
        assert catalogue.taken_back(honduras, 5) == ["b"]
        assert catalogue.count(honduras) == 0
        assert catalogue.updated_at(honduras) == NOW + MINUTE
        assert catalogue.codes(Kind.COUNTRY) == ["pa"]
        fresh = Catalogue("site", 0)
        fresh.read(conn)
        everything = FeedKey(kind="all")
        for known in (catalogue, fresh):
            assert known.newest(known.feed(everything, words), 9) == ["c", "a"]
        assert a.id in fresh.ids


def test_the_number_of_statements_does_not_grow_with_the_items(store: Store) -> None:
    said: list[Any] = []
    event.listen(store._engine, "before_cursor_execute", lambda *_: said.append(_))
    counts = []
    for base in (10, 900):
        with store.write() as conn:
            announce(conn, *(f"{base}-{n}" for n in range(base)))
        with store.read() as conn:
            ids = [each.id for each in outlines.outlines(conn)]
            said.clear()
            Catalogue("site", 0).read(conn)
            history.last_changes(conn, ids)
            items.by_ids(conn, ids)
            counts.append(len(said))
    assert counts[0] == counts[1] <= 6
