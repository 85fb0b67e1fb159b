"""A held bulletin taken back: nothing of it was announced, its file moves to undone/.

The row is marked first. A kill after that leaves a file in held/ where it was,
and nothing of it is taken in; one that could not be moved there and still lies in
the inbox is held anew, with a receipt that says so.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from feeds.intake.desk import Desk
from feeds.store import bulletins


def undo(desk: Desk, row: bulletins.BulletinRow, now: datetime) -> bool:
    """Take it back; False when it is not held any more."""
    if not desk.store.transact(lambda conn: bulletins.undo(conn, row.id, now)):
        return False
    receipt = desk.render(replace(row.receipt, held_until=None, undone_at=now))
    if row.filed_as is None:
        _from_inbox(desk, row, receipt)
    else:
        desk.inbox.refile(row.filed_as.removeprefix(desk.prefix), "held", "undone", receipt)
    desk.inbox.sync()
    return True


def _from_inbox(desk: Desk, row: bulletins.BulletinRow, receipt: str) -> None:
    """Its file could not be moved to held/ and lies in the inbox still, unless another has its name now."""
    for name in desk.inbox.waiting():
        if desk.name(name) == row.name and hashlib.sha256(desk.inbox.take(name)).hexdigest() == row.sha256:
            desk.inbox.file_away(name, "undone", receipt)
