"""The deliver pass: what a receipt means, and that no letter in hand is ever left without a record."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.delivering.deliver import (
    LEASE,
    TO_RECORD,
    DeliverRules,
    OurFault,
    deliver,
    lease_for,
    letter,
    verdict,
)
from feeds.errors import MailError, StoreError
from feeds.letters import Letters
from feeds.model import (
    Deferred,
    DeliveryState,
    HostAway,
    Letter,
    NoticeKind,
    Receipt,
    Refused,
    RenderedMail,
    Sent,
    Uncertain,
)
from feeds.store import Store, deliveries, notices, open_store
from feeds.templating import environment
from feeds.tokens import Tokens
from golden.pages import sample
from store.making import NOW, queued

LETTERS = Letters(environment([sample.TEMPLATES]), sample.site(), sample.VOCABULARY)
RULES = DeliverRules(
    letters=LETTERS, tokens=Tokens([b"k" * 32]), sender="news@example.org", sender_name="News",
    owner="me", now=lambda: NOW, jitter=lambda: 0.5,
)  # fmt: skip
SOON = replace(RULES, lease=TO_RECORD + timedelta(milliseconds=50))


def claimed(**changes: Any) -> deliveries.ClaimedDelivery:
    values: dict[str, Any] = {
        "id": 17, "digest_id": 1, "audience_id": 1, "period": "2026-11-21", "subscriber_id": 1,
        "address": "ana@example.org", "message_id": "<m@example.org>", "tries": 0, "uncertain": 0,
        "faults": 0, "lease_until": NOW, "lang": "en", "subject": "S", "text": "t", "html": "h",
    }  # fmt: skip
    return deliveries.ClaimedDelivery(**(values | changes))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with tables and no rows."""
    folder = tmp_path_factory.mktemp("deliver")
    made = open_store(f"sqlite:///{folder / 'feeds.db'}")
    made.migrate()
    made.close()  # the last connection: what stood beside the file is in it now
    return folder / "feeds.db"


@pytest.fixture
def store(tmp_path: Path, empty: Path) -> Iterator[Store]:
    made = open_store(f"sqlite:///{shutil.copy(empty, tmp_path / 'feeds.db')}")
    yield made
    made.close()


class Line:
    """A transport that does what the test says with each letter; `in_doubt` as told."""

    def __init__(
        self,
        act: Callable[[Letter], Awaitable[Receipt]],
        *,
        in_doubt: bool = False,
        connected: threading.Event | None = None,
    ) -> None:
        self._act = act
        self._connected = connected
        self.in_doubt = in_doubt
        self.begun = asyncio.Event()

    async def ready(self) -> None:
        if self._connected:
            self._connected.set()

    async def send(self, letter: Letter) -> Receipt:
        self.begun.set()
        return await self._act(letter)

    async def close(self) -> None:
        pass


async def for_ever(_: Letter) -> Receipt:
    await asyncio.Event().wait()
    raise AssertionError("never reached")


async def take(_: Letter) -> Receipt:
    return Sent("250 ok")


async def stumble(_: Letter) -> Receipt:
    raise KeyError("ours")


def only_row(store: Store) -> deliveries.DeliveryRow:
    with store.read() as conn:
        (row,) = deliveries.listing(conn, limit=9)
    return row


def test_retries_come_after_the_documented_times() -> None:
    waits = []
    for tries in range(7):
        state, reason, next_at, word, _ = verdict(Deferred("450 busy"), claimed(tries=tries), NOW, 0.5)
        assert (state, reason, word) == (DeliveryState.QUEUED, "450 busy", "deferred")
        assert next_at is not None
        waits.append((next_at - NOW).total_seconds() / 60)
    assert waits == [5, 15, 30, 60, 120, 240, 240]


def test_after_four_days_a_letter_is_given_up() -> None:
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


def test_three_faults_of_ours_park_a_letter_and_the_others_go_out(store: Store) -> None:
    async def one_is_bad(letter: Letter) -> Receipt:
        return await (stumble if letter.recipient.startswith("bad") else take)(letter)

    queued(store, "bad", "good")
    clock = [NOW]
    rules = replace(RULES, now=lambda: clock[0])
    outcomes = []
    for _ in range(4):
        outcomes.append(dict(asyncio.run(deliver(store, [Line(one_is_bad)], rules)).outcomes))
        clock[0] += timedelta(hours=1)
    assert outcomes == [{"deferred": 1, "sent": 1}, {"deferred": 1}, {"refused": 1}, {}]
    with store.write() as conn:
        (row,) = deliveries.listing(conn, DeliveryState.REFUSED, limit=9)
        assert (row.faults, row.tries) == (3, 3)
        assert row.reason.endswith(f"feeds queue retry {row.id}")
        assert deliveries.retry(conn, row.id, clock[0])
    assert dict(asyncio.run(deliver(store, [Line(one_is_bad)], rules)).outcomes) == {"deferred": 1}


def test_a_letter_that_cannot_be_written_is_refused(store: Store) -> None:
    async def unwritable(_: Letter) -> Receipt:
        raise MailError("a line break in the subject")

    queued(store, "ana")
    asyncio.run(deliver(store, [Line(unwritable)], RULES))
    row = only_row(store)
    assert (row.state, row.faults) == (DeliveryState.REFUSED, 0)


@pytest.mark.parametrize(
    ("in_doubt", "word", "uncertain", "tries"), [(True, "deferred", 1, 1), (False, None, 0, 0)]
)
def test_an_attempt_ends_before_its_lease_does(
    store: Store, in_doubt: bool, word: str | None, uncertain: int, tries: int
) -> None:
    queued(store, "ana")
    report = asyncio.run(deliver(store, [Line(for_ever, in_doubt=in_doubt)], SOON))
    row = only_row(store)
    assert dict(report.outcomes) == ({word: 1} if word else {})
    assert (report.away is None) is in_doubt
    assert (row.state, row.uncertain, row.tries) == (DeliveryState.QUEUED, uncertain, tries)
    assert "took longer than" in row.reason


def test_a_timeout_of_the_transports_own_is_a_fault_of_ours_not_the_end_of_the_lease(store: Store) -> None:
    async def raises(_: Letter) -> Receipt:
        raise TimeoutError

    queued(store, "ana")
    asyncio.run(deliver(store, [Line(raises, in_doubt=True)], RULES))
    assert only_row(store).reason == "fault of ours: TimeoutError"


@asynccontextmanager
async def cancelled(store: Store, *lines: Line, rules: DeliverRules = RULES) -> AsyncIterator[None]:
    """A deliver pass that is cancelled while all its lines are in the middle of a letter."""
    running = asyncio.create_task(deliver(store, lines, rules))
    for line in lines:
        await line.begun.wait()
    yield
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize(("in_doubt", "uncertain", "tries"), [(True, 1, 1), (False, 0, 0)])
def test_a_letter_in_hand_is_recorded_when_the_pass_is_cancelled(
    store: Store, in_doubt: bool, uncertain: int, tries: int
) -> None:
    async def run() -> None:
        async with cancelled(store, Line(for_ever, in_doubt=in_doubt)):
            assert only_row(store).state is DeliveryState.SENDING

    queued(store, "ana")
    asyncio.run(run())
    row = only_row(store)
    assert (row.state, row.uncertain, row.tries) == (DeliveryState.QUEUED, uncertain, tries)
    assert "the process was stopped" in row.reason


def test_all_letters_in_hand_are_recorded_not_only_the_first(store: Store) -> None:
    async def run() -> None:
        async with cancelled(store, *(Line(for_ever, in_doubt=True) for _ in range(3))):
            pass

    queued(store, "ana", "bob", "eve")
    asyncio.run(run())
    with store.read() as conn:
        rows = deliveries.listing(conn, limit=9)
    assert [(row.state, row.uncertain) for row in rows] == [(DeliveryState.QUEUED, 1)] * 3


def test_stopped_in_doubt_a_second_time_a_letter_is_not_sent_a_third_time(store: Store) -> None:
    async def run(rules: DeliverRules) -> None:
        async with cancelled(store, Line(for_ever, in_doubt=True), rules=rules):
            pass

    queued(store, "ana")
    asyncio.run(run(RULES))
    asyncio.run(run(replace(RULES, now=lambda: NOW + timedelta(hours=1))))
    assert only_row(store).state is DeliveryState.UNCERTAIN


async def held(
    store: Store,
    hold: threading.Event,
    rules: DeliverRules,
    inside: threading.Event,
    connected: threading.Event | None = None,
) -> None:
    """Cancel a deliver pass while its thread stands `inside`; then let the thread go on."""
    running = asyncio.create_task(deliver(store, [Line(take, connected=connected)], rules))
    assert await asyncio.to_thread(inside.wait, 30)
    running.cancel()
    await asyncio.sleep(0)
    hold.set()
    with pytest.raises(asyncio.CancelledError):
        await running


def test_a_claim_that_commits_after_the_cancellation_is_given_back_uncounted(store: Store) -> None:
    inside, hold, connected = threading.Event(), threading.Event(), threading.Event()

    def now() -> datetime:
        if connected.is_set():  # the next look at the clock is the claim's
            inside.set()
            assert hold.wait(30)
        return NOW

    queued(store, "ana")
    asyncio.run(held(store, hold, replace(RULES, now=now), inside, connected))
    row = only_row(store)
    assert (row.state, row.owner, row.tries, row.uncertain) == (DeliveryState.QUEUED, None, 0, 0)


def test_a_receipt_that_is_being_recorded_is_recorded_when_the_pass_is_cancelled(store: Store) -> None:
    inside, hold = threading.Event(), threading.Event()

    def jitter() -> float:
        inside.set()
        assert hold.wait(30)
        return 0.5

    queued(store, "ana")
    asyncio.run(held(store, hold, replace(RULES, jitter=jitter), inside))
    row = only_row(store)
    assert (row.state, row.reason) == (DeliveryState.SENT, "250 ok")


def test_a_worker_that_fails_leaves_no_other_with_a_letter_in_hand(store: Store) -> None:
    failed = threading.Event()

    def jitter() -> float:
        if not failed.is_set():
            failed.set()
            raise StoreError("away")
        return 0.5

    async def slow(_: Letter) -> Receipt:
        assert await asyncio.to_thread(failed.wait, 30)
        for _ in range(20):  # long enough for the other one's error to arrive
            await asyncio.to_thread(lambda: None)
        return Sent("250 ok")

    queued(store, "ana", "bob")
    with pytest.raises(StoreError):
        asyncio.run(deliver(store, [Line(take), Line(slow)], replace(RULES, jitter=jitter)))
    with store.read() as conn:
        states = {row.state for row in deliveries.listing(conn, limit=9)}
    assert states == {DeliveryState.SENT, DeliveryState.SENDING}


def test_a_letter_is_the_shared_digest_with_this_members_links() -> None:
    shared = claimed(html="<a href='/unsubscribe/\ufdd0'>", text="t")
    made = letter(RULES, shared)
    token = RULES.tokens.unsubscribe(shared.subscriber_id, shared.audience_id)
    ids = (shared.subscriber_id, shared.audience_id)
    tokens = {"change": RULES.tokens.change(*ids), "pause": RULES.tokens.pause(*ids)}
    own = LETTERS.personal(shared.rendered, unsubscribe=token, page="none", **tokens)
    assert made.html == own.html
    assert (made.recipient, made.message_id, made.subject) == ("ana@example.org", "<m@example.org>", "S")
    assert any(token in value for _, value in made.headers)


# Notices


def noticed(store: Store, *names: str) -> None:
    """A queued notice to each of these."""
    with store.write() as conn:
        for name in names:
            mail = RenderedMail(subject=f"About {name}", text="t", html="<p>h</p>")
            new = notices.NewNotice(
                key=f"receipt/{name}", kind=NoticeKind.RECEIPT, address=f"{name}@example.org", lang="en",
                message_id=f"<{name}@feeds.test>", mail=mail,
            )  # fmt: skip
            assert notices.queue(conn, new, NOW)


def notice_rows(store: Store) -> dict[str, notices.NoticeRow]:
    with store.read() as conn:
        return {row.key.removeprefix("receipt/"): row for row in notices.listing(conn, limit=9)}


def test_a_notice_goes_before_every_digest_that_waits(store: Store) -> None:
    seen: list[str] = []

    async def remember(letter: Letter) -> Receipt:
        seen.append(letter.recipient)
        if len(seen) == 2:
            noticed(store, "later")
        return Sent("250 ok")

    queued(store, "ana", "bob", "eve")
    noticed(store, "office")
    report = asyncio.run(deliver(store, [Line(remember)], RULES))
    assert [each.partition("@")[0] for each in seen] == ["office", "ana", "later", "bob", "eve"]
    assert dict(report.outcomes) == {"sent": 5}


def test_a_notice_over_which_the_server_goes_away_each_time_holds_up_nobody(store: Store) -> None:
    async def falls_over_one(letter: Letter) -> Receipt:
        return HostAway("dropped") if letter.recipient.startswith("poison") else await take(letter)

    queued(store, "ana", "bob")
    noticed(store, "poison", "office")
    first = asyncio.run(deliver(store, [Line(falls_over_one)], RULES))
    assert (first.away, first.handled) == (HostAway("dropped"), 0)
    second = asyncio.run(deliver(store, [Line(falls_over_one)], RULES))
    assert dict(second.outcomes) == {"sent": 3}
    assert second.away == HostAway("dropped")
    poison = notice_rows(store)["poison"]
    assert (poison.state, poison.tries, poison.reason) == (DeliveryState.QUEUED, 0, "dropped")


def test_a_notice_is_written_as_it_was_queued_and_belongs_to_no_list(store: Store) -> None:
    letters: list[Letter] = []

    async def keep(letter: Letter) -> Receipt:
        letters.append(letter)
        return Sent("250 ok")

    noticed(store, "office")
    asyncio.run(deliver(store, [Line(keep)], RULES))
    (made,) = letters
    assert (made.recipient, made.subject, made.text, made.html) == (
        "office@example.org", "About office", "t", "<p>h</p>",
    )  # fmt: skip
    assert made.message_id == "<office@feeds.test>"
    assert made.headers == (("Auto-Submitted", "auto-generated"),)


def test_the_third_fault_of_ours_parks_a_notice_and_names_the_command_that_retries_it(store: Store) -> None:
    noticed(store, "office")
    for hours in range(3):
        rules = replace(RULES, now=lambda hours=hours: NOW + timedelta(hours=hours))
        asyncio.run(deliver(store, [Line(stumble)], rules))
    row = notice_rows(store)["office"]
    assert (row.state, row.faults) == (DeliveryState.REFUSED, 3)
    assert row.reason.endswith(f"feeds queue retry n{row.id}")


def test_a_notice_to_an_address_that_refuses_ends_and_the_digests_go_out(store: Store) -> None:
    async def refuse(letter: Letter) -> Receipt:
        return Refused("RCPT: 550 5.1.1 no") if letter.recipient.startswith("office") else await take(letter)

    queued(store, "ana")
    noticed(store, "office")
    report = asyncio.run(deliver(store, [Line(refuse)], RULES))
    assert dict(report.outcomes) == {"refused": 1, "sent": 1}
    row = notice_rows(store)["office"]
    assert (row.state, row.reason) == (DeliveryState.REFUSED, "RCPT: 550 5.1.1 no")


def test_a_notice_whose_process_died_is_sent_once_more_with_the_same_message_id(store: Store) -> None:
    noticed(store, "office")
    with store.write() as conn:
        (in_hand,) = notices.claim(conn, "killed", NOW, LEASE, 1, ahead=True)
    report = asyncio.run(deliver(store, [Line(take)], RULES, dead_owners=lambda found: found))
    assert (report.recovered, dict(report.outcomes)) == (1, {"sent": 1})
    row = notice_rows(store)["office"]
    assert (row.message_id, row.uncertain, row.state) == (in_hand.message_id, 1, DeliveryState.SENT)


def test_a_notice_in_hand_is_recorded_when_the_pass_is_cancelled(store: Store) -> None:
    async def run() -> None:
        async with cancelled(store, Line(for_ever, in_doubt=True)):
            assert notice_rows(store)["office"].state is DeliveryState.SENDING

    noticed(store, "office")
    asyncio.run(run())
    row = notice_rows(store)["office"]
    assert (row.state, row.uncertain, row.owner) == (DeliveryState.QUEUED, 1, None)
