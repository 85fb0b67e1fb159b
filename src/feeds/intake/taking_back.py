"""Held files that somebody took away from held/, replaced there, or that are gone and nobody knows why.

Taking a held file away is taking the bulletin back, so that the press office needs nothing but its folder.
That is only believed of a file that was put there, by the host that put it there, which sees the folder
itself and misses the file at two looks. In any doubt the bulletin waits for a person (P12).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from feeds import log
from feeds.inbox import Standing
from feeds.intake.folders import WatchedFolder
from feeds.intake.receipts import queue, receipt_mail
from feeds.intake.undoing import undo
from feeds.model import FOLDER, WAITS, Fault, Outcome, ReceiptLine
from feeds.store import Connection, bulletins, held

logger = log.get("ingest")

LOOKS_APART = timedelta(seconds=1)
# So long a bulletin is left to the host that holds its file, before others say that they cannot know.
LEFT_TO_ITS_HOST = timedelta(minutes=2)


class Next(StrEnum):
    """What a look at a held file leads to."""

    NOTHING = "nothing"
    SEEN = "seen"
    MISSED = "missed"
    TAKE_BACK = "take back"
    READ_ANEW = "read anew"


def next_of(standing: Standing, missing_at: datetime | None, now: datetime) -> Next:
    """What follows from what is seen of a file that was not seen since `missing_at` (None: it was)."""
    if standing is Standing.REPLACED:
        return Next.READ_ANEW
    if standing is not Standing.GONE:
        return Next.SEEN if missing_at is not None else Next.NOTHING
    if missing_at is None:
        return Next.MISSED
    return Next.TAKE_BACK if now - missing_at >= LOOKS_APART else Next.NOTHING


def look_at_held(folder: WatchedFolder, now: datetime) -> None:
    """See whether the files that were put into held/ lie there still, and do what follows."""
    with folder.store.read() as conn:
        every = [each for each in held.in_held(conn) if folder.is_mine(each.name)]
    named_last = {each.filed_as: each.id for each in every}
    for each in every:
        shown = each.filed_as.removeprefix(folder.prefix)
        standing = folder.inbox.standing_of_held(shown, each.place, each.sha256)
        if standing is Standing.REPLACED and named_last[each.filed_as] != each.id:
            standing = Standing.GONE  # what lies there is the file of a later one
        match next_of(standing, each.missing_at, now):
            case Next.SEEN | Next.MISSED as seen:
                at = now if seen is Next.MISSED else None
                folder.store.transact(partial(held.note_missing, bulletin_id=each.id, at=at))
            case Next.TAKE_BACK:
                _take_back(folder, each.id, now, "its file was taken away from held/")
            case Next.READ_ANEW:
                _read_anew(folder, each, now)
            case Next.NOTHING:
                pass


def _read_anew(folder: WatchedFolder, each: held.InHeld, now: datetime) -> None:
    """Other bytes under its name replace it. They go back first: a kill after that leaves a file that is
    taken in, and a bulletin whose file is gone.
    """
    try:
        folder.inbox.put_back(each.filed_as.removeprefix(folder.prefix), "held")
    except OSError as error:
        logger.error("bulletin-not-filed", name=each.name, reason=str(error.strerror))
        return
    _take_back(folder, each.id, now, "another file was put in its place")


def _take_back(folder: WatchedFolder, bulletin_id: int, now: datetime, why: str) -> None:
    with folder.store.read() as conn:
        row = bulletins.find(conn, bulletin_id)
    if row is not None and undo(folder, row, now, FOLDER, why):
        logger.info("bulletin-taken-back", name=row.name, reason=why)


def may_go(folder: WatchedFolder, row: bulletins.BulletinRow, now: datetime) -> bool:
    """Whether a bulletin whose time has come is to be taken in: nobody took its file away.

    One of which that cannot be known waits for a person from now on, and a receipt says so. One that has not
    left the inbox yet does so first.
    """
    if row.filed_at is None or row.filed_as is None:
        return False
    if row.place is None:
        return True
    standing = folder.inbox.standing_of_held(row.filed_as.removeprefix(folder.prefix), row.place, row.sha256)
    if standing is Standing.UNKNOWN and is_overdue(row.receipt.held_until, now):
        _wait(folder, row, now)
    return standing is Standing.LIES


def is_overdue(held_until: datetime | None, now: datetime) -> bool:
    """Whether the host that holds the file had its time to let the bulletin go."""
    return held_until is not None and now - held_until >= LEFT_TO_ITS_HOST


def _wait(folder: WatchedFolder, row: bulletins.BulletinRow, now: datetime) -> None:
    line = ReceiptLine(outcome=Outcome.WARNING, line=None, fault=Fault(code="held-file-gone"))
    receipt = replace(row.receipt, held_until=WAITS, lines=(line, *row.receipt.lines))
    mails = folder.rules.mails
    mail = receipt_mail(mails, receipt)

    def run(conn: Connection) -> bool:
        waits = held.wait(conn, row.id, receipt)
        if waits and mails and mail:
            queue(conn, mails, row.id, receipt, mail, now)
        return waits

    if folder.store.transact(run):
        logger.warning("bulletin-in-doubt", name=row.name)
