"""Held bulletins whose time has come: taken in, and filed where they would have gone.

One that fails holds up no other: it stays held, and at the third time is refused.
"""

from __future__ import annotations

from datetime import datetime

from feeds import log
from feeds.errors import StoreError
from feeds.intake.acceptance import Accepted, let_go
from feeds.intake.desk import Desk, InboxMemory, IngestReport
from feeds.intake.examining import examine
from feeds.intake.failing import failed
from feeds.intake.filing import refile
from feeds.store import Refused, bulletins

logger = log.get("ingest")


def release(desk: Desk, memory: InboxMemory, now: datetime, report: IngestReport) -> None:
    """Take in what was held long enough."""
    with desk.store.read() as conn:
        due = [each for each in bulletins.held(conn, now) if desk.is_mine(each[0].name)]
    for row, data in due:
        accepted = _let_go(desk, row, data, now, report)
        if accepted is None:
            continue
        report.receipts.append(accepted.receipt)
        try:
            refile(desk, row, accepted, now)
        except OSError as error:
            memory.swept = False  # its file is to be looked for again
            logger.error("bulletin-not-filed", name=row.name, reason=str(error.strerror))
            report.failed.append((row.name, f"it was taken in, but cannot be moved ({error.strerror})"))


def _let_go(
    desk: Desk, row: bulletins.BulletinRow, data: bytes, now: datetime, report: IngestReport
) -> Accepted | None:
    try:
        return let_go(desk.store, desk.rules, row, examine(desk.rules, row.name, data), now)
    except Refused as error:
        fault: Exception = error
    except StoreError:
        raise
    except Exception as error:
        fault = error
    parked = failed(desk, row.name.removeprefix(desk.prefix), fault, report, data)
    return None if parked is None else let_go(desk.store, desk.rules, row, parked, now)
