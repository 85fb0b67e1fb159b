"""What follows from what comes back: once, for whom it is about, and only by a tag of ours (T22)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from feeds.delivering import returning
from feeds.delivering.returning import Outcome, ReturnRules, deal_with
from feeds.mail.envelope import BounceAddress
from feeds.mail.returned.reading import read
from feeds.model import DeliveryState, SubscriberState, Suppression
from feeds.people import ending, erasing, leaving, sweeping
from feeds.people.signup import ADDRESS
from feeds.store import Connection, Store, deliveries, returns, secrets, subscribers
from feeds.store.returns_tables import bounce, returned
from feeds.tokens import Tokens
from returned import complaint, plain, report
from store.making import NOW, queued

BOX = BounceAddress("bounces@example.org")
TOKENS = Tokens([b"k" * 32])
SENT = NOW + timedelta(minutes=1)
LATER = NOW + timedelta(hours=1)


def rules(at: datetime = LATER) -> ReturnRules:
    def suspend(conn: Connection, person: int, why: Suppression, reason: str, now: datetime) -> bool:
        return ending.end_in(conn, TOKENS, person, why, reason, now)

    def restore(conn: Connection, person: int, now: datetime) -> bool:
        return ending.restore_in(conn, TOKENS, person, now)

    def leave(conn: Connection, subscriber_id: int, audience_id: int | None, now: datetime) -> bool:
        left = leaving.leave_in(conn, subscriber_id, audience_id, now, "unsubscribe mail")
        return bool(left and left.filters)

    return ReturnRules(
        address=BOX, tokens=TOKENS, now=lambda: at, suspend=suspend, restore=restore, leave=leave
    )


def sent(store: Store, *names: str, period: str = "2026-11-21") -> dict[str, int]:
    people = queued(store, *names, period=period)
    with store.write() as conn:
        taken = deliveries.claim(conn, "me", NOW, timedelta(hours=1), len(names))
        deliveries.QUEUE.sent(conn, [(each.id, "250 ok") for each in taken], "me", SENT)
    return people


def letter_of(store: Store, person: int) -> str:
    with store.read() as conn:
        return deliveries.for_subscriber(conn, person)[0].number


def to(letter: str, tokens: Tokens = TOKENS) -> str:
    return BOX.tagged(tokens.bounce(letter))


def deal(store: Store, mail: bytes, at: datetime = LATER) -> Outcome:
    return deal_with(store, read(mail, BOX), rules(at))


def state(store: Store, person: int) -> SubscriberState:
    with store.read() as conn:
        found = subscribers.get(conn, person)
    assert found is not None
    return found.state


def test_a_mailbox_that_is_gone_gets_no_more_mail_and_the_line_holds_no_address(store: Store) -> None:
    people = sent(store, "ana", "bob")
    outcome = deal(store, report(to(letter_of(store, people["ana"]))))
    assert outcome.word == "hard"
    assert "A…@example.org" in outcome.line
    assert "ana@" not in outcome.line.lower()
    assert state(store, people["ana"]) is SubscriberState.BOUNCED
    assert state(store, people["bob"]) is SubscriberState.ACTIVE
    with store.read() as conn:
        assert secrets.suppressed(conn, TOKENS.hashes(ADDRESS, "ana@example.org")) == {Suppression.BOUNCED}


@pytest.mark.parametrize("forged", ["other key", "no tag", "changed"])
def test_a_forged_report_changes_nothing(store: Store, forged: str) -> None:
    person = sent(store, "ana")["ana"]
    number = letter_of(store, person)
    address = {
        "other key": to(number, Tokens([b"x" * 32])), "no tag": BOX.address,
        "changed": to(number).replace("-", "-a", 1).replace("@", "")[:-12] + "@example.org",
    }[forged]  # fmt: skip
    for mail in (report(address), complaint(mail_from=address), complaint(token="3-4." + "A" * 24)):
        assert deal(store, mail).word == "not ours"
    assert state(store, person) is SubscriberState.ACTIVE
    with store.read() as conn:
        assert conn.execute(returned.select()).all() == conn.execute(bounce.select()).all() == []


def test_the_same_mail_read_again_changes_nothing_whatever_happened_since(store: Store) -> None:
    person = sent(store, "ana")["ana"]
    mail = report(to(letter_of(store, person)))
    deal(store, mail)
    assert ending.restore(store, TOKENS, person, LATER)
    assert deal(store, mail).word == "known"
    assert state(store, person) is SubscriberState.ACTIVE


def test_two_reports_of_one_letter_count_once(store: Store) -> None:
    person = sent(store, "ana")["ana"]
    number = letter_of(store, person)
    full = {"status": "5.2.2", "said": "552 5.2.2 full"}
    assert deal(store, report(to(number), name="one", **full)).word == "soft"
    assert deal(store, report(to(number), name="two", **full)).word == "known"
    assert deal(store, report(to(number), name="three")).word == "hard"
    assert state(store, person) is SubscriberState.BOUNCED


def test_letters_given_up_for_long_enough_end_in_a_suspension(store: Store) -> None:
    person = sent(store, "ana")["ana"]
    at = LATER
    for n in range(returning.SOFT_MOST):
        number = letter_of(store, person)
        assert state(store, person) is SubscriberState.ACTIVE
        soft = report(to(number), status="5.2.2", said="552 5.2.2 full", name=f"soft{n}")
        assert deal(store, soft, at).word == "soft"
        at += timedelta(days=2)
        one_more_letter(store, person, n)
    assert state(store, person) is SubscriberState.BOUNCED


def test_many_letters_given_up_in_a_few_days_are_a_mailbox_that_is_full_for_now(store: Store) -> None:
    person = sent(store, "ana")["ana"]
    for n in range(2 * returning.SOFT_MOST):
        soft = report(to(letter_of(store, person)), status="5.2.2", said="full", name=f"soft{n}")
        assert deal(store, soft, LATER + timedelta(hours=8 * n)).word == "soft"
        one_more_letter(store, person, n)
    assert state(store, person) is SubscriberState.ACTIVE


def one_more_letter(store: Store, person: int, n: int) -> None:
    """The next digest of the one audience, sent."""
    from store.making import announce, digest

    with store.write() as conn:
        audience = deliveries.for_subscriber(conn, person)[0].audience_id
        made = digest(conn, audience, announce(conn, f"more{n}"), period=f"more{n}")
        assert made is not None
        new = deliveries.NewDelivery(
            subscriber_id=person, address="Ana@example.org", message_id=f"<more{n}@example.org>"
        )
        deliveries.queue(conn, made, [new], NOW)
        (taken,) = deliveries.claim(conn, "me", NOW, timedelta(hours=1), 9) or [None]
        if taken:
            deliveries.QUEUE.sent(conn, [(taken.id, "250 ok")], "me", SENT)


def test_a_policy_refusal_is_ours_to_mend_and_suspends_nobody(store: Store) -> None:
    people = sent(store, *(f"p{n}" for n in range(9)))
    for n, person in enumerate(people.values()):
        mail = report(to(letter_of(store, person)), status="5.7.1", said="550 5.7.1 listed", name=f"p{n}")
        assert deal(store, mail).word == "policy"
    assert {state(store, person) for person in people.values()} == {SubscriberState.ACTIVE}


def test_a_host_that_knows_nobody_any_more_suspends_nobody(store: Store) -> None:
    people = sent(store, *(f"p{n}" for n in range(40)))
    words = [
        deal(store, report(to(letter_of(store, person)), name=f"p{n}")).word
        for n, person in enumerate(people.values())
    ]
    assert words == ["hard"] * 19 + ["too many"] * 21
    assert {state(store, person) for person in people.values()} == {SubscriberState.ACTIVE}


def test_an_answer_to_an_old_letter_or_from_before_they_asked_again_changes_nothing(store: Store) -> None:
    person = sent(store, "ana")["ana"]
    number = letter_of(store, person)
    late = LATER + returning.TAG_LASTS + timedelta(days=1)
    assert deal(store, report(to(number), name="late"), late).word == "too late"
    with store.write() as conn:
        subscribers.amend(conn, person, consent="again", consent_at=LATER)
    assert deal(store, report(to(number), name="again"), LATER + timedelta(hours=1)).word == "too late"
    assert deal(store, report(to("999"), name="unknown")).word == "too late"
    assert state(store, person) is SubscriberState.ACTIVE


def test_who_complains_gets_no_mail_for_good(store: Store) -> None:
    person = sent(store, "ana")["ana"]
    mail = complaint(mail_from=f"<{to(letter_of(store, person))}>")
    assert deal(store, mail).word == "complaint"
    assert state(store, person) is SubscriberState.COMPLAINED
    with store.read() as conn:
        assert secrets.suppressed(conn, TOKENS.hashes(ADDRESS, "ana@example.org")) == {Suppression.COMPLAINED}


def test_a_complaint_known_by_its_link_alone_is_a_wish_to_leave(store: Store) -> None:
    person = sent(store, "ana")["ana"]
    with store.read() as conn:
        (row,) = deliveries.for_subscriber(conn, person)
    token = TOKENS.unsubscribe(person, row.audience_id)
    assert deal(store, complaint(token=token)).word == "left"
    assert state(store, person) is SubscriberState.LEFT
    with store.read() as conn:
        assert secrets.suppressed(conn, TOKENS.hashes(ADDRESS, "ana@example.org")) == frozenset()


def test_a_mail_to_the_unsubscribe_address_ends_what_the_letter_brought_queued_ones_too(store: Store) -> None:
    person = queued(store, "ana")["ana"]
    with store.read() as conn:
        (row,) = deliveries.for_subscriber(conn, person)
    subject = f"Subject: unsubscribe {TOKENS.unsubscribe(person, row.audience_id)}"
    wish = plain(BOX.unsubscribe, "From: whoever@example.net", subject)
    assert deal(store, wish).word == "left"
    assert deal(store, wish).word == "known"
    with store.read() as conn:
        (row,) = deliveries.for_subscriber(conn, person)
    assert (row.state, row.reason) == (DeliveryState.SUPPRESSED, "unsubscribe mail")


def test_an_answer_of_a_machine_or_a_person_changes_nothing(store: Store) -> None:
    person = sent(store, "ana")["ana"]
    address = to(letter_of(store, person))
    assert deal(store, plain(address, "Auto-Submitted: auto-replied")).word == "ignored"
    assert deal(store, report(address, action="delayed")).word == "ignored"
    assert deal(store, plain(address, "From: Ana <ana@example.org>")).word == "left alone"
    assert state(store, person) is SubscriberState.ACTIVE


def test_what_came_back_is_erased_with_its_person_and_with_time(store: Store) -> None:
    people = sent(store, "ana", "bob")
    for name, person in people.items():
        deal(store, report(to(letter_of(store, person)), status="4.4.1", said="timeout", name=name))
    exported = erasing.export(store, people["ana"], LATER)
    assert exported is not None
    assert [(each["kind"], each["status"]) for each in exported["bounces"]] == [("soft", "4.4.1")]
    erasing.erase(store, TOKENS, people["ana"], LATER)
    with store.read() as conn:
        assert returns.counts(conn, NOW) == {"soft": 1}
    sweeping.sweep(store, LATER + sweeping.BOUNCES_KEPT + timedelta(days=1))
    with store.read() as conn:
        assert returns.counts(conn, NOW) == {}
        assert conn.execute(returned.select()).all() == []
    assert max(returning.SOFT_WITHIN, returning.TAG_LASTS) < sweeping.BOUNCES_KEPT
