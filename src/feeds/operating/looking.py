"""What is known -> the facts that alarms are judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feeds.alarms import TOLD_BEFORE, Facts, Trouble
from feeds.operating.measuring import Measured
from feeds.store import Connection, daybook, returns
from feeds.store.figures import LETTERS
from feeds.store.passes import PassRow

DAY = timedelta(days=1)
COMPLAINED = "people/complained"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfTheDay:
    """Letters that were sent and people who complained since yesterday; letters to the canary that have not
    come back, by when they were sent."""

    sent: int
    complained: int
    unseen: Sequence[datetime]


def of_the_day(conn: Connection, measured: Measured, canary: str) -> OfTheDay:
    """What the daybook tells. `canary` is the key of an address, empty for none."""
    yesterday = measured.at - DAY
    sent_then = daybook.at_or_after(conn, f"{LETTERS}sent", yesterday) or 0
    complained_then = daybook.at_or_after(conn, COMPLAINED, yesterday) or 0
    return OfTheDay(
        sent=max(0, measured.figures.letters.get("sent", 0) - sent_then),
        complained=max(0, daybook.latest(conn).get(COMPLAINED, 0) - complained_then),
        unseen=returns.unseen(conn, canary, measured.at - TOLD_BEFORE) if canary else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a process knows of itself: its host, when the site began, why its inbox cannot be read and since
    when, whether it keeps a public folder, and what its last look from outside found."""

    host: str
    began_at: datetime
    inbox: str = ""
    inbox_since: datetime | None = None
    publishes: bool = True
    outside: Sequence[tuple[Trouble, str]] = ()


def facts_of(measured: Measured, day: OfTheDay, seen: Seen) -> Facts:
    """Everything together."""
    found = measured.figures
    due = [queue.due_at for queue in (found.digests, found.notices) if queue.due_at]
    return Facts(
        at=measured.at,
        host=seen.host,
        last_bulletin_at=found.last_bulletin_at or seen.began_at,
        inbox=seen.inbox,
        inbox_since=seen.inbox_since,
        unpublished_since=found.unpublished_since if seen.publishes else None,
        publishing_failed=_reason([row for row in found.passes if row.host == seen.host], "publish"),
        due_at=min(due, default=None),
        waiting=found.digests.waiting + found.notices.waiting,
        mail_failed=_reason(found.passes, "deliver"),
        rooms={name: (room.free, room.total) for name, room in measured.rooms.items()},
        sent=day.sent,
        bounced=found.bounces.get("hard", 0) + found.bounces.get("soft", 0),
        complained=day.complained,
        outside=seen.outside,
        unseen=day.unseen,
    )


def _reason(rows: Sequence[PassRow], name: str) -> str:
    """Why the newest run of a pass ended early."""
    newest = max((row for row in rows if row.name == name), key=lambda row: row.began_at, default=None)
    return newest.failed if newest else ""
