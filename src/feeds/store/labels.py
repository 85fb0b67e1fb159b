"""Labels of stored items: found by code, and put in place of others in one go; former slugs (store).

Nothing here moves an instant: who was sent an item has seen its words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, delete, select

from feeds.model import Item, Kind
from feeds.store import items
from feeds.store.schema import label, meta
from feeds.store.writing import chunks, insert

_RENAMED = "topic-renamed/"  # and the former slug: a key in `meta`, its value the slug that followed


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


def renames(conn: Connection) -> dict[str, str]:
    """Former slug of a topic -> the slug that followed it, of all configurations that were ever used."""
    rows = conn.execute(select(meta).where(meta.c.key.startswith(_RENAMED, autoescape=True)))
    return {row.key.removeprefix(_RENAMED): row.value for row in rows}


def keep_renames(conn: Connection, renamed: Mapping[str, str], *, replacing: bool = False) -> None:
    """Keep renames; of slugs that have one already only with `replacing`."""
    rows = [{"key": _RENAMED + old, "value": slug} for old, slug in sorted(renamed.items())]
    if rows:
        once = insert(conn, meta)
        newest = once.on_conflict_do_update(index_elements=["key"], set_={"value": once.excluded.value})
        conn.execute(newest if replacing else once.on_conflict_do_nothing(), rows)


def forget_renames(conn: Connection, slugs: Collection[str]) -> None:
    """These slugs are topics of their own again: they lead nowhere."""
    for some in chunks([_RENAMED + slug for slug in slugs]):
        conn.execute(delete(meta).where(meta.c.key.in_(some)))
