"""Labels of stored items: found by code, and put in place of others in one go (store).

Nothing here moves an instant: who was sent an item has seen its words.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from feeds.model import Item, Kind
from feeds.store import items
from feeds.store.schema import label
from feeds.store.writing import chunks


def items_with(conn: Connection, kind: Kind, codes: Collection[str], limit: int) -> list[Item]:
    """At most `limit` items that carry one of these labels, in any strength, withdrawn ones too; by id."""
    query = select(label.c.item_id).where(label.c.kind == kind, label.c.code.in_(sorted(codes)))
    found = conn.scalars(query.distinct().order_by(label.c.item_id).limit(limit)).all()
    return list(items.by_ids(conn, found).values())


def replace(conn: Connection, labelled: Sequence[Item]) -> None:
    """Give each of these items the labels that it holds here, instead of those that are stored."""
    for some in chunks([each.id for each in labelled]):
        conn.execute(label.delete().where(label.c.item_id.in_(some)))
    items.insert_labels(conn, labelled)
