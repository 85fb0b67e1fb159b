"""The deliver pass: queued deliveries and notices -> letters -> receipts (P4, P6, P9, P10).

Letters are claimed in batches under a lease (hand.py) and go out over several transports at once. Each is
noted as handed over just before its text is sent (handed.py): what was not noted when a process dies is
simply sent later; what was, and has no result, is in doubt and sent once more with the same Message-ID.
Notices go first: they are few, and somebody waits for each; a digest is not late by the second.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from feeds import log
from feeds.delivering import handed
from feeds.delivering.books import Books
from feeds.delivering.bounces import Bounced
from feeds.delivering.hand import LettersInHand
from feeds.delivering.hosts import Hosts
from feeds.delivering.results import Claimed, OurFault
from feeds.delivering.writing import Signing, Writer
from feeds.letters import Letters
from feeds.mail import Parcel, Transport
from feeds.model import HostAway, Receipt, Uncertain
from feeds.restoring import require_released
from feeds.store import Connection, Store, deliveries, notices, tracing
from feeds.store.queue import Queue
from feeds.tokens import Tokens

logger = log.get("deliver")

LEASE = timedelta(minutes=20)
# What an attempt leaves of its lease, so that its receipt is recorded while the claim is still ours.
TO_RECORD = timedelta(minutes=1)
QUEUES = (notices.QUEUE, deliveries.QUEUE)


def lease_for(data_timeout_s: float) -> timedelta:
    """A lease that leaves room for the longest wait for an answer to a whole letter."""
    return max(LEASE, timedelta(seconds=data_timeout_s, minutes=5))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverRules:
    """`owner` names this process in leases; `now` and `jitter` (0 to 1) come from outside.

    `lease`: how long a letter is ours; one attempt ends `TO_RECORD` before it, whatever the server does.
    `letters_per_s`: the most that this process sends, 0 for no limit. `hold`: letters whose answer was lost
    wait for a person, instead of being sent once more. `bounced` is told who has no mailbox any more.
    `return_path`: the envelope sender of a letter; None: `sender`. `signed`: a letter in wire form with its
    signatures; None: they leave unsigned. `notes`: the folder where it is noted which were handed over; None:
    all that a process that dies had claimed is in doubt. `hosts`: which hosts of recipients are left alone,
    from pass to pass; None: each pass finds out anew.
    """

    letters: Letters
    tokens: Tokens
    sender: str
    sender_name: str
    owner: str
    now: Callable[[], datetime]
    jitter: Callable[[], float]
    lease: timedelta = LEASE
    letters_per_s: float = 0.0
    hold: bool = False
    bounced: Callable[[int, str], object] = lambda _person, _reason: None
    return_path: Callable[[Claimed], str] | None = None
    signed: Signing | None = None
    notes: Path | None = None
    hosts: Hosts | None = None


@dataclass(slots=True)
class DeliverReport:
    """Letters by outcome, and the digests that they were of; `away` says why the server could not be used."""

    outcomes: Counter[str] = field(default_factory=Counter)
    digests: set[int] = field(default_factory=set)
    recovered: int = 0
    away: HostAway | None = None

    @property
    def handled(self) -> int:
        return sum(self.outcomes.values())


async def deliver(
    store: Store,
    transports: Sequence[Transport],
    rules: DeliverRules,
    stop: asyncio.Event | None = None,
    *,
    dead_owners: Callable[[Sequence[str]], Sequence[str]] = lambda _: (),
    report: DeliverReport | None = None,
) -> DeliverReport:
    """Send everything that is due now, one worker for each transport.

    Ends when nothing is left, when the server is away, or when `stop` is set:
    then each letter in hand is finished first. Cancelled, it records what is in
    hand before it goes. `dead_owners` picks from the owners of claims those
    that are known to be dead. A `report` that is given grows as letters have their ends. Raises Held on a
    restored copy.
    """
    report = report or DeliverReport()
    await asyncio.to_thread(require_released, store)
    report.recovered = await asyncio.to_thread(_recover, store, rules, dead_owners)
    if report.recovered:
        logger.warning("deliveries-recovered", count=report.recovered)
    if await asyncio.to_thread(_due, store, rules):
        await asyncio.to_thread(handed.forget, rules.notes, dead_owners)
        await send(books_of(store, rules), transports, rules, stop or asyncio.Event(), report)
    if report.handled or report.away:
        away = report.away.reason if report.away else None
        about = await asyncio.to_thread(_about, store, report.digests)
        logger.info("delivered", bulletins=about, away=away, **dict(report.outcomes))
    return report


def _about(store: Store, digests: Collection[int]) -> list[int]:
    """The bulletins that these digests tell of."""
    with store.read() as conn:
        return tracing.of_digests(conn, digests)


def _recover(store: Store, rules: DeliverRules, dead_owners: Callable[[Sequence[str]], Sequence[str]]) -> int:
    """Take back what a dead process had in hand, and we ourselves: an earlier pass of ours that could not
    write its results, because the database was away, has nothing on the wire any more.
    """
    with store.read() as conn:
        owners = sorted({owner for queue in QUEUES for owner in queue.owners(conn)})
    if not owners:
        return 0
    dead, now = sorted({*dead_owners(owners), rules.owner}), rules.now()
    seen = {owner: handed.noted(rules.notes, owner) for owner in dead}

    def take_back(conn: Connection, queue: Queue) -> int:
        unseen = [
            each
            for owner, numbers in seen.items()
            if numbers is not None
            for each in queue.in_hand(conn, owner)
            if f"{queue.mark}{each}" not in numbers
        ]
        return queue.reclaim(conn, now, owners=dead, unseen=unseen, held=rules.hold)

    return store.transact(lambda conn: sum(take_back(conn, queue) for queue in QUEUES))


def _due(store: Store, rules: DeliverRules) -> bool:
    """Whether any queue holds something to send now: an idle process must not write."""
    with store.read() as conn:
        return any((at := queue.next_due(conn)) and at <= rules.now() for queue in QUEUES)


def books_of(store: Store, rules: DeliverRules, kind: type[Books] = Books) -> Books:
    """Who writes down what becomes of letters, and takes them in hand."""
    return kind(
        store=store,
        tokens=rules.tokens,
        owner=rules.owner,
        lease=rules.lease,
        now=rules.now,
        jitter=rules.jitter,
        hold=rules.hold,
    )


async def send(
    books: Books,
    transports: Sequence[Transport],
    rules: DeliverRules,
    stop: asyncio.Event,
    report: DeliverReport,
) -> None:
    """Send what `books` take in hand, until there is nothing left, the server is away, or `stop` is set."""
    writer = Writer(
        rules.letters, rules.tokens, rules.sender, rules.sender_name, rules.return_path, rules.signed
    )
    notes = handed.HandedOver(rules.notes, rules.owner)
    notes.begin()
    hosts = rules.hosts or Hosts(rules.jitter)
    hand = LettersInHand(books, writer, notes, hosts, rules.now, rules.letters_per_s)
    hand.outcomes = report.outcomes
    keeping = asyncio.create_task(hand.keep_books())
    stopping = asyncio.create_task(_halt_at(stop, hand))
    workers = [asyncio.create_task(_Worker(hand, transport, rules.lease).run()) for transport in transports]
    try:
        await _all_of(workers)
    finally:
        stopping.cancel()
        hand.halt()
        try:
            await _to_its_end(keeping)
        finally:
            notes.end(recorded=hand.error is None)
        report.away, report.digests = hand.away, hand.digests
    if not hand.bounces.many:
        await asyncio.to_thread(_suspend, rules, hand.bounces.people)
    if hand.error:
        raise hand.error


def _suspend(rules: DeliverRules, people: Sequence[Bounced]) -> None:
    """At the end of a pass, when it is known that these are few. After a kill, their next letter tells."""
    for each in people:
        rules.bounced(each.subscriber_id, each.reason)
    if people:
        logger.info("bounced", people=len(people))


async def _halt_at(stop: asyncio.Event, hand: LettersInHand) -> None:
    await stop.wait()
    hand.halt()


async def _all_of(workers: Sequence[asyncio.Task[None]]) -> None:
    """Waits for all of them, whatever one raises: nobody is left behind with a letter in hand."""
    try:
        ended = await asyncio.gather(*workers, return_exceptions=True)
    except asyncio.CancelledError:
        await asyncio.gather(*workers, return_exceptions=True)  # gather has cancelled them
        raise
    for each in ended:
        if each is not None:
            raise each


async def _to_its_end(task: asyncio.Task[None]) -> None:
    """Wait for a task that must not be cut short. Cancelled meanwhile, we are cancelled afterwards."""
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(asyncio.CancelledError):
            await task
        raise


class _Worker:
    """One transport at work: the hand that it takes letters from, and the watch over their leases."""

    def __init__(self, hand: LettersInHand, transport: Transport, lease: timedelta) -> None:
        self._hand = hand
        self._transport = transport
        self._limit_s = (lease - TO_RECORD).total_seconds()
        self._loop = asyncio.get_running_loop()
        self._timeout = asyncio.timeout(None)
        self._why = "the process was stopped"
        self._taken: set[str] = set()
        self._began = False
        self._fresh = True

    async def run(self) -> None:
        """Let the transport carry letters until there are none for now."""
        while self._fresh or await self.more():
            self._timeout, self._began = asyncio.timeout(None), False
            try:
                async with self._timeout:
                    away = await self._transport.carry(self)
            except TimeoutError:
                if not self._timeout.expired():
                    self._stumbled("TimeoutError")
            except Exception as error:  # a fault of ours ends these letters, never the others (P9)
                self._stumbled(type(error).__name__, error)
            else:
                if away and self._hand.away is None:
                    self._hand.away = away
                if away:
                    self._hand.halt()

    async def more(self) -> bool:
        """At first only whether to connect: what is claimed before that is in doubt should we die over it."""
        if self._fresh:
            self._fresh = False
            return self._hand.open
        return await self._hand.more()

    def take(self) -> Parcel | None:
        parcel = self._hand.take()
        if parcel:
            self._began = True
            self._taken.add(parcel.number)
            self._watch()
        return parcel

    def hand_over(self, parcel: Parcel) -> bool:
        return self._hand.hand_over(parcel.number)

    def done(self, parcel: Parcel, receipt: Receipt) -> None:
        self._settle(parcel.number, receipt)

    def cut_off(self, parcel: Parcel, *, in_doubt: bool) -> None:
        why = self._why
        if self._timeout.expired():
            why = f"the server took longer than {timedelta(seconds=self._limit_s)}"
        doubtful = Uncertain(f"{why} before the answer came")
        self._settle(parcel.number, doubtful if in_doubt else HostAway(why))

    def _settle(self, number: str, result: Receipt | OurFault) -> None:
        self._taken.remove(number)
        self._hand.settle(number, result)

    def _watch(self) -> None:
        """Nobody else may take a letter while it is on our wire: the attempt ends before its lease."""
        until = self._loop.time() + self._limit_s
        when = self._timeout.when()
        # Set anew at most once a second, not for each letter.
        if when is None or until - when > 1:
            self._timeout.reschedule(until)

    def _stumbled(self, name: str, error: Exception | None = None) -> None:
        """The transport raised: letters it did not answer for are counted as faults of ours."""
        if not self._began:
            raise error or TimeoutError
        logger.error("letter-failed", letters=sorted(self._taken), exc_info=error)
        for number in sorted(self._taken):
            self._settle(number, OurFault(name))
