"""Files on which this program fails: tried again, and at the third time refused, visibly (P9).

The count is in the database, so that it goes on in the next process. For a file that may be costly it is
written before the reading: it counts also if that ends this whole process. Whoever sends a parked file
back (`feeds bulletins retry`) begins a new count.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from feeds import log
from feeds.intake.examining import Examined, examine, refused
from feeds.intake.folders import IngestReport, WatchedFolder
from feeds.model import Fault
from feeds.reading.faults import N_
from feeds.store import bulletins

logger = log.get("ingest")

FAILURES_UNTIL_PARKED = 3

_ENDED = N_("the program ended over it")


def failed(
    folder: WatchedFolder,
    name: str,
    error: Exception,
    report: IngestReport,
    data: bytes = b"",
    time: int | None = None,
) -> Examined | None:
    """A file that we failed on: None to leave it for another try, at the third time a refusal.

    Another file of the same name begins its own count. `time` is the count, if this try is in it.
    """
    kind, what = type(error).__name__, key(folder, name, data)
    if time is None:
        time = folder.store.transact(lambda conn: bulletins.count_failure(conn, what))
    logger.error("bulletin-failed", name=folder.name(name), time=time, exc_info=error)
    if time < FAILURES_UNTIL_PARKED:
        report.failed.append((name, f"this program failed on it ({kind}); it is tried again"))
        return None
    return _parked(folder, name, kind, data, what)


def was_tried(folder: WatchedFolder, name: str, data: bytes) -> bool:
    """Whether a try at reading this file came to no end."""
    with folder.store.read() as conn:
        return bulletins.failures(conn, key(folder, name, data)) > 0


def examine_counted(folder: WatchedFolder, name: str, data: bytes, report: IngestReport) -> Examined | None:
    """Read a costly file; the try is recorded before. None to leave it for another try."""
    what = key(folder, name, data)
    time = folder.store.transact(lambda conn: bulletins.count_failure(conn, what))
    if time > FAILURES_UNTIL_PARKED:
        logger.error("bulletin-failed", name=folder.name(name), time=time - 1)
        return _parked(folder, name, _ENDED, data, what)
    try:
        file = examine(folder.rules, folder.name(name), data)
    except Exception as error:
        return failed(folder, name, error, report, data, time)
    return replace(file, tries=what)


def key(folder: WatchedFolder, name: str, data: bytes) -> str:
    """What the tries at reading a file are counted under."""
    return hashlib.sha256(folder.name(name).encode() + b"\0" + data).hexdigest()


def _parked(folder: WatchedFolder, name: str, why: str, data: bytes, what: str) -> Examined:
    fault = Fault(code="bulletin-failed", detail=why)
    return replace(refused(folder.name(name), [fault], data), tries=what)
