"""The tables of what comes back (store)."""

from __future__ import annotations

from sqlalchemy import Index, Table

from feeds.store.columns import TEXT, Instant
from feeds.store.schema import _col, _to, metadata

# Mails that came back and had an effect, by their key, so that none has it twice.
returned = Table(
    "returned", metadata, _col("key", TEXT, primary_key=True), _col("at", Instant()), Index(None, "at")
)

# Letters that bounced, by their number (``n`` before that of a notice): the worst that was reported of each.
bounce = Table(
    "bounce", metadata,
    _col("letter", TEXT, primary_key=True), _to("subscriber"), _col("kind", TEXT), _col("status", TEXT),
    _col("at", Instant()),
    Index(None, "subscriber_id", "at"), Index(None, "at"),
)  # fmt: skip
