"""What an office is told of: doubtful files, folders that nobody reads; and what comes by itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from feeds.config import OfficeSection
from feeds.inbox import leave_notes
from feeds.intake.examining import Doubtful
from feeds.office.lapsing import lapse
from feeds.store import ends, held

if TYPE_CHECKING:
    from feeds.app.parts import Parts


def doubtful_of(office: OfficeSection, *, desk: bool) -> Doubtful:
    """What becomes of a doubtful file; `desk`: somebody there sees it. Where nobody does, nor gets receipts,
    it would wait for ever.
    """
    if office.doubtful == "go":
        return Doubtful.GO
    return Doubtful.WAIT if office.receipts_to or desk else Doubtful.LEAVE_OUT


def next_by_itself(parts: Parts) -> datetime | None:
    """When the next held bulletin is let go, or the next item withdrawn, without anybody's doing."""
    with parts.store.read() as conn:
        found = [held.next_held(conn), ends.next_expiry(conn)]
    return min((at for at in found if at is not None), default=None)


def by_itself(parts: Parts, now: datetime) -> tuple[bool, datetime | None]:
    """Withdraw what is over; whether anything was, and when the next thing happens by itself."""
    lapsed = lapse(parts.store, now, parts.settings.digest.zone)
    return bool(lapsed), next_by_itself(parts)


def note_unread(parts: Parts) -> list[str]:
    """Sub-folders of the inbox that nobody reads, each with a note beside its files; from others it goes."""
    unread, lang = parts.unread_folders(), parts.settings.inbox.language
    read = sorted(parts.settings.offices())
    leave_notes(parts.inbox.root, unread, lambda name: parts.letters.not_read(name, read, lang))
    return unread
