"""What items are and were called: words, days and the office's ids, to find them again by (store).

Every wording an item ever had is kept, so that an old capture undoes no
correction. What to do with what is found is `feeds.changes`'.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update

from feeds import changes
from feeds.changes import Known, Wanted
from feeds.model import Draft, Item
from feeds.store.schema import bulletin, item, wording
from feeds.store.writing import chunks, insert_many
from feeds.store.writing import insert as dialect_insert


def known(conn: Connection, wanted: Wanted) -> list[Known]:
    """Everything that the drafts asked for may turn out to be, oldest first.

    Withdrawn items are among them: what was taken back does not come again with an old capture.
    """
    found: set[str] = set()
    by_column = (
        (item.c.id, item.c.date_on, wanted.days),
        (item.c.id, item.c.title_key, wanted.title_keys),
        (item.c.id, item.c.office_key, wanted.office_keys),
        (wording.c.item_id, wording.c.identity, wanted.identities),
    )
    for ids, column, values in by_column:
        for some in chunks(sorted(values)):
            found |= set(conn.scalars(select(ids).where(column.in_(some))))
    return _known(conn, sorted(found))


def _known(conn: Connection, item_ids: Sequence[str]) -> list[Known]:
    words: dict[str, list[tuple[str, str]]] = defaultdict(list)
    rows: list[Row[Any]] = []
    for some in chunks(item_ids):
        columns = (
            item.c.accepted_at,
            item.c.id,
            item.c.date_on,
            item.c.title,
            item.c.summary,
            item.c.office_key,
            bulletin.c.name,
        )
        query = select(*columns).join(bulletin, bulletin.c.id == item.c.bulletin_id)
        rows += conn.execute(query.where(item.c.id.in_(some)))
        said = select(wording.c.item_id, wording.c.fingerprint, wording.c.identity)
        for item_id, fingerprint, identity in conn.execute(said.where(wording.c.item_id.in_(some))):
            words[item_id].append((fingerprint, identity))
    rows.sort(key=lambda row: (row.accepted_at, row.id))
    return [
        Known(
            item_id=row.id,
            date_on=row.date_on,
            title=row.title,
            summary=row.summary,
            source=row.name,
            office_key=row.office_key or "",
            wordings=frozenset(fingerprint for fingerprint, _ in words[row.id]),
            identities=frozenset(identity for _, identity in words[row.id]),
        )
        for row in rows
    ]


def insert(conn: Connection, new: Sequence[Item]) -> None:
    """The words of new items."""
    insert_many(conn, wording, [_of(one.id, one) for one in new])


def _of(item_id: str, said: Draft | Item) -> dict[str, str]:
    return {
        "item_id": item_id,
        "fingerprint": changes.fingerprint(said.date_on, said.title, said.summary),
        "identity": changes.identity(said.date_on, said.title),
    }


def remember(conn: Connection, said: Iterable[tuple[str, Draft | Item]]) -> None:
    """These items were said in these words, too: whoever says them again says nothing new."""
    rows = [_of(item_id, one) for item_id, one in said]
    if rows:
        conn.execute(dialect_insert(conn, wording).on_conflict_do_nothing(), rows)


def name(conn: Connection, office_keys: Mapping[str, str]) -> None:
    """Let items without an id of the office's be known by these keys from now on."""
    for item_id, key in office_keys.items():
        nameless = (item.c.id == item_id, item.c.office_key.is_(None))
        conn.execute(update(item).where(*nameless).values(office_key=key))
