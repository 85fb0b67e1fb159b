"""The tables that composing alone needs (store)."""

from __future__ import annotations

from sqlalchemy import Table

from feeds.store.columns import KEY, TEXT, Instant
from feeds.store.schema import _NEVER_REUSE, _col, _key, _to, metadata

# An audience whose many members get its digest part by part: up to `members_to` they have it.
queueing = Table(
    "queueing", metadata,
    _to("audience", primary_key=True), _col("period", TEXT), _col("since_at", Instant()),
    _col("until_at", Instant()), _col("begun_at", Instant()), _col("members_to", KEY),
    _to("digest", nullable=True), _col("due_at", Instant()),
)  # fmt: skip

# Deliveries up to this number were queued when `at` was the last announcement: they hold nothing newer.
milestone = Table("milestone", metadata, _col("at", Instant(), primary_key=True), _col("delivery_id", KEY))

# A part of mails that many digests share (a body, a foot). `key` is the hash of both its parts.
passage = Table(
    "passage", metadata, _key(), _col("key", TEXT, unique=True), _col("text", TEXT), _col("html", TEXT),
    **_NEVER_REUSE,
)  # fmt: skip
