"""A held bulletin let go by a person before its time, or after it waited for them.

Only its instant is moved: the next pass takes it in like any whose time is over.
"""

from __future__ import annotations

from datetime import datetime

from feeds.model import COMMAND_LINE, Act, By
from feeds.store import Connection, Store, audit, bulletins


def release_now(store: Store, bulletin_id: int, now: datetime, by: By = COMMAND_LINE) -> bool:
    """Let it go; False when it is not held any more. An embargo in its head holds all the same."""
    return _release(
        store, bulletin_id, now, audit.NewLine(act=Act.RELEASED, bulletin_id=bulletin_id), now, by
    )


def release_at(store: Store, bulletin_id: int, at: datetime, now: datetime, by: By = COMMAND_LINE) -> bool:
    """Hold it until an instant and let it go then; False when it is not held any more."""
    line = audit.NewLine(act=Act.SCHEDULED, bulletin_id=bulletin_id, reason=f"{at:%Y-%m-%d %H:%M} UTC")
    return _release(store, bulletin_id, at, line, now, by)


def _release(
    store: Store, bulletin_id: int, at: datetime, line: audit.NewLine, now: datetime, by: By
) -> bool:
    def run(conn: Connection) -> bool:
        released = bulletins.release(conn, bulletin_id, at)
        if released:
            audit.write(conn, [line], by, now)
        return released

    return store.transact(run)
