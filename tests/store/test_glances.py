"""What waits by mail host, which audiences come next, who asks for which filter: on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from feeds.model import Cadence, DeliveryState
from feeds.store import Store, deliveries, glances
from feeds.store.schema import audience as audience_table
from feeds.store.schema import delivery
from store.making import MINUTE, NOW, PANAMA, audience, person, queued


def test_letters_that_wait_are_counted_by_the_host_of_their_address(store: Store) -> None:
    queued(store, "ana", "bea", "carla", "dora")
    with store.write() as conn:
        (first,) = deliveries.claim(conn, "me", NOW, MINUTE, 1)
        deliveries.finish(conn, first.id, "me", DeliveryState.QUEUED, "450 later", NOW, next_at=NOW + MINUTE)
        conn.execute(
            delivery.update().where(delivery.c.address == "dora@example.org").values(address="d@Else.org")
        )
        found = glances.by_host(conn, 9)
        assert [(each.host, each.waiting, each.deferred) for each in found] == [
            ("example.org", 3, 1),
            ("else.org", 1, 0),
        ]
        assert glances.by_host(conn, 1) == found[:1]


def test_the_audiences_that_are_due_first_come_first_and_immediate_ones_are_not_among_them(
    store: Store,
) -> None:
    with store.write() as conn:
        people = [person(conn, name) for name in ("ana", "bea", "carla")]
        later = audience(conn, *people[:2])
        sooner = audience(conn, people[2], hour=9)
        at_once = audience(conn, people[0], cadence=Cadence.IMMEDIATE)
        for key, minutes in ((later, 9), (sooner, 3), (at_once, 1)):
            due = audience_table.update().where(audience_table.c.id == key)
            conn.execute(due.values(next_at=NOW + minutes * MINUTE))
        found = glances.next_audiences(conn, 9)
        assert [(each.due_at, each.members) for each in found] == [
            (NOW + 3 * MINUTE, 1),
            (NOW + 9 * MINUTE, 2),
        ]
        assert found[0].filters == ["country:pa"]
        assert found[0].cadence == Cadence.DAILY
        assert glances.next_audiences(conn, 1) == found[:1]


def test_filters_are_told_with_how_many_subscribe(store: Store) -> None:
    with store.write() as conn:
        audience(conn, *[person(conn, name) for name in ("ana", "bea")])
        assert glances.subscriptions_by_filter(conn) == [("country:pa", 2)]
    assert PANAMA.countries == ("pa",)


def test_no_glance_walks_through_people_or_letters(store: Store, dialect: str) -> None:
    queued(store, "ana")
    said: list[tuple[str, Any]] = []
    with store.read() as conn:
        event.listen(conn, "before_cursor_execute", lambda *args: said.append((args[2], args[3])))
        glances.by_host(conn, 9)
        glances.next_audiences(conn, 9)
        statements = list(said)
    if dialect != "sqlite":
        return  # with a handful of rows PostgreSQL takes no index; the same ones are there
    with store.read() as conn:
        steps = [
            row[3]
            for each, values in statements
            for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}", values)
        ]
    assert [
        step for step in steps if step.startswith("SCAN") and "USING" not in step and "(" not in step
    ] == []
    assert not any("TEMP B-TREE" in step for step in steps)
