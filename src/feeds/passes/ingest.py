"""The ingest pass: what lies in the inbox -> accepted or rejected, one file after the other.

Owns the order of the steps round acceptance: settle, read, accept, file away,
remember. Any of them can be the last one before a kill; the next pass goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feeds import log
from feeds.errors import BulletinError, StoreError
from feeds.inbox import PASSING, Inbox, Seen, Where, settled, shown_name
from feeds.model import BulletinReceipt, Fault, Outcome
from feeds.passes.acceptance import Accepted, IngestRules, accept, reject
from feeds.store import Store, bulletins

logger = log.get("ingest")

FAILURES_UNTIL_PARKED = 3

RenderReceipt = Callable[[BulletinReceipt], str]


@dataclass(slots=True)
class InboxMemory:
    """What a running process remembers of the folder between two looks.

    `unsettled`: some file may be ready soon. `failures` counts faults of ours by name.
    """

    seen: dict[str, Seen] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    unsettled: bool = False


@dataclass(slots=True)
class IngestReport:
    """What one pass did. `failed` names files that stay in the inbox, with the reason."""

    receipts: list[BulletinReceipt] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    def count(self, outcome: Outcome) -> int:
        """How many items had this outcome."""
        return sum(receipt.count(outcome) for receipt in self.receipts)


def ingest_inbox(
    store: Store,
    inbox: Inbox,
    rules: IngestRules,
    render: RenderReceipt,
    memory: InboxMemory,
    now: Callable[[], datetime],
    clock: Callable[[], float],
) -> IngestReport:
    """Take in every file that has settled; `clock` is any that only grows, in seconds."""
    sightings = inbox.look()
    if inbox.trouble:
        logger.error("inbox-trouble", reason=inbox.trouble)
    wall = now().timestamp()
    names, memory.seen = settled(memory.seen, sightings, clock(), inbox.settle_s, wall=wall)
    memory.unsettled = len(names) < len(sightings)
    report = IngestReport()
    for name in names:
        _ingest_file(store, inbox, rules, render, name, memory, now, report)
    return report


def ingest_ready(
    store: Store,
    inbox: Inbox,
    rules: IngestRules,
    render: RenderReceipt,
    now: Callable[[], datetime],
    notify: str = "default",
    progress: Callable[[Sequence[str]], Iterable[str]] = iter,
) -> IngestReport:
    """Take in what lies in the inbox and was last written longer than `settle` ago (`feeds ingest`)."""
    names, _ = settled({}, inbox.look(), 0.0, inbox.settle_s, wall=now().timestamp())
    report, memory = IngestReport(), InboxMemory()
    for name in progress(names):
        _ingest_file(store, inbox, rules, render, name, memory, now, report, notify)
    return report


def _ingest_file(
    store: Store,
    inbox: Inbox,
    rules: IngestRules,
    render: RenderReceipt,
    name: str,
    memory: InboxMemory,
    now: Callable[[], datetime],
    report: IngestReport,
    notify: str = "default",
) -> None:
    """One file, whatever happens to it: accepted, rejected, left for later, or parked (P9)."""
    try:
        accepted = _take(store, inbox, rules, name, now(), notify)
        if accepted is None:
            return
        _file(store, inbox, render, name, accepted, now())
    except StoreError:
        raise  # nothing is wrong with the file: the pass ends and the file waits
    except OSError as error:
        logger.error("bulletin-not-filed", name=shown_name(name), reason=str(error.strerror))
        report.failed.append((name, str(error.strerror)))
        return
    except Exception as error:  # a fault of ours must not hold up the others
        memory.failures[name] += 1
        logger.exception("bulletin-failed", name=shown_name(name), time=memory.failures[name])
        report.failed.append((name, type(error).__name__))
        if memory.failures[name] < FAILURES_UNTIL_PARKED:
            return
        fault = Fault(code="bulletin-failed", detail=type(error).__name__)
        accepted = reject(store, shown_name(name), [fault], now())
        _file(store, inbox, render, name, accepted, now())
    memory.failures.pop(name, None)
    memory.seen.pop(name, None)
    report.receipts.append(accepted.receipt)


def _take(
    store: Store, inbox: Inbox, rules: IngestRules, name: str, now: datetime, notify: str
) -> Accepted | None:
    """Read and accept one file of the inbox; None when it is gone or still being written."""
    try:
        data = inbox.take(name)
    except BulletinError as error:
        if error.fault.code in PASSING:
            return None
        return reject(store, shown_name(name), [error.fault], now)
    return accept(store, rules, shown_name(name), data, now, notify)


def _file(
    store: Store, inbox: Inbox, render: RenderReceipt, name: str, accepted: Accepted, now: datetime
) -> None:
    """Move an accepted or rejected file with its receipt, then remember that it moved."""
    receipt = accepted.receipt
    where: Where = "rejected" if receipt.rejected else "done"
    filed_as = inbox.file_away(name, where, render(receipt))
    store.transact(lambda conn: bulletins.filed(conn, accepted.bulletin_id, shown_name(filed_as), now))
    counts = {str(outcome): receipt.count(outcome) for outcome in Outcome}
    if receipt.rejected:
        codes = [line.fault.code for line in receipt.lines if line.fault]
        logger.warning("bulletin-rejected", name=receipt.name, fault=" ".join(codes))
    else:
        logger.info("bulletin-accepted", name=receipt.name, **counts)
