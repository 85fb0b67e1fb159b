"""Notices: queued once by what they are about, with the transaction that they tell of (P2, P4, P9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feeds.errors import StoreError
from feeds.model import DeliveryState, NoticeKind, RenderedMail
from feeds.store import Connection, Store, deliveries, notices
from feeds.store.queue import ANSWER_LOST_TWICE
from store.making import MINUTE, NOW, item, put, queued, retry, together

LEASE = timedelta(minutes=20)
LATER = NOW + MINUTE


def notice(name: str, message_id: str = "") -> notices.NewNotice:
    return notices.NewNotice(
        key=f"receipt/{name}", kind=NoticeKind.RECEIPT, address=f"{name}@example.org", lang="es",
        message_id=message_id or f"<{name}@feeds.test>",
        mail=RenderedMail(subject=f"About {name}", text="text", html="<p>html</p>"),
    )  # fmt: skip


def put_in(store: Store, *names: str) -> None:
    with store.write() as conn:
        for name in names:
            assert notices.queue(conn, notice(name), NOW)


def claim(
    store: Store, owner: str = "me", now=NOW, limit: int = 9, *, ahead: bool = True
) -> list[notices.ClaimedNotice]:
    with store.write() as conn:
        return notices.claim(conn, owner, now, LEASE, limit, ahead=ahead)


def rows(store: Store, state: DeliveryState | None = None) -> list[notices.NoticeRow]:
    with store.read() as conn:
        return notices.listing(conn, state, limit=9)


def test_a_claim_brings_all_that_a_letter_needs(store: Store) -> None:
    put_in(store, "ana")
    (got,) = claim(store)
    assert (got.address, got.message_id, got.lang) == ("ana@example.org", "<ana@feeds.test>", "es")
    assert got.mail == RenderedMail(subject="About ana", text="text", html="<p>html</p>")
    assert (got.key, got.kind, got.number) == ("receipt/ana", NoticeKind.RECEIPT, f"n{got.id}")
    assert (got.tries, got.uncertain, got.faults, got.lease_until) == (0, 0, 0, NOW + LEASE)


def test_the_same_thing_is_queued_once_even_after_it_was_sent(store: Store) -> None:
    put_in(store, "ana")
    (got,) = claim(store)
    with store.write() as conn:
        assert not notices.queue(conn, notice("ana", "<another@feeds.test>"), LATER)
        notices.finish(conn, got.id, "me", DeliveryState.SENT, "250 ok", NOW)
        assert not notices.queue(conn, notice("ana", "<a-third@feeds.test>"), LATER)
    (row,) = rows(store)
    assert (row.state, row.message_id) == (DeliveryState.SENT, "<ana@feeds.test>")


def test_a_notice_is_there_exactly_when_what_it_tells_of_is(store: Store) -> None:
    def work(conn: Connection) -> None:
        put(conn, item("a"))
        notices.queue(conn, notice("a"), NOW)
        raise StoreError("the transaction comes to nothing")

    with pytest.raises(StoreError, match="comes to nothing"):
        store.transact(work)
    assert rows(store) == []


def test_eight_that_queue_the_same_thing_at_once_queue_it_once(store: Store) -> None:
    def queue(number: int) -> bool:
        return store.transact(lambda conn: notices.queue(conn, notice("a", f"<{number}@x>"), NOW))

    assert sorted(together(*[lambda n=n: queue(n) for n in range(8)])) == [False] * 7 + [True]
    assert len(rows(store)) == 1


def test_what_is_claimed_is_not_claimed_again(store: Store) -> None:
    put_in(store, "ana", "bob", "eve")
    first, second, third = claim(store, limit=2), claim(store), claim(store)
    assert [got.address[:3] for got in (*first, *second)] == ["ana", "bob", "eve"]
    assert third == []


def test_only_what_is_due_is_claimed_longest_due_first(store: Store) -> None:
    put_in(store, "ana", "bob")
    (ana,) = claim(store, limit=1)
    with store.write() as conn:
        notices.finish(conn, ana.id, "me", DeliveryState.QUEUED, "450 busy", NOW, next_at=NOW + LEASE)
        assert notices.next_due(conn) == NOW
    assert [got.address[:3] for got in claim(store, now=LATER)] == ["bob"]
    with store.read() as conn:
        assert notices.next_due(conn) == NOW + LEASE
    (again,) = claim(store, now=NOW + LEASE)
    assert (again.message_id, again.tries) == (ana.message_id, 1)


def test_a_notice_that_was_put_back_goes_ahead_no_more_a_deferred_one_does(store: Store) -> None:
    put_in(store, "away", "dead", "busy")
    away, dead, busy = (claim(store, owner, limit=1)[0] for owner in ("a", "d", "b"))
    with store.write() as conn:
        again = DeliveryState.QUEUED
        assert notices.finish(conn, away.id, "a", again, "gone", NOW, next_at=NOW, count_try=False)
        assert notices.reclaim(conn, NOW, owners=["d"]) == 1
        assert notices.finish(conn, busy.id, "b", again, "450 busy", NOW, next_at=NOW)
    assert [got.id for got in claim(store)] == [busy.id]
    assert [got.id for got in claim(store, ahead=False)] == [away.id, dead.id]


def test_a_dead_claim_is_sent_once_more_with_the_same_message_id_then_stays_uncertain(store: Store) -> None:
    put_in(store, "ana")
    (first,) = claim(store, "killed")
    with store.write() as conn:
        assert notices.reclaim(conn, NOW + LEASE - MINUTE) == 0  # it may be alive
        assert notices.owners(conn) == ["killed"]
        assert notices.reclaim(conn, NOW, owners=["killed"]) == 1
    (second,) = claim(store, "killed too", ahead=False)
    assert (second.message_id, second.uncertain, second.tries) == (first.message_id, 1, 0)
    with store.write() as conn:
        assert not notices.finish(conn, first.id, "killed", DeliveryState.SENT, "too late", NOW)
        assert notices.reclaim(conn, NOW + LEASE) == 1
        assert notices.accounting(conn) == {(DeliveryState.UNCERTAIN, ANSWER_LOST_TWICE): 1}


def test_what_was_refused_can_be_sent_once_more_by_hand_what_was_sent_never(store: Store) -> None:
    put_in(store, "refused", "sent")
    refused, sent = claim(store)
    with store.write() as conn:
        notices.finish(conn, refused.id, "me", DeliveryState.REFUSED, "550 no such user", NOW)
        notices.finish(conn, sent.id, "me", DeliveryState.SENT, "250 ok", NOW)
        assert notices.accounting(conn) == {
            (DeliveryState.REFUSED, "550 no such user"): 1,
            (DeliveryState.SENT, ""): 1,
        }
        assert [retry(conn, each.number, LATER) for each in (refused, sent)] == [True, False]
    (row,) = rows(store, DeliveryState.QUEUED)
    assert (row.number, row.finished_at, row.subject) == (refused.number, None, "About refused")
    (again,) = claim(store, now=LATER)
    assert (again.message_id, again.tries) == (refused.message_id, 0)


def test_a_restored_backup_sets_aside_what_waits_and_what_is_in_hand(store: Store) -> None:
    put_in(store, "in-hand", "waiting", "done")
    in_hand, _, done = claim(store)
    with store.write() as conn:
        notices.finish(conn, done.id, "me", DeliveryState.SENT, "250 ok", NOW)
        assert notices.set_aside(conn, "restored", LATER) == 2
        assert not notices.finish(conn, in_hand.id, "me", DeliveryState.SENT, "250 ok", LATER)
    assert claim(store, now=LATER) == []
    assert {row.key for row in rows(store, DeliveryState.UNCERTAIN)} == {"receipt/in-hand", "receipt/waiting"}


def test_notices_and_deliveries_do_not_meet_in_each_others_queues(store: Store) -> None:
    queued(store, "ana")
    put_in(store, "office")
    (mine,) = claim(store)
    with store.write() as conn:
        assert deliveries.owners(conn) == []
        assert not deliveries.finish(conn, mine.id, "me", DeliveryState.SENT, "", NOW)
        (delivery,) = deliveries.claim(conn, "me", NOW, LEASE, 9)
        assert deliveries.finish(conn, delivery.id, "me", DeliveryState.SENT, "", NOW)
        assert notices.owners(conn) == ["me"]
