"""Files on which this program fails: tried again, and at the third time refused, visibly (P9).

The count is in the database, so that it goes on in the next process.
"""

from __future__ import annotations

import hashlib

from feeds import log
from feeds.intake.examining import Examined, refused
from feeds.intake.folders import IngestReport, WatchedFolder
from feeds.model import Fault
from feeds.store import bulletins

logger = log.get("ingest")

FAILURES_UNTIL_PARKED = 3


def failed(
    folder: WatchedFolder, name: str, error: Exception, report: IngestReport, data: bytes = b""
) -> Examined | None:
    """A file that we failed on: None to leave it for another try, at the third time a refusal.

    Another file of the same name begins its own count.
    """
    kind = type(error).__name__
    what = hashlib.sha256(folder.name(name).encode() + b"\0" + data).hexdigest()
    time = folder.store.transact(lambda conn: bulletins.count_failure(conn, what))
    logger.error("bulletin-failed", name=folder.name(name), time=time, exc_info=error)
    if time < FAILURES_UNTIL_PARKED:
        report.failed.append((name, f"this program failed on it ({kind}); it is tried again"))
        return None
    return refused(folder.name(name), [Fault(code="bulletin-failed", detail=kind)], data)
