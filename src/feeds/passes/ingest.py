"""The ingest pass: what lies in the inbox -> accepted or rejected, one file after the other.

Owns the order of the steps round acceptance: settle, read, accept, file away,
remember. Any of them can be the last one before a kill; the next pass goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feeds import log
from feeds.errors import BulletinError, FeedsError, StoreError
from feeds.inbox import PASSING, Inbox, Seen, Where, settled, shown_name
from feeds.model import BulletinReceipt, Fault, Outcome
from feeds.passes.acceptance import Accepted, IngestRules, accept, hold, let_go, reject
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
    swept: bool = False


@dataclass(slots=True)
class IngestReport:
    """What one pass did. `failed` names files that stay in the inbox, with the reason;
    `settling` counts those that may still be growing."""

    receipts: list[BulletinReceipt] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    settling: int = 0

    def count(self, outcome: Outcome) -> int:
        """How many items had this outcome."""
        return sum(receipt.count(outcome) for receipt in self.receipts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One inbox folder with all that taking its bulletins in needs.

    `prefix` stands before file names in receipts and lists: the sub-folder's
    name and a slash, or nothing.
    """

    store: Store
    inbox: Inbox
    rules: IngestRules
    render: RenderReceipt
    prefix: str = ""

    def name(self, name: str) -> str:
        """A file's name as people and the database see it."""
        return self.prefix + shown_name(name)

    def is_mine(self, name: str) -> bool:
        """Whether a bulletin of this name came in here, and not in a sub-folder or another one."""
        return name.startswith(self.prefix) and "/" not in name.removeprefix(self.prefix)


def ingest_inbox(
    desk: Desk, memory: InboxMemory, now: Callable[[], datetime], clock: Callable[[], float]
) -> IngestReport:
    """Take in every file that has settled; `clock` is any that only grows, in seconds."""
    desk.store.require_current()  # no file leaves the inbox for a database that is gone
    sightings = desk.inbox.look()
    if desk.inbox.trouble:
        logger.error("inbox-trouble", reason=desk.inbox.trouble)
    wall = now().timestamp()
    names, memory.seen = settled(memory.seen, sightings, clock(), desk.inbox.settle_s, wall=wall)
    memory.unsettled = len(names) < len(sightings)
    report = IngestReport(receipts=release(desk, now()))
    for name in names:
        _ingest_file(desk, name, memory, now, report)
    if not memory.swept:
        _sweep(desk, {sight.name for sight in sightings}, now())
        memory.swept = True
    return report


def ingest_ready(
    desk: Desk,
    now: Callable[[], datetime],
    notify: str = "default",
    progress: Callable[[Sequence[str]], Iterable[str]] = iter,
) -> IngestReport:
    """Take in what lies in the inbox and was last written longer than `settle` ago (`feeds ingest`)."""
    sightings = desk.inbox.look()
    if desk.inbox.trouble:
        raise FeedsError(desk.inbox.trouble)
    names, _ = settled({}, sightings, 0.0, desk.inbox.settle_s, wall=now().timestamp())
    released = release(desk, now())
    report = IngestReport(receipts=released, settling=len(sightings) - len(names))
    memory = InboxMemory()
    for name in progress(names):
        _ingest_file(desk, name, memory, now, report, notify)
    _sweep(desk, {sight.name for sight in sightings}, now())
    return report


def _sweep(desk: Desk, seen: Collection[str], now: datetime) -> None:
    """File the receipts of bulletins that were accepted just before a kill and whose files are gone."""
    with desk.store.read() as conn:
        rows = bulletins.all_unfiled(conn)
    for row in rows:
        name = row.name.removeprefix(desk.prefix)
        if not desk.is_mine(row.name) or name in seen:
            continue
        if row.filed_as is not None:
            _refile(desk, row, Accepted(row.id, row.receipt), now)
        else:
            _file(desk, name, Accepted(row.id, row.receipt), now)


def _ingest_file(
    desk: Desk,
    name: str,
    memory: InboxMemory,
    now: Callable[[], datetime],
    report: IngestReport,
    notify: str = "default",
) -> None:
    """One file, whatever happens to it: accepted, rejected, left for later, or parked (P9)."""
    try:
        accepted = _take(desk, name, now(), notify)
        if accepted is None:
            return
        _file(desk, name, accepted, now())
    except StoreError:
        raise  # nothing is wrong with the file: the pass ends and the file waits
    except OSError as error:
        logger.error("bulletin-not-filed", name=desk.name(name), reason=str(error.strerror))
        report.failed.append((name, str(error.strerror)))
        return
    except Exception as error:  # a fault of ours must not hold up the others
        memory.failures[name] += 1
        logger.exception("bulletin-failed", name=desk.name(name), time=memory.failures[name])
        report.failed.append((name, type(error).__name__))
        if memory.failures[name] < FAILURES_UNTIL_PARKED:
            return
        fault = Fault(code="bulletin-failed", detail=type(error).__name__)
        accepted = reject(desk.store, desk.name(name), [fault], now())
        _file(desk, name, accepted, now())
    memory.failures.pop(name, None)
    memory.seen.pop(name, None)
    report.receipts.append(accepted.receipt)


def _take(desk: Desk, name: str, now: datetime, notify: str) -> Accepted | None:
    """Read and accept one file of the inbox; None when it is gone or still being written."""
    try:
        data = desk.inbox.take(name)
    except BulletinError as error:
        if error.fault.code in PASSING:
            return None
        return reject(desk.store, desk.name(name), [error.fault], now)
    take = hold if desk.rules.hold else accept
    return take(desk.store, desk.rules, desk.name(name), data, now, notify)


def _file(desk: Desk, name: str, accepted: Accepted, now: datetime) -> None:
    """Move an accepted or rejected file with its receipt, then remember that it moved."""
    receipt = accepted.receipt
    where: Where = "rejected" if receipt.rejected else "held" if receipt.held_until else "done"
    filed_as = desk.inbox.file_away(name, where, desk.render(receipt))
    desk.store.transact(lambda conn: bulletins.filed(conn, accepted.bulletin_id, desk.name(filed_as), now))
    _log(receipt)


def release(desk: Desk, now: datetime) -> list[BulletinReceipt]:
    """Take in what was held long enough, and file it where it would have gone."""
    with desk.store.read() as conn:
        due = [each for each in bulletins.held(conn, now) if desk.is_mine(each[0].name)]
    receipts = []
    for row, data in due:
        accepted = let_go(desk.store, desk.rules, row, data, now)
        if accepted is not None:
            _refile(desk, row, accepted, now)
            receipts.append(accepted.receipt)
    return receipts


def _refile(desk: Desk, row: bulletins.BulletinRow, accepted: Accepted, now: datetime) -> None:
    """Move a bulletin that was held to where it belongs, with its new receipt."""
    name = (row.filed_as or row.name).removeprefix(desk.prefix)
    filed_as = desk.inbox.refile(name, "held", "done", desk.render(accepted.receipt))
    desk.store.transact(lambda conn: bulletins.filed(conn, accepted.bulletin_id, desk.name(filed_as), now))
    _log(accepted.receipt)


def _log(receipt: BulletinReceipt) -> None:
    if receipt.rejected:
        codes = [line.fault.code for line in receipt.lines if line.fault]
        logger.warning("bulletin-rejected", name=receipt.name, fault=" ".join(codes))
    else:
        counts = {str(outcome): receipt.count(outcome) for outcome in Outcome}
        logger.info("bulletin-accepted", name=receipt.name, **counts)
