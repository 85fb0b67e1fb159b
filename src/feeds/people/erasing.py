"""What we know of somebody, given to them whole; and nothing of it left, if they want that."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from feeds.model import LinkPurpose, SubscriberState, Suppression
from feeds.people import placing
from feeds.people.signup import ADDRESS
from feeds.store import (
    Connection,
    Store,
    deliveries,
    notices,
    people,
    requests,
    returns,
    secrets,
    subscribers,
    subscriptions,
)
from feeds.tokens import Tokens


def export(store: Store, subscriber_id: int, now: datetime) -> dict[str, Any] | None:
    """Everything that is stored of somebody, as plain data; None when there is no such subscriber."""
    with store.read() as conn:
        person = subscribers.get(conn, subscriber_id)
        if person is None or person.state is SubscriberState.ERASED:
            return None
        rows = subscribers.subscriptions_of(conn, person.id, ended=True)
        asked = requests.of_subscriber(conn, person.id)
        feed = secrets.live_link(conn, person.id, LinkPurpose.FEED, now)
        sent = deliveries.for_subscriber(conn, person.id, limit=100_000)
        back = returns.of_subscriber(conn, person.id)
    mails = [
        {
            "period": each.period, "subject": each.subject, "state": each.state, "queued_at": each.queued_at,
            "finished_at": each.finished_at, "address": each.address,
        }
        for each in sent
    ]  # fmt: skip
    return {
        "subscriber": asdict(person), "subscriptions": [asdict(row) for row in rows],
        "requests": [asdict(each) for each in asked], "mails": mails,
        "bounces": [asdict(each) for each in back],
        "private_feed_made_at": feed.made_at if feed else None,
    }  # fmt: skip


def erase(store: Store, tokens: Tokens, subscriber_id: int, now: datetime) -> bool:
    """Erase somebody from every table, letters that wait included. False: there is no such subscriber.

    A keyed hash of the address stays, so that no import brings them back; they themselves may.
    """

    def run(conn: Connection) -> bool:
        person = subscribers.get(conn, subscriber_id, lock=True)
        if person is None or person.state is SubscriberState.ERASED:
            return False
        secrets.suppress(conn, tokens.hash(ADDRESS, person.address_key), Suppression.ERASED, now)
        erase_in(conn, person, now)
        return True

    return store.transact(run)


def erase_in(conn: Connection, person: subscribers.SubscriberRow, now: datetime) -> None:
    """Erase somebody without a trace, in the caller's transaction."""
    people.overwrite(conn)
    deliveries.suppress_for(conn, person.id, None, "erased", now)
    deliveries.erase(conn, person.id)
    subscriptions.erase(conn, person.id)
    notices.erase_of(conn, person.id, sorted({person.address, person.address_key}))
    requests.erase(conn, subscriber_id=person.id, address_key=person.address_key)
    secrets.forget_links(conn, person.id)
    returns.forget(conn, [person.id])
    people.erase(conn, person.id, now)
    placing.ended(conn)
