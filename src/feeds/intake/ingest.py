"""The ingest pass: what lies in the inbox -> accepted or rejected.

Owns the order of the steps round acceptance: settle, read, accept, file away,
remember. Any of them can be the last one before a kill; the next pass goes on.
A burst of files goes through them in parts, so that a thousand small files do
not cost a thousand commits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from feeds import log
from feeds.errors import BulletinError, FeedsError, StoreError
from feeds.inbox import PASSING, settled
from feeds.intake.acceptance import Accepted, accept
from feeds.intake.desk import Desk, InboxMemory, IngestReport
from feeds.intake.examining import Examined, IngestRules, examine, refused
from feeds.intake.failing import failed
from feeds.intake.filing import file_all, sweep
from feeds.intake.releasing import release
from feeds.store import Refused

logger = log.get("ingest")

# What one transaction takes in at most, so that others who write need not wait long.
ITEMS_AT_ONCE = 500
FILES_AT_ONCE = 100
BYTES_AT_ONCE = 4_194_304

Taken = tuple[str, Examined]


@dataclass(frozen=True, slots=True)
class Examiner:
    """Who reads and labels: `begin` is given a file, and gives what waits for it to be done.

    Up to `ahead` files are begun before the first is waited for.
    """

    ahead: int
    begin: Callable[[IngestRules, str, bytes], Callable[[], Examined]]


AT_ONCE = Examiner(ahead=0, begin=lambda rules, name, data: partial(examine, rules, name, data))


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
    report = IngestReport()
    release(desk, memory, now(), report)
    _ingest(desk, names, memory, now, report)
    if not memory.swept:
        memory.swept = sweep(desk, {sight.name for sight in sightings}, now())
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
    memory, report = InboxMemory(), IngestReport(settling=len(sightings) - len(names))
    release(desk, memory, now(), report)
    _ingest(desk, progress(names), memory, now, report, notify, examiner)
    sweep(desk, {sight.name for sight in sightings}, now())
    return report


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
    for part in _parts(_taken(desk, names, report, examiner)):
        try:
            accepted = _accept(desk, part, now(), notify)
        except Refused:
            _ingest_each(desk, part, memory, now, report, notify)
        except StoreError:
            raise  # nothing is wrong with the files: the pass ends and they wait
        except Exception:  # a fault of ours must not hold up the others: each by itself
            _ingest_each(desk, part, memory, now, report, notify)
        else:
            file_all(desk, accepted, memory, now(), report)


def _accept(desk: Desk, part: Sequence[Taken], now: datetime, notify: str) -> list[tuple[str, Accepted]]:
    """What lies there still, in one transaction."""
    names = {file.name: name for name, file in part}
    accepted = accept(
        desk.store, desk.rules, [file for _, file in part], now, notify,
        lies=lambda file: desk.inbox.lies_as_taken(names[file.name]),
    )  # fmt: skip
    return [(name, one) for (name, _), one in zip(part, accepted, strict=True) if one is not None]


def _ingest_each(
    desk: Desk,
    part: Sequence[Taken],
    memory: InboxMemory,
    now: Callable[[], datetime],
    report: IngestReport,
    notify: str,
) -> None:
    """Each file by itself, because together they failed."""
    for one in part:
        accepted = _accept_or_refuse(desk, one, now(), report, notify)
        file_all(desk, accepted, memory, now(), report)


def _accept_or_refuse(
    desk: Desk, taken: Taken, now: datetime, report: IngestReport, notify: str
) -> list[tuple[str, Accepted]]:
    try:
        return _accept(desk, [taken], now, notify)
    except Refused as error:
        fault: Exception = error
    except StoreError:
        raise
    except Exception as error:
        fault = error
    name, file = taken
    parked = failed(desk, name, fault, report, file.data)
    return [] if parked is None else _accept(desk, [(name, parked)], now, notify)


def _taken(desk: Desk, names: Iterable[str], report: IngestReport, examiner: Examiner) -> Iterator[Taken]:
    """The files that can be taken, read and labelled, in their order."""
    begun: deque[tuple[str, Callable[[], Examined | None]]] = deque()
    for name in names:
        begun.append((name, _begin(desk, name, report, examiner)))
        if len(begun) > examiner.ahead:
            yield from _ended(desk, *begun.popleft(), report)
    for one in begun:
        yield from _ended(desk, *one, report)


def _begin(desk: Desk, name: str, report: IngestReport, examiner: Examiner) -> Callable[[], Examined | None]:
    """Open one file of the inbox and have it read; what comes is None when it is gone or still growing."""
    shown = desk.name(name)
    try:
        return examiner.begin(desk.rules, shown, desk.inbox.take(name))
    except BulletinError as error:
        found = None if error.fault.code in PASSING else refused(shown, [error.fault])
    except Exception as error:  # a fault of ours belongs to its file alone
        found = failed(desk, name, error, report)
    return lambda: found


def _ended(
    desk: Desk,
    name: str,
    end: Callable[[], Examined | None],
    report: IngestReport,
) -> Iterator[Taken]:
    try:
        file = end()
    except Exception as error:
        file = failed(desk, name, error, report)
    if file is not None:
        yield name, file


def _parts(taken: Iterable[Taken]) -> Iterator[list[Taken]]:
    """Files in the parts that share a transaction."""
    part: list[Taken] = []
    items = size = 0
    for one in taken:
        part.append(one)
        items += len(one[1].drafts)
        size += len(one[1].data)
        if items >= ITEMS_AT_ONCE or size >= BYTES_AT_ONCE or len(part) >= FILES_AT_ONCE:
            yield part
            part, items, size = [], 0, 0
    if part:
        yield part
