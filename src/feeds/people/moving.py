"""Another address for the same subscriptions: asked for on the preferences page, confirmed at the new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feeds import links
from feeds.errors import InputError, Problem
from feeds.mail.addresses import address_key, masked
from feeds.model import (
    LinkPurpose,
    Moved,
    Moving,
    NoticeKind,
    RequestKind,
    SubscriberState,
    Suppression,
)
from feeds.people import deciding, erasing, limiting, opening, signup
from feeds.people.rules import PeopleRules
from feeds.store import Connection, Store, deliveries, limits, notices, people, requests, secrets, subscribers
from feeds.store.subscribers import SubscriberRow
from feeds.tokens import Tokens

_HAS_MAIL = {SubscriberState.ACTIVE, SubscriberState.PAUSED}
_MOVES = {*_HAS_MAIL, SubscriberState.BOUNCED}


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedTo:
    """Where the mail goes from now on, as far as it is shown."""

    address_hint: str
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The new address gets mail of its own already: nothing was changed."""

    address_hint: str
    lang: str


def ask_move(
    store: Store,
    rules: PeopleRules,
    subscriber_id: int,
    address: str,
    network: str,
    page: str,
    now: datetime,
) -> bool:
    """Mail the new address (in its normal form) a link that moves all subscriptions there.

    The same work and answer whoever has that address. Raises Limited. False: no such subscriber.
    """

    def run(conn: Connection) -> bool:
        limiting.pass_network(conn, rules.tokens, rules.limits, network, now)
        person = subscribers.get(conn, subscriber_id)
        if person is None or person.state not in _MOVES:
            return False
        request_id = requests.add(conn, _request(person, address, network, page, now))
        hashes = rules.tokens.hashes(signup.ADDRESS, address_key(address))
        lately, in_all = limiting.confirmations(conn, hashes, rules.limits, now)
        known = deciding.Known(
            state=None, suppressed=secrets.suppressed(conn, hashes), mails_lately=lately, mails_in_all=in_all
        )
        why_not = deciding.held_back(known, rules.limits)
        _mail(conn, rules, person, address, request_id, why_not, now)
        limits.note(conn, "held-back" if why_not else limiting.CONFIRMATION, hashes[0], now)
        return True

    return store.transact(run)


def _request(
    person: SubscriberRow, address: str, network: str, page: str, now: datetime
) -> requests.NewRequest:
    return requests.NewRequest(
        kind=RequestKind.MOVE, address=address, address_key=address_key(address), network=network, page=page,
        words="", asked_at=now, ends_at=now + links.LIVES[LinkPurpose.MOVE], subscriber_id=person.id,
        lang=person.lang, zone=person.zone, hour=person.hour, weekday=person.weekday,
    )  # fmt: skip


def _mail(
    conn: Connection,
    rules: PeopleRules,
    person: SubscriberRow,
    address: str,
    request_id: int,
    why_not: str,
    now: datetime,
) -> None:
    told = Moving(
        lang=person.lang, zone=person.zone, address=address, asked_at=now,
        until_at=now + links.LIVES[LinkPurpose.MOVE],
    )  # fmt: skip
    new = notices.NewNotice(
        key=f"move/{request_id}", kind=NoticeKind.MOVE, address=address, lang=person.lang,
        message_id=rules.message_id(), mail=rules.mails.moving(told), purpose=LinkPurpose.MOVE,
        request_id=request_id, held_back=why_not,
    )  # fmt: skip
    notices.queue(conn, new, now)


def movable(store: Store, rules: PeopleRules, secret: str, now: datetime) -> Moving | None:
    """What a link to move would do. Looking changes nothing. None: used, ended, or not ours."""
    with store.read() as conn:
        link = links.good(conn, rules.tokens, LinkPurpose.MOVE, secret, now)
        request = requests.get(conn, link.request_id) if link and link.request_id else None
    if link is None or request is None or request.confirmed_at is not None:
        return None
    return Moving(
        lang=request.lang, zone=request.zone, address=request.address, asked_at=request.asked_at,
        until_at=link.ends_at,
    )  # fmt: skip


def move(store: Store, rules: PeopleRules, secret: str, now: datetime) -> MovedTo | Taken | None:
    """Use a link to move up: the mail goes to the new address from now on, and the old one is told.

    Taken: that address has subscriptions of its own. None: the link is used, ended, or not ours.
    """

    def run(conn: Connection) -> MovedTo | Taken | None:
        link = links.use(conn, rules.tokens, LinkPurpose.MOVE, secret, now)
        request = requests.get(conn, link.request_id) if link and link.request_id else None
        if request is None or request.confirmed_at is not None or request.subscriber_id is None:
            return None
        person = subscribers.get(conn, request.subscriber_id, lock=True)
        if person is None or person.state not in _MOVES:
            return None
        if not move_in(conn, rules.tokens, person, request.address, now):
            return Taken(address_hint=masked(request.address), lang=person.lang)
        requests.amend(conn, request.id, confirmed_at=now)
        _tell_old(conn, rules, person, request.address, now)
        return MovedTo(address_hint=masked(request.address), lang=person.lang)

    return store.transact(run)


def move_by_hand(
    store: Store, tokens: Tokens, subscriber_id: int, address: str, consent: str, now: datetime
) -> None:
    """The operator moves somebody who asked for it elsewhere; their word is kept as a proof.

    Raises InputError when the new address gets mail already, or there is no such subscriber.
    """

    def run(conn: Connection) -> None:
        person = subscribers.get(conn, subscriber_id, lock=True)
        if person is None or person.state not in _MOVES:
            raise InputError([Problem("address", "nobody with this address gets mail")])
        if not move_in(conn, tokens, person, address, now):
            raise InputError([Problem("new address", "gets mail of its own already: remove one of the two")])
        signup.prove(conn, person, consent, now)

    store.transact(run)


def move_in(conn: Connection, tokens: Tokens, person: SubscriberRow, address: str, now: datetime) -> bool:
    """Move somebody, and the letters that wait for them. False: the address has subscriptions of its own."""
    key = address_key(address)
    hashes = tokens.hashes(signup.ADDRESS, key)
    if secrets.suppressed(conn, hashes) & {Suppression.COMPLAINED, Suppression.BLOCKED}:
        return False
    other = subscribers.by_address(conn, key, lock=True)
    if other is not None and other.id != person.id:
        if other.state in _HAS_MAIL:
            return False
        erasing.erase_in(conn, other, now)
    secrets.lift(conn, hashes, (Suppression.BOUNCED, Suppression.ERASED), now)
    people.move(conn, person.id, address, key)
    deliveries.move(conn, person.id, address)
    opening.close_all(conn, person.id)
    if person.state is SubscriberState.BOUNCED:
        subscribers.set_state(conn, person.id, SubscriberState.ACTIVE, now)
    return True


def _tell_old(
    conn: Connection, rules: PeopleRules, person: SubscriberRow, address: str, now: datetime
) -> None:
    told = Moved(lang=person.lang, zone=person.zone, address=masked(address), moved_at=now)
    message_id = rules.message_id()
    new = notices.NewNotice(
        key=f"moved/{message_id}", kind=NoticeKind.MOVED, address=person.address, lang=person.lang,
        message_id=message_id, mail=rules.mails.moved(told), subscriber_id=person.id,
        held_back="it bounced" if person.state is SubscriberState.BOUNCED else "",
    )  # fmt: skip
    notices.queue(conn, new, now)
