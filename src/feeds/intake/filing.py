"""Files that were taken in, or refused: moved to where they belong with their receipts, and that remembered.

Owns the steps after the commit. A kill may stand between any two of them: what is
not remembered as filed is looked for again (`sweep`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from feeds import log
from feeds.errors import StoreError
from feeds.inbox import Where
from feeds.intake.acceptance import Accepted
from feeds.intake.folders import FolderMemory, IngestReport, WatchedFolder
from feeds.intake.undoing import undo
from feeds.intake.writing_out import mended_name
from feeds.model import FOLDER, BulletinReceipt, By, Outcome
from feeds.store import bulletins

logger = log.get("ingest")

WATCHED = timedelta(hours=1)


def file_all(
    folder: WatchedFolder,
    accepted: Iterable[tuple[str, Accepted]],
    memory: FolderMemory,
    now: datetime,
    report: IngestReport,
) -> None:
    """Move accepted and rejected files with their receipts, then remember that they moved."""
    filed: dict[int, str] = {}
    held: set[int] = set()
    for name, one in accepted:
        try:
            filed[one.bulletin_id] = _file(folder, name, one.receipt)
            held |= {one.bulletin_id} if one.receipt.held_until else set()
        except Exception as error:  # the file stays, and gets the receipt it has at the next pass
            reason = str(error.strerror) if isinstance(error, OSError) else type(error).__name__
            logger.error("bulletin-not-filed", name=folder.name(name), reason=reason)
            report.failed.append((name, f"it was taken in, but cannot be moved ({reason})"))
            continue
        memory.seen.pop(name, None)
        report.receipts.append(one.receipt)
        replace_waiting(folder, one, now)
    try:
        remember_filed(folder, filed, now, _places(folder, filed, held))
    except (StoreError, OSError):
        memory.swept = False  # the rows are to be looked for again
        raise


def replace_waiting(folder: WatchedFolder, one: Accepted, now: datetime, by: By = FOLDER) -> None:
    """A file that waits for a person gives way to a newer one of its name: that is how it is mended. So does
    the text that the desk made of a document."""
    if one.receipt.rejected:
        return
    with folder.store.read() as conn:
        names = dict.fromkeys((one.receipt.name, mended_name(one.receipt.name)))
        waiting = [row for name in names for row in bulletins.replaced_by(conn, name, one.bulletin_id)]
    for row in waiting:
        undo(folder, row, now, by, "a newer file of its name came")


def _file(folder: WatchedFolder, name: str, receipt: BulletinReceipt) -> str:
    """Move one file with its receipt; its new name."""
    where: Where = "rejected" if receipt.rejected else "held" if receipt.held_until else "done"
    return folder.inbox.file_away(name, where, folder.render(receipt))


def remember_filed(
    folder: WatchedFolder, filed: Mapping[int, str], now: datetime, places: Mapping[int, str] | None = None
) -> None:
    """These files lie where they belong, under these names; from now on nobody looks for them.

    `places`: where those that are held were put, if taking such a file away is taking its bulletin back.
    """
    folder.inbox.sync()
    named = {key: folder.name(filed_as) for key, filed_as in filed.items()}
    folder.store.transact(lambda conn: bulletins.filed(conn, named, now, places or {}))


def _places(folder: WatchedFolder, filed: Mapping[int, str], held: Collection[int]) -> dict[int, str]:
    """Where the files of those that are held lie now."""
    return {key: folder.inbox.place_of_held(name) for key, name in filed.items() if key in held}


def refile(folder: WatchedFolder, row: bulletins.BulletinRow, accepted: Accepted, now: datetime) -> None:
    """Move a bulletin that was held to where it belongs, with its new receipt."""
    name = (row.filed_as or row.name).removeprefix(folder.prefix)
    where: Where = "rejected" if accepted.receipt.rejected else "done"
    # As the row tells it from now on: a kill before the file has moved finds the same receipt.
    receipt = replace(accepted.receipt, received_at=row.receipt.received_at)
    filed_as = folder.inbox.refile(name, "held", where, folder.render(receipt), row.sha256)
    remember_filed(folder, {accepted.bulletin_id: filed_as}, now)


def tell(accepted: Iterable[Accepted]) -> None:
    """A line in the log for each that was taken in just now: by whoever wrote it, so that two processes that
    found the same file tell it once.
    """
    for one in accepted:
        if not one.ours:
            continue
        receipt, number = one.receipt, one.bulletin_id
        if receipt.rejected:
            codes = [line.fault.code for line in receipt.lines if line.fault]
            logger.warning("bulletin-rejected", bulletin=number, name=receipt.name, fault=" ".join(codes))
        else:
            counts = {str(outcome): receipt.count(outcome) for outcome in Outcome}
            logger.info("bulletin-accepted", bulletin=number, name=receipt.name, **counts)


def sweep(folder: WatchedFolder, seen: Collection[str], now: datetime) -> bool:
    """File the receipts of bulletins that were accepted just before a kill and whose files are gone.

    False when some could not be filed.
    """
    with folder.store.read() as conn:
        rows = bulletins.unfiled(conn)
    all_filed = True
    for row in rows:
        name = row.name.removeprefix(folder.prefix)
        if not folder.is_mine(row.name) or name in seen:
            continue
        try:
            if row.filed_as is not None:
                refile(folder, row, Accepted(row.id, row.receipt), now)
            else:
                one = Accepted(row.id, row.receipt)
                filed = {row.id: _file(folder, name, row.receipt)}
                held = {row.id} if row.receipt.held_until else set()
                remember_filed(folder, filed, now, _places(folder, filed, held))
                replace_waiting(folder, one, now)
        except OSError as error:
            all_filed = False
            logger.error("bulletin-not-filed", name=row.name, reason=str(error.strerror))
    return all_filed


def watch_again(folder: WatchedFolder, now: datetime) -> None:
    """Watch what was filed in the last hour by a process before this one: somebody may still write to it."""
    with folder.store.read() as conn:
        rows = bulletins.filed_since(conn, now - WATCHED)
    for row in rows:
        if row.filed_as and row.filed_at and row.sha256 and folder.is_mine(row.name):
            where: Where = "rejected" if row.receipt.rejected else "done"
            name = row.filed_as.removeprefix(folder.prefix)
            folder.inbox.watch_filed(where, name, row.sha256, row.filed_at.timestamp())


def reread(folder: WatchedFolder, wall: float) -> None:
    """Put files back into the inbox that somebody went on writing to after they had been filed: what was
    read of them was not the whole. `wall` is in seconds since 1970.
    """
    for where, name in folder.inbox.changed_since_filed(wall):
        try:
            folder.inbox.put_back(name, where)
        except OSError as error:
            logger.error("bulletin-not-filed", name=folder.name(name), reason=str(error.strerror))
        else:
            logger.warning("bulletin-changed-after-filing", name=folder.name(name))
