"""What a person may do, one transaction each: join, leave, come back.

Owns the rule that a person's active subscriptions of one cadence make one
membership of one audience: one digest over all filters, each item once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from feeds import filters, schedule
from feeds.config import WEEKDAYS
from feeds.errors import InputError, Problem, StoreError
from feeds.i18n import translator
from feeds.mail.addresses import address_key, masked
from feeds.model import Audience, Cadence, Filter, SubscriberState, Vocabulary
from feeds.store import Connection, Store, deliveries, digests, subscribers


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningDefaults:
    """What counts for somebody new who says nothing: `weekday` is a name such as ``monday``."""

    lang: str
    zone: str
    hour: int
    weekday: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """What somebody asked for, and where and when they did (`consent`, GDPR 7(1)).

    What is None they did not say: it stays as it is, or is the default for who is new.
    """

    address: str
    filters: tuple[Filter, ...]
    cadence: Cadence | None = None
    lang: str | None = None
    zone: str | None = None
    hour: int | None = None
    weekday: int | None = None
    consent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What ended by leaving: nothing, when it had ended before."""

    filters: tuple[Filter, ...]
    everything: bool
    lang: str


def join(
    store: Store,
    joining: Joining,
    defaults: JoiningDefaults,
    now: datetime,
    *,
    again: bool = False,
    vocabulary: Vocabulary | None = None,
) -> int:
    """Add a confirmed subscriber, or more to one who is there. Returns the subscriber's id.

    Of somebody known, what is given replaces what was; every proof of consent is kept. Raises
    InputError for who left, bounced or paused, unless they want mail `again`. With a `vocabulary`
    a wish that they have under a topic's former slug is that very wish, not a second one.
    """

    def run(conn: Connection) -> int:
        subscriber_id = _subscriber(conn, joining, defaults, now, again=again)
        rows = subscribers.subscriptions_of(conn, subscriber_id)
        current = {row.filter_id: row.cadence for row in rows}
        held = _held(rows, vocabulary)
        for wanted in joining.filters:
            text = filters.canonical(wanted)
            filter_id = subscribers.intern_filter(conn, held.get(text, text))
            cadence = joining.cadence or current.get(filter_id, Cadence.WEEKLY)
            subscribers.subscribe(conn, subscriber_id, filter_id, cadence, now)
        place(conn, subscriber_id, now)
        return subscriber_id

    return store.transact(run)


def _held(rows: Iterable[subscribers.SubscriptionRow], vocabulary: Vocabulary | None) -> dict[str, str]:
    """What somebody has asked for: canonical texts with the slugs of today -> as they are stored."""
    if vocabulary is None:
        return {}
    texts = [row.filter_text for row in rows]
    held = {filters.canonical(filters.current(filters.parse(text), vocabulary)): text for text in texts}
    return held | {text: text for text in texts}


def _subscriber(
    conn: Connection, joining: Joining, defaults: JoiningDefaults, now: datetime, *, again: bool
) -> int:
    """The id of a new subscriber, or of the one who has this address, brought up to date."""
    new = subscribers.NewSubscriber(
        address=joining.address, address_key=address_key(joining.address), state=SubscriberState.ACTIVE,
        lang=joining.lang or defaults.lang, zone=joining.zone or defaults.zone,
        hour=defaults.hour if joining.hour is None else joining.hour,
        weekday=joining.weekday or WEEKDAYS.index(defaults.weekday) + 1,
        consent=_one_line(joining.consent), consent_at=now,
    )  # fmt: skip
    added = subscribers.add(conn, new, now)
    if added is not None:
        return added
    person = subscribers.by_address(conn, new.address_key, lock=True)
    if person is None:
        raise StoreError("two processes added the same subscriber at the same time: try again")
    if person.state is not SubscriberState.ACTIVE:
        _take_back(conn, person, now, again=again)
    _amend(conn, person, joining, now)
    return person.id


def _take_back(conn: Connection, person: subscribers.SubscriberRow, now: datetime, *, again: bool) -> None:
    """Make active who was not, with nothing of what came meanwhile: that is old news to them."""
    if person.state is not SubscriberState.PENDING and not again:
        raise InputError([Problem("address", f"{_how_they_ended(person)}: ask them, then use --again")])
    subscribers.set_state(conn, person.id, SubscriberState.ACTIVE, now)
    subscribers.set_memberships(conn, person.id, [], now)


def _how_they_ended(person: subscribers.SubscriberRow) -> str:
    """``left on 3 May 2026 ("unsubscribe link")``."""
    day = f" on {translator('en').date(person.ended_at.date())}" if person.ended_at else ""
    reason = f' ("{person.ended_reason}")' if person.ended_reason else ""
    return f"{person.state}{day}{reason}"


def _amend(conn: Connection, person: subscribers.SubscriberRow, joining: Joining, now: datetime) -> None:
    """Keep what they say now. The same proof is not kept twice, unless they were away in between."""
    newest, *earlier = person.consent.splitlines() or [""]
    said = _one_line(joining.consent)
    known = said == newest or said in [line.partition(": ")[2] for line in earlier]
    proofs = None
    if not known or person.state is not SubscriberState.ACTIVE:
        at = person.consent_at
        when = f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else "not confirmed"
        proofs = "\n".join([said, f"{when}: {newest}", *earlier])
    subscribers.amend(
        conn, person.id, lang=joining.lang, zone=joining.zone, hour=joining.hour, weekday=joining.weekday,
        consent=proofs, consent_at=now if proofs else None,
    )  # fmt: skip


def _one_line(text: str) -> str:
    """Proofs are lines: the newest, whose time is `consent_at`, then the earlier ones with theirs."""
    return " ".join(text.split())


def leave(
    store: Store, subscriber_id: int, audience_id: int | None, now: datetime, reason: str
) -> Left | None:
    """End the subscriptions behind one digest, or all of them when `audience_id` is None.

    Queued letters that came of them are suppressed in the same transaction (P6);
    what other filters had in those letters is owed. Doing it again changes
    nothing. None when there is no such subscriber.
    """

    def run(conn: Connection) -> Left | None:
        person = subscribers.get(conn, subscriber_id, lock=True)
        if person is None:
            return None
        ended = subscribers.end_subscriptions(conn, subscriber_id, audience_id, now, reason)
        every = None if audience_id is None else ended
        waiting_since = deliveries.suppress_for(conn, subscriber_id, every, reason, now)
        place(conn, subscriber_id, now, waiting_since)
        gone = not subscribers.subscriptions_of(conn, subscriber_id)
        if gone:
            subscribers.set_state(conn, subscriber_id, SubscriberState.LEFT, now, reason)
        told = tuple(filters.parse(text) for text in ended)
        return Left(filters=told, everything=gone, lang=person.lang)

    return store.transact(run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What somebody with an unsubscribe link can leave: the filters of that digest, and all others."""

    filters: tuple[Filter, ...]
    others: tuple[Filter, ...]
    address_hint: str
    lang: str


def offer(store: Store, subscriber_id: int, audience_id: int) -> Offer | None:
    """What leaving would end. None when there is no such subscriber."""
    with store.read() as conn:
        person = subscribers.get(conn, subscriber_id)
        if person is None:
            return None
        audiences = digests.audiences(conn, ids=[audience_id])
        rows = subscribers.subscriptions_of(conn, subscriber_id)
    told = {wanted for row in audiences for wanted in row.audience.filters}
    current = [filters.parse(row.filter_text) for row in rows]
    return Offer(
        filters=tuple(wanted for wanted in current if wanted in told),
        others=tuple(wanted for wanted in current if wanted not in told),
        address_hint=masked(person.address),
        lang=person.lang,
    )


def place(conn: Connection, subscriber_id: int, now: datetime, waiting_since: datetime | None = None) -> None:
    """Give a subscriber the audiences that follow from the active subscriptions.

    What was waiting in an audience they leave goes with its filters: the new audience owes them what
    was announced since the old one last brought them anything, however far it has come itself, and
    since `waiting_since` where letters were taken out of the queue.
    """
    person = subscribers.get(conn, subscriber_id)
    if person is None:
        return
    wishes: dict[Cadence, set[str]] = defaultdict(set)
    for row in subscribers.subscriptions_of(conn, subscriber_id):
        wishes[row.cadence].add(row.filter_text)
    before = subscribers.standings(conn, subscriber_id)
    texts_by_audience = {
        _interned(conn, person, cadence, texts, now): texts for cadence, texts in wishes.items()
    }
    left = [each for each in before if each.audience_id not in texts_by_audience]
    from_at = {
        audience_id: at
        for audience_id, texts in texts_by_audience.items()
        if (at := _owed_from([each.until_at for each in left if each.texts & texts], waiting_since))
    }
    subscribers.set_memberships(conn, subscriber_id, texts_by_audience, now, from_at)


def _owed_from(standings: Sequence[datetime], waiting_since: datetime | None) -> datetime | None:
    """From when on a new audience owes its member something: nothing if they came from nowhere."""
    if not standings:
        return None
    return min([*standings, *([waiting_since] if waiting_since else [])])


def _interned(
    conn: Connection, person: subscribers.SubscriberRow, cadence: Cadence, texts: Iterable[str], now: datetime
) -> int:
    """The id of the audience for one person and cadence."""
    wanted = _audience(person, cadence, texts)
    running = _running_period(wanted, now)
    return subscribers.intern_audience(conn, wanted, sorted(texts), now, last_period=running)


def _running_period(wanted: Audience, now: datetime) -> str | None:
    """The key of the newest period that has fallen due: its digest was before their time."""
    if wanted.cadence is Cadence.IMMEDIATE:
        return None
    return schedule.due_period(wanted.cadence, wanted.zone, wanted.hour, wanted.weekday, now).key


def _audience(person: subscribers.SubscriberRow, cadence: Cadence, texts: Iterable[str]) -> Audience:
    """The audience of one person and cadence. Sorted filters let people with the same wishes share it."""
    wanted = tuple(filters.parse(text) for text in sorted(texts))
    if cadence is Cadence.IMMEDIATE:
        return Audience(cadence=cadence, filters=wanted, lang=person.lang)
    weekday = person.weekday if cadence is Cadence.WEEKLY else 0
    return Audience(
        cadence=cadence, filters=wanted, lang=person.lang, zone=person.zone, hour=person.hour, weekday=weekday
    )
