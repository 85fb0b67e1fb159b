"""To whom an item went, and what became of each member of a digest (P5): on both databases."""

from __future__ import annotations

from feeds.model import DeliveryState
from feeds.store import Store, answers, deliveries
from store.making import MINUTE, NOW, queued


def settled(store: Store) -> tuple[int, dict[str, int]]:
    """A digest with five members, each of whose letters came to another end; its number, and the people."""
    people = queued(store, "ana", "bea", "carla", "dora", "eva")
    with store.write() as conn:
        claimed = {each.subscriber_id: each for each in deliveries.claim(conn, "me", NOW, MINUTE, 4)}
        for name, state, why in (
            ("ana", DeliveryState.SENT, "250 ok"),
            ("bea", DeliveryState.REFUSED, "550 no such user"),
            ("carla", DeliveryState.UNCERTAIN, "lost"),
        ):
            deliveries.finish(conn, claimed[people[name]].id, "me", state, why, NOW + MINUTE)
        return claimed[people["ana"]].digest_id, people


def test_the_members_of_a_digest_are_the_sum_of_what_became_of_them(store: Store) -> None:
    number, _ = settled(store)
    with store.read() as conn:
        (account,) = answers.accounts(conn, 20)
        assert answers.accounts(conn, 1, number) == [account]
        assert answers.accounts(conn, 1, number + 1) == []
    ends = (
        account.sent,
        account.waiting,
        account.in_hand,
        account.refused,
        account.suppressed,
        account.uncertain,
    )
    assert ends == (1, 1, 1, 1, 0, 1)
    assert account.members == sum(ends) == 5
    assert (account.digest, account.composed_at, account.period) == (number, NOW, "2026-11-21")


def test_the_newest_digests_come_first_and_each_has_its_own_members(store: Store) -> None:
    queued(store, "ana", "bea", period="2026-11-20")
    queued(store, "carla", period="2026-11-21")
    with store.read() as conn:
        found = answers.accounts(conn, 20)
        assert [(each.period, each.members) for each in found] == [("2026-11-21", 1), ("2026-11-20", 2)]
        assert answers.accounts(conn, 1) == found[:1]


def test_an_item_tells_to_whom_it_went_and_what_became_of_it(store: Store) -> None:
    number, people = settled(store)
    with store.read() as conn:
        found = {
            each.address.partition("@")[0]: each for each in answers.who_has(conn, "item-2026-11-21", None, 9)
        }
        refused = answers.who_has(conn, "item-2026-11-21", DeliveryState.REFUSED, 9)
        assert len(answers.who_has(conn, "item-2026-11-21", None, 2)) == 2
        assert answers.who_has(conn, "another", None, 9) == []
    assert set(found) == set(people)
    assert (found["ana"].state, found["ana"].reason, found["ana"].at) == (
        DeliveryState.SENT,
        "250 ok",
        NOW + MINUTE,
    )
    assert (found["eva"].state, found["eva"].at) == (DeliveryState.QUEUED, NOW)
    assert (found["eva"].subscriber, found["eva"].digest, found["eva"].change) == (people["eva"], number, 0)
    assert [each.address for each in refused] == ["bea@example.org"]
