"""Deliveries: queued, claimed under a lease, finished by compare-and-set (store).

    queued -> sending (claim) -> sent | refused | uncertain, or queued again (finish, reclaim)
    queued -> suppressed (the person left, or is not subscribed any more)

Only the owner of a live claim finishes a delivery; everything else is a lost race, told by False.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select, text, update

from feeds.model import DeliveryState, RenderedDigest, SubscriberState
from feeds.store.schema import audience_filter, delivery, digest, filter_, subscriber, subscription
from feeds.store.writing import chunks, insert

# Written out, not bound: a partial index is used only when the text of its condition is seen.
_QUEUED = text("delivery.state = 'queued'")
_SENDING = text("delivery.state = 'sending'")

# So many new rows change how PostgreSQL should look for them.
_MANY = 1000

_FINAL = {DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.SUPPRESSED, DeliveryState.UNCERTAIN}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """One member's copy of a digest; `message_id` is the one it keeps at every try (P4)."""

    subscriber_id: int
    address: str
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A delivery in hand: whom, what, and how often it was tried before.

    Of its `tries`, `uncertain` lost their answer and `faults` ended in a fault of ours.
    """

    id: int
    digest_id: int
    audience_id: int
    period: str
    subscriber_id: int
    address: str
    message_id: str
    tries: int
    uncertain: int
    faults: int
    lease_until: datetime
    lang: str
    subject: str
    text: str
    html: str

    @property
    def rendered(self) -> RenderedDigest:
        """The digest in words, shared by all its members."""
        return RenderedDigest(subject=self.subject, text=self.text, html=self.html)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A delivery as people see it; `subject` is that of its digest."""

    id: int
    digest_id: int
    audience_id: int
    period: str
    subscriber_id: int
    address: str
    message_id: str
    state: DeliveryState
    tries: int
    uncertain: int
    faults: int
    next_at: datetime
    lease_until: datetime | None
    owner: str | None
    reason: str
    queued_at: datetime
    finished_at: datetime | None
    subject: str


def queue(conn: Connection, digest_id: int, rows: Sequence[NewDelivery], now: datetime) -> int:
    """Queue a digest for these members, due `now`; how many had none of its period yet and were queued."""
    if not rows:
        return 0
    mine = select(digest.c.audience_id, digest.c.period).where(digest.c.id == digest_id)
    shared = {
        **conn.execute(mine).one()._mapping, "digest_id": digest_id, "state": DeliveryState.QUEUED,
        "tries": 0, "uncertain": 0, "faults": 0, "next_at": now, "reason": "", "queued_at": now,
    }  # fmt: skip
    values = [
        shared | {"subscriber_id": row.subscriber_id, "address": row.address, "message_id": row.message_id}
        for row in rows
    ]
    once = insert(conn, delivery).on_conflict_do_nothing(
        index_elements=["audience_id", "period", "subscriber_id"]
    )
    number = len(conn.execute(once.returning(delivery.c.id), values).all())
    if number >= _MANY and conn.dialect.name == "postgresql":
        # Else each claim sorts the whole queue until autovacuum has looked (21 ms against 1.7).
        conn.execute(text("ANALYZE delivery"))
    return number


def claim(conn: Connection, owner: str, now: datetime, lease: timedelta, limit: int) -> list[ClaimedDelivery]:
    """Take up to `limit` due deliveries in hand until `now + lease`, longest due first.

    Rows that another process is claiming are passed over. Those whose person is not active or not
    subscribed any more are suppressed on the way (P6), so an empty answer means that nothing is due.
    `owner` must be new with each process, else a late `finish` could hit the claim of its successor.
    """
    ids: list[int] = []
    while len(ids) < limit:
        due = _due(conn, now, limit - len(ids))
        if not due:
            break
        subscribed = _subscribed(conn, due)
        wanted = [row.id for row in due if (row.subscriber_id, row.audience_id) in subscribed]
        _suppress(conn, sorted({row.id for row in due} - set(wanted)), "not subscribed any more", now)
        _take(conn, wanted, owner, now + lease)
        ids += wanted
    return _claimed(conn, ids)


def _due(conn: Connection, now: datetime, limit: int) -> Sequence[Row[Any, Any, Any]]:
    """Ids first, rows later by key: a subselect inside the UPDATE sorts the whole queue at each claim."""
    query = (
        select(delivery.c.id, delivery.c.subscriber_id, delivery.c.audience_id)
        .where(_QUEUED, delivery.c.next_at <= now)
        .order_by(delivery.c.next_at, delivery.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return conn.execute(query).all()


def _subscribed(conn: Connection, due: Sequence[Row[Any, Any, Any]]) -> set[tuple[int, int]]:
    """Pairs of active subscriber and audience whose digests that person still wants.

    Wanted is what still has one of its filters subscribed to, at whatever cadence, not what the person
    is a member of: who added a filter meanwhile, or chose another cadence, has another audience, and
    gets this letter all the same. Not joined to the deliveries: without fresh statistics PostgreSQL
    then walks every member for each of them.
    """
    audience_ids = sorted({row.audience_id for row in due})
    pairs = (
        select(subscription.c.subscriber_id, audience_filter.c.audience_id)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .join(audience_filter, audience_filter.c.filter_id == subscription.c.filter_id)
        .where(subscriber.c.state == SubscriberState.ACTIVE, subscription.c.ended_at.is_(None))
    )
    found: set[tuple[int, int]] = set()
    for people in chunks(sorted({row.subscriber_id for row in due})):
        for some in chunks(audience_ids):
            mine = (subscription.c.subscriber_id.in_(people), audience_filter.c.audience_id.in_(some))
            query = pairs.where(*mine)
            found |= {(row[0], row[1]) for row in conn.execute(query)}
    return found


def _suppress(conn: Connection, ids: Sequence[int], reason: str, now: datetime) -> None:
    values = {"state": DeliveryState.SUPPRESSED, "reason": reason, "finished_at": now}
    for some in chunks(ids):
        conn.execute(update(delivery).where(delivery.c.id.in_(some)).values(values))


def _take(conn: Connection, ids: Sequence[int], owner: str, lease_until: datetime) -> None:
    values = {"state": DeliveryState.SENDING, "owner": owner, "lease_until": lease_until}
    for some in chunks(ids):
        conn.execute(update(delivery).where(delivery.c.id.in_(some)).values(values))


def _claimed(conn: Connection, ids: Sequence[int]) -> list[ClaimedDelivery]:
    names = (
        "id", "digest_id", "audience_id", "period", "subscriber_id", "address", "message_id",
        "tries", "uncertain", "faults", "lease_until",
    )  # fmt: skip
    query = select(*(delivery.c[name] for name in names))
    rows = [row for some in chunks(ids) for row in conn.execute(query.where(delivery.c.id.in_(some)))]
    words = _words(conn, sorted({row.digest_id for row in rows}))
    by_id = {row.id: ClaimedDelivery(**row._mapping, **words[row.digest_id]) for row in rows}
    return [by_id[each] for each in ids]


def _words(conn: Connection, digest_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Each digest once, however many of its deliveries were claimed."""
    query = select(digest.c.id, digest.c.lang, digest.c.subject, digest.c.text, digest.c.html)
    rows = [row for some in chunks(digest_ids) for row in conn.execute(query.where(digest.c.id.in_(some)))]
    return {
        row.id: {"lang": row.lang, "subject": row.subject, "text": row.text, "html": row.html} for row in rows
    }


def finish(
    conn: Connection,
    delivery_id: int,
    owner: str,
    state: DeliveryState,
    reason: str,
    now: datetime,
    *,
    next_at: datetime | None = None,
    count_try: bool = True,
    uncertain: bool = False,
    count_fault: bool = False,
) -> bool:
    """Record what became of a claimed delivery; False when the claim is not `owner`'s any more.

    `state` QUEUED means again at `next_at`, the others are final. `count_try` False leaves `tries`
    (the server was away); `uncertain` True counts a lost answer, `count_fault` True a fault of ours.
    """
    final = state in _FINAL
    if state is DeliveryState.SENDING or (not final and next_at is None):
        raise ValueError("a delivery is finished, or queued again with its next instant")
    values: dict[str, Any] = {
        "state": state, "reason": reason, "owner": None, "lease_until": None,
        "finished_at": now if final else None, "tries": delivery.c.tries + int(count_try),
        "uncertain": delivery.c.uncertain + int(uncertain),
        "faults": delivery.c.faults + int(count_fault),
    }  # fmt: skip
    if not final:
        values["next_at"] = next_at
    mine = (delivery.c.id == delivery_id, _SENDING, delivery.c.owner == owner)
    return conn.execute(update(delivery).where(*mine).values(values)).rowcount == 1


def reclaim(conn: Connection, now: datetime, *, owners: Sequence[str] = ()) -> int:
    """Take back what dead processes had in hand; how many deliveries that were.

    Dead are claims whose lease has passed and all claims of `owners`. Whether such a letter went out
    nobody knows: it is queued again, once, with the same Message-ID; the second time it stays uncertain.
    """
    dead: list[ColumnElement[bool]] = [delivery.c.lease_until <= now]
    if owners:
        dead.append(delivery.c.owner.in_(owners))
    free = {"owner": None, "lease_until": None, "uncertain": delivery.c.uncertain + 1}
    lost = update(delivery).where(_SENDING, or_(*dead))
    parked = {
        "state": DeliveryState.UNCERTAIN,
        "reason": "the process died twice while sending",
        "finished_at": now,
    }
    again = {"state": DeliveryState.QUEUED, "reason": "the process died while sending", "next_at": now}
    return sum(
        conn.execute(lost.where(before).values(free | values)).rowcount
        for before, values in ((delivery.c.uncertain >= 1, parked), (delivery.c.uncertain == 0, again))
    )


def retry(conn: Connection, delivery_id: int, now: datetime) -> bool:
    """Queue a refused or uncertain delivery once more, same Message-ID; False for others.

    Tries and faults count from 0 again."""
    parked = delivery.c.state.in_([DeliveryState.REFUSED, DeliveryState.UNCERTAIN])
    values = {"state": DeliveryState.QUEUED, "tries": 0, "faults": 0, "next_at": now, "finished_at": None}
    again = update(delivery).where(delivery.c.id == delivery_id, parked).values(values)
    return conn.execute(again).rowcount == 1


def set_aside(conn: Connection, reason: str, now: datetime) -> int:
    """Make everything queued or in hand uncertain, for a person to decide (`retry`); how many deliveries."""
    values = {"state": DeliveryState.UNCERTAIN, "reason": reason, "owner": None, "lease_until": None}
    statement = update(delivery).where(or_(_QUEUED, _SENDING)).values(values | {"finished_at": now})
    return conn.execute(statement).rowcount


def owners(conn: Connection) -> list[str]:
    """Who has deliveries in hand."""
    return list(conn.scalars(select(delivery.c.owner).where(_SENDING).distinct().order_by(delivery.c.owner)))


def suppress_for(
    conn: Connection, subscriber_id: int, ended: Collection[str] | None, reason: str, now: datetime
) -> datetime | None:
    """Suppress a person's queued letters that came of these ended filters too, or all (P6).

    `ended` are canonical texts, None means all. Returns the instant since which the suppressed
    digests reached, so that what was in them of other filters can be owed; None if there were none.
    """
    mine = select(delivery.c.id, digest.c.since_at).join(digest, digest.c.id == delivery.c.digest_id)
    mine = mine.where(_QUEUED, delivery.c.subscriber_id == subscriber_id)
    if ended is not None:
        with_ended = (
            select(audience_filter.c.audience_id)
            .join(filter_, filter_.c.id == audience_filter.c.filter_id)
            .where(filter_.c.text.in_(sorted(ended)))
        )
        mine = mine.where(delivery.c.audience_id.in_(with_ended))
    rows = conn.execute(mine).all()
    _suppress(conn, [row.id for row in rows], reason, now)
    return min((row.since_at for row in rows), default=None)


def accounting(conn: Connection, digest_id: int | None = None) -> dict[tuple[DeliveryState, str], int]:
    """Deliveries by state and reason, of one digest or of all; the sum is its members (P5).

    What the server said to a sent letter is no reason: all sent ones count under ``""``.
    """
    told = delivery.c.state != DeliveryState.SENT
    query = select(delivery.c.state, delivery.c.reason, func.count()).where(told)
    query = query.group_by(delivery.c.state, delivery.c.reason)
    sent = select(func.count()).select_from(delivery).where(~told)
    if digest_id is not None:
        query, sent = (each.where(delivery.c.digest_id == digest_id) for each in (query, sent))
    counts = {(state, reason): number for state, reason, number in conn.execute(query)}
    number = conn.scalar(sent) or 0
    return counts | ({(DeliveryState.SENT, ""): number} if number else {})


def listing(conn: Connection, state: DeliveryState | None = None, *, limit: int) -> list[DeliveryRow]:
    """The newest deliveries, of one state or of all, newest first."""
    return _rows(conn, [] if state is None else [delivery.c.state == state], limit)


def for_subscriber(conn: Connection, subscriber_id: int, *, limit: int = 1000) -> list[DeliveryRow]:
    """A person's deliveries, newest first."""
    return _rows(conn, [delivery.c.subscriber_id == subscriber_id], limit)


def _rows(conn: Connection, where: Sequence[ColumnElement[bool]], limit: int) -> list[DeliveryRow]:
    query = select(delivery, digest.c.subject).join(digest, digest.c.id == delivery.c.digest_id).where(*where)
    rows = conn.execute(query.order_by(delivery.c.id.desc()).limit(limit))
    return [DeliveryRow(**row._mapping) for row in rows]


def next_due(conn: Connection) -> datetime | None:
    """When the next queued delivery is due; it may have passed."""
    query = select(delivery.c.next_at).where(_QUEUED).order_by(delivery.c.next_at, delivery.c.id).limit(1)
    return conn.scalar(query)
