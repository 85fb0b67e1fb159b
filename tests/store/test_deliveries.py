"""Deliveries: claimed once, finished by their owner, accounted for to the last one (P4, P5, P6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from feeds.model import Cadence, DeliveryState, SubscriberState
from feeds.store import Store, deliveries, sharing, subscribers
from feeds.store.queue import ANSWER_LOST, ANSWER_LOST_TWICE
from store.making import MINUTE, NOW, announce, audience, digest, person, queued, retry

LEASE = timedelta(minutes=20)
LATER = NOW + MINUTE


def claim(store: Store, owner: str = "me", now=NOW, limit: int = 9) -> list[deliveries.ClaimedDelivery]:
    with store.write() as conn:
        return deliveries.claim(conn, owner, now, LEASE, limit)


def not_handed_over(store: Store, *claimed: deliveries.ClaimedDelivery) -> None:
    """What the release before noted of claims that it had not begun to send."""
    with store.write() as conn:
        for each in claimed:
            conn.execute(text("UPDATE delivery SET unsent = true WHERE id = :id"), {"id": each.id})


def states(store: Store) -> dict[tuple[DeliveryState, str], int]:
    with store.read() as conn:
        return deliveries.accounting(conn)


def test_a_claim_brings_all_that_a_letter_needs(store: Store) -> None:
    people = queued(store, "ana")
    (got,) = claim(store)
    assert (got.address, got.message_id) == ("ana@example.org", "<ana-2026-11-21@example.org>")
    assert (got.subscriber_id, got.period, got.tries, got.uncertain) == (people["ana"], "2026-11-21", 0, 0)
    assert (got.subject, got.lang, got.lease_until) == ("1 new: Panama", "en", NOW + LEASE)
    assert got.rendered.html == "<p>html \ufdd0</p>"


def test_what_is_claimed_is_not_claimed_again(store: Store) -> None:
    queued(store, "ana", "bob", "eve")
    first, second, third = claim(store, limit=2), claim(store), claim(store)
    assert [got.address[:3] for got in (*first, *second)] == ["ana", "bob", "eve"]
    assert third == []


def test_a_claim_that_was_not_committed_was_never_made(store: Store) -> None:
    queued(store, "ana")
    with store.rehearse() as conn:
        assert len(deliveries.claim(conn, "me", NOW, LEASE, 9)) == 1
    assert len(claim(store)) == 1


def test_only_what_is_due_is_claimed_longest_due_first(store: Store) -> None:
    queued(store, "ana", "bob")
    (ana,) = claim(store, limit=1)
    with store.write() as conn:
        deliveries.finish(conn, ana.id, "me", DeliveryState.QUEUED, "later", NOW, next_at=NOW + LEASE)
        assert deliveries.next_due(conn) == NOW
    assert [got.address[:3] for got in claim(store, now=LATER, limit=1)] == ["bob"]
    assert claim(store, now=LATER) == []
    with store.read() as conn:
        assert deliveries.next_due(conn) == NOW + LEASE
    assert [got.address[:3] for got in claim(store, now=NOW + LEASE)] == ["ana"]
    with store.read() as conn:
        assert deliveries.next_due(conn) is None


def test_who_left_paused_or_ended_the_subscription_gets_nothing_that_was_queued(store: Store) -> None:
    people = queued(store, "left", "paused", "gone", "stays")
    with store.write() as conn:
        subscribers.set_state(conn, people["left"], SubscriberState.LEFT, NOW, "asked")
        subscribers.set_state(conn, people["paused"], SubscriberState.PAUSED, NOW)
        subscribers.end_subscriptions(conn, people["gone"], NOW, "asked")
    # With a limit of one: the claim goes on past those who want nothing.
    assert [got.address[:5] for got in claim(store, limit=1)] == ["stays"]
    assert states(store) == {
        (DeliveryState.SUPPRESSED, "not subscribed any more"): 3,
        (DeliveryState.SENDING, ""): 1,
    }


def test_who_has_another_audience_now_still_gets_what_was_queued_for_the_old_one(store: Store) -> None:
    people = queued(store, "ana")
    with store.write() as conn:
        sharing.set_memberships(conn, people["ana"], [], NOW)
    assert len(claim(store)) == 1


def test_who_has_another_cadence_now_still_gets_what_was_queued_for_the_old_one(store: Store) -> None:
    people = queued(store, "ana")
    with store.write() as conn:
        panama = sharing.intern_filter(conn, "country:pa")
        subscribers.subscribe(conn, people["ana"], panama, Cadence.WEEKLY, NOW)
    assert len(claim(store)) == 1


def test_queueing_twice_queues_once_whatever_the_variant(store: Store) -> None:
    with store.write() as conn:
        ana = person(conn, "ana")
        audience_id = audience(conn, ana)
        rows = [
            deliveries.NewDelivery(subscriber_id=ana, address="a@example.org", message_id=f"<{n}@x>")
            for n in (1, 2)
        ]
        first, second = digest(conn, audience_id, []), digest(conn, audience_id, [], variant="v")
        assert first is not None
        assert second is not None
        assert deliveries.queue(conn, first, [], NOW) == 0
        assert deliveries.queue(conn, first, rows, NOW) == 1
        assert deliveries.queue(conn, second, rows[1:], NOW) == 0
        assert [row.message_id for row in deliveries.for_subscriber(conn, ana)] == ["<1@x>"]


def test_thousands_are_queued_at_once(store: Store) -> None:
    with store.write() as conn:
        audience_id = audience(conn)
        made = digest(conn, audience_id, [])
        assert made is not None
        people = [person(conn, f"p{n}") for n in range(30)]
        rows = [
            deliveries.NewDelivery(subscriber_id=each, address="a@example.org", message_id=f"<{each}@x>")
            for each in people
            for _ in range(100)
        ]
        assert deliveries.queue(conn, made, rows, NOW) == 30


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.UNCERTAIN])
def test_a_finished_delivery_is_over(store: Store, state: DeliveryState) -> None:
    people = queued(store, "ana")
    (got,) = claim(store)
    with store.write() as conn:
        assert deliveries.finish(conn, got.id, "me", state, "said", LATER)
        assert not deliveries.finish(conn, got.id, "me", DeliveryState.SENT, "again", LATER)
        (row,) = deliveries.for_subscriber(conn, people["ana"])
        assert deliveries.reclaim(conn, NOW + 2 * LEASE) == 0
    assert (row.state, row.reason, row.tries, row.finished_at) == (state, "said", 1, LATER)
    assert (row.owner, row.lease_until) == (None, None)
    assert claim(store, now=NOW + 2 * LEASE) == []


def test_a_deferred_delivery_waits_and_counts_its_try(store: Store) -> None:
    queued(store, "ana")
    (got,) = claim(store)
    with store.write() as conn:
        assert deliveries.finish(conn, got.id, "me", DeliveryState.QUEUED, "450 busy", NOW, next_at=LATER)
    assert states(store) == {(DeliveryState.QUEUED, "450 busy"): 1}
    (again,) = claim(store, now=LATER)
    assert (again.tries, again.uncertain, again.message_id) == (1, 0, got.message_id)


def test_a_server_that_is_away_costs_no_try_and_a_lost_answer_is_counted(store: Store) -> None:
    queued(store, "ana")
    (got,) = claim(store)
    with store.write() as conn:
        queue = DeliveryState.QUEUED
        assert deliveries.finish(conn, got.id, "me", queue, "away", NOW, next_at=NOW, count_try=False)
    (again,) = claim(store)
    assert (again.tries, again.uncertain) == (0, 0)
    with store.write() as conn:
        assert deliveries.finish(conn, got.id, "me", queue, "lost", NOW, next_at=NOW, uncertain=True)
    (third,) = claim(store)
    assert (third.tries, third.uncertain, third.faults) == (1, 1, 0)


def test_faults_of_ours_are_counted_apart_and_a_retry_by_hand_begins_anew(store: Store) -> None:
    queued(store, "ana")
    for state in (DeliveryState.QUEUED, DeliveryState.REFUSED):
        (got,) = claim(store)
        with store.write() as conn:
            deliveries.finish(conn, got.id, "me", state, "fault", NOW, next_at=NOW, count_fault=True)
            (row,) = deliveries.listing(conn, limit=9)
    assert (row.tries, row.faults, row.uncertain) == (2, 2, 0)
    with store.write() as conn:
        assert retry(conn, got.id, NOW)
    (again,) = claim(store)
    assert (again.tries, again.faults) == (0, 0)


def test_only_the_owner_of_the_claim_finishes(store: Store) -> None:
    queued(store, "ana")
    (got,) = claim(store)
    with store.write() as conn:
        assert not deliveries.finish(conn, got.id, "other", DeliveryState.SENT, "", NOW)
        deliveries.reclaim(conn, NOW, owners=["me"])
        assert not deliveries.finish(conn, got.id, "me", DeliveryState.SENT, "too late", NOW)
    assert states(store) == {(DeliveryState.QUEUED, ANSWER_LOST): 1}


def test_finishing_needs_an_end_or_a_next_instant(store: Store) -> None:
    with store.write() as conn:
        for state in (DeliveryState.QUEUED, DeliveryState.SENDING):
            with pytest.raises(ValueError, match="next instant"):
                deliveries.finish(conn, 1, "me", state, "", NOW)


def test_a_dead_claim_is_sent_once_more_with_the_same_message_id_then_stays_uncertain(store: Store) -> None:
    queued(store, "ana")
    (first,) = claim(store, "killed")
    with store.write() as conn:
        assert deliveries.reclaim(conn, NOW + LEASE - MINUTE) == 0  # it may be alive
        assert deliveries.owners(conn) == ["killed"]
        assert deliveries.reclaim(conn, NOW + LEASE) == 1
        assert deliveries.owners(conn) == []
    (second,) = claim(store, "killed too", now=NOW + LEASE)
    assert (second.message_id, second.uncertain, second.tries) == (first.message_id, 1, 0)
    with store.write() as conn:
        assert deliveries.reclaim(conn, NOW + 3 * LEASE) == 1
    assert claim(store, now=NOW + 9 * LEASE) == []
    assert states(store) == {(DeliveryState.UNCERTAIN, ANSWER_LOST_TWICE): 1}


def test_claims_of_a_process_known_to_be_dead_need_not_wait(store: Store) -> None:
    queued(store, "ana", "bob")
    claim(store, "dead", limit=1)
    claim(store, "alive", limit=1)
    with store.write() as conn:
        assert deliveries.owners(conn) == ["alive", "dead"]
        assert deliveries.reclaim(conn, NOW, owners=["dead"]) == 1
        assert deliveries.owners(conn) == ["alive"]


@pytest.mark.parametrize("state", [DeliveryState.REFUSED, DeliveryState.UNCERTAIN])
def test_what_failed_can_be_sent_once_more_by_hand(store: Store, state: DeliveryState) -> None:
    queued(store, "ana")
    (got,) = claim(store)
    with store.write() as conn:
        assert not retry(conn, got.id, LATER)  # it is in hand
        deliveries.finish(conn, got.id, "me", state, "550 no", NOW)
        assert retry(conn, got.id, LATER)
        assert not retry(conn, got.id, LATER)
        (row,) = deliveries.listing(conn, limit=9)
    assert (row.state, row.finished_at, row.next_at) == (DeliveryState.QUEUED, None, LATER)
    (again,) = claim(store, now=LATER)
    assert (again.message_id, again.tries) == (got.message_id, 0)


def test_what_was_sent_or_suppressed_is_never_sent_again_by_hand(store: Store) -> None:
    people = queued(store, "ana", "bob")
    (got,) = claim(store, limit=1)
    with store.write() as conn:
        deliveries.finish(conn, got.id, "me", DeliveryState.SENT, "ok", NOW)
        deliveries.suppress_for(conn, people["bob"], None, "left", NOW)
        assert [retry(conn, row.id, NOW) for row in deliveries.listing(conn, limit=9)] == [False] * 2


def test_suppressing_takes_what_is_queued_and_leaves_what_was_handed_over(store: Store) -> None:
    people = queued(store, "ana", "bob")
    claim(store, limit=1)
    with store.write() as conn:
        assert deliveries.suppress_for(conn, people["ana"], None, "left", NOW) is None
        assert deliveries.suppress_for(conn, people["bob"], ["country:hn"], "left", NOW) is None
        assert deliveries.suppress_for(conn, people["bob"], ["country:pa"], "left", LATER) == NOW
        assert deliveries.suppress_for(conn, people["bob"], None, "again", LATER) is None
        (row,) = deliveries.listing(conn, DeliveryState.SUPPRESSED, limit=9)
    assert (row.reason, row.finished_at, row.subject) == ("left", LATER, "1 new: Panama")


def test_a_claim_of_the_release_before_that_was_not_handed_over_is_queued_again_as_it_was(
    store: Store,
) -> None:
    queued(store, "ana")
    for _ in range(3):
        (got,) = claim(store, "killed")
        not_handed_over(store, got)
        assert (got.uncertain, got.tries) == (0, 0)
        with store.write() as conn:
            assert deliveries.reclaim(conn, NOW, owners=["killed"]) == 1
    assert states(store) == {(DeliveryState.QUEUED, ""): 1}


def test_what_is_to_be_held_is_not_sent_again_by_itself(store: Store) -> None:
    queued(store, "ana", "bob")
    _, waiting = claim(store, "killed")
    not_handed_over(store, waiting)
    with store.write() as conn:
        assert deliveries.QUEUE.reclaim(conn, NOW, owners=["killed"], held=True) == 2
    assert states(store) == {
        (DeliveryState.UNCERTAIN, ANSWER_LOST): 1,
        (DeliveryState.QUEUED, ""): 1,
    }


def test_whoever_left_while_their_letter_was_in_hand_gets_nothing_once_it_was_put_back(store: Store) -> None:
    people = queued(store, "left", "paused", "ended", "stays")
    got = claim(store)
    with store.write() as conn:
        subscribers.set_state(conn, people["left"], SubscriberState.LEFT, NOW, "asked")
        subscribers.set_state(conn, people["paused"], SubscriberState.PAUSED, NOW)
        subscribers.end_subscriptions(conn, people["ended"], NOW, "asked")
        deliveries.QUEUE.put_back(conn, [each.id for each in got], "me")
    assert [each.address[:5] for each in claim(store)] == ["stays"]
    assert states(store) == {
        (DeliveryState.SUPPRESSED, "not subscribed any more"): 3,
        (DeliveryState.SENDING, ""): 1,
    }


@pytest.mark.parametrize(
    ("end", "anew"),
    [
        ({"state": DeliveryState.SENT}, False),
        ({"state": DeliveryState.UNCERTAIN, "uncertain": True}, False),
        ({"state": DeliveryState.QUEUED, "uncertain": True, "next_at": NOW}, False),
        ({"state": DeliveryState.QUEUED, "next_at": NOW}, True),
        ("put back", True),
        ("died", False),
        ("taken", False),
    ],
)
def test_what_was_in_hand_when_its_item_changed_is_composed_anew_only_if_it_cannot_have_left(
    store: Store, end: Any, anew: bool
) -> None:
    with store.write() as conn:
        ana = person(conn, "ana")
        made = digest(conn, audience(conn, ana), announce(conn, "item"))
        assert made is not None
        new = deliveries.NewDelivery(subscriber_id=ana, address="ana@x.org", message_id="<m@x>")
        assert deliveries.queue(conn, made, [new], NOW) == 1
    (got,) = claim(store)
    with store.write() as conn:
        assert deliveries.outdate(conn, ["item"]) == 1
        assert deliveries.outdated(conn) == []
        if end == "put back":
            deliveries.QUEUE.put_back(conn, [got.id], "me")
        elif end == "died":
            deliveries.reclaim(conn, NOW, owners=["me"])
        elif end == "taken":
            deliveries.QUEUE.sent(conn, [(got.id, "250")], "me", NOW)
        else:
            assert deliveries.finish(conn, got.id, "me", reason="said", now=NOW, **end)
        assert deliveries.outdated(conn) == [made] * anew
    claimable = claim(store, now=LATER)
    assert len(claimable) == (end == "died" or (isinstance(end, dict) and "next_at" in end and not anew))


def test_what_is_put_back_is_as_if_it_had_not_been_claimed(store: Store) -> None:
    queued(store, "ana", "bob")
    ana, bob = claim(store)
    with store.write() as conn:
        assert deliveries.QUEUE.put_back(conn, [ana.id], "other") == 0
        assert deliveries.QUEUE.put_back(conn, [ana.id, bob.id], "me") == 2
        assert deliveries.owners(conn) == []
    assert [(each.id, each.tries) for each in claim(store)] == [(ana.id, 0), (bob.id, 0)]


def test_many_receipts_are_recorded_at_once_each_with_its_words(store: Store) -> None:
    queued(store, "ana", "bob", "eve")
    got = claim(store)
    replies = [(each.id, f"250 as {each.id}") for each in got]
    with store.write() as conn:
        assert deliveries.QUEUE.sent(conn, [], "me", LATER) == 0
        assert deliveries.QUEUE.sent(conn, replies[:2], "me", LATER) == 2
        assert deliveries.QUEUE.sent(conn, replies, "me", NOW) == 1
        rows = {row.id: row for row in deliveries.listing(conn, limit=9)}
    assert [(rows[n].reason, rows[n].finished_at, rows[n].tries, rows[n].owner) for n, _ in replies] == [
        (said, LATER if n != got[2].id else NOW, 1, None) for n, said in replies
    ]


def test_every_member_is_accounted_for_by_query(store: Store) -> None:
    people = queued(store, "a", "b", "c", "d", "e")
    a, b, c, _ = claim(store, limit=4)
    with store.write() as conn:
        deliveries.finish(conn, a.id, "me", DeliveryState.SENT, "250 ok as 1", NOW)
        deliveries.finish(conn, b.id, "me", DeliveryState.SENT, "250 ok as 2", NOW)
        deliveries.finish(conn, c.id, "me", DeliveryState.REFUSED, "550 no", NOW)
        deliveries.suppress_for(conn, people["e"], None, "left", NOW)
        counts = deliveries.accounting(conn)
        assert deliveries.accounting(conn, a.digest_id) == counts
        assert deliveries.accounting(conn, a.digest_id + 1) == {}
        newest = [row.subscriber_id for row in deliveries.listing(conn, limit=2)]
    assert counts == {
        (DeliveryState.SENT, ""): 2,
        (DeliveryState.REFUSED, "550 no"): 1,
        (DeliveryState.SENDING, ""): 1,
        (DeliveryState.SUPPRESSED, "left"): 1,
    }
    assert sum(counts.values()) == len(people)
    assert newest == [people["e"], people["d"]]


def test_a_claim_walks_the_index_of_what_is_queued(store: Store, dialect: str) -> None:
    queued(store, "ana")
    said: list[tuple[str, Any]] = []
    with store.rehearse() as conn:
        event.listen(conn, "before_cursor_execute", lambda *args: said.append((args[2], args[3])))
        deliveries.claim(conn, "me", NOW, LEASE, 9)
        statement, values = said[0]
    with store.write() as conn:
        if dialect == "postgresql":
            conn.execute(text("SET LOCAL enable_seqscan = off"))  # one row would never be worth an index
        explain = "EXPLAIN" if dialect == "postgresql" else "EXPLAIN QUERY PLAN"
        plan = " ".join(str(row) for row in conn.exec_driver_sql(f"{explain} {statement}", values))
    assert "state = 'queued'" in statement  # bound, PostgreSQL's generic plan would not see the condition
    assert "ix_delivery_queued" in plan
    assert "sort" not in plan.lower()
    assert "TEMP B-TREE" not in plan
