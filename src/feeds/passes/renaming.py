"""Carrying over: stored labels of topics that were renamed or merged -> the slugs of today.

Publishing does it before it looks at what is stale, so that a feed is whole under its new
name from the first moment. Nobody is mailed: no instant of any item moves.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from feeds.labels import current_labels
from feeds.model import Kind, Vocabulary
from feeds.passes.keys import stale_keys
from feeds.store import Connection, Store, items, labels, publishing

BATCH = 500


def carry_over(store: Store, vocabulary: Vocabulary, at: datetime) -> int:
    """How many items got the new slugs. Transactions are of bounded size; a killed one is just repeated."""
    carried = 0
    while _is_due(store, vocabulary):
        carried += store.transact(lambda conn: _some(conn, vocabulary, at))
    return carried


def _is_due(store: Store, vocabulary: Vocabulary) -> bool:
    """Looked up without a write transaction: publishing asks this at every tick."""
    if not vocabulary.renamed:
        return False
    with store.read() as conn:
        return bool(labels.items_with(conn, Kind.TOPIC, vocabulary.renamed, limit=1))


def _some(conn: Connection, vocabulary: Vocabulary, at: datetime) -> int:
    items.hold_announcements(conn)  # who edits items writes them back as they read them
    old = labels.items_with(conn, Kind.TOPIC, vocabulary.renamed, limit=BATCH)
    new = [replace(each, labels=current_labels(each.labels, vocabulary)) for each in old]
    labels.replace(conn, new)
    publishing.mark_stale(conn, {key for each in (*old, *new) for key in stale_keys(each)}, at)
    return len(new)
