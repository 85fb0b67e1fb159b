"""Items whose time is over: withdrawn by themselves at the instant that their file named (`expiryDate`).

Bounded work each time; whoever calls it again goes on where it was.
"""

from __future__ import annotations

from datetime import datetime

from feeds import log, timewords
from feeds.i18n import translator
from feeds.model import CLOCK, Item
from feeds.office.editing import withdraw_item
from feeds.store import Connection, Store, ends

logger = log.get("office")

# So many are withdrawn in one transaction.
_SOME = 50


def lapse(store: Store, now: datetime, zone: str) -> list[Item]:
    """Withdraw what is over, some at a time; readers are told the instant in the site's zone."""

    def run(conn: Connection) -> list[Item]:
        over = ends.expired(conn, now, _SOME)
        ends.expire_at(conn, {item.id: None for item, _ in over})
        return [withdraw_item(conn, item, reason(item, at, zone), now, CLOCK) for item, at in over]

    with store.read() as conn:
        if not ends.expired(conn, now, 1):
            return []
    gone = store.transact(run)
    logger.info("items-lapsed", items=len(gone))
    return gone


def reason(item: Item, at: datetime, zone: str) -> str:
    """Why it was withdrawn, in the item's language where that is one of ours."""
    t = translator(item.lang if item.lang in ("en", "es") else "en")
    return t.gettext("Its time was over: %(when)s.") % {"when": timewords.instant_words(at, zone, t)}
