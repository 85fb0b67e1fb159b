"""Items that say the same in several languages (store)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from feeds.model import Version
from feeds.store.schema import item
from feeds.store.translation_tables import translation
from feeds.store.writing import chunks, insert


def put(conn: Connection, keys: Mapping[str, str]) -> set[str]:
    """Let items be versions of those with the same key; the ids of those that were not so before."""
    known: dict[str, str] = {}
    for some in chunks(list(keys)):
        rows = conn.execute(select(translation).where(translation.c.item_id.in_(some)))
        known |= {row.item_id: row.key for row in rows}
    new = {item_id: key for item_id, key in keys.items() if known.get(item_id) != key}
    if new:
        statement = insert(conn, translation)
        again = {"key": statement.excluded.key}
        rows_ = [{"item_id": item_id, "key": key} for item_id, key in sorted(new.items())]
        conn.execute(statement.on_conflict_do_update(index_elements=["item_id"], set_=again), rows_)
    return set(new)


def versions(conn: Connection, item_ids: Iterable[str]) -> dict[str, list[Version]]:
    """The other versions of these items that are not withdrawn, by language; items without any are left
    out.
    """
    own, other = translation.alias("own"), translation.alias("other")
    found: dict[str, list[Version]] = defaultdict(list)
    for some in chunks(list(item_ids)):
        query = (
            select(own.c.item_id, item.c.id, item.c.lang)
            .join(other, (other.c.key == own.c.key) & (other.c.item_id != own.c.item_id))
            .join(item, item.c.id == other.c.item_id)
            .where(own.c.item_id.in_(some), item.c.withdrawn_at.is_(None))
            .order_by(own.c.item_id, item.c.lang, item.c.id)
        )
        for mine, theirs, lang in conn.execute(query):
            found[mine].append(Version(id=theirs, lang=lang))
    return dict(found)


def siblings(conn: Connection, item_ids: Iterable[str]) -> set[str]:
    """The ids of all other versions of these items."""
    own, other = translation.alias("own"), translation.alias("other")
    found: set[str] = set()
    for some in chunks(list(item_ids)):
        query = select(other.c.item_id).join(own, own.c.key == other.c.key).where(own.c.item_id.in_(some))
        found |= set(conn.scalars(query))
    return found - set(item_ids)
