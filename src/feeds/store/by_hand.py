"""What a person does to letters on their way, one or many: send again, hold, cancel (store).

Only letters that are in nobody's hands are touched; which ones is said by a `Choice`, and how many can be
asked before. What was sent or suppressed stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, false, func, or_, select, update

from feeds.model import DeliveryState
from feeds.store import deliveries, notices
from feeds.store.schema import delivery, digest, notice
from feeds.store.writing import among

# A held letter is queued for then: leaving, moving and corrections reach it as they reach any that waits.
HELD_UNTIL = datetime(9999, 12, 31, tzinfo=UTC)
HELD, CANCELLED = "held by hand", "cancelled by hand"

_NUMBER = re.compile(rf"({notices.MARK}?)([0-9]{{1,18}})")


class Act(StrEnum):
    """What is done."""

    RETRY = "retry"
    HOLD = "hold"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Letters for which all of this holds; by itself, all letters. `numbers`: any of these."""

    numbers: tuple[str, ...] = ()
    state: DeliveryState | None = None
    digest_id: int | None = None
    host: str = ""
    address: str = ""


def is_number(text: str) -> bool:
    """Whether this is how a letter is called: ``17``, or ``n17`` for a notice."""
    return _NUMBER.fullmatch(text) is not None


def chosen(conn: Connection, choice: Choice, table: Table) -> list[ColumnElement[bool]]:
    """The conditions of a choice on one of the two queues."""
    mine, found = table.c, list[ColumnElement[bool]]()
    if choice.numbers:
        mark = notices.MARK if table is notice else ""
        parts = [known for each in choice.numbers if (known := _NUMBER.fullmatch(each))]
        found.append(among(conn, mine.id, [int(known[2]) for known in parts if known[1] == mark]))
    if choice.state is not None:
        found.append(mine.state == choice.state)
    if choice.digest_id is not None:
        found.append(mine.digest_id == choice.digest_id if table is delivery else false())
    if choice.host:
        found.append(func.lower(mine.address).endswith(f"@{choice.host.lower()}", autoescape=True))
    if choice.address:
        found.append(func.lower(mine.address) == choice.address.lower())
    return found


def count(conn: Connection, act: Act, choice: Choice, now: datetime) -> int:
    """How many letters `perform` would touch."""
    return sum(
        conn.scalar(select(func.count()).select_from(table).where(*_touched(conn, act, choice, table, now)))
        or 0
        for table in (delivery, notice)
    )


def perform(conn: Connection, act: Act, choice: Choice, now: datetime) -> int:
    """Do it in the caller's transaction; how many letters that were."""
    values = _values(act, now)
    return sum(
        conn.execute(update(table).where(*_touched(conn, act, choice, table, now)).values(values)).rowcount
        for table in (delivery, notice)
    )


def _touched(
    conn: Connection, act: Act, choice: Choice, table: Table, now: datetime
) -> Sequence[ColumnElement[bool]]:
    mine = table.c
    queued = (deliveries if table is delivery else notices).QUEUE.queued
    ended = mine.state.in_([DeliveryState.REFUSED, DeliveryState.UNCERTAIN])
    which: dict[Act, ColumnElement[bool]] = {
        Act.RETRY: or_(ended, and_(queued, mine.next_at > now)),
        Act.HOLD: and_(queued, mine.next_at < HELD_UNTIL),
        Act.CANCEL: or_(queued, mine.state == DeliveryState.UNCERTAIN),
    }
    found = [which[act], *chosen(conn, choice, table)]
    if act is Act.RETRY and table is delivery:
        found.append(_has_words())
    return found


def _has_words() -> ColumnElement[bool]:
    """Whether the digest of a letter still has its words (`store.bodies`)."""
    told = or_(digest.c.body_id.is_not(None), digest.c.html != "")
    return exists().where(digest.c.id == delivery.c.digest_id, told)


def _values(act: Act, now: datetime) -> dict[str, Any]:
    match act:
        case Act.RETRY:  # with the same Message-ID; tries and faults count from 0 again
            again = {"state": DeliveryState.QUEUED, "tries": 0, "faults": 0, "reason": ""}
            return again | {"next_at": now, "finished_at": None}
        case Act.HOLD:
            return {"next_at": HELD_UNTIL, "reason": HELD}
        case Act.CANCEL:
            return {"state": DeliveryState.SUPPRESSED, "reason": CANCELLED, "finished_at": now}
