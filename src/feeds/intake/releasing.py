"""Held bulletins whose time has come: taken in, and filed where they would have gone.

One that fails holds up no other: it stays held, and at the third time is refused.
"""

from __future__ import annotations

from datetime import datetime

from feeds import log
from feeds.errors import StoreError
from feeds.intake.acceptance import Accepted, let_go
from feeds.intake.examining import Examined, at, examine, with_choices
from feeds.intake.failing import examine_counted, failed
from feeds.intake.filing import refile, tell
from feeds.intake.folders import FolderMemory, IngestReport, WatchedFolder
from feeds.reading import may_be_costly
from feeds.store import Refused, bulletins

logger = log.get("ingest")


def release(folder: WatchedFolder, memory: FolderMemory, now: datetime, report: IngestReport) -> None:
    """Take in what was held long enough."""
    with folder.store.read() as conn:
        due = [each for each in bulletins.held(conn, now) if folder.is_mine(each[0].name)]
    for row, data in due:
        accepted = _let_go(folder, row, data, now, report)
        if accepted is None:
            continue
        report.receipts.append(accepted.receipt)
        tell([accepted])
        try:
            refile(folder, row, accepted, now)
        except OSError as error:
            memory.swept = False  # its file is to be looked for again
            logger.error("bulletin-not-filed", name=row.name, reason=str(error.strerror))
            report.failed.append((row.name, f"it was taken in, but cannot be moved ({error.strerror})"))


def _let_go(
    folder: WatchedFolder, row: bulletins.BulletinRow, data: bytes, now: datetime, report: IngestReport
) -> Accepted | None:
    name = row.name.removeprefix(folder.prefix)
    try:
        costly = may_be_costly(name, data)
        file = (
            examine_counted(folder, name, data, report) if costly else examine(folder.rules, row.name, data)
        )
        file = None if file is None else with_choices(file, row.choices)
        if file is None or _is_embargoed(folder, row, at(file, now)):
            return None
        return let_go(folder.store, folder.rules, row, file, now)
    except Refused as error:
        fault: Exception = error
    except StoreError:
        raise
    except Exception as error:
        fault = error
    parked = failed(folder, name, fault, report, data)
    return None if parked is None else let_go(folder.store, folder.rules, row, parked, now)


def _is_embargoed(folder: WatchedFolder, row: bulletins.BulletinRow, file: Examined) -> bool:
    """Whether its head asks for a later instant still: somebody let it go before; it waits for that one."""
    if file.not_before is None:
        return False
    until = file.not_before.at
    folder.store.transact(lambda conn: bulletins.release(conn, row.id, until))
    return True
