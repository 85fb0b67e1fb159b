"""Which audiences somebody belongs to, and what they bring along: the one place that moves memberships.

Owns the rule that a person's running subscriptions of one cadence make one
membership of one audience: one digest over all filters, each item once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from feeds import filters, schedule
from feeds.model import Audience, Cadence, Habits, SubscriberState
from feeds.store import Connection, limits, sharing, subscribers

_IN = {SubscriberState.ACTIVE, SubscriberState.PAUSED, SubscriberState.LEFT}
_OUT = {SubscriberState.COMPLAINED, SubscriberState.BLOCKED, SubscriberState.ERASED}
# Somebody and all their active subscriptions.
Held = tuple[subscribers.SubscriberRow, Sequence[subscribers.SubscriptionRow]]
_NOTHING: Mapping[str, datetime] = MappingProxyType({})
_SAME: Mapping[str, str] = MappingProxyType({})


def place(
    conn: Connection,
    subscriber_id: int,
    now: datetime,
    waiting_since: datetime | None = None,
    *,
    owed: Mapping[str, datetime] = _NOTHING,
    replaced: Mapping[str, str] = _SAME,
    before: Sequence[sharing.Standing] | None = None,
    held: Held | None = None,
) -> None:
    """Give a subscriber the audiences that follow from the running subscriptions.

    What was waiting in an audience they leave goes with its filters: the new audience owes them what
    was announced since the old one last brought them anything, however far it has come itself, and
    since `waiting_since` where letters were taken out of the queue. `owed`: by text, since when a
    filter that was paused owes them. `replaced`: by the text of a new filter the one in whose place
    it stands, whose waiting news it takes over. `before`: where they stand, if that was looked up;
    `held`: who they are and what they have, likewise.
    """
    person, rows = held or (subscribers.get(conn, subscriber_id), None)
    if person is None:
        return
    if rows is None:
        rows = subscribers.subscriptions_of(conn, subscriber_id)
    if before is None:
        before = sharing.standings(conn, subscriber_id)
    texts_by_audience = {
        _interned(conn, person, cadence, texts, now): texts for cadence, texts in _running(rows).items()
    }
    left = [each for each in before if each.audience_id not in texts_by_audience]
    from_at: dict[int, datetime] = {}
    for audience_id, texts in texts_by_audience.items():
        whence = texts | {replaced[text] for text in texts if text in replaced}
        starts = [each.until_at for each in left if each.texts & whence]
        if starts and waiting_since is not None:
            starts.append(waiting_since)
        starts += [owed[text] for text in texts if text in owed]
        if starts:
            from_at[audience_id] = min(starts)
    sharing.set_memberships(conn, subscriber_id, texts_by_audience, now, from_at)


def standing(conn: Connection, subscriber_id: int) -> dict[str, datetime]:
    """By the text of each running filter, up to when it has brought what there was."""
    return by_text(sharing.standings(conn, subscriber_id))


def by_text(standings: Iterable[sharing.Standing]) -> dict[str, datetime]:
    """By the text of each filter, up to when these audiences have brought what there was."""
    found: dict[str, datetime] = {}
    for each in standings:
        for text in each.texts:
            found[text] = min(each.until_at, found.get(text, each.until_at))
    return found


def settle(
    conn: Connection,
    person: subscribers.SubscriberRow,
    now: datetime,
    reason: str,
    *,
    rows: Sequence[subscribers.SubscriptionRow] | None = None,
) -> bool:
    """Give somebody the state that follows from what is left of their subscriptions; whether anything is.

    Who gets no mail for another reason stays so, unless nothing is left at all. `rows`: what they have, if
    that was looked up.
    """
    if rows is None:
        rows = subscribers.subscriptions_of(conn, person.id)
    if not rows and person.state not in _OUT:
        subscribers.set_state(conn, person.id, SubscriberState.LEFT, now, reason)
    elif rows and person.state in _IN:
        paused = all(row.paused_until is not None for row in rows)
        state = SubscriberState.PAUSED if paused else SubscriberState.ACTIVE
        subscribers.set_state(conn, person.id, state, now)
    return bool(rows)


def ended(conn: Connection) -> None:
    """Tell who has letters in hand that somebody may not want theirs any more."""
    limits.move(conn, subscribers.ENDINGS)


def _running(rows: Iterable[subscribers.SubscriptionRow]) -> dict[Cadence, set[str]]:
    wishes: dict[Cadence, set[str]] = defaultdict(set)
    for row in rows:
        if row.paused_until is None:
            wishes[row.cadence].add(row.filter_text)
    return wishes


def _interned(
    conn: Connection, person: subscribers.SubscriberRow, cadence: Cadence, texts: Iterable[str], now: datetime
) -> int:
    """The id of the audience for one person and cadence."""
    wanted = audience_of(person, cadence, texts)
    running = running_period(wanted, now)
    return sharing.intern_audience(conn, wanted, sorted(texts), now, last_period=running)


def running_period(wanted: Audience, now: datetime) -> str | None:
    """The key of the newest period that has fallen due: its digest was before their time."""
    if wanted.cadence is Cadence.IMMEDIATE:
        return None
    return schedule.due_period(wanted.cadence, wanted.zone, wanted.hour, wanted.weekday, now).key


def audience_of(person: subscribers.SubscriberRow, cadence: Cadence, texts: Iterable[str]) -> Audience:
    """The audience of one person and cadence. Sorted filters let people with the same wishes share it."""
    wanted = tuple(filters.parse(text) for text in sorted(texts))
    return replace(audience_without_filters(person, cadence), filters=wanted)


def audience_without_filters(person: Habits | subscribers.SubscriberRow, cadence: Cadence) -> Audience:
    """When and in which language somebody gets what comes at this cadence."""
    if cadence is Cadence.IMMEDIATE:
        return Audience(cadence=cadence, filters=(), lang=person.lang)
    weekday = person.weekday if cadence is Cadence.WEEKLY else 0
    return Audience(
        cadence=cadence, filters=(), lang=person.lang, zone=person.zone, hour=person.hour, weekday=weekday
    )
