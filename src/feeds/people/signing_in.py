"""How people of the house sign in: by a link mailed to an address that the configuration names, no passwords.

The press desk and the operator's pages each have a `Door`: who may, and nobody else. A session is kept as a
hash that names its owner by a hash: whoever is taken out of the configuration is out at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from feeds import links
from feeds.mail.addresses import address_key
from feeds.model import LinkPurpose, NoticeKind, Place, SigningIn, Staff
from feeds.people import limiting, mailing
from feeds.people.rules import PeopleRules
from feeds.store import Connection, Store
from feeds.store.secrets import LinkRow

_PURPOSES: Mapping[Place, tuple[LinkPurpose, LinkPurpose]] = {
    Place.DESK: (LinkPurpose.DESK, LinkPurpose.DESK_SESSION),
    Place.OPERATOR: (LinkPurpose.OPERATOR, LinkPurpose.OPERATOR_SESSION),
}


@dataclass(frozen=True, slots=True)
class Door:
    """A place and who may sign in there."""

    place: Place
    staff: Sequence[Staff]

    @property
    def link(self) -> LinkPurpose:
        """What the mailed link is for."""
        return _PURPOSES[self.place][0]

    @property
    def session(self) -> LinkPurpose:
        """What becomes of it when it is used."""
        return _PURPOSES[self.place][1]

    def at(self, address: str) -> Staff | None:
        """Whose address this is."""
        key = address_key(address)
        return next((each for each in self.staff if address_key(each.address) == key), None)


def ask_link(
    store: Store, rules: PeopleRules, door: Door, address: str, network: str, now: datetime, lang: str
) -> None:
    """Mail the link to whoever may sign in at a door; nobody else sees the difference.

    `lang` is that of the page, for who may not. Raises Limited for a network, or everybody.
    """
    known = door.at(address)
    told = SigningIn(
        place=door.place, lang=known.lang if known else lang, asked_at=now,
        zone=known.zone if known else rules.defaults.zone, until_at=now + links.LIVES[door.link],
    )  # fmt: skip
    wanted = mailing.Wanted(
        purpose=door.link, kind=NoticeKind.SIGN_IN, counted=limiting.SIGNING_IN, address=address,
        sent_to=known.address if known else address, lang=told.lang, mail=rules.mails.sign_in(told),
        why_not="" if known else "this address may not sign in",
    )  # fmt: skip

    def run(conn: Connection) -> None:
        limiting.pass_network(conn, rules.tokens, rules.limits, network, now)
        mailing.send(conn, rules, wanted, now)

    store.transact(run)


def session(store: Store, rules: PeopleRules, door: Door, secret: str, now: datetime) -> Staff | None:
    """Whose session this is; None when it is over, not ours, or of somebody who may not any more."""
    return _owner(rules, door, mailing.look(store, rules, door.session, secret, now))


def addressee(store: Store, rules: PeopleRules, door: Door, secret: str, now: datetime) -> Staff | None:
    """Whom a mailed link would let in; None for one that lets nobody in. Looking changes nothing."""
    return _owner(rules, door, mailing.look(store, rules, door.link, secret, now))


def _owner(rules: PeopleRules, door: Door, link: LinkRow | None) -> Staff | None:
    if link is None:
        return None
    marks = {mark: each for each in door.staff for mark in links.staff_marks(rules.tokens, each.address)}
    return marks.get(link.about)
