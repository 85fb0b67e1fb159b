"""A held bulletin taken back: nothing of it was announced, its file moves to undone/.

The row is marked first. A kill after that leaves a file in held/ where it was,
and nothing of it is taken in; one that could not be moved there and still lies in
the inbox is held anew, with a receipt that says so.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from feeds.intake.folders import WatchedFolder
from feeds.intake.receipts import queue, receipt_mail
from feeds.model import COMMAND_LINE, FOLDER, Act, By
from feeds.store import Connection, audit, bulletins


def undo(
    folder: WatchedFolder, row: bulletins.BulletinRow, now: datetime, by: By = COMMAND_LINE, reason: str = ""
) -> bool:
    """Take it back; False when it is not held any more. What the folder did is told by mail."""
    receipt = replace(row.receipt, held_until=None, undone_at=now)
    mails = folder.rules.mails if by == FOLDER else None
    mail = receipt_mail(mails, receipt)

    def run(conn: Connection) -> bool:
        undone = bulletins.undo(conn, row.id, now)
        if undone:
            line = audit.NewLine(act=Act.TAKEN_BACK, bulletin_id=row.id, reason=reason)
            audit.write(conn, [line], by, now)
        if undone and mails and mail:
            queue(conn, mails, row.id, receipt, mail, now)
        return undone

    if not folder.store.transact(run):
        return False
    slip = folder.render(receipt)
    if row.filed_as is None:
        _from_inbox(folder, row, slip)
    else:
        folder.inbox.refile(row.filed_as.removeprefix(folder.prefix), "held", "undone", slip, row.sha256)
    folder.inbox.sync()
    return True


def _from_inbox(folder: WatchedFolder, row: bulletins.BulletinRow, receipt: str) -> None:
    """Its file could not be moved to held/ and lies in the inbox still, unless another has its name now."""
    for name in folder.inbox.waiting():
        if (
            folder.name(name) == row.name
            and hashlib.sha256(folder.inbox.take(name)).hexdigest() == row.sha256
        ):
            folder.inbox.file_away(name, "undone", receipt)
