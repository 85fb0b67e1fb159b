"""Changing what one gets: add, edit, rename, pause, resume, less often, when and in which language.

Who changes in mid-period neither gets an item twice nor misses one (P4): letters that wait for what ends
are taken back, and what was in them is owed to what takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from feeds import filters
from feeds.errors import InputError, Problem
from feeds.model import Cadence, Habits, SubscriberState, Vocabulary, Wished
from feeds.people import deciding, placing, signup
from feeds.people.rules import PeopleRules
from feeds.store import Connection, Store, deliveries, sharing, subscribers, subscriptions
from feeds.store.subscribers import SubscriberRow, SubscriptionRow

_HAS_MAIL = {SubscriberState.ACTIVE, SubscriberState.PAUSED, SubscriberState.LEFT}


def add(store: Store, rules: PeopleRules, subscriber_id: int, wished: Wished, now: datetime) -> bool:
    """Give somebody one more filter, or one they have another cadence or name. False: no such subscriber."""

    def run(conn: Connection) -> bool:
        person = _locked(conn, subscriber_id)
        if person is None:
            return False
        if len(subscribers.subscriptions_of(conn, person.id)) >= deciding.MAX_HELD:
            raise InputError([Problem("filter", f"nobody can have more than {deciding.MAX_HELD}")])
        wish = (wished.filter, wished.cadence, wished.name or None)
        signup.want(conn, person.id, [wish], rules.vocabulary, now)
        _settled(conn, person, now)
        return True

    return store.transact(run)


def edit(
    store: Store, rules: PeopleRules, subscriber_id: int, subscription_id: int, wished: Wished, now: datetime
) -> bool:
    """`edit_as` by the rules of the web."""
    return edit_as(store, rules.vocabulary, subscriber_id, subscription_id, wished, now)


def edit_as(
    store: Store,
    vocabulary: Vocabulary,
    subscriber_id: int,
    subscription_id: int,
    wished: Wished,
    now: datetime,
) -> bool:
    """Put another filter, cadence or name in the place of a subscription. False: they have no such one.

    The new filter takes over what waited for the old one. Raises InputError for a filter they have already.
    """

    def run(conn: Connection) -> bool:
        person = _locked(conn, subscriber_id)
        rows = subscribers.subscriptions_of(conn, subscriber_id)
        old = next((row for row in rows if row.id == subscription_id), None)
        if person is None or old is None:
            return False
        text = filters.canonical(wished.filter)
        if text == old.filter_text or wished.filter == _today(old, vocabulary):
            subscribers.subscribe(conn, person.id, old.filter_id, wished.cadence, now, name=wished.name)
            _settled(conn, person, now)
            return True
        if any(wished.filter in (filters.parse(row.filter_text), _today(row, vocabulary)) for row in rows):
            raise InputError([Problem("filter", "you have a subscription to this already")])
        _replace(conn, person, old, wished, now)
        return True

    return store.transact(run)


def _today(row: SubscriptionRow, vocabulary: Vocabulary) -> object:
    return filters.current(filters.parse(row.filter_text), vocabulary)


def _replace(
    conn: Connection, person: SubscriberRow, old: SubscriptionRow, wished: Wished, now: datetime
) -> None:
    subscribers.end_subscriptions(conn, person.id, now, subscribers.CHANGED, ids=[old.id])
    waiting_since = deliveries.suppress_for(conn, person.id, [old.filter_text], "wishes changed", now)
    text = filters.canonical(wished.filter)
    filter_id = sharing.intern_filter(conn, text)
    new = subscribers.subscribe(conn, person.id, filter_id, wished.cadence, now, name=wished.name)
    if old.paused_until is not None:
        subscriptions.pause(conn, {new: old.owed_from}, old.paused_until, catch_up=bool(old.catch_up))
    placing.ended(conn)
    placing.place(conn, person.id, now, waiting_since, replaced={text: old.filter_text})
    placing.settle(conn, person, now, "changed")


def rename(store: Store, subscriber_id: int, subscription_id: int, name: str) -> bool:
    """Call a subscription something else, or nothing (""). False: they have no such one."""
    return store.transact(lambda conn: subscriptions.rename(conn, subscriber_id, subscription_id, name))


def less_often(store: Store, subscriber_id: int, ids: Sequence[int] | None, now: datetime) -> int:
    """Weekly instead: of these subscriptions, or all; how many came more often before."""

    def run(conn: Connection) -> int:
        person = _locked(conn, subscriber_id)
        rows = _rows(conn, subscriber_id, ids) if person else []
        rows = [row for row in rows if row.cadence is not Cadence.WEEKLY]
        for row in rows:
            subscribers.subscribe(conn, subscriber_id, row.filter_id, Cadence.WEEKLY, now)
        if person and rows:
            _settled(conn, person, now)
        return len(rows)

    return store.transact(run)


def set_habits(store: Store, subscriber_id: int, habits: Habits, now: datetime) -> bool:
    """Another language, zone, hour or weekday for all of somebody's mails. False: no such subscriber."""

    def run(conn: Connection) -> bool:
        person = _locked(conn, subscriber_id)
        if person is None:
            return False
        subscribers.amend(
            conn, person.id, lang=habits.lang, zone=habits.zone, hour=habits.hour, weekday=habits.weekday
        )
        placing.place(conn, person.id, now)
        return True

    return store.transact(run)


def pause(
    store: Store,
    subscriber_id: int,
    ids: Sequence[int] | None,
    until: datetime,
    now: datetime,
    *,
    catch_up: bool = True,
) -> int:
    """Let these subscriptions, or all, bring nothing until then; how many that are now.

    With `catch_up` what comes meanwhile is one mail when the pause is over; letters that wait count as that.
    """
    if until <= now:
        raise InputError([Problem("until", "a pause ends in the future")])

    def run(conn: Connection) -> int:
        person = _locked(conn, subscriber_id)
        rows = _rows(conn, subscriber_id, ids) if person else []
        if person is None or not rows:
            return 0
        running = [row for row in rows if row.paused_until is None]
        subscriptions.postpone(conn, [row.id for row in rows if row.paused_until], until, catch_up=catch_up)
        stood = placing.standing(conn, person.id)
        texts = [row.filter_text for row in running]
        since = deliveries.suppress_for(conn, person.id, texts, "paused", now) if running else None
        starts = {row.id: _earlier(stood.get(row.filter_text), since) for row in running}
        subscriptions.pause(conn, starts, until, catch_up=catch_up)
        placing.ended(conn)
        placing.place(conn, person.id, now, since)
        placing.settle(conn, person, now, "paused")
        return len(rows)

    return store.transact(run)


def _earlier(at: datetime | None, other: datetime | None) -> datetime | None:
    return min([each for each in (at, other) if each is not None], default=None)


def resume(
    store: Store,
    subscriber_id: int,
    ids: Sequence[int] | None,
    now: datetime,
    *,
    catch_up: bool | None = None,
) -> int:
    """End the pause of these subscriptions, or of all; how many were paused.

    `catch_up` says whether what came meanwhile is sent; None: as they chose when they paused.
    """
    return store.transact(lambda conn: resume_in(conn, subscriber_id, ids, now, catch_up=catch_up))


def resume_in(
    conn: Connection,
    subscriber_id: int,
    ids: Sequence[int] | None,
    now: datetime,
    *,
    catch_up: bool | None = None,
) -> int:
    """`resume` in the caller's transaction."""
    person = _locked(conn, subscriber_id)
    rows = [row for row in _rows(conn, subscriber_id, ids) if row.paused_until] if person else []
    if person is None:
        return 0
    subscriptions.resume(conn, [row.id for row in rows])
    owed = {
        row.filter_text: row.owed_from
        for row in rows
        if row.owed_from is not None and (row.catch_up if catch_up is None else catch_up)
    }
    placing.settle(conn, person, now, "")
    placing.place(conn, person.id, now, owed=owed)
    return len(rows)


def _locked(conn: Connection, subscriber_id: int) -> SubscriberRow | None:
    """Somebody whose wishes can change now."""
    person = subscribers.get(conn, subscriber_id, lock=True)
    return person if person and person.state in _HAS_MAIL else None


def _rows(conn: Connection, subscriber_id: int, ids: Sequence[int] | None) -> list[SubscriptionRow]:
    rows = subscribers.subscriptions_of(conn, subscriber_id)
    return rows if ids is None else [row for row in rows if row.id in set(ids)]


def _settled(conn: Connection, person: SubscriberRow, now: datetime) -> None:
    placing.settle(conn, person, now, "")
    placing.place(conn, person.id, now)
