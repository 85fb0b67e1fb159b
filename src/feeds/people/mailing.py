"""Links that are mailed to whoever asks for them at their own address, and the sessions that they open.

The same for readers and for people of the house: a few in an hour, and what is not sent is written down all
the same, so that asking takes as long, and is answered the same, whoever has the address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feeds import links
from feeds.mail.addresses import address_key
from feeds.model import LinkPurpose, NoticeKind, RenderedMail
from feeds.people.rules import PeopleRules
from feeds.people.signup import ADDRESS
from feeds.store import Connection, Store, limits, notices
from feeds.store.secrets import LinkRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A link that somebody asked for with an `address`; it goes to `sent_to`, as that is written there.

    `counted` is what it is limited under; `why_not` says why nothing is sent, if so.
    """

    purpose: LinkPurpose
    kind: NoticeKind
    counted: str
    address: str
    sent_to: str
    lang: str
    mail: RenderedMail
    subscriber_id: int | None = None
    why_not: str = ""


def send(conn: Connection, rules: PeopleRules, wanted: Wanted, now: datetime) -> None:
    """Queue the mail, or write down that it is not sent. Whoever calls it holds the lock of the limits."""
    key = rules.tokens.hash(ADDRESS, address_key(wanted.address))
    most = rules.limits.links_per_address
    before = limits.since(conn, wanted.counted, [key], now - rules.limits.window, most)
    why_not = wanted.why_not or ("it was sent several a short time ago" if len(before) >= most else "")
    message_id = rules.message_id()
    new = notices.NewNotice(
        key=f"{wanted.purpose}/{message_id}", kind=wanted.kind, address=wanted.sent_to, lang=wanted.lang,
        message_id=message_id, mail=wanted.mail, purpose=wanted.purpose, subscriber_id=wanted.subscriber_id,
        held_back=why_not,
    )  # fmt: skip
    notices.queue(conn, new, now)
    limits.note(conn, "held-back" if why_not else wanted.counted, key, now)


def look(
    store: Store, rules: PeopleRules, purpose: LinkPurpose, secret: str, now: datetime
) -> LinkRow | None:
    """The link or session of this secret, if it is good. Looking changes nothing."""
    with store.read() as conn:
        return links.good(conn, rules.tokens, purpose, secret, now)


def use(
    store: Store, rules: PeopleRules, purpose: LinkPurpose, session: LinkPurpose, secret: str, now: datetime
) -> str | None:
    """Use a link up; the secret of the session that it opens for its owner, None when it is no good."""

    def run(conn: Connection) -> str | None:
        link = links.use(conn, rules.tokens, purpose, secret, now)
        if link is None or not (link.subscriber_id or link.about):
            return None
        return links.mint(
            conn, rules.tokens, session, now, subscriber_id=link.subscriber_id, about=link.about
        )

    return store.transact(run)


def end(store: Store, rules: PeopleRules, session: LinkPurpose, secret: str) -> None:
    """End a session before its time is over."""
    store.transact(lambda conn: links.forget(conn, rules.tokens, session, secret))
