"""Items that say the same in several languages (store)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Text, exists, select, type_coerce

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


class Linked(NamedTuple):
    """An item that has other versions, and the key that they share. Its instant is as it is kept."""

    item_id: str
    key: str
    lang: str
    accepted_at: str


def linked(conn: Connection, item_ids: Sequence[str] | None = None) -> Iterator[Linked]:
    """Those of these items, or of all, that have other versions, withdrawn ones too."""
    other = translation.alias("other")
    has_others = exists().where(other.c.key == translation.c.key, other.c.item_id != translation.c.item_id)
    columns = (translation.c.item_id, translation.c.key, item.c.lang, type_coerce(item.c.accepted_at, Text))
    query = select(*columns).join(item, item.c.id == translation.c.item_id).where(has_others)
    for some in [None] if item_ids is None else chunks(item_ids):
        for row in conn.execute(query if some is None else query.where(translation.c.item_id.in_(some))):
            yield Linked(*row)


def of_keys(conn: Connection, keys: Iterable[str]) -> list[tuple[str, str, datetime]]:
    """The items with these keys that are not withdrawn: id, key, and when each was announced."""
    found: list[tuple[str, str, datetime]] = []
    for some in chunks(list(keys)):
        query = (
            select(item.c.id, translation.c.key, item.c.accepted_at)
            .join(translation, translation.c.item_id == item.c.id)
            .where(translation.c.key.in_(some), item.c.withdrawn_at.is_(None))
        )
        found += [(row.id, row.key, row.accepted_at) for row in conn.execute(query)]
    return found


def siblings(conn: Connection, item_ids: Iterable[str]) -> set[str]:
    """The ids of all other versions of these items."""
    own, other = translation.alias("own"), translation.alias("other")
    found: set[str] = set()
    for some in chunks(list(item_ids)):
        query = select(other.c.item_id).join(own, own.c.key == other.c.key).where(own.c.item_id.in_(some))
        found |= set(conn.scalars(query))
    return found - set(item_ids)
