"""What a person may do, one transaction each (floor 3): join, leave, come back.

Owns the rule that a person's active subscriptions of one cadence make one
membership of one audience: one digest over all filters, each item once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from feeds import filters, schedule
from feeds.errors import StoreError
from feeds.mail.addresses import address_key, masked
from feeds.model import Audience, Cadence, Filter, SubscriberState
from feeds.store import Connection, Store, deliveries, digests, subscribers


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """What somebody asked for, and where and when they did (`consent`, GDPR 7(1))."""

    address: str
    filters: tuple[Filter, ...]
    cadence: Cadence
    lang: str
    zone: str
    hour: int
    weekday: int
    consent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What ended by leaving: nothing, when it had ended before."""

    filters: tuple[Filter, ...]
    everything: bool


def join(store: Store, joining: Joining, now: datetime) -> int:
    """Add a confirmed subscriber, or more filters to one who is there. Returns the subscriber's id."""

    def run(conn: Connection) -> int:
        subscriber_id = _subscriber(conn, joining, now)
        for wanted in joining.filters:
            filter_id = subscribers.intern_filter(conn, filters.canonical(wanted))
            subscribers.subscribe(conn, subscriber_id, filter_id, joining.cadence, now)
        place(conn, subscriber_id, now)
        return subscriber_id

    return store.transact(run)


def _subscriber(conn: Connection, joining: Joining, now: datetime) -> int:
    """The id of a new subscriber, or of the one who has this address; who had left is back."""
    new = subscribers.NewSubscriber(
        address=joining.address, address_key=address_key(joining.address), state=SubscriberState.ACTIVE,
        lang=joining.lang, zone=joining.zone, hour=joining.hour, weekday=joining.weekday,
        consent=joining.consent, consent_at=now,
    )  # fmt: skip
    added = subscribers.add(conn, new, now)
    if added is not None:
        return added
    person = subscribers.by_address(conn, new.address_key)
    if person is None:
        raise StoreError("two processes added the same subscriber at the same time: try again")
    if person.state is SubscriberState.LEFT:
        subscribers.set_state(conn, person.id, SubscriberState.ACTIVE, now)
    return person.id


def leave(
    store: Store, subscriber_id: int, audience_id: int | None, now: datetime, reason: str
) -> Left | None:
    """End the subscriptions behind one digest, or all of them when `audience_id` is None.

    Queued letters are suppressed in the same transaction (P6). Doing it again
    changes nothing. None when there is no such subscriber.
    """

    def run(conn: Connection) -> Left | None:
        if subscribers.get(conn, subscriber_id) is None:
            return None
        ended = subscribers.end_subscriptions(conn, subscriber_id, audience_id, now, reason)
        deliveries.suppress_for(conn, subscriber_id, audience_id, reason, now)
        place(conn, subscriber_id, now)
        gone = not subscribers.subscriptions_of(conn, subscriber_id)
        if gone:
            subscribers.set_state(conn, subscriber_id, SubscriberState.LEFT, now, reason)
        return Left(filters=tuple(filters.parse(text) for text in ended), everything=gone)

    return store.transact(run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What somebody with an unsubscribe link can leave: the filters of that digest, and all others."""

    filters: tuple[Filter, ...]
    others: tuple[Filter, ...]
    address_hint: str


def offer(store: Store, subscriber_id: int, audience_id: int) -> Offer | None:
    """What leaving would end. None when there is no such subscriber."""
    with store.read() as conn:
        person = subscribers.get(conn, subscriber_id)
        if person is None:
            return None
        audiences = digests.audiences(conn, ids=[audience_id])
        rows = subscribers.subscriptions_of(conn, subscriber_id)
    wishes = {(row.audience.cadence, wanted) for row in audiences for wanted in row.audience.filters}
    current = [(row.cadence, filters.parse(row.filter_text)) for row in rows]
    return Offer(
        filters=tuple(wish[1] for wish in current if wish in wishes),
        others=tuple(wish[1] for wish in current if wish not in wishes),
        address_hint=masked(person.address),
    )


def place(conn: Connection, subscriber_id: int, now: datetime) -> None:
    """Give a subscriber the audiences that follow from the active subscriptions."""
    person = subscribers.get(conn, subscriber_id)
    if person is None:
        return
    wishes: dict[Cadence, list[str]] = defaultdict(list)
    for row in subscribers.subscriptions_of(conn, subscriber_id):
        wishes[row.cadence].append(row.filter_text)
    audience_ids = []
    for cadence, texts in wishes.items():
        wanted = _audience(person, cadence, texts)
        running = _running_period(wanted, now)
        audience_ids.append(
            subscribers.intern_audience(conn, wanted, sorted(texts), now, subscriber_id, last_period=running)
        )
    subscribers.set_memberships(conn, subscriber_id, audience_ids, now)


def _running_period(wanted: Audience, now: datetime) -> str | None:
    """The key of the newest period that has fallen due: its digest was before their time."""
    if wanted.cadence is Cadence.IMMEDIATE:
        return None
    return schedule.due_period(wanted.cadence, wanted.zone, wanted.hour, wanted.weekday, now).key


def _audience(person: subscribers.SubscriberRow, cadence: Cadence, texts: Sequence[str]) -> Audience:
    """The audience of one person and cadence. Sorted filters let people with the same wishes share it."""
    wanted = tuple(filters.parse(text) for text in sorted(texts))
    if cadence is Cadence.IMMEDIATE:
        return Audience(cadence=cadence, filters=wanted, lang=person.lang)
    weekday = person.weekday if cadence is Cadence.WEEKLY else 0
    return Audience(
        cadence=cadence, filters=wanted, lang=person.lang, zone=person.zone, hour=person.hour, weekday=weekday
    )
