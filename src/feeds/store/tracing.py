"""Which bulletins some work is about: the numbers that stand in the log from intake to delivery (store)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, literal, select

from feeds.store.publishing import ITEM_PREFIX
from feeds.store.schema import change, digest, digest_item, item

# As many as a line of a log should name; who wants more follows each back.
MOST = 20
# So many digests of a pass are looked at: those of one moment are about the same few bulletins.
LOOKED_AT = 200


def of_changes(conn: Connection, after: int, until: int) -> list[int]:
    """The bulletins whose items changed last above `after` and up to `until`, `MOST` at most."""
    query = (
        select(item.c.bulletin_id)
        .join(change, change.c.key == literal(ITEM_PREFIX) + item.c.id)
        .where(change.c.seq > after, change.c.seq <= until)
        .distinct()
        .order_by(item.c.bulletin_id.desc())
        .limit(MOST)
    )
    return sorted(conn.scalars(query))


def of_newest_digests(conn: Connection, number: int) -> list[int]:
    """The bulletins that the newest digests tell of, `MOST` at most."""
    newest = select(digest.c.id).order_by(digest.c.id.desc()).limit(min(number, LOOKED_AT))
    return of_digests(conn, list(conn.scalars(newest)))


def of_digests(conn: Connection, ids: Collection[int]) -> list[int]:
    """The bulletins that these digests tell of (`LOOKED_AT` of them are asked), `MOST` at most."""
    query = (
        select(item.c.bulletin_id)
        .join(digest_item, digest_item.c.item_id == item.c.id)
        .where(digest_item.c.digest_id.in_(sorted(ids)[-LOOKED_AT:]))
        .distinct()
        .order_by(item.c.bulletin_id.desc())
        .limit(MOST)
    )
    return sorted(conn.scalars(query))
