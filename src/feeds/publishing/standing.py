"""Where a public folder stands: whether there is anything to publish, and how much."""

from __future__ import annotations

from datetime import datetime

from feeds.publishing import marks
from feeds.site import Site
from feeds.store import Connection, Store, publishing


def is_current(store: Store, public: Site, look: str, tag: str, created_at: datetime) -> bool:
    """Whether the folder has nothing to publish, told without making anything."""
    mark = marks.read(public)
    if mark is None or not mark.is_done or mark.look != look:
        return False
    with store.read() as conn:
        here = mark.site == site_name(conn, tag, created_at)
        return here and mark.seq == publishing.latest_change(conn) and not publishing.is_stale(conn)


def waiting(store: Store, public: Site) -> int:
    """How many feeds and item pages have changed and are not yet in this folder."""
    mark = marks.read(public)
    with store.read() as conn:
        left = len(mark.feeds) + sum(until - after for after, until in mark.ranges) if mark else 0
        return left + publishing.count_changes(conn, mark.seq if mark else 0)


def site_name(conn: Connection, tag: str, created_at: datetime) -> str:
    """By what a mark tells this site and this database from others."""
    return f"{tag} {created_at.isoformat()} {publishing.epoch(conn)}".strip()
