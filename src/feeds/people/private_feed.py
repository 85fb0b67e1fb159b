"""Somebody's own news as a feed: a secret address, made on their page, good until they take it back.

Only the keyed hash of the address is stored, so it is shown once, when it is made. Whoever has it can read
which filters somebody has, nothing else.
"""

from __future__ import annotations

import secrets as chance
from dataclasses import dataclass
from datetime import datetime, timedelta

from feeds import filters, links
from feeds.model import Filter, LinkPurpose, SubscriberState
from feeds.people.rules import PeopleRules
from feeds.store import Connection, Store, secrets, subscribers

# So long an address that was taken back is answered as one that is gone for good, then as one that never was.
REMEMBERED = timedelta(days=365)
_READS = {SubscriberState.ACTIVE, SubscriberState.PAUSED, SubscriberState.BOUNCED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A private feed: what it holds, and what tells it from others, whatever its address. `gone`: it is no
    more, because its address was taken back or its owner left.
    """

    name: str
    filters: tuple[Filter, ...] = ()
    gone: bool = False


def make(store: Store, rules: PeopleRules, subscriber_id: int, now: datetime) -> str:
    """A new address for somebody's feed: its secret. The one before stops working, the feed is the same."""

    def run(conn: Connection) -> str:
        before = secrets.live_link(conn, subscriber_id, LinkPurpose.FEED, now)
        secrets.take_back_links(conn, subscriber_id, LinkPurpose.FEED, now, now + REMEMBERED)
        name = before.about if before else chance.token_hex(8)
        return links.mint(conn, rules.tokens, LinkPurpose.FEED, now, subscriber_id=subscriber_id, about=name)

    return store.transact(run)


def take_back(store: Store, subscriber_id: int, now: datetime) -> bool:
    """Let the address of somebody's feed work no more. False: there is none."""

    def run(conn: Connection) -> int:
        return secrets.take_back_links(conn, subscriber_id, LinkPurpose.FEED, now, now + REMEMBERED)

    return store.transact(run) > 0


def opened(store: Store, rules: PeopleRules, secret: str, now: datetime) -> Opened | None:
    """The feed at this address; None for one that we never made, or whose owner was erased."""
    with store.read() as conn:
        link = links.find(conn, rules.tokens, LinkPurpose.FEED, secret)
        if link is None or link.subscriber_id is None:
            return None
        person = subscribers.get(conn, link.subscriber_id)
        if link.used_at is not None or link.ends_at <= now or person is None or person.state not in _READS:
            return Opened(name=link.about, gone=True)
        rows = subscribers.subscriptions_of(conn, person.id)
    return Opened(name=link.about, filters=tuple(filters.parse(row.filter_text) for row in rows))
