"""What a person does to letters on their way: chosen by number, digest, host or address, counted before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from feeds.model import DeliveryState, NoticeKind, RenderedMail
from feeds.store import Store, by_hand, deliveries, notices
from feeds.store.by_hand import Act, Choice
from store.making import MINUTE, NOW, queued

LEASE = timedelta(minutes=20)
LATER = NOW + MINUTE


def notice(store: Store, address: str) -> None:
    new = notices.NewNotice(
        key=address, kind=NoticeKind.RECEIPT, address=address, lang="en", message_id=f"<{address}>",
        mail=RenderedMail(subject="s", text="t", html="h"),
    )  # fmt: skip
    with store.write() as conn:
        notices.queue(conn, new, NOW)


def states(store: Store) -> dict[str, tuple[DeliveryState, str]]:
    with store.read() as conn:
        rows = [*deliveries.listing(conn, limit=99), *notices.listing(conn, limit=99)]
    return {row.address.partition("@")[0]: (row.state, row.reason) for row in rows}


def perform(store: Store, act: Act, **choice: object) -> int:
    """Do it; that it touches as many as were counted before."""
    chosen = Choice(**choice)  # type: ignore[arg-type]
    with store.write() as conn:
        before = by_hand.count(conn, act, chosen, NOW)
        assert by_hand.perform(conn, act, chosen, NOW) == before
        assert by_hand.count(conn, act, chosen, NOW) == 0 or act is Act.CANCEL
    return before


def claimed(store: Store) -> list[str]:
    with store.write() as conn:
        return [row.address.partition("@")[0] for row in deliveries.claim(conn, "me", LATER, LEASE, 9)]


@pytest.mark.parametrize(
    ("choice", "who"),
    [
        ({"numbers": ("ana", "eve")}, {"ana", "eve"}),
        ({"numbers": ("office",)}, {"office"}),
        ({"numbers": ("n999999", "999999", "nonsense")}, set()),
        ({"digest_id": 0}, {"ana", "bob", "eve"}),
        ({"digest_id": 999999}, set()),
        ({"host": "EXAMPLE.org"}, {"ana", "bob", "eve"}),
        ({"host": "ministry.test"}, {"office"}),
        ({"host": "ple.org"}, set()),
        ({"host": "%"}, set()),
        ({"address": "Bob@example.org"}, {"bob"}),
        ({"address": "bob@example.org", "numbers": ("ana",)}, set()),
        ({}, {"ana", "bob", "eve", "office"}),
    ],
)
def test_a_choice_means_letters_for_which_all_of_it_holds(
    store: Store, choice: dict[str, Any], who: set[str]
) -> None:
    queued(store, "ana", "bob", "eve")
    notice(store, "office@ministry.test")
    with store.read() as conn:
        letters = deliveries.listing(conn, limit=9)
        rows = [*letters, *notices.listing(conn, limit=9)]
    named = {row.address.partition("@")[0]: row.number for row in rows}
    if "numbers" in choice:
        choice = choice | {"numbers": tuple(named.get(each, each) for each in choice["numbers"])}
    if choice.get("digest_id") == 0:
        choice = choice | {"digest_id": letters[0].digest_id}
    assert perform(store, Act.CANCEL, **choice) == len(who)
    ended = (DeliveryState.SUPPRESSED, by_hand.CANCELLED)
    assert {name for name, state in states(store).items() if state == ended} == who


def test_what_is_held_waits_until_it_is_sent_again_by_hand(store: Store) -> None:
    queued(store, "ana", "bob")
    assert perform(store, Act.HOLD, address="ana@example.org") == 1
    assert claimed(store) == ["bob"]
    assert perform(store, Act.HOLD) == 0  # the one is held already, the other in hand
    assert perform(store, Act.RETRY) == 1
    assert claimed(store) == ["ana"]


def test_who_leaves_while_their_letter_is_held_gets_none(store: Store) -> None:
    people = queued(store, "ana")
    perform(store, Act.HOLD)
    with store.write() as conn:
        deliveries.suppress_for(conn, people["ana"], None, "left", NOW)
    assert perform(store, Act.RETRY) == 0
    assert states(store) == {"ana": (DeliveryState.SUPPRESSED, "left")}


def test_what_waits_for_its_next_try_can_be_tried_at_once(store: Store) -> None:
    queued(store, "ana")
    with store.write() as conn:
        (got,) = deliveries.claim(conn, "me", NOW, LEASE, 9)
        deliveries.finish(conn, got.id, "me", DeliveryState.QUEUED, "450", NOW, next_at=NOW + LEASE)
    assert claimed(store) == []
    assert perform(store, Act.RETRY) == 1
    assert claimed(store) == ["ana"]


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.SUPPRESSED, DeliveryState.SENDING])
def test_what_is_over_or_in_somebodys_hands_is_left_alone(
    store: Store, act: Act, state: DeliveryState
) -> None:
    people = queued(store, "ana")
    with store.write() as conn:
        if state is DeliveryState.SUPPRESSED:
            deliveries.suppress_for(conn, people["ana"], None, "left", NOW)
        else:
            (got,) = deliveries.claim(conn, "me", NOW, LEASE, 9)
        if state is DeliveryState.SENT:
            deliveries.finish(conn, got.id, "me", state, "250", NOW)
    assert perform(store, act) == 0
    assert states(store)["ana"][0] is state
