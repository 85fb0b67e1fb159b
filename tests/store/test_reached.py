"""Who gets it: how many people items would reach, and who is told of a correction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from feeds.composing.reaching import FRESH_S, Reaching
from feeds.filters.members import Pace
from feeds.model import Cadence, SubscriberState, Vocabulary
from feeds.store import Store, deliveries, reached, sharing, subscribers, subscriptions
from store.making import NOW, about, item, person, queued

VOCABULARY = Vocabulary({})
PANAMA, MEXICO = item("p", labels=(about("pa"),)), item("m", labels=(about("mx"),))


@dataclass
class Hands:
    """A clock that stands still, and work that is put off."""

    at: float = 100.0
    step: float = 0.0
    work: list[Callable[[], None]] = field(default_factory=list)

    def clock(self) -> float:
        self.at += self.step
        return self.at


def wants(store: Store, name: str, text: str, cadence: Cadence = Cadence.DAILY) -> int:
    with store.write() as conn:
        who = person(conn, name)
        subscribers.subscribe(conn, who, sharing.intern_filter(conn, text), cadence, NOW)
    return who


def reaching(store: Store, hands: Hands) -> Reaching:
    return Reaching(store, VOCABULARY, hands.clock, hands.work.append)


def test_items_reach_whom_the_index_finds_each_counted_once(store: Store) -> None:
    wants(store, "ana", "country:pa", Cadence.IMMEDIATE)
    wants(store, "bea", "country:pa")
    wants(store, "cas", "country:mx", Cadence.WEEKLY)
    wants(store, "dora", "all")
    found = reaching(store, Hands()).reach([PANAMA, MEXICO])
    assert found.together.by_pace == {Pace.AT_ONCE: 1, Pace.DAILY: 2, Pace.WEEKLY: 1, Pace.OTHERWISE: 0}
    assert [each.total for each in found.each.values()] == [3, 2]


def test_what_most_readers_of_it_follow_is_told_once_it_was_counted(store: Store) -> None:
    for name in ("ana", "bea", "cas"):
        wants(store, name, "country:pa")
    wants(store, "dora", "all")
    wants(store, "eva", "country:mx")
    asked = reaching(store, Hands())
    assert asked.largest([PANAMA], 5, 1) == []
    asked.prepare()
    assert asked.largest([PANAMA], 5, 1) == [("country:pa", 3), ("all", 1)]
    assert asked.largest([PANAMA, MEXICO], 5, 2) == [("country:pa", 3)]
    assert asked.largest([], 5, 1) == []


def test_what_is_too_old_to_be_mailed_or_withdrawn_reaches_nobody(store: Store) -> None:
    wants(store, "ana", "all")
    old = item("o", labels=(about("pa"),), mailable=False)
    gone = item("g", labels=(about("pa"),), withdrawn_at=NOW)
    found = reaching(store, Hands()).reach([old, gone])
    assert (found.together.total, [each.total for each in found.each.values()]) == (0, [0, 0])


def test_who_left_or_is_paused_is_not_counted(store: Store) -> None:
    away, paused = wants(store, "ana", "all"), wants(store, "bea", "all")
    with store.write() as conn:
        subscribers.set_state(conn, away, SubscriberState.LEFT, NOW, "left")
        rows = subscribers.subscriptions_of(conn, paused)
        subscriptions.pause(conn, {rows[0].id: None}, NOW + timedelta(days=3), catch_up=True)
    assert reaching(store, Hands()).reach([PANAMA]).together.total == 0


def test_a_quick_reading_is_made_anew_when_it_is_old_and_not_before(store: Store) -> None:
    hands = Hands()
    asked = reaching(store, hands)
    wants(store, "ana", "all")
    assert asked.reach([PANAMA]).together.total == 1
    wants(store, "bea", "all")
    hands.at += FRESH_S
    assert asked.reach([PANAMA]).together.total == 1
    hands.at += 0.1
    assert asked.reach([PANAMA]).together.total == 2
    assert hands.work == []


def test_a_slow_reading_is_made_meanwhile_and_once(store: Store) -> None:
    hands = Hands(step=1.0)  # each look at the clock takes a second
    asked = reaching(store, hands)
    wants(store, "ana", "all")
    asked.prepare()
    wants(store, "bea", "all")
    assert asked.reach([PANAMA]).together.total == 1
    assert hands.work == []
    hands.at += FRESH_S
    assert asked.reach([PANAMA]).together.total == 1
    assert asked.reach([PANAMA]).together.total == 1
    hands.step = 0.0
    for work in hands.work:
        work()
    assert asked.reach([PANAMA]).together.total == 2


def test_who_cannot_wait_is_told_that_it_is_counted_which_is_begun_once(store: Store) -> None:
    hands = Hands()
    asked = reaching(store, hands)
    wants(store, "ana", "country:pa")
    asked.begin()
    assert asked.reach_soon([PANAMA]) is None
    assert asked.reach_soon([PANAMA]) is None
    (work,) = hands.work
    work()
    asked.begin()
    found = asked.reach_soon([PANAMA, MEXICO])
    assert found is not None
    assert (found.together.total, found.each["m"].total, len(hands.work)) == (1, 0, 1)


def test_a_first_reading_that_failed_is_begun_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    hands = Hands()
    asked = reaching(store, hands)
    with monkeypatch.context() as patched:
        patched.setattr(reached, "running", lambda _: 1 // 0)
        asked.begin()
        with pytest.raises(ZeroDivisionError):
            hands.work.pop()()
    asked.begin()
    hands.work.pop()()
    assert asked.reach_soon([PANAMA]) is not None


def test_a_new_filter_is_known_as_soon_as_its_people_are(store: Store) -> None:
    hands = Hands()
    asked = reaching(store, hands)
    asked.prepare()
    wants(store, "ana", "country:pa")
    hands.at += FRESH_S + 1
    assert asked.reach([PANAMA]).together.total == 1


def test_whoever_was_sent_an_item_is_told_of_its_correction(store: Store) -> None:
    queued(store, "ana", "bea", "cas")
    with store.write() as conn:
        rows = deliveries.listing(conn, limit=10)
        subscribers.set_state(conn, rows[0].subscriber_id, SubscriberState.LEFT, NOW, "left")
        assert reached.told(conn, ["item-2026-11-21"]) == 2
        assert reached.told(conn, ["item-2026-11-21"] * 2_000) == 2
        assert reached.told(conn, ["unknown"]) == 0
        assert reached.told(conn, []) == 0
