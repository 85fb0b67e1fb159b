"""The deliver pass: queued deliveries -> letters -> receipts (P4, P6, P9, P10).

One letter at a time for each connection: claim it (a commit), send it, record
the receipt (a commit). So an unsubscribe reaches every letter not yet claimed,
and a kill leaves at most one letter a connection in doubt; that one is sent
again with the same Message-ID.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feeds import log, schedule
from feeds.errors import MailError
from feeds.letters import Letters
from feeds.mail import Transport
from feeds.model import (
    Deferred,
    DeliveryState,
    HostAway,
    Letter,
    Receipt,
    Refused,
    RenderedDigest,
    Sent,
    Uncertain,
)
from feeds.store import Connection, Store, deliveries
from feeds.tokens import Tokens

logger = log.get("deliver")

# Longer than the longest wait for an SMTP answer, so that no live letter is taken for a dead one.
LEASE = timedelta(minutes=20)
FAULTS_UNTIL_PARKED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverRules:
    """`owner` names this process in leases; `now` and `jitter` (0 to 1) come from outside."""

    letters: Letters
    tokens: Tokens
    sender: str
    sender_name: str
    owner: str
    now: Callable[[], datetime]
    jitter: Callable[[], float]


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
    then each letter in hand is finished first. `dead_owners` picks from the
    owners of claims those that are known to be dead.
    """
    report = DeliverReport()
    report.recovered = await asyncio.to_thread(_recover, store, rules, dead_owners)
    if report.recovered:
        logger.warning("deliveries-recovered", count=report.recovered)
    halt = stop or asyncio.Event()
    await asyncio.gather(*(_work(store, transport, rules, report, halt) for transport in transports))
    if report.handled or report.away:
        away = report.away.reason if report.away else None
        logger.info("delivered", away=away, **dict(report.outcomes))
    return report


def _recover(store: Store, rules: DeliverRules, dead_owners: Callable[[Sequence[str]], Sequence[str]]) -> int:
    """Take back what a dead process had in hand."""
    with store.read() as conn:
        owners = deliveries.owners(conn)
    if not owners:
        return 0
    dead = dead_owners(owners)
    return store.transact(lambda conn: deliveries.reclaim(conn, rules.now(), owners=dead))


async def _work(
    store: Store, transport: Transport, rules: DeliverRules, report: DeliverReport, halt: asyncio.Event
) -> None:
    while not halt.is_set() and report.away is None:
        claimed = await asyncio.to_thread(_claim, store, rules)
        if claimed is None:
            return
        receipt = await _send(transport, rules, claimed)
        outcome = await asyncio.to_thread(_record, store, rules, claimed, receipt)
        if isinstance(receipt, HostAway):
            report.away = receipt
        else:
            report.outcomes[outcome] += 1


def _claim(store: Store, rules: DeliverRules) -> deliveries.ClaimedDelivery | None:
    def run(conn: Connection) -> list[deliveries.ClaimedDelivery]:
        return deliveries.claim(conn, rules.owner, rules.now(), LEASE, 1)

    claimed = store.transact(run)
    return claimed[0] if claimed else None


async def _send(transport: Transport, rules: DeliverRules, claimed: deliveries.ClaimedDelivery) -> Receipt:
    try:
        return await transport.send(letter(rules, claimed))
    except MailError as error:
        return Refused(f"cannot be written as a mail: {error}")
    except Exception as error:  # a fault of ours parks this letter, never the others (P9)
        logger.exception("letter-failed", delivery=claimed.id)
        if claimed.tries + 1 >= FAULTS_UNTIL_PARKED:
            return Refused(f"parked after {FAULTS_UNTIL_PARKED} faults of ours: {type(error).__name__}")
        return Deferred(f"fault of ours: {type(error).__name__}")


def letter(rules: DeliverRules, claimed: deliveries.ClaimedDelivery) -> Letter:
    """The finished mail of one delivery: the shared digest with this member's links."""
    token = rules.tokens.unsubscribe(claimed.subscriber_id, claimed.audience_id)
    shared = RenderedDigest(subject=claimed.subject, text=claimed.text, html=claimed.html)
    personal = rules.letters.personal(shared, token=token)
    return Letter(
        message_id=claimed.message_id,
        sender=rules.sender,
        sender_name=rules.sender_name,
        recipient=claimed.address,
        subject=personal.subject,
        text=personal.text,
        html=personal.html,
        date_at=rules.now(),
        headers=rules.letters.list_headers(token),
    )


def _record(store: Store, rules: DeliverRules, claimed: deliveries.ClaimedDelivery, receipt: Receipt) -> str:
    """Write a receipt down; returns the word for the report."""
    now = rules.now()
    state, reason, next_at, word, extra = verdict(receipt, claimed, now, rules.jitter())

    def run(conn: Connection) -> bool:
        return deliveries.finish(conn, claimed.id, rules.owner, state, reason, now, next_at=next_at, **extra)

    if not store.transact(run):
        logger.warning("delivery-taken", delivery=claimed.id)
    return word


def verdict(
    receipt: Receipt, claimed: deliveries.ClaimedDelivery, now: datetime, jitter: float
) -> tuple[DeliveryState, str, datetime | None, str, dict[str, bool]]:
    """What a receipt means for a delivery: state, reason, next try, word, how to count."""
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
        case Deferred(reason) | Uncertain(reason):
            delay = schedule.retry_delay(claimed.tries, jitter)
            if delay is None:
                return DeliveryState.REFUSED, f"given up: {reason}", None, "refused", {}
            uncertain = isinstance(receipt, Uncertain)
            return DeliveryState.QUEUED, reason, now + delay, "deferred", {"uncertain": uncertain}
