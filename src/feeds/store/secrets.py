"""Links that work once, and addresses that get no mail: both are here as keyed hashes only (store).

Whoever reads a copy of these tables can make no link of them, and learns no address.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, Connection, bindparam, delete, select, update

from feeds.model import LinkPurpose, Suppression
from feeds.store import departures
from feeds.store.schema import link, suppression
from feeds.store.writing import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A link that works once, until `ends_at`. What it is for: a person or a request, and `about`."""

    hash: str
    purpose: LinkPurpose
    subscriber_id: int | None = None
    request_id: int | None = None
    about: str = ""
    made_at: datetime
    ends_at: datetime
    used_at: datetime | None = None


# Made once: making a statement takes longer than carrying it out.
_HASHES: BindParameter[list[str]] = bindparam("hashes", expanding=True)
_ADD_LINK = link.insert()
_FIND_LINK = select(link).where(link.c.hash.in_(_HASHES), link.c.purpose == bindparam("wanted"))
_SUPPRESSED = select(suppression.c.reason).where(suppression.c.hash.in_(_HASHES))


def add_link(conn: Connection, new: LinkRow) -> None:
    """Store a link that was just made."""
    conn.execute(_ADD_LINK, {name: getattr(new, name) for name in LinkRow.__slots__})


def find_link(conn: Connection, purpose: LinkPurpose, hashes: Sequence[str]) -> LinkRow | None:
    """The link with one of these hashes, used or not, if it was made for this purpose."""
    row = conn.execute(_FIND_LINK, {"hashes": list(hashes), "wanted": purpose}).first()
    return None if row is None else LinkRow(**row._mapping)


def use_link(conn: Connection, link_hash: str, now: datetime) -> bool:
    """Use a link up; False when somebody else just did."""
    unused = (link.c.hash == link_hash, link.c.used_at.is_(None))
    return conn.execute(update(link).where(*unused).values(used_at=now)).rowcount == 1


def live_link(conn: Connection, subscriber_id: int, purpose: LinkPurpose, now: datetime) -> LinkRow | None:
    """The newest of a person's links of this purpose that can be used."""
    theirs = (link.c.subscriber_id == subscriber_id, link.c.purpose == purpose)
    good = (link.c.used_at.is_(None), link.c.ends_at > now)
    row = conn.execute(select(link).where(*theirs, *good).order_by(link.c.made_at.desc()).limit(1)).first()
    return None if row is None else LinkRow(**row._mapping)


def take_back_links(
    conn: Connection, subscriber_id: int, purpose: LinkPurpose, now: datetime, kept_until: datetime
) -> int:
    """Let a person's links of this purpose work no more, but know them until `kept_until`; how many."""
    good = (link.c.subscriber_id == subscriber_id, link.c.purpose == purpose, link.c.used_at.is_(None))
    return conn.execute(update(link).where(*good).values(used_at=now, ends_at=kept_until)).rowcount


def forget_links(
    conn: Connection, subscriber_id: int, purposes: Collection[LinkPurpose] | None = None
) -> None:
    """End a person's links of these purposes, or all of them."""
    where = [link.c.subscriber_id == subscriber_id]
    if purposes is not None:
        where.append(link.c.purpose.in_(purposes))
    conn.execute(delete(link).where(*where))


def forget_link(conn: Connection, hashes: Sequence[str]) -> None:
    """End the link with one of these hashes."""
    conn.execute(delete(link).where(link.c.hash.in_(hashes)))


def erase_ended_links(conn: Connection, now: datetime, limit: int) -> int:
    """Erase links whose time is over; how many that were."""
    ended = list(conn.scalars(select(link.c.hash).where(link.c.ends_at <= now).limit(limit)))
    if ended:
        conn.execute(delete(link).where(link.c.hash.in_(ended)))
    return len(ended)


def suppress(conn: Connection, address_hash: str, reason: Suppression, now: datetime) -> None:
    """From now on the address with this hash gets no mail, for this reason."""
    values = {"hash": address_hash, "reason": reason, "at": now}
    once = insert(conn, suppression).values(values).on_conflict_do_nothing()
    if conn.execute(once.returning(suppression.c.hash)).first() is not None:
        departures.suppressed(conn, address_hash, reason, now)


def suppressed(conn: Connection, address_hashes: Sequence[str]) -> frozenset[Suppression]:
    """Why the address with one of these hashes gets no mail; nothing: it may."""
    return frozenset(conn.scalars(_SUPPRESSED, {"hashes": list(address_hashes)}))


def lift(
    conn: Connection, address_hashes: Sequence[str], reasons: Collection[Suppression], now: datetime
) -> None:
    """The address with one of these hashes is not suppressed any more for these reasons."""
    theirs = (suppression.c.hash.in_(address_hashes), suppression.c.reason.in_(reasons))
    gone = delete(suppression).where(*theirs).returning(suppression.c.hash, suppression.c.reason)
    for row in conn.execute(gone).all():
        departures.lifted(conn, row.hash, row.reason, now)
