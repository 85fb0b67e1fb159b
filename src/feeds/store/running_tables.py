"""The tables of a site that runs: who left, for the journal; which processes there are (store)."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from feeds.store.columns import KEY, TEXT, Instant
from feeds.store.schema import metadata

# Who left (``left``) or is suppressed (the reason), and what took that back (with a minus before), for the
# journal that is kept outside the database. No foreign keys: it outlives those who are erased.
departure = Table(
    "departure", metadata,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("at", Instant(), nullable=False), Column("what", TEXT, nullable=False),
    Column("subscriber_id", KEY), Column("filter_id", KEY), Column("hash", TEXT), Index(None, "at"),
    sqlite_autoincrement=True,
)  # fmt: skip

# Processes of this site that run, or ran a moment ago (`seen_at`). `settings` is a hash of what they were
# started with, `restart_for` what was edited since and counts only after a restart.
process = Table(
    "process", metadata,
    Column("name", TEXT, primary_key=True),
    *(Column(name, TEXT, nullable=False) for name in ("host", "roles", "version", "settings", "restart_for")),
    Column("started_at", Instant(), nullable=False), Column("seen_at", Instant(), nullable=False),
)  # fmt: skip
