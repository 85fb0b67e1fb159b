"""Leaving, from what one mail brought or from everything, and coming back at once when it was a mistake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from feeds import filters, links
from feeds.mail.addresses import masked
from feeds.model import Filter, Habits, LinkPurpose, SubscriberState
from feeds.people import kept, placing
from feeds.people.replaced import in_place_of
from feeds.store import Connection, Store, deliveries, sharing, subscribers, subscriptions
from feeds.store.subscribers import SubscriberRow, SubscriptionRow
from feeds.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What ended by leaving: nothing, when it had ended before. `undo` is the secret that takes it back."""

    filters: tuple[Filter, ...]
    everything: bool
    lang: str
    undo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Habits):
    """What somebody with a link of one mail can leave: its filters as far as they have them still, what took
    the place of others since, and the rest.

    Whoever was forwarded the mail has the link, too: `instead` and `rest` are only for their owner's eyes.
    """

    address_hint: str
    subscriptions: tuple[kept.Held, ...]
    instead: tuple[kept.Held, ...]
    rest: tuple[kept.Held, ...]


def leave(
    store: Store,
    subscriber_id: int,
    audience_id: int | None,
    now: datetime,
    reason: str,
    *,
    ids: Sequence[int] | None = None,
    tokens: Tokens | None = None,
) -> Left | None:
    """End the subscriptions behind one digest, or all when `audience_id` is None; of these only `ids`.

    What took the place of a filter of that digest, because it was edited since, ends with it.

    Queued letters that came of them are suppressed in the same transaction (P6);
    what other filters had in those letters is owed. Doing it again changes
    nothing. None when there is no such subscriber. With `tokens` it can be taken back.
    """

    return store.transact(
        lambda conn: leave_in(conn, subscriber_id, audience_id, now, reason, ids=ids, tokens=tokens)
    )


def leave_in(
    conn: Connection,
    subscriber_id: int,
    audience_id: int | None,
    now: datetime,
    reason: str,
    *,
    ids: Sequence[int] | None = None,
    tokens: Tokens | None = None,
) -> Left | None:
    """`leave` in the caller's transaction."""
    person = subscribers.get(conn, subscriber_id, lock=True)
    if person is None or person.state is SubscriberState.ERASED:
        return None
    before = subscribers.subscriptions_of(conn, subscriber_id)
    if audience_id is not None:
        meant = [row.id for row in _behind(conn, subscriber_id, audience_id)]
        ids = meant if ids is None else [each for each in meant if each in set(ids)]
    ended = subscribers.end_subscriptions(conn, subscriber_id, now, reason, ids=ids)
    every = None if ids is None else ended
    rows = [row for row in before if row.filter_text in set(ended)]
    rest = [row for row in before if row.filter_text not in set(ended)]
    gone = _after(conn, person, rows, rest, every, now, reason)
    undo = None
    if tokens is not None and ended:
        about = now.isoformat()
        undo = links.mint(conn, tokens, LinkPurpose.UNDO, now, subscriber_id=person.id, about=about)
    told = tuple(filters.parse(text) for text in ended)
    return Left(filters=told, everything=gone, lang=person.lang, undo=undo)


def _behind(conn: Connection, subscriber_id: int, audience_id: int) -> list[SubscriptionRow]:
    rows = subscribers.subscriptions_of(conn, subscriber_id, ended=True)
    return in_place_of(rows, sharing.texts_of(conn, audience_id))


def _after(
    conn: Connection,
    person: SubscriberRow,
    rows: Sequence[SubscriptionRow],
    rest: Sequence[SubscriptionRow],
    ended: Sequence[str] | None,
    now: datetime,
    reason: str,
) -> bool:
    """What follows from an ending: letters, audiences, the state. Whether nothing is left."""
    before = sharing.standings(conn, person.id)
    stood = placing.by_text(before)
    waiting_since = deliveries.suppress_for(conn, person.id, ended, reason, now)
    owed = {
        row.id: _earlier(stood[row.filter_text], waiting_since) for row in rows if row.filter_text in stood
    }
    subscriptions.owe(conn, owed)
    placing.ended(conn)
    placing.place(conn, person.id, now, waiting_since, before=before, held=(person, rest))
    return not placing.settle(conn, person, now, reason, rows=rest)


def _earlier(at: datetime, other: datetime | None) -> datetime:
    return at if other is None else min(at, other)


def come_back(store: Store, tokens: Tokens, undo: str, now: datetime) -> Left | None:
    """Take a leaving back: what ended by it is as it was. None when the secret is used, ended or not ours.

    What was announced in between, or waited in a letter, is owed: they never meant to miss it.
    """

    def run(conn: Connection) -> Left | None:
        row = links.use(conn, tokens, LinkPurpose.UNDO, undo, now)
        person = subscribers.get(conn, row.subscriber_id, lock=True) if row and row.subscriber_id else None
        if row is None or person is None:
            return None
        ids = set(subscriptions.take_back(conn, person.id, datetime.fromisoformat(row.about), now))
        rows = [each for each in subscribers.subscriptions_of(conn, person.id) if each.id in ids]
        placing.settle(conn, person, now, "")
        owed = {each.filter_text: each.owed_from for each in rows if each.owed_from is not None}
        placing.place(conn, person.id, now, owed=owed)
        told = tuple(filters.parse(each.filter_text) for each in rows)
        return Left(filters=told, everything=False, lang=person.lang)

    return store.transact(run)


def offer(store: Store, subscriber_id: int, audience_id: int) -> Offer | None:
    """What leaving would end. None when there is no such subscriber."""
    with store.read() as conn:
        person = subscribers.get(conn, subscriber_id)
        if person is None or person.state is SubscriberState.ERASED:
            return None
        texts = sharing.texts_of(conn, audience_id)
        rows = subscribers.subscriptions_of(conn, subscriber_id, ended=True)
    meant = in_place_of(rows, texts)
    named = [row for row in meant if row.filter_text in texts]
    rest = [row for row in rows if row.ended_at is None and row not in meant]
    return Offer(
        address_hint=masked(person.address), lang=person.lang, zone=person.zone, hour=person.hour,
        weekday=person.weekday, subscriptions=kept.held(named), rest=kept.held(rest),
        instead=kept.held(row for row in meant if row not in named),
    )  # fmt: skip
