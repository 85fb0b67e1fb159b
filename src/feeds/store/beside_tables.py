"""The table of what stands beside an item on its page (store)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table

from feeds.store.columns import TEXT
from feeds.store.schema import metadata

# Derived from items and labels, a moment later (`publishing.relating`). Places: 0 the older item, 1 the newer
# one, from 2 on those on the same subject. Kept so that whatever changes is known to stand on other pages.
beside = Table(
    "beside", metadata,
    Column("item_id", TEXT, ForeignKey("item.id"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("other_id", TEXT, ForeignKey("item.id"), nullable=False), Index(None, "other_id"),
)  # fmt: skip
