"""A held bulletin let go by a person before its time, or after it waited for them.

Only its instant is moved: the next pass takes it in like any whose time is over.
"""

from __future__ import annotations

from datetime import datetime

from feeds.model import COMMAND_LINE, Act, By
from feeds.store import Connection, Store, audit, bulletins


def release_now(store: Store, bulletin_id: int, now: datetime, by: By = COMMAND_LINE) -> bool:
    """Let it go; False when it is not held any more. An embargo in its head holds all the same."""

    def run(conn: Connection) -> bool:
        released = bulletins.release(conn, bulletin_id, now)
        if released:
            line = audit.NewLine(act=Act.RELEASED, bulletin_id=bulletin_id)
            audit.write(conn, [line], by, now)
        return released

    return store.transact(run)
