"""What a receipt means for a letter, and what a letter holds: rules without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest

from feeds.delivering.bounces import EVERYWHERE, Bounces
from feeds.delivering.deliver import LEASE, lease_for
from feeds.delivering.results import OurFault, verdict
from feeds.delivering.writing import Writer
from feeds.letters import Letters
from feeds.mail import Parcel
from feeds.mail.message import unstuffed
from feeds.model import Deferred, DeliveryState, HostAway, Receipt, Refused, Sent, Uncertain
from feeds.store import deliveries
from feeds.templating import environment
from feeds.tokens import Tokens
from golden.pages import sample
from store.making import NOW

LETTERS = Letters(environment([sample.TEMPLATES]), sample.site(), sample.VOCABULARY)
TOKENS = Tokens([b"k" * 32])


def claimed(**changes: Any) -> deliveries.ClaimedDelivery:
    values: dict[str, Any] = {
        "id": 17, "digest_id": 1, "audience_id": 1, "period": "2026-11-21", "subscriber_id": 1,
        "address": "ana@example.org", "message_id": "<m@example.org>", "tries": 0, "uncertain": 0,
        "faults": 0, "lease_until": NOW, "lang": "en", "subject": "S", "text": "t", "html": "h",
    }  # fmt: skip
    return deliveries.ClaimedDelivery(**(values | changes))


def message(parcel: Parcel) -> Message:
    return message_from_bytes(unstuffed(parcel.wire))


def test_retries_come_after_the_documented_times() -> None:
    waits = []
    for tries in range(7):
        state, reason, next_at, word, _ = verdict(Deferred("450 busy"), claimed(tries=tries), NOW, 0.5)
        assert (state, reason, word) == (DeliveryState.QUEUED, "450 busy", "deferred")
        assert next_at is not None
        waits.append((next_at - NOW).total_seconds() / 60)
    assert waits == [5, 15, 30, 60, 120, 240, 240]


def test_after_five_days_a_letter_is_given_up() -> None:
    state, reason, next_at, word, _ = verdict(Deferred("450 busy"), claimed(tries=60), NOW, 0.5)
    assert (state, reason, next_at, word) == (DeliveryState.REFUSED, "given up: 450 busy", None, "refused")


def test_greylisting_never_parks_a_letter_as_a_fault_of_ours() -> None:
    often = claimed(tries=9, faults=0)
    state, _, next_at, _, extra = verdict(OurFault("KeyError"), often, NOW, 0.5)
    assert (state, extra) == (DeliveryState.QUEUED, {"count_fault": True})
    assert next_at == NOW + timedelta(hours=4)
    state, _, _, _, extra = verdict(Deferred("450 greylisted"), claimed(tries=2, faults=2), NOW, 0.5)
    assert (state, extra) == (DeliveryState.QUEUED, {})


def test_the_third_fault_of_ours_parks_a_letter_and_names_the_command_that_retries_it() -> None:
    state, reason, _, word, extra = verdict(OurFault("KeyError"), claimed(faults=2), NOW, 0.5)
    assert (state, word, extra) == (DeliveryState.REFUSED, "refused", {"count_fault": True})
    assert "3 faults of ours (KeyError)" in reason
    assert reason.endswith("feeds queue retry 17")


@pytest.mark.parametrize(
    ("receipt", "before", "state"),
    [
        (Sent("250"), 0, DeliveryState.SENT),
        (Refused("550"), 0, DeliveryState.REFUSED),
        (Uncertain("lost"), 0, DeliveryState.QUEUED),
        (Uncertain("lost"), 1, DeliveryState.UNCERTAIN),
        (HostAway("away"), 1, DeliveryState.QUEUED),
    ],
)
def test_a_lost_answer_is_tried_once_more_and_only_once(
    receipt: Receipt, before: int, state: DeliveryState
) -> None:
    assert verdict(receipt, claimed(uncertain=before), NOW, 0.5)[0] is state


def test_a_lease_is_never_shorter_than_a_legal_wait_for_an_answer() -> None:
    assert lease_for(600) == LEASE == timedelta(minutes=20)
    assert lease_for(3600) == timedelta(minutes=65)


def test_a_letter_is_the_shared_digest_with_this_members_links() -> None:
    writer = Writer(LETTERS, TOKENS, "news@example.org", "News")
    shared = claimed(html="<a href='/unsubscribe/\ufdd0'>", text="t \ufdd0 \ufdd1")
    for subscriber_id in (1, 2):
        made = message(writer.parcel(replace(shared, subscriber_id=subscriber_id), NOW))
        ids = (subscriber_id, shared.audience_id)
        token, change, pause = (make(*ids) for make in (TOKENS.unsubscribe, TOKENS.change, TOKENS.pause))
        own = LETTERS.personal(shared.rendered, unsubscribe=token, change=change, pause=pause, page="none")
        text, html = (part.get_payload(decode=True) for part in made.walk() if not part.is_multipart())
        assert html == own.html.encode() + b"\r\n"
        assert text == f"t {token} {change}\r\n".encode()
        meant = LETTERS.list_headers(token)
        assert tuple((name, made[name]) for name, _ in meant) == meant
        ours = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version"]
        assert made.keys() == [*ours, *(name for name, _ in meant), "Content-Type"]
        assert (made["To"], made["Message-ID"], made["Subject"]) == (
            "ana@example.org",
            "<m@example.org>",
            "S",
        )


@pytest.mark.parametrize(
    ("tried", "gone", "many"), [(19, 19, False), (20, 20, True), (400, 20, False), (399, 20, True)]
)
def test_too_many_are_more_than_one_in_twenty_and_twenty_at_least(tried: int, gone: int, many: bool) -> None:
    seen = Bounces()
    for number in range(tried):
        bounced = number >= tried - gone
        receipt = Refused("550 5.1.1", gone=True) if bounced else Sent("250")
        seen.note(claimed(address=f"p{number}@h{number}.example.org"), receipt)
    assert (seen.many == EVERYWHERE) is many
    assert [each.subscriber_id for each in seen.people] == [1] * gone


def test_only_what_the_server_says_of_the_mailbox_counts() -> None:
    seen = Bounces()
    for receipt in (
        Refused("too big"),
        Deferred("450"),
        Uncertain("lost"),
        OurFault("KeyError"),
        HostAway("x"),
    ):
        seen.note(claimed(), receipt)
    assert (seen.people, seen.many) == ([], "")


# Notices
