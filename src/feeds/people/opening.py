"""Getting in to one's preferences: a mailed link, good for an hour and once, becomes a session of an hour.

Whoever holds an old mail gets in nowhere: its "Change" link only mails such a link to its owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feeds import links
from feeds.mail.addresses import address_key, masked
from feeds.model import Linking, LinkPurpose, NoticeKind, SubscriberState
from feeds.people import kept, limiting, mailing
from feeds.people.rules import PeopleRules
from feeds.store import Connection, Store, limits, secrets, subscribers
from feeds.store.subscribers import SubscriberRow

_NO_MAIL = {SubscriberState.COMPLAINED, SubscriberState.BLOCKED, SubscriberState.ERASED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """To whom a link was mailed, as far as somebody may see who holds one of their mails."""

    address_hint: str
    lang: str


def ask_link(
    store: Store, rules: PeopleRules, address: str, network: str, now: datetime, *, lang: str = ""
) -> None:
    """Mail somebody the link to their preferences, if they are somebody known; nobody sees the difference.

    `lang` is that of the page, for who is not known. Raises Limited for a network, or everybody.
    """

    def run(conn: Connection) -> None:
        limiting.pass_network(conn, rules.tokens, rules.limits, network, now)
        person = subscribers.by_address(conn, address_key(address))
        _send(conn, rules, person, address, lang or rules.defaults.lang, now)

    store.transact(run)


def ask_link_by(store: Store, rules: PeopleRules, change_token: str, now: datetime) -> Told | None:
    """The same by the "Change" link of a mail; None for a link that is not ours or whose owner is gone."""
    ids = rules.tokens.read_change(change_token)
    if ids is None:
        return None

    def run(conn: Connection) -> Told | None:
        person = subscribers.get(conn, ids[0])
        if person is None or person.state in _NO_MAIL:
            return None
        limits.lock(conn)
        _send(conn, rules, person, person.address, person.lang, now)
        return Told(address_hint=masked(person.address), lang=person.lang)

    return store.transact(run)


def _send(
    conn: Connection, rules: PeopleRules, person: SubscriberRow | None, address: str, lang: str, now: datetime
) -> None:
    known = person is not None and person.state not in _NO_MAIL
    told = Linking(
        lang=person.lang if person else lang, zone=person.zone if person else rules.defaults.zone,
        asked_at=now, until_at=now + links.LIVES[LinkPurpose.PREFERENCES],
    )  # fmt: skip
    wanted = mailing.Wanted(
        purpose=LinkPurpose.PREFERENCES, kind=NoticeKind.PREFERENCES, counted=limiting.OPENING,
        address=address, sent_to=person.address if person else address, lang=told.lang,
        mail=rules.mails.preferences(told), subscriber_id=person.id if person else None,
        why_not="" if known else "nobody has this address",
    )  # fmt: skip
    mailing.send(conn, rules, wanted, now)


def openable(store: Store, rules: PeopleRules, secret: str, now: datetime) -> bool:
    """Whether a preferences link would still open. Looking changes nothing."""
    return mailing.look(store, rules, LinkPurpose.PREFERENCES, secret, now) is not None


def use_link(store: Store, rules: PeopleRules, secret: str, now: datetime) -> str | None:
    """Use a preferences link up; the secret of the session that it opens, None when it is no good."""
    return mailing.use(store, rules, LinkPurpose.PREFERENCES, LinkPurpose.SESSION, secret, now)


def session(store: Store, rules: PeopleRules, secret: str, now: datetime) -> int | None:
    """Whose session this is: the subscriber's id, None when it is over or not ours."""
    link = mailing.look(store, rules, LinkPurpose.SESSION, secret, now)
    return link.subscriber_id if link else None


def close(store: Store, rules: PeopleRules, secret: str) -> None:
    """End a session before its hour is over."""
    mailing.end(store, rules, LinkPurpose.SESSION, secret)


def close_all(conn: Connection, subscriber_id: int) -> None:
    """End all sessions and preferences links of somebody: their address is another one now."""
    secrets.forget_links(conn, subscriber_id, (LinkPurpose.SESSION, LinkPurpose.PREFERENCES))


def form_secret(rules: PeopleRules, session_secret: str, form: str) -> str:
    """What a form of a session carries, so that no other site can post it (T13)."""
    return rules.tokens.hash(f"form.{form}", session_secret)


def person(store: Store, subscriber_id: int, now: datetime) -> kept.Person | None:
    """Somebody with all that they have."""
    with store.read() as conn:
        return kept.person(conn, subscriber_id, now)
