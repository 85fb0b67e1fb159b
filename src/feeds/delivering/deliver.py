"""The deliver pass: queued deliveries and notices -> letters -> receipts (P4, P6, P9, P10).

One letter at a time for each connection: claim it (a commit), send it, record
the receipt (a commit). So an unsubscribe reaches every letter not yet claimed,
and a kill leaves at most one letter a connection in doubt; that one is sent
again with the same Message-ID. Notices go first: they are few, and somebody
waits for each; a digest is not late by the second.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NoReturn, ParamSpec, TypeVar

from feeds import links, log, schedule
from feeds.errors import MailError, StoreError
from feeds.letters import NOTICE_HEADERS, Letters
from feeds.mail import Transport
from feeds.model import (
    Deferred,
    DeliveryState,
    HostAway,
    Letter,
    Receipt,
    Refused,
    RenderedMail,
    Sent,
    Uncertain,
)
from feeds.restoring import after_restore
from feeds.store import Connection, Store, deliveries, notices
from feeds.store.deliveries import ClaimedDelivery
from feeds.store.notices import ClaimedNotice
from feeds.store.queue import Queue
from feeds.tokens import Tokens

logger = log.get("deliver")

P = ParamSpec("P")
T = TypeVar("T")

LEASE = timedelta(minutes=20)
# What an attempt leaves of its lease, so that its receipt is recorded while the claim is still ours.
TO_RECORD = timedelta(minutes=1)
FAULTS_UNTIL_PARKED = 3

Claimed = ClaimedDelivery | ClaimedNotice
QUEUES = (notices.QUEUE, deliveries.QUEUE)


def lease_for(data_timeout_s: float) -> timedelta:
    """A lease that leaves room for the longest wait for an answer to a whole letter."""
    return max(LEASE, timedelta(seconds=data_timeout_s, minutes=5))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverRules:
    """`owner` names this process in leases; `now` and `jitter` (0 to 1) come from outside.

    `lease`: how long a letter is ours; one attempt ends `TO_RECORD` before it, whatever the server does.
    """

    letters: Letters
    tokens: Tokens
    sender: str
    sender_name: str
    owner: str
    now: Callable[[], datetime]
    jitter: Callable[[], float]
    lease: timedelta = LEASE


@dataclass(frozen=True, slots=True)
class OurFault:
    """A fault of this program, not of the server's or the recipient's: it is counted apart (P9)."""

    error: str


@dataclass(slots=True)
class DeliverReport:
    """Letters by outcome; `away` says why the server could not be used, if so."""

    outcomes: Counter[str] = field(default_factory=Counter)
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
) -> DeliverReport:
    """Send everything that is due now, one worker for each transport.

    Ends when nothing is left, when the server is away, or when `stop` is set:
    then each letter in hand is finished first. Cancelled, it records what is in
    hand before it goes. `dead_owners` picks from the owners of claims those
    that are known to be dead.
    """
    report = DeliverReport()
    await asyncio.to_thread(after_restore, store, rules.now())
    report.recovered = await asyncio.to_thread(_recover, store, rules, dead_owners)
    if report.recovered:
        logger.warning("deliveries-recovered", count=report.recovered)
    halt = stop or asyncio.Event()
    workers = (_work(store, transport, rules, report, halt) for transport in transports)
    # Waits for all of them, whatever one raises: nobody must be left behind with a letter in hand.
    for ended in await asyncio.gather(*workers, return_exceptions=True):
        if ended is not None:
            raise ended
    if report.handled or report.away:
        away = report.away.reason if report.away else None
        logger.info("delivered", away=away, **dict(report.outcomes))
    return report


def _recover(store: Store, rules: DeliverRules, dead_owners: Callable[[Sequence[str]], Sequence[str]]) -> int:
    """Take back what a dead process had in hand."""
    with store.read() as conn:
        owners = sorted({owner for queue in QUEUES for owner in queue.owners(conn)})
    if not owners:
        return 0
    dead = dead_owners(owners)
    return store.transact(lambda conn: sum(queue.reclaim(conn, rules.now(), owners=dead) for queue in QUEUES))


async def _work(
    store: Store, transport: Transport, rules: DeliverRules, report: DeliverReport, halt: asyncio.Event
) -> None:
    while not halt.is_set() and report.away is None:
        due = await asyncio.to_thread(_due, store, rules)
        if not due:
            return
        # Connected first, claimed then: while a server lets us wait, people may still leave (P6).
        if away := await transport.ready():
            report.away = away
            return
        claimed = await _claimed(store, rules, due)
        if claimed is None:
            return
        try:
            receipt = await _send(transport, rules, claimed)
        except asyncio.CancelledError as stopped:
            await _stopped(store, rules, claimed, _cut_short(transport, "the process was stopped"), stopped)
        outcome = await _to_its_end(_record, store, rules, claimed, receipt)
        if isinstance(receipt, HostAway):
            report.away = receipt
        else:
            report.outcomes[outcome] += 1


def _due(store: Store, rules: DeliverRules) -> list[Queue]:
    """The queues that hold something to send now."""
    with store.read() as conn:
        return [queue for queue in QUEUES if (at := queue.next_due(conn)) and at <= rules.now()]


async def _claimed(store: Store, rules: DeliverRules, due: Sequence[Queue]) -> Claimed | None:
    """The next letter of these queues in hand, or None when none is due."""
    claiming = asyncio.ensure_future(asyncio.to_thread(_claim, store, rules, due))
    try:
        return await asyncio.shield(claiming)
    except asyncio.CancelledError as stopped:
        with suppress(StoreError):
            if claimed := await claiming:
                await _stopped(store, rules, claimed, HostAway("the process was stopped"), stopped)
        raise


async def _stopped(
    store: Store,
    rules: DeliverRules,
    claimed: Claimed,
    receipt: Receipt,
    stopped: asyncio.CancelledError,
) -> NoReturn:
    """Record a letter whose sending was cancelled, then let the cancellation go on (P10)."""
    # Where even that fails, the row stays `sending` and the next process takes it back.
    with suppress(StoreError):
        await _to_its_end(_record, store, rules, claimed, receipt)
    logger.warning("letter-stopped", letter=claimed.number, in_doubt=isinstance(receipt, Uncertain))
    raise stopped


async def _to_its_end(run: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """What `run` gives in a thread. Cancelled meanwhile, we wait for it all the same, then are cancelled."""
    running = asyncio.ensure_future(asyncio.to_thread(run, *args, **named))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        with suppress(StoreError):
            await running
        raise


def _claim(store: Store, rules: DeliverRules, due: Sequence[Queue]) -> Claimed | None:
    """Notices before digests; last the notices over which the server went away before."""

    def run(conn: Connection) -> Claimed | None:
        mine = (conn, rules.owner, rules.now(), rules.lease, 1)
        claimed: Sequence[Claimed]
        if notices.QUEUE in due:  # else each digest would pay for looking
            claimed = notices.claim(*mine, ahead=True) or deliveries.claim(*mine)
            claimed = claimed or notices.claim(*mine, ahead=False)
        else:
            claimed = deliveries.claim(*mine)
        return _linked(conn, rules, claimed[0]) if claimed else None

    return store.transact(run)


def _linked(conn: Connection, rules: DeliverRules, claimed: Claimed) -> Claimed:
    """A notice with its links, which exist from now on: none is stored but as a hash (T11)."""
    if not isinstance(claimed, ClaimedNotice):
        return claimed
    found = links.for_notice(conn, rules.tokens, claimed, rules.now())
    text, html = (links.filled(part, found) for part in (claimed.text, claimed.html))
    return replace(claimed, text=text, html=html) if found else claimed


async def _send(transport: Transport, rules: DeliverRules, claimed: Claimed) -> Receipt | OurFault:
    """One attempt, cut off before its lease runs out: nobody else may take the letter meanwhile."""
    limit = asyncio.timeout((rules.lease - TO_RECORD).total_seconds())
    try:
        async with limit:
            return await transport.send(letter(rules, claimed))
    except MailError as error:
        return Refused(f"cannot be written as a mail: {error}")
    except Exception as error:  # a fault of ours parks this letter, never the others (P9)
        if limit.expired():
            return _cut_short(transport, f"the server took longer than {rules.lease - TO_RECORD}")
        logger.exception("letter-failed", letter=claimed.number)
        return OurFault(type(error).__name__)


def _cut_short(transport: Transport, why: str) -> Receipt:
    """The receipt of a letter whose sending was cancelled."""
    return Uncertain(f"{why} before the answer came") if transport.in_doubt else HostAway(why)


def letter(rules: DeliverRules, claimed: Claimed) -> Letter:
    """The finished mail: the shared digest with this member's links, or the notice as it was written."""
    match claimed:
        case ClaimedDelivery():
            token = rules.tokens.unsubscribe(claimed.subscriber_id, claimed.audience_id)
            ids = (claimed.subscriber_id, claimed.audience_id)
            mail: RenderedMail = rules.letters.personal(
                claimed.rendered, unsubscribe=token, change=rules.tokens.change(*ids),
                pause=rules.tokens.pause(*ids), page=claimed.page or "none", name=claimed.name,
            )  # fmt: skip
            headers = rules.letters.list_headers(token)
        case ClaimedNotice(subscriber_id=int(person), audience_id=int(audience)):
            headers = rules.letters.list_headers(rules.tokens.unsubscribe(person, audience))
            mail = claimed.mail
        case ClaimedNotice():
            mail, headers = claimed.mail, NOTICE_HEADERS
    return Letter(
        message_id=claimed.message_id,
        sender=rules.sender,
        sender_name=rules.sender_name,
        recipient=claimed.address,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        date_at=rules.now(),
        headers=headers,
    )


def _record(store: Store, rules: DeliverRules, claimed: Claimed, receipt: Receipt | OurFault) -> str:
    """Write a receipt down; returns the word for the report."""
    now = rules.now()
    state, reason, next_at, word, extra = verdict(receipt, claimed, now, rules.jitter())

    queue = notices.QUEUE if isinstance(claimed, ClaimedNotice) else deliveries.QUEUE

    def run(conn: Connection) -> bool:
        return queue.finish(conn, claimed.id, rules.owner, state, reason, now, next_at=next_at, **extra)

    if not store.transact(run):
        logger.warning("delivery-taken", letter=claimed.number)
    return word


Verdict = tuple[DeliveryState, str, datetime | None, str, dict[str, Any]]


def verdict(receipt: Receipt | OurFault, claimed: Claimed, now: datetime, jitter: float) -> Verdict:
    """What a receipt means for a letter: state, reason, next try, word, how to count."""
    match receipt:
        case Sent(reply):
            return DeliveryState.SENT, reply, None, "sent", {}
        case Refused(reason):
            return DeliveryState.REFUSED, reason, None, "refused", {}
        case HostAway(reason):
            # Due from now on puts it behind all others: should the server fall over this
            # very letter, it does not block the queue (P9).
            return DeliveryState.QUEUED, reason, now, "waiting", {"count_try": False}
        case Uncertain(reason) if claimed.uncertain:
            return DeliveryState.UNCERTAIN, reason, None, "uncertain", {"uncertain": True}
        case OurFault(error) if claimed.faults + 1 >= FAULTS_UNTIL_PARKED:
            reason = f"parked after {FAULTS_UNTIL_PARKED} faults of ours ({error})"
            again = f"once that is mended: feeds queue retry {claimed.number}"
            return DeliveryState.REFUSED, f"{reason}; {again}", None, "refused", {"count_fault": True}
        case Uncertain(reason):
            return _later(reason, claimed, now, jitter, {"uncertain": True})
        case OurFault(error):
            return _later(f"fault of ours: {error}", claimed, now, jitter, {"count_fault": True})
        case Deferred(reason):
            return _later(reason, claimed, now, jitter, {})


def _later(reason: str, claimed: Claimed, now: datetime, jitter: float, extra: dict[str, Any]) -> Verdict:
    """Queued again after the next delay, or given up."""
    delay = schedule.retry_delay(claimed.tries + 1, jitter)  # the try that has just failed counts
    if delay is None:
        return DeliveryState.REFUSED, f"given up: {reason}", None, "refused", extra
    return DeliveryState.QUEUED, reason, now + delay, "deferred", extra
