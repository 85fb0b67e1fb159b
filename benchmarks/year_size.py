"""How large a database is, table by table, for each item and each letter (year.py)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select, text

from feeds.store import Connection, Store
from feeds.store.composing_tables import passage
from feeds.store.schema import delivery, digest, item, metadata

# What grows with each; the rest is people and small facts.
OF_ITEMS = (
    "item",
    "item_words",
    "wording",
    "label",
    "revision",
    "bulletin",
    "bulletin_line",
    "change",
    "full_text",
)
OF_LETTERS = ("delivery", "digest", "digest_item", "passage", "milestone")


def sizes(conn: Connection) -> dict[str, int]:
    """Bytes of each table with its indexes; empty where SQLite was built without `dbstat`."""
    if conn.dialect.name == "postgresql":
        return {
            name: conn.scalar(text("SELECT pg_total_relation_size(CAST(:name AS regclass))"), {"name": name})
            or 0
            for name in metadata.tables
        }
    owner = {row[0]: row[1] for row in conn.execute(text("SELECT name, tbl_name FROM sqlite_master"))}
    found: dict[str, int] = {}
    for name, size in conn.execute(text("SELECT name, sum(pgsize) FROM dbstat GROUP BY name")):
        table = owner.get(name, name)
        found[table] = found.get(table, 0) + size
    return found


def _counts(conn: Connection) -> tuple[int, int, int, int]:
    items, letters, digests, bodies = (
        conn.scalar(select(func.count()).select_from(table)) or 0
        for table in (item, delivery, digest, passage)
    )
    return items, letters, digests, bodies


def line(store: Store) -> str:
    """What there is at this moment, in one line."""
    with store.read() as conn:
        items, letters, digests, bodies = _counts(conn)
        total = sum(sizes(conn).values())
    return (
        f"{items:>6} items  {letters:>7} letters  {digests:>7} digests  {bodies:>6} bodies and feet  "
        f"{total / 1e6:>7.1f} MB"
    )


def table(store: Store) -> Iterator[str]:
    """Bytes for each item and each letter, and the largest tables."""
    with store.read() as conn:
        items, letters, *_ = _counts(conn)
        found = sizes(conn)
    words = sum(size for name, size in found.items() if name.startswith(OF_ITEMS))
    sent = sum(found.get(name, 0) for name in OF_LETTERS)
    per_item, per_letter = words / max(1, items), sent / max(1, letters)
    yield f"{per_item:,.0f} bytes an item, {per_letter:,.0f} bytes a letter, indexes with them"
    largest = sorted(found.items(), key=lambda pair: -pair[1])[:8]
    yield "largest: " + ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in largest)
