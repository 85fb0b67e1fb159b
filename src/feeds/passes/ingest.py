"""The ingest pass: what lies in the inbox -> accepted or rejected.

Owns the order of the steps round acceptance: settle, read, accept, file away,
remember. Any of them can be the last one before a kill; the next pass goes on.
A burst of files goes through them in parts, so that a thousand small files do
not cost a thousand commits.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from feeds import log
from feeds.errors import BulletinError, FeedsError, StoreError
from feeds.inbox import PASSING, Inbox, Seen, Where, settled, shown_name
from feeds.model import BulletinReceipt, Fault, Outcome
from feeds.passes.acceptance import Accepted, accept, let_go
from feeds.passes.examining import Examined, IngestRules, examine, refused
from feeds.store import Store, bulletins

logger = log.get("ingest")

FAILURES_UNTIL_PARKED = 3

# What one transaction takes in at most, so that others who write need not wait long.
ITEMS_AT_ONCE = 500
BYTES_AT_ONCE = 4_194_304

Taken = tuple[str, Examined]
RenderReceipt = Callable[[BulletinReceipt], str]


@dataclass(frozen=True, slots=True)
class Examiner:
    """Who reads and labels: `begin` is given a file, and gives what waits for it to be done.

    Up to `ahead` files are begun before the first is waited for.
    """

    ahead: int
    begin: Callable[[IngestRules, str, bytes], Callable[[], Examined]]


AT_ONCE = Examiner(ahead=0, begin=lambda rules, name, data: partial(examine, rules, name, data))


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
    _ingest(desk, names, memory, now, report)
    if not memory.swept:
        _sweep(desk, {sight.name for sight in sightings}, now())
        memory.swept = True
    return report


def ingest_ready(
    desk: Desk,
    now: Callable[[], datetime],
    notify: str = "default",
    progress: Callable[[Sequence[str]], Iterable[str]] = iter,
    examiner: Examiner = AT_ONCE,
) -> IngestReport:
    """Take in what lies in the inbox and was last written longer than `settle` ago (`feeds ingest`)."""
    sightings = desk.inbox.look()
    if desk.inbox.trouble:
        raise FeedsError(desk.inbox.trouble)
    names, _ = settled({}, sightings, 0.0, desk.inbox.settle_s, wall=now().timestamp())
    released = release(desk, now())
    report = IngestReport(receipts=released, settling=len(sightings) - len(names))
    _ingest(desk, progress(names), InboxMemory(), now, report, notify, examiner)
    _sweep(desk, {sight.name for sight in sightings}, now())
    return report


def _sweep(desk: Desk, seen: Collection[str], now: datetime) -> None:
    """File the receipts of bulletins that were accepted just before a kill and whose files are gone."""
    with desk.store.read() as conn:
        rows = bulletins.unfiled(conn)
    for row in rows:
        name = row.name.removeprefix(desk.prefix)
        if not desk.is_mine(row.name) or name in seen:
            continue
        if row.filed_as is not None:
            _refile(desk, row, Accepted(row.id, row.receipt), now)
        else:
            _remember(desk, {row.id: _file(desk, name, row.receipt)}, now)


def _ingest(
    desk: Desk,
    names: Iterable[str],
    memory: InboxMemory,
    now: Callable[[], datetime],
    report: IngestReport,
    notify: str = "default",
    examiner: Examiner = AT_ONCE,
) -> None:
    """These files, whatever happens to each: accepted, rejected, left for later, or parked (P9)."""
    for part in _parts(_taken(desk, names, memory, report, examiner)):
        try:
            accepted = accept(desk.store, desk.rules, [file for _, file in part], now(), notify)
        except StoreError:
            raise  # nothing is wrong with the files: the pass ends and they wait
        except Exception:  # a fault of ours must not hold up the others: each by itself
            for one in part:
                _ingest_alone(desk, one, memory, now, report, notify)
        else:
            _file_all(desk, zip([name for name, _ in part], accepted, strict=True), memory, now(), report)


def _ingest_alone(
    desk: Desk,
    taken: Taken,
    memory: InboxMemory,
    now: Callable[[], datetime],
    report: IngestReport,
    notify: str,
) -> None:
    name, file = taken
    try:
        accepted = accept(desk.store, desk.rules, [file], now(), notify)
    except StoreError:
        raise
    except Exception as error:
        parked = _failed(desk, name, error, memory, report)
        if parked is None:
            return
        accepted = accept(desk.store, desk.rules, [parked], now(), notify)
    _file_all(desk, [(name, accepted[0])], memory, now(), report)


def _taken(
    desk: Desk, names: Iterable[str], memory: InboxMemory, report: IngestReport, examiner: Examiner
) -> Iterator[Taken]:
    """The files that can be taken, read and labelled, in their order."""
    begun: deque[tuple[str, Callable[[], Examined | None]]] = deque()
    for name in names:
        begun.append((name, _begin(desk, name, examiner)))
        if len(begun) > examiner.ahead:
            yield from _ended(desk, *begun.popleft(), memory, report)
    for one in begun:
        yield from _ended(desk, *one, memory, report)


def _begin(desk: Desk, name: str, examiner: Examiner) -> Callable[[], Examined | None]:
    """Open one file of the inbox and have it read; what comes is None when it is gone or still growing."""
    shown = desk.name(name)
    try:
        return examiner.begin(desk.rules, shown, desk.inbox.take(name))
    except BulletinError as error:
        found = None if error.fault.code in PASSING else refused(shown, [error.fault])
        return lambda: found


def _ended(
    desk: Desk,
    name: str,
    end: Callable[[], Examined | None],
    memory: InboxMemory,
    report: IngestReport,
) -> Iterator[Taken]:
    try:
        file = end()
    except Exception as error:
        file = _failed(desk, name, error, memory, report)
    if file is not None:
        yield name, file


def _failed(
    desk: Desk, name: str, error: Exception, memory: InboxMemory, report: IngestReport
) -> Examined | None:
    """A file that we failed on: left for another try, and at the third refused."""
    memory.failures[name] += 1
    logger.error("bulletin-failed", name=desk.name(name), time=memory.failures[name], exc_info=error)
    report.failed.append((name, type(error).__name__))
    if memory.failures[name] < FAILURES_UNTIL_PARKED:
        return None
    return refused(desk.name(name), [Fault(code="bulletin-failed", detail=type(error).__name__)])


def _parts(taken: Iterable[Taken]) -> Iterator[list[Taken]]:
    """Files in the parts that share a transaction."""
    part: list[Taken] = []
    items = size = 0
    for one in taken:
        part.append(one)
        items += len(one[1].drafts)
        size += len(one[1].data)
        if items >= ITEMS_AT_ONCE or size >= BYTES_AT_ONCE:
            yield part
            part, items, size = [], 0, 0
    if part:
        yield part


def _file_all(
    desk: Desk,
    accepted: Iterable[tuple[str, Accepted]],
    memory: InboxMemory,
    now: datetime,
    report: IngestReport,
) -> None:
    """Move accepted and rejected files with their receipts, then remember that they moved."""
    filed: dict[int, str] = {}
    for name, one in accepted:
        try:
            filed[one.bulletin_id] = _file(desk, name, one.receipt)
        except Exception as error:  # the file stays, and gets the receipt it has at the next pass
            reason = str(error.strerror) if isinstance(error, OSError) else type(error).__name__
            logger.error("bulletin-not-filed", name=desk.name(name), reason=reason)
            report.failed.append((name, reason))
            continue
        memory.failures.pop(name, None)
        memory.seen.pop(name, None)
        report.receipts.append(one.receipt)
    try:
        _remember(desk, filed, now)
    except (StoreError, OSError):
        memory.swept = False  # the rows are to be looked for again
        raise


def _file(desk: Desk, name: str, receipt: BulletinReceipt) -> str:
    """Move one file with its receipt; its new name."""
    where: Where = "rejected" if receipt.rejected else "held" if receipt.held_until else "done"
    filed_as = desk.inbox.file_away(name, where, desk.render(receipt))
    _log(receipt)
    return filed_as


def _remember(desk: Desk, filed: dict[int, str], now: datetime) -> None:
    desk.inbox.sync()
    named = {key: desk.name(filed_as) for key, filed_as in filed.items()}
    desk.store.transact(lambda conn: bulletins.filed(conn, named, now))


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
    where: Where = "rejected" if accepted.receipt.rejected else "done"
    filed_as = desk.inbox.refile(name, "held", where, desk.render(accepted.receipt))
    _remember(desk, {accepted.bulletin_id: filed_as}, now)
    _log(accepted.receipt)


def _log(receipt: BulletinReceipt) -> None:
    if receipt.rejected:
        codes = [line.fault.code for line in receipt.lines if line.fault]
        logger.warning("bulletin-rejected", name=receipt.name, fault=" ".join(codes))
    else:
        counts = {str(outcome): receipt.count(outcome) for outcome in Outcome}
        logger.info("bulletin-accepted", name=receipt.name, **counts)
