"""What there is and what waits, in a few numbers (store).

Each query reads an index at one end, or no more than `MOST` rows of what waits: none grows with the items,
the letters that were sent or the people, so that they may be asked each few seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, FromClause, TextClause, func, literal, select, text

from feeds.store import deliveries, notices, passes, returns
from feeds.store.passes import PassRow
from feeds.store.queue import Queue
from feeds.store.schema import audience, bulletin, change, counter, delivery, notice

# What waits is counted up to here; more is as bad.
MOST = 100_000
DAY = timedelta(days=1)
LETTERS = "letters/"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFigures:
    """Letters of one kind: how many wait (`MOST` means so many or more), how many are in hand, and when the
    first of those that wait is or was due."""

    waiting: int
    in_hand: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`unpublished`: feeds and pages that a folder lacks; `unpublished_since`: when the oldest changed.
    `letters`: what became of letters since they are counted; `bounces`: of the last day, by kind.
    `due_at`: when an audience is looked at next.
    """

    last_bulletin_at: datetime | None
    held: int
    unpublished: int
    unpublished_since: datetime | None
    digests: QueueFigures
    notices: QueueFigures
    due_at: datetime | None
    letters: Mapping[str, int]
    bounces: Mapping[str, int]
    passes: Sequence[PassRow]


def figures(conn: Connection, published: int, now: datetime) -> Figures:
    """All of it; `published` is the number of the last change that this host's folder holds."""
    return Figures(
        last_bulletin_at=_last_bulletin_at(conn),
        held=_count(conn, bulletin, bulletin.c.held_until.is_not(None)),
        unpublished=_count(conn, change, change.c.seq > published),
        unpublished_since=_unpublished_since(conn, published),
        digests=_queue(conn, delivery, deliveries.QUEUE),
        notices=_queue(conn, notice, notices.QUEUE),
        due_at=_due_at(conn),
        letters=letters(conn),
        bounces=returns.counts(conn, now - DAY),
        passes=passes.listing(conn),
    )


def _last_bulletin_at(conn: Connection) -> datetime | None:
    taken = select(bulletin.c.accepted_at).where(~bulletin.c.rejected, bulletin.c.held_until.is_(None))
    found: datetime | None = conn.scalar(taken.order_by(bulletin.c.id.desc()).limit(1))
    return found


def _unpublished_since(conn: Connection, published: int) -> datetime | None:
    """Numbers follow time, so the lowest one is the oldest."""
    later = select(change.c.at).where(change.c.seq > published).order_by(change.c.seq).limit(1)
    found: datetime | None = conn.scalar(later)
    return found


def _queue(conn: Connection, table: FromClause, queue: Queue) -> QueueFigures:
    return QueueFigures(
        waiting=_count(conn, table, queue.queued),
        in_hand=_count(conn, table, queue.sending),
        due_at=queue.next_due(conn),
    )


def _due_at(conn: Connection) -> datetime | None:
    mine = audience.c
    # Written out, not bound: a partial index is used only when the text of its condition is seen.
    first = select(mine.next_at).where(text("cadence <> 'immediate'"), mine.next_at.is_not(None))
    found: datetime | None = conn.scalar(first.order_by(mine.next_at).limit(1))
    return found


def waiting(conn: Connection) -> int:
    """Digests that wait, up to `MOST`."""
    return _count(conn, delivery, deliveries.QUEUE.queued)


def letters(conn: Connection) -> dict[str, int]:
    """What became of letters since they are counted."""
    mine = counter.c
    query = select(mine.name, mine.value).where(mine.name >= LETTERS, mine.name < LETTERS + "\x7f")
    return {name.removeprefix(LETTERS): value for name, value in conn.execute(query.order_by(mine.name))}


def _count(conn: Connection, table: FromClause, where: ColumnElement[bool] | TextClause) -> int:
    some = select(literal(1)).select_from(table).where(where).limit(MOST).subquery()
    return conn.scalar(select(func.count()).select_from(some)) or 0
