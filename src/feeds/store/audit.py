"""Who did what to items and bulletins, when and by which way: the audit trail (store).

Written in the transaction of the act itself, so that nothing is done without its line. Rows are never
changed; `feeds audit` and the desk show them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from feeds.model import Act, By
from feeds.store.schema import audit, bulletin, item
from feeds.store.writing import insert_many


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """One act. `item_id` or `bulletin_id` says to what; `reason` is the words of who did it."""

    act: Act
    item_id: str | None = None
    bulletin_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(NewLine):
    """A line of the trail."""

    id: int
    at: datetime
    who: str
    way: str


def write(conn: Connection, lines: Iterable[NewLine], by: By, at: datetime) -> None:
    """Add lines to the trail."""
    rows = [
        {
            "at": at, "who": by.who, "way": by.way, "act": line.act, "item_id": line.item_id,
            "bulletin_id": line.bulletin_id, "reason": line.reason,
        }
        for line in lines
    ]  # fmt: skip
    insert_many(conn, audit, rows)


def listing(
    conn: Connection,
    *,
    limit: int,
    item_id: str | None = None,
    bulletin_id: int | None = None,
    since: datetime | None = None,
    prefix: str = "",
) -> list[Line]:
    """The newest lines, newest first: all, or those of an item or a bulletin, from an instant on; only of
    bulletins whose names begin with `prefix`, and their items."""
    query = select(*[audit.c[each.name] for each in fields(Line)])
    if item_id is not None:
        query = query.where(audit.c.item_id == item_id)
    if bulletin_id is not None:
        query = query.where(audit.c.bulletin_id == bulletin_id)
    if since is not None:
        query = query.where(audit.c.at >= since)
    if prefix:
        query = query.where(_of(prefix))
    rows = conn.execute(query.order_by(audit.c.id.desc()).limit(limit))
    return [Line(**row._mapping) for row in rows]


def of_bulletin(conn: Connection, bulletin_id: int, limit: int) -> list[Line]:
    """What was done to a bulletin and to the items that came in with it, newest first."""
    theirs = select(item.c.id).where(item.c.bulletin_id == bulletin_id)
    mine = (audit.c.bulletin_id == bulletin_id) | audit.c.item_id.in_(theirs)
    query = select(*[audit.c[each.name] for each in fields(Line)]).where(mine)
    return [Line(**row._mapping) for row in conn.execute(query.order_by(audit.c.id.desc()).limit(limit))]


def _of(prefix: str) -> ColumnElement[bool]:
    """Of bulletins of one folder, or of items that came in with one."""
    here = select(bulletin.c.id).where(bulletin.c.name.startswith(prefix, autoescape=True))
    items = select(item.c.id).where(item.c.bulletin_id.in_(here))
    return audit.c.bulletin_id.in_(here) | audit.c.item_id.in_(items)
