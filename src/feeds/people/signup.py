"""Joining by the operator's hand: a confirmed subscriber is added, or gets more filters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from feeds import filters
from feeds.config import WEEKDAYS
from feeds.errors import InputError, Problem, StoreError
from feeds.i18n import translator
from feeds.mail.addresses import address_key
from feeds.model import Cadence, Filter, SubscriberState, Vocabulary
from feeds.people.leaving import Left, Offer, leave, offer
from feeds.people.placing import place, settle
from feeds.people.rules import JoiningDefaults
from feeds.store import Connection, Store, secrets, sharing, subscribers, subscriptions
from feeds.tokens import Tokens

# What the keyed hashes of addresses on the suppression list are made for.
ADDRESS = "address"
_ACTIVE = SubscriberState.ACTIVE

__all__ = ["Joining", "JoiningDefaults", "Left", "Offer", "admit", "join", "leave", "offer", "want"]


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
    name: str | None = None


def join(
    store: Store,
    joining: Joining,
    defaults: JoiningDefaults,
    now: datetime,
    *,
    again: bool = False,
    vocabulary: Vocabulary | None = None,
    tokens: Tokens | None = None,
) -> int:
    """Add a confirmed subscriber, or more to one who is there. Returns the subscriber's id.

    Of somebody known, what is given replaces what was; every proof of consent is kept. Raises
    InputError for who left, bounced or paused, unless they want mail `again`; with `tokens` also for
    who was erased or blocked. With a `vocabulary` a wish that they have under a topic's former slug is
    that very wish, not a second one.
    """

    def run(conn: Connection) -> int:
        _unsuppressed(conn, joining.address, tokens, now, again=again)
        return join_in(conn, joining, defaults, now, again=again, vocabulary=vocabulary)

    return store.transact(run)


def join_in(
    conn: Connection,
    joining: Joining,
    defaults: JoiningDefaults,
    now: datetime,
    *,
    again: bool = False,
    vocabulary: Vocabulary | None = None,
) -> int:
    """`join` in the caller's transaction, suppressions not looked at."""
    subscriber_id = admit(conn, joining, defaults, now, again=again)
    wishes = [(wanted, joining.cadence, joining.name) for wanted in joining.filters]
    want(conn, subscriber_id, wishes, vocabulary, now)
    place(conn, subscriber_id, now)
    person = subscribers.get(conn, subscriber_id)
    if person is not None:
        settle(conn, person, now, "")
    return subscriber_id


def _unsuppressed(
    conn: Connection, address: str, tokens: Tokens | None, now: datetime, *, again: bool
) -> None:
    """Somebody's word that they want mail `again` lifts every suppression; else each one is a fault."""
    if tokens is None:
        return
    hashes = tokens.hashes(ADDRESS, address_key(address))
    reasons = secrets.suppressed(conn, hashes)
    if reasons and not again:
        told = " and ".join(sorted(reasons))
        raise InputError([Problem("address", f"{told} before: ask them, then use --again")])
    secrets.lift(conn, hashes, reasons, now)


Wanted = tuple[Filter, Cadence | None, str | None]


def want(
    conn: Connection,
    subscriber_id: int,
    wishes: Iterable[Wanted],
    vocabulary: Vocabulary | None,
    now: datetime,
) -> None:
    """Subscribe somebody to filters, each with a cadence and a name; None keeps what they have of it."""
    rows = subscribers.subscriptions_of(conn, subscriber_id)
    current = {row.filter_id: row.cadence for row in rows}
    held = _held(rows, vocabulary)
    for wanted, cadence, name in wishes:
        text = filters.canonical(wanted)
        filter_id = sharing.intern_filter(conn, held.get(text, text))
        how_often = cadence or current.get(filter_id, Cadence.WEEKLY)
        subscribers.subscribe(conn, subscriber_id, filter_id, how_often, now, name=name)


def _held(rows: Iterable[subscribers.SubscriptionRow], vocabulary: Vocabulary | None) -> dict[str, str]:
    """What somebody has asked for: canonical texts with the slugs of today -> as they are stored."""
    if vocabulary is None:
        return {}
    texts = [row.filter_text for row in rows]
    held = {filters.canonical(filters.current(filters.parse(text), vocabulary)): text for text in texts}
    return held | {text: text for text in texts}


def admit(
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
    amend(conn, person, joining, now)
    return person.id


def _take_back(conn: Connection, person: subscribers.SubscriberRow, now: datetime, *, again: bool) -> None:
    """Make active who was not, with nothing of what came meanwhile: that is old news to them."""
    if person.state is not SubscriberState.PENDING and not again:
        raise InputError([Problem("address", f"{how_they_ended(person)}: ask them, then use --again")])
    rows = subscribers.subscriptions_of(conn, person.id)
    subscribers.set_state(conn, person.id, SubscriberState.ACTIVE, now)
    if person.state is SubscriberState.PAUSED and any(row.paused_until for row in rows):
        return  # what they paused themselves stays paused, and what they add begins
    sharing.set_memberships(conn, person.id, [], now)
    subscriptions.resume(conn, [row.id for row in rows])


def how_they_ended(person: subscribers.SubscriberRow) -> str:
    """``left on 3 May 2026 ("unsubscribe link")``."""
    day = f" on {translator('en').date(person.ended_at.date())}" if person.ended_at else ""
    reason = f' ("{person.ended_reason}")' if person.ended_reason else ""
    return f"{person.state}{day}{reason}"


def amend(conn: Connection, person: subscribers.SubscriberRow, joining: Joining, now: datetime) -> None:
    """Keep what they say now. What they do not say stays."""
    subscribers.amend(
        conn, person.id, lang=joining.lang, zone=joining.zone, hour=joining.hour, weekday=joining.weekday
    )
    prove(conn, person, joining.consent, now)


def prove(conn: Connection, person: subscribers.SubscriberRow, consent: str, now: datetime) -> None:
    """Keep one more proof. The same one is not kept twice, unless they were away in between."""
    proofs = proofs_with(person.consent, person.consent_at, consent, always=person.state is not _ACTIVE)
    if proofs is not None:
        subscribers.amend(conn, person.id, consent=proofs, consent_at=now)


def proofs_with(kept: str, kept_at: datetime | None, consent: str, *, always: bool) -> str | None:
    """All proofs with a new one, the newest first; None when it is known and need not be kept again."""
    newest, *earlier = kept.splitlines() or [""]
    said = _one_line(consent)
    known = said == newest or said in [line.partition(": ")[2] for line in earlier]
    if known and not always:
        return None
    when = f"{kept_at:%Y-%m-%dT%H:%M:%SZ}" if kept_at else "not confirmed"
    return "\n".join([said, f"{when}: {newest}", *earlier])


def _one_line(text: str) -> str:
    """Proofs are lines: the newest, whose time is `consent_at`, then the earlier ones with theirs."""
    return " ".join(text.split())
