"""Signing up: asking shows nobody outside anything; only the button behind a mailed link makes a subscriber.

Whoever asks gets the same answer, with the same work behind it, whether the address is new, waiting, known,
bounced, erased or blocked (T10); what differs is told by mail, to the owner of the address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feeds import links
from feeds.errors import InputError, Problem
from feeds.mail.addresses import address_key, masked
from feeds.model import (
    Cadence,
    Confirming,
    Habits,
    LinkPurpose,
    NoticeKind,
    RequestKind,
    SubscriberState,
    Suppression,
    Welcoming,
    Wished,
)
from feeds.people import deciding, kept, limiting, placing, signup
from feeds.people.rules import PeopleRules
from feeds.store import Connection, Store, limits, notices, requests, secrets, sharing, subscribers
from feeds.store.requests import NewRequest, RequestRow
from feeds.store.subscribers import SubscriberRow

_LIFTED = (Suppression.BOUNCED, Suppression.ERASED)
_HAS_MAIL = {SubscriberState.ACTIVE, SubscriberState.PAUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking(Habits):
    """What somebody asks for, from which client address (`network`) and `page`, agreeing to which `words`.

    `address` is in its normal form. `starter`: the last items as a beginning.
    """

    address: str
    wishes: tuple[Wished, ...]
    network: str
    page: str
    words: str
    starter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending(Habits):
    """What waits behind a confirmation link. `known`: its owner gets mail already, with these habits."""

    wishes: tuple[Wished, ...]
    address: str
    starter: bool
    asked_at: datetime
    until_at: datetime
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Habits):
    """What somebody left ticked on the confirming page, and how they want their mails."""

    wishes: tuple[Wished, ...]
    starter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What a confirmation made. `again`: they were away, or had subscriptions before."""

    subscriber_id: int
    address_hint: str
    lang: str
    wishes: tuple[Wished, ...]
    again: bool


def ask(store: Store, rules: PeopleRules, asking: Asking, now: datetime) -> None:
    """Write down what somebody asks for, and mail the owner of the address a link to confirm it.

    Raises Limited, where a network or everybody together asks too often, and InputError for a wish
    without filters or with too many; nothing else is told.
    """
    if not 0 < len(asking.wishes) <= deciding.MAX_WISHES:
        raise InputError([Problem("filter", f"name at least one filter, and at most {deciding.MAX_WISHES}")])

    def run(conn: Connection) -> None:
        limiting.pass_network(conn, rules.tokens, rules.limits, asking.network, now)
        key = address_key(asking.address)
        person = subscribers.by_address(conn, key)
        known = _known(conn, rules, key, person, now)
        waiting = requests.waiting(conn, key, now)
        request_id = _written(conn, asking, waiting, now)
        _mail(conn, rules, asking, request_id, known, now)

    store.transact(run)


def _known(
    conn: Connection, rules: PeopleRules, key: str, person: SubscriberRow | None, now: datetime
) -> deciding.Known:
    hashes = rules.tokens.hashes(signup.ADDRESS, key)
    lately, in_all = limiting.confirmations(conn, hashes, rules.limits, now)
    return deciding.Known(
        state=person.state if person else None, suppressed=secrets.suppressed(conn, hashes),
        mails_lately=lately, mails_in_all=in_all,
    )  # fmt: skip


def _written(conn: Connection, asking: Asking, waiting: RequestRow | None, now: datetime) -> int:
    """The id of the request: a new one, or the one that waits already and now asks for this too."""
    origin = {"network": asking.network, "page": asking.page, "words": asking.words}
    habits = {"lang": asking.lang, "zone": asking.zone, "hour": asking.hour, "weekday": asking.weekday}
    if waiting is not None:
        wishes = deciding.joined(waiting.wishes, asking.wishes)
        requests.amend(conn, waiting.id, wishes=wishes, starter=asking.starter, **origin, **habits)
        return waiting.id
    new = NewRequest(
        kind=RequestKind.SIGNUP, address=asking.address, address_key=address_key(asking.address),
        wishes=asking.wishes, starter=asking.starter, asked_at=now,
        ends_at=now + links.LIVES[LinkPurpose.CONFIRM], lang=asking.lang, zone=asking.zone, hour=asking.hour,
        weekday=asking.weekday, network=asking.network, page=asking.page, words=asking.words,
    )  # fmt: skip
    return requests.add(conn, new)


def _mail(
    conn: Connection,
    rules: PeopleRules,
    asking: Asking,
    request_id: int,
    known: deciding.Known,
    now: datetime,
) -> None:
    """Queue the confirmation mail. One that may not go is made and written down all the same: same work."""
    told = Confirming(
        lang=asking.lang, zone=asking.zone, hour=asking.hour, weekday=asking.weekday, wishes=asking.wishes,
        address=asking.address, asked_at=now, until_at=now + links.LIVES[LinkPurpose.CONFIRM],
        known=known.state in _HAS_MAIL,
    )  # fmt: skip
    why_not = deciding.held_back(known, rules.limits)
    message_id = rules.message_id()
    new = notices.NewNotice(
        key=f"confirm/{request_id}/{message_id}", kind=NoticeKind.CONFIRM, address=asking.address,
        lang=asking.lang, message_id=message_id, mail=rules.mails.confirm(told),
        purpose=LinkPurpose.CONFIRM, request_id=request_id, held_back=why_not,
    )  # fmt: skip
    notices.queue(conn, new, now)
    kind = "held-back" if why_not else limiting.CONFIRMATION
    limits.note(conn, kind, rules.tokens.hash(signup.ADDRESS, address_key(asking.address)), now)


def pending(store: Store, rules: PeopleRules, secret: str, now: datetime) -> Pending | None:
    """What a confirmation link would confirm. Looking changes nothing. None: used, ended, or not ours."""
    with store.read() as conn:
        link = links.good(conn, rules.tokens, LinkPurpose.CONFIRM, secret, now)
        request = requests.get(conn, link.request_id) if link and link.request_id else None
        if link is None or request is None or request.confirmed_at is not None:
            return None
        person = subscribers.by_address(conn, request.address_key)
        if not deciding.comes_back(_known(conn, rules, request.address_key, person, now)):
            return None
    known = person is not None and person.state in _HAS_MAIL
    habits = person if person is not None and known else request
    return Pending(
        lang=habits.lang, zone=habits.zone, hour=habits.hour, weekday=habits.weekday, wishes=request.wishes,
        address=request.address, starter=request.starter, asked_at=request.asked_at, until_at=link.ends_at,
        known=known,
    )  # fmt: skip


def confirm(
    store: Store, rules: PeopleRules, secret: str, choice: Choice | None, now: datetime
) -> Confirmed | None:
    """Use a confirmation link up: its owner gets what they left ticked, or all that was asked (None).

    Lifts what suppressed the address. Of somebody who gets mail already only what `choice` says changes
    in when and how. None: used, ended, or not ours. Raises InputError for a choice without filters.
    """
    if choice is not None and not 0 < len(choice.wishes) <= deciding.MAX_WISHES:
        raise InputError([Problem("filter", f"choose at least one, and at most {deciding.MAX_WISHES}")])

    def run(conn: Connection) -> Confirmed | None:
        link = links.use(conn, rules.tokens, LinkPurpose.CONFIRM, secret, now)
        request = requests.get(conn, link.request_id) if link and link.request_id else None
        if request is None or request.confirmed_at is not None:
            return None
        person = subscribers.by_address(conn, request.address_key, lock=True)
        if not deciding.comes_back(_known(conn, rules, request.address_key, person, now)):
            return None
        return _confirmed(conn, rules, request, person, choice, now)

    return store.transact(run)


def _confirmed(
    conn: Connection,
    rules: PeopleRules,
    request: RequestRow,
    before: SubscriberRow | None,
    choice: Choice | None,
    now: datetime,
) -> Confirmed:
    wishes = choice.wishes if choice else request.wishes
    asked: Habits | None = choice or (None if before and before.state in _HAS_MAIL else request)
    joining = signup.Joining(
        address=request.address, filters=(), lang=asked.lang if asked else None,
        zone=asked.zone if asked else None, hour=asked.hour if asked else None,
        weekday=asked.weekday if asked else None, consent=proof(request),
    )  # fmt: skip
    back = before is not None and before.state not in _HAS_MAIL
    if before is None or back:
        number = signup.admit(conn, joining, rules.defaults, now, again=True)
    else:
        number = before.id
        signup.amend(conn, before, joining, now)
    signup.want(conn, number, [(w.filter, w.cadence, w.name) for w in wishes], rules.vocabulary, now)
    hashes = rules.tokens.hashes(signup.ADDRESS, request.address_key)
    secrets.lift(conn, hashes, _LIFTED, now)
    limits.forget(conn, limiting.CONFIRMATION, hashes)
    requests.amend(conn, request.id, confirmed_at=now, subscriber_id=number, wishes=wishes)
    person = subscribers.get(conn, number)
    assert person is not None  # it is locked, or new and ours
    placing.settle(conn, person, now, "")
    placing.place(conn, number, now)
    starter = choice.starter if choice else request.starter
    _welcome(conn, rules, person, wishes, starter=starter, request_id=request.id, now=now)
    return Confirmed(
        subscriber_id=number, address_hint=masked(person.address), lang=person.lang, wishes=wishes,
        again=before is not None,
    )  # fmt: skip


def proof(request: NewRequest) -> str:
    """The proof of consent in one line: where, from where, when, and which words they agreed to."""
    asked = f"{request.asked_at:%Y-%m-%dT%H:%M:%SZ}"
    said = f"“{request.words}”" if request.words else "no words"
    return f"form {request.page} from {request.network}, asked {asked}, confirmed by mail; agreed to {said}"


def _welcome(
    conn: Connection,
    rules: PeopleRules,
    person: SubscriberRow,
    wishes: tuple[Wished, ...],
    *,
    starter: bool,
    request_id: int,
    now: datetime,
) -> None:
    """Queue the welcome mail, with the links of the audience that brings the first of the wishes."""
    first = [kept.next_at(each.cadence, person, now) for each in wishes]
    at_once = any(each.cadence is Cadence.IMMEDIATE for each in wishes)
    told = Welcoming(
        lang=person.lang, zone=person.zone, hour=person.hour, weekday=person.weekday, wishes=wishes,
        confirmed_at=now, first_at=None if at_once else min(each for each in first if each),
        newest=tuple(rules.newest([each.filter for each in wishes])) if starter else (),
    )  # fmt: skip
    audience = next((each.audience_id for each in sharing.standings(conn, person.id)), None)
    new = notices.NewNotice(
        key=f"welcome/{request_id}", kind=NoticeKind.WELCOME, address=person.address, lang=person.lang,
        message_id=rules.message_id(), mail=rules.mails.welcome(told), subscriber_id=person.id,
        audience_id=audience,
    )  # fmt: skip
    notices.queue(conn, new, now)


def already(store: Store, rules: PeopleRules, secret: str) -> Confirmed | None:
    """What a link that was used did, for who presses it a second time; None once it has ended."""
    with store.read() as conn:
        link = links.find(conn, rules.tokens, LinkPurpose.CONFIRM, secret)
        request = requests.get(conn, link.request_id) if link and link.request_id else None
        if request is None or request.confirmed_at is None or request.subscriber_id is None:
            return None
        person = subscribers.get(conn, request.subscriber_id)
    if person is None or person.state not in _HAS_MAIL:
        return None
    return Confirmed(
        subscriber_id=person.id, address_hint=masked(person.address), lang=person.lang,
        wishes=request.wishes, again=True,
    )  # fmt: skip
