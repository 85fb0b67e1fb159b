"""The ingest pass: what lies in the inbox -> accepted or rejected.

Owns the order of the steps round acceptance: settle, read, accept, file away,
remember. Any of them can be the last one before a kill; the next pass goes on.
A burst of files goes through them in parts, so that a thousand small files do
not cost a thousand commits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

from feeds import log
from feeds.errors import BulletinError, FeedsError, StoreError
from feeds.inbox import PASSING, settled
from feeds.intake.acceptance import Accepted, accept
from feeds.intake.examining import Examined, refused
from feeds.intake.failing import examine_counted, failed, was_tried
from feeds.intake.filing import file_all, reread, sweep, tell, watch_again
from feeds.intake.folders import FolderMemory, IngestReport, WatchedFolder
from feeds.intake.parting import AT_ONCE, Examiner, parts
from feeds.intake.releasing import release
from feeds.reading import may_be_costly
from feeds.store import Refused

logger = log.get("ingest")

Taken = tuple[str, Examined]
End = Callable[[], Examined | None]


def ingest_inbox(
    folder: WatchedFolder, memory: FolderMemory, now: Callable[[], datetime], clock: Callable[[], float]
) -> IngestReport:
    """Take in every file that has settled; `clock` is any that only grows, in seconds."""
    folder.store.require_current()  # no file leaves the inbox for a database that is gone
    wall = now().timestamp()
    if not memory.watching:
        watch_again(folder, now())
        memory.watching = True
    reread(folder, wall)
    sightings = folder.inbox.look()
    if folder.inbox.trouble:
        logger.error("inbox-trouble", reason=folder.inbox.trouble)
    names, memory.seen = settled(memory.seen, sightings, clock(), folder.inbox.settle_s, wall=wall)
    memory.unsettled = len(names) < len(sightings)
    report = IngestReport()
    release(folder, memory, now(), report)
    _ingest(folder, names, memory, now, report)
    if not memory.swept:
        memory.swept = sweep(folder, {sight.name for sight in sightings}, now())
    return report


def ingest_ready(
    folder: WatchedFolder,
    now: Callable[[], datetime],
    notify: str = "default",
    progress: Callable[[Sequence[str]], Iterable[str]] = iter,
    examiner: Examiner = AT_ONCE,
) -> IngestReport:
    """Take in what lies in the inbox and was last written longer than `settle` ago (`feeds ingest`)."""
    watch_again(folder, now())
    reread(folder, now().timestamp())
    sightings = folder.inbox.look()
    if folder.inbox.trouble:
        raise FeedsError(folder.inbox.trouble)
    names, _ = settled({}, sightings, 0.0, folder.inbox.settle_s, wall=now().timestamp())
    memory, report = FolderMemory(), IngestReport(settling=len(sightings) - len(names))
    release(folder, memory, now(), report)
    _ingest(folder, progress(names), memory, now, report, notify, examiner)
    sweep(folder, {sight.name for sight in sightings}, now())
    return report


def _ingest(
    folder: WatchedFolder,
    names: Iterable[str],
    memory: FolderMemory,
    now: Callable[[], datetime],
    report: IngestReport,
    notify: str = "default",
    examiner: Examiner = AT_ONCE,
) -> None:
    """These files, whatever happens to each: accepted, rejected, left for later, or parked (P9)."""
    for part in parts(_taken(folder, names, report, examiner), lambda one: one[1]):
        try:
            accepted = _accept(folder, part, now(), notify)
        except Refused:
            _ingest_each(folder, part, memory, now, report, notify)
        except StoreError:
            raise  # nothing is wrong with the files: the pass ends and they wait
        except Exception:  # a fault of ours must not hold up the others: each by itself
            _ingest_each(folder, part, memory, now, report, notify)
        else:
            file_all(folder, accepted, memory, now(), report)


def _accept(
    folder: WatchedFolder, part: Sequence[Taken], now: datetime, notify: str
) -> list[tuple[str, Accepted]]:
    """What lies there still, in one transaction."""
    names = {id(file): name for name, file in part}
    accepted = accept(
        folder.store, folder.rules, [file for _, file in part], now, notify,
        lies=lambda file: folder.inbox.lies_as_taken(names[id(file)]),
    )  # fmt: skip
    found = [(name, one) for (name, _), one in zip(part, accepted, strict=True) if one is not None]
    tell(one for _, one in found)
    return found


def _ingest_each(
    folder: WatchedFolder,
    part: Sequence[Taken],
    memory: FolderMemory,
    now: Callable[[], datetime],
    report: IngestReport,
    notify: str,
) -> None:
    """Each file by itself, because together they failed."""
    for one in part:
        accepted = _accept_or_refuse(folder, one, now(), report, notify)
        file_all(folder, accepted, memory, now(), report)


def _accept_or_refuse(
    folder: WatchedFolder, taken: Taken, now: datetime, report: IngestReport, notify: str
) -> list[tuple[str, Accepted]]:
    try:
        return _accept(folder, [taken], now, notify)
    except Refused as error:
        fault: Exception = error
    except StoreError:
        raise
    except Exception as error:
        fault = error
    name, file = taken
    parked = failed(folder, name, fault, report, file.data)
    return [] if parked is None else _accept(folder, [(name, parked)], now, notify)


def _taken(
    folder: WatchedFolder, names: Iterable[str], report: IngestReport, examiner: Examiner
) -> Iterator[Taken]:
    """The files that can be taken, read and labelled, in their order; those that may be costly and came to no
    end before come last, so that the others need not wait for them.
    """
    begun: deque[tuple[str, End]] = deque()
    last: list[tuple[str, End]] = []
    for name in names:
        end, waits = _begin(folder, name, report, examiner)
        (last if waits else begun).append((name, end))
        if len(begun) > examiner.ahead:
            yield from _ended(folder, *begun.popleft(), report)
    for one in (*begun, *last):
        yield from _ended(folder, *one, report)


def _begin(folder: WatchedFolder, name: str, report: IngestReport, examiner: Examiner) -> tuple[End, bool]:
    """Open one file of the inbox and have it read; what comes is None when it is gone or still growing. And
    whether others go first.
    """
    shown = folder.name(name)
    try:
        data = folder.inbox.take(name)
        if may_be_costly(shown, data):
            waits = was_tried(folder, name, data)
            return partial(examine_counted, folder, name, data, report), waits
        return examiner.begin(folder.rules, shown, data), False
    except BulletinError as error:
        passing = error.fault.code in PASSING
        report.settling += error.fault.code == "file-changing"
        found = None if passing else refused(shown, [error.fault])
    except StoreError:
        raise
    except Exception as error:  # a fault of ours belongs to its file alone
        found = failed(folder, name, error, report)
    return (lambda: found), False


def _ended(
    folder: WatchedFolder,
    name: str,
    end: End,
    report: IngestReport,
) -> Iterator[Taken]:
    try:
        file = end()
    except StoreError:
        raise
    except Exception as error:
        file = failed(folder, name, error, report)
    if file is not None:
        yield name, file
