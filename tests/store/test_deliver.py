"""The deliver pass: no letter in hand is ever left without a record."""

from __future__ import annotations

import asyncio
import re
import shutil
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from sqlalchemy import text

from feeds.delivering.deliver import LEASE, TO_RECORD, DeliverReport, DeliverRules, deliver
from feeds.delivering.hand import MOST
from feeds.delivering.handed import HandedOver
from feeds.delivering.hosts import IN_A_ROW, Hosts
from feeds.errors import StoreError
from feeds.letters import Letters
from feeds.mail import Hand, Parcel
from feeds.mail.message import unstuffed
from feeds.model import (
    Deferred,
    DeliveryState,
    HostAway,
    NoticeKind,
    Receipt,
    Refused,
    RenderedMail,
    Sent,
    SubscriberState,
    Uncertain,
)
from feeds.store import Store, deliveries, notices, open_store, subscribers
from feeds.templating import environment
from feeds.tokens import Tokens
from golden.pages import sample
from store.making import NOW, queued, retry

LETTERS = Letters(environment([sample.TEMPLATES]), sample.site(), sample.VOCABULARY)
RULES = DeliverRules(
    letters=LETTERS, tokens=Tokens([b"k" * 32]), sender="news@example.org", sender_name="News",
    owner="me", now=lambda: NOW, jitter=lambda: 0.5,
)  # fmt: skip
SOON = replace(RULES, lease=TO_RECORD + timedelta(milliseconds=50))


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
    """A transport that does what the test says with each letter; cut off, it is `in_doubt` or not."""

    def __init__(
        self,
        act: Callable[[Parcel], Awaitable[Receipt]],
        *,
        in_doubt: bool = False,
        connected: threading.Event | None = None,
    ) -> None:
        self._act = act
        self._connected = connected
        self.in_doubt = in_doubt
        self.begun = asyncio.Event()

    async def carry(self, hand: Hand) -> HostAway | None:
        if self._connected:
            self._connected.set()
        while await hand.more():
            if not (parcel := hand.take()):
                continue
            self.begun.set()
            try:
                receipt = await self._act(parcel)
            except asyncio.CancelledError:
                hand.cut_off(parcel, in_doubt=self.in_doubt)
                raise
            hand.done(parcel, receipt)
            if isinstance(receipt, HostAway):
                return receipt
        return None

    async def close(self) -> None:
        pass


async def for_ever(_: Parcel) -> Receipt:
    await asyncio.Event().wait()
    raise AssertionError("never reached")


async def take(_: Parcel) -> Receipt:
    return Sent("250 ok")


async def stumble(_: Parcel) -> Receipt:
    raise KeyError("ours")


def only_row(store: Store) -> deliveries.DeliveryRow:
    with store.read() as conn:
        (row,) = deliveries.listing(conn, limit=9)
    return row


def test_three_faults_of_ours_park_a_letter_and_the_others_go_out(store: Store) -> None:
    async def one_is_bad(letter: Parcel) -> Receipt:
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
        assert retry(conn, row.id, clock[0])
    assert dict(asyncio.run(deliver(store, [Line(one_is_bad)], rules)).outcomes) == {"deferred": 1}


def test_a_letter_that_cannot_be_written_is_refused_and_the_others_go_out(store: Store) -> None:
    queued(store, "ana", "bob")
    with store.write() as conn:
        conn.exec_driver_sql("UPDATE delivery SET address = 'ana@x\nBcc: eve@x' WHERE id = 1")
    report = asyncio.run(deliver(store, [Line(take)], RULES))
    assert dict(report.outcomes) == {"refused": 1, "sent": 1}
    with store.read() as conn:
        (row,) = deliveries.listing(conn, DeliveryState.REFUSED, limit=9)
    assert (row.id, row.faults) == (1, 0)
    assert row.reason.startswith("cannot be written as a mail")


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
    async def raises(_: Parcel) -> Receipt:
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


async def held(store: Store, hold: threading.Event, rules: DeliverRules, inside: threading.Event) -> None:
    """Cancel a deliver pass while its thread stands `inside`; then let the thread go on."""
    running = asyncio.create_task(deliver(store, [Line(take)], rules))
    assert await asyncio.to_thread(inside.wait, 30)
    running.cancel()
    await asyncio.sleep(0)
    hold.set()
    with pytest.raises(asyncio.CancelledError):
        await running


def test_a_claim_that_commits_after_the_cancellation_is_given_back_uncounted(store: Store) -> None:
    inside, hold = threading.Event(), threading.Event()

    def now() -> datetime:
        if threading.current_thread().name.startswith("books") and not hold.is_set():
            inside.set()
            assert hold.wait(30)
        return NOW

    queued(store, "ana")
    asyncio.run(held(store, hold, replace(RULES, now=now), inside))
    row = only_row(store)
    assert (row.state, row.owner, row.tries, row.uncertain) == (DeliveryState.QUEUED, None, 0, 0)


def claim_then_record(recording: Callable[[], object]) -> Callable[[], datetime]:
    """A clock that calls `recording` whenever a pass that has made its claim writes again."""
    writes = []

    def now() -> datetime:
        if threading.current_thread().name.startswith("books"):
            writes.append(1)
            if len(writes) > 1:
                recording()
        return NOW

    return now


def test_a_receipt_that_is_being_recorded_is_recorded_when_the_pass_is_cancelled(store: Store) -> None:
    inside, hold = threading.Event(), threading.Event()
    begun = claim_then_record(lambda: (inside.set(), hold.wait(30)))
    queued(store, "ana")
    asyncio.run(held(store, hold, replace(RULES, now=begun), inside))
    row = only_row(store)
    assert (row.state, row.reason) == (DeliveryState.SENT, "250 ok")


@pytest.mark.parametrize(("failures", "state"), [(1, DeliveryState.SENT), (9, DeliveryState.SENDING)])
def test_results_that_cannot_be_written_are_tried_once_more_when_all_letters_are_back(
    store: Store, failures: int, state: DeliveryState
) -> None:
    left = [failures]

    def fail() -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise StoreError("away")

    async def slow(_: Parcel) -> Receipt:
        while left[0] == failures:
            await asyncio.sleep(0)
        for _ in range(20):  # long enough for the other one's error to arrive
            await asyncio.to_thread(lambda: None)
        return Sent("250 ok")

    queued(store, "ana", "bob")
    with pytest.raises(StoreError):
        asyncio.run(deliver(store, [Line(take), Line(slow)], replace(RULES, now=claim_then_record(fail))))
    with store.read() as conn:
        assert {row.state for row in deliveries.listing(conn, limit=9)} == {state}


def test_the_envelope_sender_of_a_letter_is_what_is_asked_for_it_the_header_stays(store: Store) -> None:
    taken = []

    async def look(parcel: Parcel) -> Receipt:
        taken.append((parcel.sender, message_from_bytes(unstuffed(parcel.wire))["From"]))
        return Sent("250 ok")

    queued(store, "ana", "bob")
    rules = replace(RULES, return_path=lambda letter: f"news+{letter.number}@example.org")
    asyncio.run(deliver(store, [Line(look)], rules))
    assert taken == [(f"news+{n}@example.org", "News <news@example.org>") for n in (1, 2)]


def test_who_leaves_while_their_letter_is_claimed_gets_nothing(store: Store) -> None:
    people = queued(store, "ana", "bob", "eve", "fay")
    seen: list[str] = []

    async def leave(letter: Parcel) -> Receipt:
        if not seen:
            with store.write() as conn:
                deliveries.suppress_for(conn, people["bob"], None, "left", NOW)
                subscribers.set_state(conn, people["eve"], SubscriberState.PAUSED, NOW)
        seen.append(letter.recipient.partition("@")[0])
        return Sent("250 ok")

    assert dict(asyncio.run(deliver(store, [Line(leave)], RULES)).outcomes) == {"sent": 2}
    assert seen == ["ana", "fay"]
    with store.read() as conn:
        assert deliveries.accounting(conn) == {
            (DeliveryState.SENT, ""): 2,
            (DeliveryState.SUPPRESSED, "left"): 1,
            (DeliveryState.SUPPRESSED, "not subscribed any more"): 1,
        }


def test_told_to_stop_no_further_letter_starts_and_what_was_claimed_is_given_back(store: Store) -> None:
    async def run() -> DeliverReport:
        stop = asyncio.Event()

        async def last(_: Parcel) -> Receipt:
            stop.set()
            await asyncio.sleep(0)
            return Sent("250 ok")

        return await deliver(store, [Line(last)], RULES, stop)

    queued(store, *(f"p{n}" for n in range(30)))
    assert dict(asyncio.run(run()).outcomes) == {"sent": 1}
    with store.read() as conn:
        assert deliveries.accounting(conn) == {(DeliveryState.SENT, ""): 1, (DeliveryState.QUEUED, ""): 29}
        assert deliveries.owners(conn) == []


def test_more_letters_than_are_claimed_at_once_on_several_lines_each_go_once(store: Store) -> None:
    seen: list[str] = []

    async def remember(letter: Parcel) -> Receipt:
        seen.append(letter.message_id)
        await asyncio.sleep(0)
        return Sent("250 ok")

    queued(store, *(f"p{n}" for n in range(MOST + 20)))
    report = asyncio.run(deliver(store, [Line(remember) for _ in range(4)], RULES))
    assert dict(report.outcomes) == {"sent": MOST + 20}
    assert len(set(seen)) == len(seen) == MOST + 20


def test_a_lost_answer_can_be_left_to_a_person(store: Store) -> None:
    async def lost(_: Parcel) -> Receipt:
        return Uncertain("the line went dead")

    queued(store, "ana")
    report = asyncio.run(deliver(store, [Line(lost)], replace(RULES, hold=True)))
    assert dict(report.outcomes) == {"uncertain": 1}
    assert only_row(store).state is DeliveryState.UNCERTAIN


def test_no_letter_starts_before_the_rate_allows_it(store: Store) -> None:
    async def run() -> DeliverReport:
        stop = asyncio.Event()

        class Eager(Line):
            async def carry(self, hand: Hand) -> HostAway | None:
                while await hand.more():
                    while parcel := hand.take():
                        hand.done(parcel, Sent("250 ok"))
                        self.begun.set()
                    if self.begun.is_set():
                        stop.set()
                return None

        return await deliver(store, [Eager(take)], replace(RULES, letters_per_s=0.001), stop)

    queued(store, "ana", "bob", "eve")
    assert dict(asyncio.run(run()).outcomes) == {"sent": 1}


# Bounces


def bouncing(
    store: Store, gone: int, good: int, host: str = "example.org"
) -> tuple[list[int], DeliverReport]:
    """A pass over so many recipients: who is told to have bounced, and the report."""
    told: list[int] = []

    async def answer(letter: Parcel) -> Receipt:
        number = int(letter.recipient.partition("@")[0][1:])
        return Refused("RCPT: 550 5.1.1 no such user", gone=True) if number < gone else Sent("250 ok")

    queued(store, *(f"p{n}" for n in range(gone + good)))
    rules = replace(RULES, bounced=lambda person, _: told.append(person))
    return told, asyncio.run(deliver(store, [Line(answer)], rules))


def test_who_has_no_mailbox_is_told_of_at_the_end_of_the_pass(store: Store) -> None:
    told, report = bouncing(store, gone=3, good=5)
    assert (len(told), report.away) == (3, None)
    assert dict(report.outcomes) == {"refused": 3, "sent": 5}


def test_while_a_recipients_host_is_busy_its_letters_wait_and_all_others_go(store: Store) -> None:
    asked: Counter[str] = Counter()

    async def busy(letter: Parcel) -> Receipt:
        host = letter.recipient.rpartition("@")[2]
        asked[host] += 1
        return Deferred("RCPT: 451 4.7.650 too many", host=True) if host == "busy.example" else Sent("250 ok")

    queued(store, *(f"p{n}" for n in range(40)))
    with store.write() as conn:
        conn.execute(text("UPDATE delivery SET address = 'x@busy.example' WHERE id % 2 = 0"))
    clock = [NOW]
    rules = replace(RULES, now=lambda: clock[0], hosts=Hosts(RULES.jitter))
    report = asyncio.run(deliver(store, [Line(busy)], rules))
    assert dict(report.outcomes) == {"deferred": 20, "sent": 20}
    assert asked == {"busy.example": IN_A_ROW, "example.org": 20}
    with store.read() as conn:
        waiting = deliveries.listing(conn, DeliveryState.QUEUED, limit=99)
    assert {row.tries for row in waiting} == {1}
    assert Counter("not asked" in row.reason for row in waiting) == {True: 20 - IN_A_ROW, False: IN_A_ROW}
    clock[0] += timedelta(minutes=10)  # by the clock of letters; its rest is not over
    assert dict(asyncio.run(deliver(store, [Line(busy)], rules)).outcomes) == {"deferred": 20}
    assert asked["busy.example"] == IN_A_ROW


def test_a_host_that_refuses_too_many_is_in_trouble_and_nobody_is_suspended(store: Store) -> None:
    told, report = bouncing(store, gone=40, good=5)
    assert told == []
    assert report.away
    assert report.away.ours
    assert "20 of 20 recipients at example.org" in report.away.reason
    assert report.outcomes["sent"] == 0
    with store.read() as conn:
        assert deliveries.accounting(conn)[DeliveryState.QUEUED, ""] == 25


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

    async def remember(letter: Parcel) -> Receipt:
        seen.append(letter.recipient)
        if len(seen) == 2:
            noticed(store, "later")
        return Sent("250 ok")

    queued(store, *(f"p{n}" for n in range(9)))
    noticed(store, "office")
    report = asyncio.run(deliver(store, [Line(remember)], RULES))
    names = [each.partition("@")[0] for each in seen]
    assert names[:2] == ["office", "p0"]
    # Before it went only what was noted as handed over already.
    assert names.index("later") < names.index("p5")
    assert dict(report.outcomes) == {"sent": 11}


def test_a_notice_over_which_the_server_goes_away_each_time_holds_up_nobody(store: Store) -> None:
    async def falls_over_one(letter: Parcel) -> Receipt:
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
    letters: list[Message] = []

    async def keep(letter: Parcel) -> Receipt:
        letters.append(message_from_bytes(unstuffed(letter.wire)))
        return Sent("250 ok")

    noticed(store, "office")
    asyncio.run(deliver(store, [Line(keep)], RULES))
    (made,) = letters
    assert [part.get_payload(decode=True) for part in made.walk()][1:] == [b"t\r\n", b"<p>h</p>\r\n"]
    assert dict(made.items()) == {
        "From": "News <news@example.org>", "To": "office@example.org", "Subject": "About office",
        "Date": "Sat, 21 Nov 2026 20:41:00 +0000", "Message-ID": "<office@feeds.test>", "MIME-Version": "1.0",
        "Auto-Submitted": "auto-generated", "Content-Type": made["Content-Type"],
    }  # fmt: skip


def test_the_third_fault_of_ours_parks_a_notice_and_names_the_command_that_retries_it(store: Store) -> None:
    noticed(store, "office")
    for hours in range(3):
        rules = replace(RULES, now=lambda hours=hours: NOW + timedelta(hours=hours))
        asyncio.run(deliver(store, [Line(stumble)], rules))
    row = notice_rows(store)["office"]
    assert (row.state, row.faults) == (DeliveryState.REFUSED, 3)
    assert row.reason.endswith(f"feeds queue retry n{row.id}")


def test_a_notice_to_an_address_that_refuses_ends_and_the_digests_go_out(store: Store) -> None:
    async def refuse(letter: Parcel) -> Receipt:
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


def test_of_what_a_dead_process_had_in_hand_only_what_it_handed_over_is_in_doubt(
    store: Store, tmp_path: Path
) -> None:
    queued(store, "seen", "unseen")
    noticed(store, "told", "untold")
    with store.write() as conn:
        letters = [
            *deliveries.claim(conn, "killed", NOW, LEASE, 9),
            *notices.claim(conn, "killed", NOW, LEASE, 9, ahead=True),
        ]
    file = HandedOver(tmp_path, "killed")
    file.begin()
    for each in letters:
        if each.address.startswith(("seen", "told")):
            file.note(each.number)
    rules = replace(RULES, notes=tmp_path, hold=True)
    report = asyncio.run(deliver(store, [Line(take)], rules, dead_owners=lambda found: found))
    assert (report.recovered, dict(report.outcomes)) == (4, {"sent": 2})
    with store.read() as conn:
        rows = [*deliveries.listing(conn, limit=9), *notices.listing(conn, limit=9)]
    ends = {re.findall(r"\w+", row.message_id)[0]: (row.state, row.uncertain) for row in rows}
    sent, held = (DeliveryState.SENT, 0), (DeliveryState.UNCERTAIN, 1)
    assert ends == {"seen": held, "unseen": sent, "told": held, "untold": sent}


def test_what_an_earlier_pass_of_ours_could_not_record_goes_out_again_and_what_others_send_stays_theirs(
    store: Store,
) -> None:
    noticed(store, "ours")
    with store.write() as conn:
        (ours,) = notices.claim(conn, RULES.owner, NOW, LEASE, 1, ahead=True)
    noticed(store, "theirs")
    with store.write() as conn:
        notices.claim(conn, "another host", NOW, LEASE, 1, ahead=True)
    report = asyncio.run(deliver(store, [Line(take)], RULES))
    assert (report.recovered, dict(report.outcomes)) == (1, {"sent": 1})
    rows = notice_rows(store)
    assert (rows["ours"].message_id, rows["ours"].uncertain) == (ours.message_id, 1)
    assert (rows["theirs"].state, rows["theirs"].owner) == (DeliveryState.SENDING, "another host")


def test_a_notice_in_hand_is_recorded_when_the_pass_is_cancelled(store: Store) -> None:
    async def run() -> None:
        async with cancelled(store, Line(for_ever, in_doubt=True)):
            assert notice_rows(store)["office"].state is DeliveryState.SENDING

    noticed(store, "office")
    asyncio.run(run())
    row = notice_rows(store)["office"]
    assert (row.state, row.uncertain, row.owner) == (DeliveryState.QUEUED, 1, None)
