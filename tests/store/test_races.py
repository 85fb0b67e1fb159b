"""Two processes at the same work at the same moment: unique keys, locks and compare-and-set decide (P8)."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection

from feeds import filters
from feeds.changes import Wanted
from feeds.model import Cadence, DeliveryState
from feeds.people import signup
from feeds.store import Store, deliveries, digests, items, sharing, subscribers, wordings
from store.making import MINUTE, NOW, audience, daily, digest, item, person, put, queued, together

LEASE = timedelta(minutes=20)


def test_two_that_claim_at_once_get_different_deliveries(store: Store) -> None:
    queued(store, *(f"p{n}" for n in range(20)))

    def drain(owner: str) -> list[int]:
        mine: list[int] = []
        while got := store.transact(lambda conn: deliveries.claim(conn, owner, NOW, LEASE, 3)):
            mine += [each.id for each in got]
        return mine

    one, two = together(lambda: drain("one"), lambda: drain("two"))
    assert len(set(one) | set(two)) == len(one) + len(two) == 20


def test_a_claim_passes_over_rows_that_another_is_just_claiming(store: Store, dialect: str) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite lets one writer in at a time")
    queued(store, "ana", "bob", "eve")
    with store.write() as one, store.write() as two:
        first = deliveries.claim(one, "one", NOW, LEASE, 2)
        second = deliveries.claim(two, "two", NOW, LEASE, 2)
        assert deliveries.claim(two, "two", NOW, LEASE, 2) == []
    assert [each.address[:3] for each in first] == ["ana", "bob"]
    assert [each.address[:3] for each in second] == ["eve"]


def test_a_dead_claim_is_taken_back_by_one_of_two(store: Store) -> None:
    queued(store, "ana")
    store.transact(lambda conn: deliveries.claim(conn, "killed", NOW, MINUTE, 1))

    def reclaim() -> int:
        return store.transact(lambda conn: deliveries.reclaim(conn, NOW + LEASE))

    assert sorted(together(reclaim, reclaim)) == [0, 1]
    (got,) = store.transact(lambda conn: deliveries.claim(conn, "next", NOW + LEASE, LEASE, 9))
    assert got.uncertain == 1


def test_finishing_and_taking_back_at_once_leave_one_truth(store: Store) -> None:
    queued(store, "ana")
    (got,) = store.transact(lambda conn: deliveries.claim(conn, "slow", NOW, MINUTE, 1))

    def finish(conn: Connection) -> bool:
        return deliveries.finish(conn, got.id, "slow", DeliveryState.SENT, "250", NOW + MINUTE)

    done, taken = together(
        lambda: store.transact(finish),
        lambda: store.transact(lambda conn: deliveries.reclaim(conn, NOW + LEASE)),
    )
    assert (done, taken) in ((True, 0), (False, 1))
    with store.read() as conn:
        ((state, _),) = deliveries.accounting(conn)
    assert state is (DeliveryState.SENT if done else DeliveryState.QUEUED)


def test_two_acceptances_get_different_instants(store: Store) -> None:
    def accept() -> list[datetime]:
        return store.transact(lambda conn: items.announce_instants(conn, 5, NOW))

    given = [at for part in together(accept, accept, accept) for at in part]
    assert len(set(given)) == 15


def test_an_acceptance_is_never_overtaken_by_a_later_instant(store: Store, dialect: str) -> None:
    """Who has read up to an instant must not find an earlier one committed afterwards."""
    if dialect == "sqlite":
        pytest.skip("SQLite lets one writer in at a time")
    seen: list[str] = []

    def second() -> None:
        with store.write() as conn:
            put(conn, item("second", *items.announce_instants(conn, 1, NOW)))
            seen.append("second")

    def first() -> None:
        with store.write() as conn:
            at = items.announce_instants(conn, 1, NOW)
            started.append(pool.submit(second))
            put(conn, item("first", *at))
            seen.append("first")

    started: list[Future[None]] = []
    with ThreadPoolExecutor(1) as pool:
        first()
        started[0].result()
    assert seen == ["first", "second"]
    with store.read() as conn:
        assert [each.id for each in items.announced_between(conn, None, NOW + MINUTE)] == ["first", "second"]


@pytest.mark.parametrize("lock_first", [True, False])
def test_the_same_item_in_two_files_at_once_is_one_item(store: Store, lock_first: bool) -> None:
    """Locking first is the good order; asking first is put right by `transact`."""

    def accept(conn: Connection) -> str:
        if lock_first:
            (at,) = items.announce_instants(conn, 1, NOW)
        if wordings.known(conn, Wanted({item("same").date_on}, set(), set(), set())):
            return "same"
        if not lock_first:
            (at,) = items.announce_instants(conn, 1, NOW)
        put(conn, item("same", at))
        return "new"

    assert sorted(together(*[lambda: store.transact(accept)] * 3)) == ["new", "same", "same"]
    with store.read() as conn:
        assert items.count(conn) == 1


def test_one_digest_for_audience_and_period_whoever_composes(store: Store) -> None:
    with store.write() as conn:
        ana = person(conn, "ana")
        audience_id = audience(conn, ana)
        (row,) = digests.audiences(conn)

    def compose(name: str) -> tuple[bool, int]:
        def work(conn: Connection) -> tuple[bool, int]:
            digests.lock_compose(conn)
            made = digest(conn, audience_id, [])
            new = deliveries.NewDelivery(subscriber_id=ana, address="a@example.org", message_id=f"<{name}@x>")
            count = deliveries.queue(conn, made, [new], NOW) if made else 0
            return digests.cover(conn, audience_id, row.covered_at, NOW + MINUTE, "2026-11-21"), count

        return store.transact(work)

    assert sorted(together(lambda: compose("one"), lambda: compose("two"))) == [(False, 0), (True, 1)]
    with store.read() as conn:
        assert len(deliveries.for_subscriber(conn, ana)) == 1


def test_the_unique_key_holds_without_the_lock_too(store: Store) -> None:
    with store.write() as conn:
        audience_id = audience(conn)

    def insert() -> int | None:
        return store.transact(lambda conn: digest(conn, audience_id, []))

    made = together(insert, insert, insert)
    assert sum(each is not None for each in made) == 1


def test_the_same_wish_of_two_people_at_once_is_one_audience(store: Store) -> None:
    def join() -> int:
        return store.transact(
            lambda conn: sharing.intern_audience(conn, daily(), ["country:pa", "country:hn"], NOW)
        )

    assert len(set(together(join, join, join))) == 1
    with store.read() as conn:
        (row,) = digests.audiences(conn)
    assert len(row.audience.filters) == 2


def test_one_person_joining_twice_at_once_has_one_digest_over_both_filters(store: Store) -> None:
    defaults = signup.JoiningDefaults(lang="en", zone="UTC", hour=7, weekday="monday")

    def join(name: str, text: str) -> int:
        joining = signup.Joining(address=f"{name}@example.org", filters=(filters.parse(text),), consent="x")
        return signup.join(store, joining, defaults, NOW)

    wishes = ("country:pa", "country:hn", "topic:health")
    for name in ("ana", "bob", "eva"):
        people = together(*(partial(join, name, text) for text in wishes))
        with store.read() as conn:
            (only,) = sharing.standings(conn, people[0])
        assert only.texts == set(wishes)


def test_who_comes_while_their_new_audience_is_composed_is_owed_what_waited(
    store: Store, dialect: str
) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite lets one writer in at a time")
    with store.write() as conn:
        ana, bob = person(conn, "ana"), person(conn, "bob")
        audience_id = audience(conn, bob)
    with store.write() as composer:
        digests.cover(composer, audience_id, NOW, NOW + 2 * MINUTE, "2026-11-22")
        found = digests.members(composer, audience_id)
        with store.write() as conn:
            sharing.set_memberships(conn, ana, [audience_id], NOW, {audience_id: NOW + MINUTE})
        digests.caught_up(composer, audience_id, [each.id for each in found])
    with store.read() as conn:
        (row,) = digests.audiences(conn)
    assert (row.owes, row.owed_from) == (True, NOW + MINUTE)


def test_one_person_subscribing_twice_at_once_has_one_subscription(store: Store) -> None:
    with store.write() as conn:
        ana = person(conn, "ana")

    def subscribe() -> int:
        def work(conn: Connection) -> int:
            filter_id = sharing.intern_filter(conn, "country:pa")
            return subscribers.subscribe(conn, ana, filter_id, Cadence.DAILY, NOW)

        return store.transact(work)

    assert len(set(together(subscribe, subscribe))) == 1
    with store.read() as conn:
        assert len(subscribers.subscriptions_of(conn, ana, ended=True)) == 1


def test_eight_writers_that_read_first_all_get_their_turn(store: Store) -> None:
    def add(number: int) -> None:
        def work(conn: Connection) -> None:
            items.count(conn)
            put(conn, item(f"i{number}", *items.announce_instants(conn, 1, NOW)))

        store.transact(work)

    together(*[lambda number=number: add(number) for number in range(8)])
    with store.read() as conn:
        assert items.count(conn) == 8
