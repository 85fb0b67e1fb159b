"""What somebody asked for and has yet to confirm, and the proof that they did (store)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from feeds.model import Habits, RequestKind, Wished
from feeds.store.schema import link, notice, request
from feeds.store.writing import chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest(Habits):
    """What was asked, from where (`network`, `page`), and which `words` they agreed to.

    `subscriber_id` is whose address moves; `ends_at` is when it is erased unless confirmed.
    """

    kind: RequestKind
    address: str
    address_key: str
    wishes: tuple[Wished, ...] = ()
    starter: bool = False
    network: str
    page: str
    words: str
    asked_at: datetime
    ends_at: datetime
    subscriber_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow(NewRequest):
    """A stored request."""

    id: int
    confirmed_at: datetime | None


# Made once: making a statement takes longer than carrying it out.
_ADD = request.insert().returning(request.c.id)
_WAITING = (
    select(request)
    .where(
        request.c.address_key == bindparam("key"), request.c.kind == RequestKind.SIGNUP,
        request.c.confirmed_at.is_(None), request.c.ends_at > bindparam("now"),
    )
    .order_by(request.c.id.desc())
    .limit(1)
)  # fmt: skip


def add(conn: Connection, new: NewRequest) -> int:
    """Store a request; its id."""
    values = {each.name: getattr(new, each.name) for each in fields(NewRequest)}
    return int(conn.execute(_ADD, values).scalar_one())


def get(conn: Connection, request_id: int) -> RequestRow | None:
    """The request with this id, None once it was erased."""
    row = conn.execute(select(request).where(request.c.id == request_id)).first()
    return None if row is None else RequestRow(**row._mapping)


def waiting(conn: Connection, address_key: str, now: datetime) -> RequestRow | None:
    """The newest sign-up of this address that still waits for its confirmation."""
    row = conn.execute(_WAITING, {"key": address_key, "now": now}).first()
    return None if row is None else RequestRow(**row._mapping)


def amend(conn: Connection, request_id: int, **values: Any) -> None:
    """Change what is given of a request."""
    conn.execute(update(request).where(request.c.id == request_id).values(values))


def of_subscriber(conn: Connection, subscriber_id: int) -> list[RequestRow]:
    """A person's confirmed requests and moves, oldest first."""
    query = select(request).where(request.c.subscriber_id == subscriber_id).order_by(request.c.id)
    return [RequestRow(**row._mapping) for row in conn.execute(query)]


def erase(conn: Connection, *, subscriber_id: int, address_key: str) -> None:
    """Erase all that this person, or whoever has this address, asked for."""
    mine = (request.c.subscriber_id == subscriber_id) | (request.c.address_key == address_key)
    _erase(conn, list(conn.scalars(select(request.c.id).where(mine))))


def erase_ended(conn: Connection, now: datetime, limit: int) -> int:
    """Erase what nobody confirmed in time; how many requests that were."""
    ended = (request.c.confirmed_at.is_(None), request.c.ends_at <= now)
    ids = list(conn.scalars(select(request.c.id).where(*ended).limit(limit)))
    _erase(conn, ids)
    return len(ids)


def _erase(conn: Connection, ids: Sequence[int]) -> None:
    """With all that is about them: a letter that still waited would ask for what is gone."""
    for some in chunks(ids):
        conn.execute(delete(notice).where(notice.c.request_id.in_(some)))
        conn.execute(delete(link).where(link.c.request_id.in_(some)))
        conn.execute(delete(request).where(request.c.id.in_(some)))
