"""Held bulletins and time: where their files lie, what they wait for, and until when (store)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from feeds.model import WAITS, BulletinReceipt
from feeds.store.bulletins import replace_lines
from feeds.store.schema import bulletin


@dataclass(frozen=True, slots=True, kw_only=True)
class InHeld:
    """A bulletin whose file was put into held/. `missing_at`: since when it has not been seen there."""

    id: int
    name: str
    filed_as: str
    sha256: str
    place: str
    missing_at: datetime | None


def in_held(conn: Connection) -> list[InHeld]:
    """Held bulletins whose files were put into held/, oldest first."""
    columns = [bulletin.c[each.name] for each in fields(InHeld)]
    mine = (bulletin.c.held_until.is_not(None), bulletin.c.content.is_not(None), bulletin.c.place != "")
    filed = (bulletin.c.filed_at.is_not(None), bulletin.c.filed_as.is_not(None))
    rows = conn.execute(select(*columns).where(*mine, *filed).order_by(bulletin.c.id))
    return [InHeld(**row._mapping) for row in rows]


def note_missing(conn: Connection, bulletin_id: int, at: datetime | None) -> None:
    """Since when the file of a held bulletin has not been seen where it was put; None: it is seen."""
    conn.execute(update(bulletin).where(bulletin.c.id == bulletin_id).values(missing_at=at))


def wait(conn: Connection, bulletin_id: int, receipt: BulletinReceipt) -> bool:
    """A held bulletin waits for a person from now on, with this receipt; False when it is held no more."""
    mine = update(bulletin).where(bulletin.c.id == bulletin_id, bulletin.c.content.is_not(None))
    if conn.execute(mine.values(held_until=receipt.held_until, place="", missing_at=None)).rowcount != 1:
        return False
    replace_lines(conn, bulletin_id, receipt)
    return True


def set_embargo(conn: Connection, bulletin_id: int, embargo_at: datetime, held_until: datetime) -> bool:
    """Let an embargo hold instead of what the head of a held file says, and the file until an instant.

    One that waits for a person goes on waiting. False when it is not held any more.
    """
    mine = (bulletin.c.id == bulletin_id, bulletin.c.content.is_not(None))
    if conn.execute(update(bulletin).where(*mine).values(embargo_at=embargo_at)).rowcount != 1:
        return False
    conn.execute(update(bulletin).where(*mine, bulletin.c.held_until != WAITS).values(held_until=held_until))
    return True


def next_held(conn: Connection) -> datetime | None:
    """When the next held bulletin is to be taken in by itself."""
    waiting = (bulletin.c.content.is_not(None), bulletin.c.held_until < WAITS)
    found: datetime | None = conn.scalar(select(func.min(bulletin.c.held_until)).where(*waiting))
    return found
