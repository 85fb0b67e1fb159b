"""The embargo of a held bulletin, set, changed or lifted by a person.

What they decide holds instead of what the head of the file says; the head stays as it was written. Nothing
of the bulletin is outside before its minute, whoever asks (P12).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from feeds.model import COMMAND_LINE, Act, By
from feeds.store import Connection, Store, audit, bulletins, held


def set_embargo(
    store: Store, bulletin_id: int, until: datetime, now: datetime, by: By = COMMAND_LINE
) -> bool:
    """Let it go at `until` and not before; an instant that is past lets it go now.

    False when it is not held any more. One that waits because something is in doubt goes on waiting, and its
    embargo holds when it is let go.
    """
    return _decide(store, bulletin_id, until, max(until, now), Act.EMBARGOED, now, by, _told(until))


def release_under_embargo(
    store: Store, bulletin_id: int, until: datetime, now: datetime, by: By = COMMAND_LINE
) -> bool:
    """Let it go at `until` and not before, also when something in it is in doubt: a person looked at it.

    False when it is not held any more.
    """
    return _decide(store, bulletin_id, until, until, Act.EMBARGOED, now, by, _told(until), freed=True)


def lift_embargo(
    store: Store, bulletin_id: int, hold: timedelta, now: datetime, by: By = COMMAND_LINE
) -> bool:
    """Let no embargo hold it, whatever its head says: it goes out after `hold`, like one that has just come.

    False when it is not held any more.
    """
    return _decide(store, bulletin_id, now, now + hold, Act.EMBARGO_LIFTED, now, by)


def _decide(
    store: Store,
    bulletin_id: int,
    embargo_at: datetime,
    held_until: datetime,
    act: Act,
    now: datetime,
    by: By,
    reason: str = "",
    *,
    freed: bool = False,
) -> bool:
    """Store it in one transaction, with who decided. `freed`: it waits for nobody any more."""

    def run(conn: Connection) -> bool:
        decided = held.set_embargo(conn, bulletin_id, embargo_at, held_until)
        if decided and freed:
            bulletins.release(conn, bulletin_id, held_until)
        if decided:
            audit.write(conn, [audit.NewLine(act=act, bulletin_id=bulletin_id, reason=reason)], by, now)
        return decided

    return store.transact(run)


def _told(at: datetime) -> str:
    """An instant in the audit trail."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
