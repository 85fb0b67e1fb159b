"""What the pages of the press desk work with, and what each of its people may see there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from starlette.exceptions import HTTPException

from feeds.composing.reaching import Reaching
from feeds.intake.examining import Examined
from feeds.intake.folders import WatchedFolder
from feeds.intake.previewing import examine
from feeds.intake.writing_out import written_out
from feeds.labels import Labeller
from feeds.letters import Letters
from feeds.model import Staff, Vocabulary
from feeds.pages import Pages
from feeds.pages.desk.frame import HOME, Seen
from feeds.pages.desk.pages import DeskPages
from feeds.store import Store, bulletins
from feeds.store.bulletins import BulletinRow
from feeds.syndication import FeedSource
from feeds.web.edge import MAX_BODY
from feeds.web.signing_in import At, Who

MOST_READ = 16
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskParts:
    """`folders` are those that bulletins come in by, the inbox first, each for the desk alone: one is not
    for two threads at once, which `filing` sees to. `sheet` is the desk's style sheet; `read` keeps files as
    they were read last, `written` documents as texts.
    """

    at: At
    store: Store
    folders: Sequence[WatchedFolder]
    pages: DeskPages
    site_pages: Pages
    source: FeedSource
    letters: Letters
    labeller: Callable[[], Labeller]
    vocabulary: Vocabulary
    reaching: Reaching
    message_id: Callable[[], str]
    sheet: bytes
    now: Callable[[], datetime]
    read: dict[tuple[str, str], Examined] = field(default_factory=dict)
    written: dict[tuple[str, str], str] = field(default_factory=dict)
    filing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def languages(self) -> Sequence[str]:
        """The languages in which readers get mails."""
        return self.pages.languages

    def speaking(self, who: Who) -> DeskPages:
        """The pages in somebody's own language."""
        return self.pages.speaking(who.staff.lang)

    def seen(self, who: Who) -> Seen:
        """Who looks, now."""
        return Seen(who.staff, who.stamp, self.now())

    def folder_of(self, row: BulletinRow) -> WatchedFolder:
        """Where a bulletin came in."""
        return next((each for each in self.folders if each.is_mine(row.name)), self.folders[0])

    def largest(self, path: str) -> int:
        """How large a body may be that is posted to a path: bulletins are larger than other forms."""
        bulletins_come = path == f"{HOME}new" or (path.startswith(HOME) and path.endswith("/text"))
        return self.most_bytes if bulletins_come else MAX_BODY

    @property
    def most_bytes(self) -> int:
        """A bulletin and what a form has round it; a text of a form may need three bytes for one."""
        return max(each.inbox.max_bytes for each in self.folders) * 3 + MAX_BODY

    def own_folder(self, who: Who) -> WatchedFolder:
        """Where what somebody drops at the desk comes in."""
        prefix = prefix_of(who.staff)
        return next(each for each in self.folders if each.prefix == prefix)

    def examined(self, folder: WatchedFolder, row: BulletinRow, data: bytes) -> Examined:
        """A held bulletin, read and labelled; the last ones are kept: a long document takes its time."""
        return _kept(self.read, row, lambda: examine(folder, row.name, data))

    def written_out(self, folder: WatchedFolder, row: BulletinRow, file: Examined) -> str:
        """A held document as a text; it is read some times more for that."""
        return _kept(self.written, row, lambda: written_out(folder.rules, file))

    def bulletin(self, who: Who, number: int) -> BulletinRow:
        """A bulletin that they may see. Raises HTTPException, the same for another office's as for none."""
        with self.store.read() as conn:
            row = bulletins.find(conn, number)
        if row is None or row.id != number or not may_see(who.staff, row.name):
            raise HTTPException(404)
        return row


def _kept(known: dict[tuple[str, str], T], row: BulletinRow, make: Callable[[], T]) -> T:
    """What was made of the bytes of a bulletin, the last ones only."""
    key = (row.name, row.sha256)
    found = known.get(key)
    if found is None:
        while len(known) >= MOST_READ:
            known.pop(next(iter(known)), None)
        found = known[key] = make()
    return found


def prefix_of(staff: Staff) -> str:
    """With what the names of the bulletins begin that somebody may see; empty for all."""
    return f"{staff.office}/" if staff.office else ""


def may_see(staff: Staff, name: str) -> bool:
    """Whether a bulletin of this name is of somebody's office."""
    return name.startswith(prefix_of(staff))
