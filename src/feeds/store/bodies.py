"""The words of old digests: forgotten once nobody can need them; who was sent which item is kept (store).

Digests are looked at in the order in which they were made, up to a mark. A body is told of by many of them,
so it goes only when none tells it any more; feet, of which there are no more than sets of filters, stay.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, exists, func, select, update

from feeds.model import DeliveryState
from feeds.store import publishing
from feeds.store.composing_tables import passage
from feeds.store.database import Store
from feeds.store.digests import lock_compose
from feeds.store.schema import delivery, digest
from feeds.store.writing import among

# So many digests are looked at in one round.
SOME = 1_000
_MARK = "bodies-forgotten-to"
_LIVE = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class _Old:
    """Digests whose words can go, and their bodies; `last`: the last one that was looked at, `newest`: the
    newest digest of all."""

    ids: list[int]
    bodies: set[int]
    last: int
    newest: int


def forget_before(store: Store, before: datetime, most: int = SOME) -> int:
    """Forget the words of digests that were made before then and have no letter that may still leave; of so
    many digests at most. How many digests lost their words.

    What tells a body is looked up before composing is held up, and what was made since, meanwhile.
    """
    with store.read() as conn:
        old = _old(conn, before, most)
        if old is None:
            return 0
        free = old.bodies - _told(conn, old.bodies, after=0, without=old.ids)

    def run(conn: Connection) -> None:
        lock_compose(conn)
        gone = free - _told(conn, free, after=old.newest)
        mine = digest.c
        emptied = {"text": "", "html": "", "body_id": None}
        conn.execute(update(digest).where(among(conn, mine.id, old.ids)).values(emptied))
        conn.execute(delete(passage).where(among(conn, passage.c.id, sorted(gone))))
        publishing.set_meta(conn, _MARK, str(old.last))

    store.transact(run)
    return len(old.ids)


def _old(conn: Connection, before: datetime, most: int) -> _Old | None:
    mark = int(publishing.get_meta(conn, _MARK) or 0)
    mine = digest.c
    live = exists().where(delivery.c.digest_id == mine.id, delivery.c.state.in_(_LIVE))
    first = select(mine.id, mine.body_id, mine.composed_at, live.label("live")).where(mine.id > mark)
    rows = []
    for row in conn.execute(first.order_by(mine.id).limit(most)):
        if row.composed_at >= before:
            break
        rows.append(row)
    if not rows:
        return None
    ended = [row for row in rows if not row.live]
    bodies = {row.body_id for row in ended if row.body_id is not None}
    newest = conn.scalar(select(func.max(mine.id))) or 0
    return _Old([row.id for row in ended], bodies, rows[-1].id, newest)


def _told(
    conn: Connection, bodies: Collection[int], *, after: int, without: Collection[int] = ()
) -> set[int]:
    """Those of these bodies that digests above that number tell, others than some."""
    if not bodies:
        return set()
    mine = digest.c
    query = select(mine.body_id).distinct().where(mine.id > after, among(conn, mine.body_id, sorted(bodies)))
    if without:
        query = query.where(~among(conn, mine.id, sorted(without)))
    return set(conn.scalars(query))
