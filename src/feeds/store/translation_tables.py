"""The table of items that say the same in several languages (store)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table

from feeds.store.columns import TEXT
from feeds.store.schema import metadata

# Items with the same key are versions of one another.
translation = Table(
    "translation", metadata,
    Column("item_id", TEXT, ForeignKey("item.id"), primary_key=True),
    Column("key", TEXT, nullable=False), Index(None, "key"),
)  # fmt: skip
