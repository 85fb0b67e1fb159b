"""What a receipt means for a letter: its state, its reason, its next try (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from feeds import schedule
from feeds.model import Deferred, DeliveryState, HostAway, Receipt, Refused, Sent, Uncertain
from feeds.store.deliveries import ClaimedDelivery
from feeds.store.notices import ClaimedNotice

FAULTS_UNTIL_PARKED = 3

Claimed = ClaimedDelivery | ClaimedNotice


@dataclass(frozen=True, slots=True)
class OurFault:
    """A fault of this program, not of the server's or the recipient's: it is counted apart (P9)."""

    error: str


Result = Receipt | OurFault


class Verdict(NamedTuple):
    """What becomes of a letter. `word` is for the report, `counts` says how the try counts."""

    state: DeliveryState
    reason: str
    next_at: datetime | None
    word: str
    counts: dict[str, Any]


def verdict(result: Result, claimed: Claimed, now: datetime, jitter: float, *, hold: bool = False) -> Verdict:
    """The verdict on a letter. `hold`: a lost answer is left to a person at once, not after one more try."""
    match result:
        case Sent(reply):
            return Verdict(DeliveryState.SENT, reply, None, "sent", {})
        case Refused(reason):
            return Verdict(DeliveryState.REFUSED, reason, None, "refused", {})
        case HostAway(reason):
            # Due from now on puts it behind all others: should the server fall over this
            # very letter, it does not block the queue (P9).
            return Verdict(DeliveryState.QUEUED, reason, now, "waiting", {"count_try": False})
        case Uncertain(reason) if claimed.uncertain or hold:
            return Verdict(DeliveryState.UNCERTAIN, reason, None, "uncertain", {"uncertain": True})
        case OurFault(error) if claimed.faults + 1 >= FAULTS_UNTIL_PARKED:
            reason = f"parked after {FAULTS_UNTIL_PARKED} faults of ours ({error})"
            again = f"once that is mended: feeds queue retry {claimed.number}"
            counts = {"count_fault": True}
            return Verdict(DeliveryState.REFUSED, f"{reason}; {again}", None, "refused", counts)
        case Uncertain(reason):
            return _later(reason, claimed, now, jitter, {"uncertain": True})
        case OurFault(error):
            return _later(f"fault of ours: {error}", claimed, now, jitter, {"count_fault": True})
        case Deferred(reason):
            return _later(reason, claimed, now, jitter, {})


def _later(reason: str, claimed: Claimed, now: datetime, jitter: float, counts: dict[str, Any]) -> Verdict:
    """Queued again after the next delay, or given up."""
    delay = schedule.retry_delay(claimed.tries + 1, jitter)  # the try that has just failed counts
    if delay is None:
        return Verdict(DeliveryState.REFUSED, f"given up: {reason}", None, "refused", counts)
    return Verdict(DeliveryState.QUEUED, reason, now + delay, "deferred", counts)
