"""The tables that the operator's answers need: passes, counts of each hour, alarms (store)."""

from __future__ import annotations

from sqlalchemy import Integer, Table

from feeds.store.columns import KEY, TEXT, WORDS, Instant
from feeds.store.schema import _col, metadata

# The last run of each pass of each process. `ended_at` is empty while it runs; `failed` says why it ended
# early, empty when it did not.
pass_run = Table(
    "pass_run", metadata,
    _col("process", TEXT, primary_key=True), _col("name", TEXT, primary_key=True), _col("host", TEXT),
    _col("began_at", Instant()), _col("ended_at", Instant(), null=True), _col("took_ms", Integer),
    _col("failed", TEXT),
)  # fmt: skip

# What there was at an hour: counts that would take a walk through all rows, made once and looked at often.
measured = Table(
    "measured", metadata,
    _col("name", TEXT, primary_key=True), _col("at", Instant(), primary_key=True), _col("value", KEY),
)  # fmt: skip

# The last time that something was wrong. `times`: how often it was, so that each mail has a key of its own;
# `well_at`: since when it looks mended; `cleared_at`: when that was told; `said`: the facts, for the mail.
alarm = Table(
    "alarm", metadata,
    _col("key", TEXT, primary_key=True), _col("raised_at", Instant()), _col("times", Integer),
    _col("well_at", Instant(), null=True), _col("cleared_at", Instant(), null=True), _col("said", WORDS),
)  # fmt: skip
