"""What the pages of the press desk work with, and what each of its people may see there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.exceptions import HTTPException

from feeds.intake.folders import WatchedFolder
from feeds.model import Staff
from feeds.pages.desk.frame import Seen
from feeds.pages.desk.pages import DeskPages
from feeds.store import Store, bulletins
from feeds.store.bulletins import BulletinRow
from feeds.web.signing_in import At, Who


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskParts:
    """`folders` are those that bulletins come in by, the inbox first; `sheet` is the desk's style sheet."""

    at: At
    store: Store
    folders: Sequence[WatchedFolder]
    pages: DeskPages
    sheet: bytes
    now: Callable[[], datetime]

    def speaking(self, who: Who) -> DeskPages:
        """The pages in somebody's own language."""
        return self.pages.speaking(who.staff.lang)

    def seen(self, who: Who) -> Seen:
        """Who looks, now."""
        return Seen(who.staff, who.stamp, self.now())

    def folder_of(self, row: BulletinRow) -> WatchedFolder:
        """Where a bulletin came in."""
        return next((each for each in self.folders if each.is_mine(row.name)), self.folders[0])

    def bulletin(self, who: Who, number: int) -> BulletinRow:
        """A bulletin that they may see. Raises HTTPException, the same for another office's as for none."""
        with self.store.read() as conn:
            row = bulletins.find(conn, number)
        if row is None or row.id != number or not may_see(who.staff, row.name):
            raise HTTPException(404)
        return row


def prefix_of(staff: Staff) -> str:
    """With what the names of the bulletins begin that somebody may see; empty for all."""
    return f"{staff.office}/" if staff.office else ""


def may_see(staff: Staff, name: str) -> bool:
    """Whether a bulletin of this name is of somebody's office."""
    return name.startswith(prefix_of(staff))
