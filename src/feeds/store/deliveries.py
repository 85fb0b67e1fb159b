"""Deliveries: digests to their members, each a letter on its way (store).

    queued -> suppressed (the person left, or is not subscribed any more)

Everything else that can become of one is in `store.queue`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    and_,
    bindparam,
    case,
    exists,
    func,
    null,
    select,
    text,
    update,
)

from feeds.letters import Passage, Wording, put_together
from feeds.model import DeliveryState, RenderedDigest, SubscriberState
from feeds.store.composing_tables import passage
from feeds.store.queue import Claimed, LetterRow, Queue, begun
from feeds.store.schema import (
    audience_filter,
    delivery,
    digest,
    digest_item,
    filter_,
    subscriber,
    subscription,
)
from feeds.store.writing import chunks, insert


# Whether the person of a delivery still wants it: has one of its filters subscribed to, at whatever cadence.
# Not whether they are a member: who added a filter meanwhile, or chose another cadence, has another audience,
# and gets this letter all the same. A count, not EXISTS: PostgreSQL turns that into a join, and without fresh
# statistics walks every member for each letter.
def _wishes(said: ColumnElement[Any]) -> ScalarSelect[Any]:
    """Something about the subscriptions for which a delivery is still wanted."""
    return (
        select(said)
        .select_from(subscription)
        .join(audience_filter, audience_filter.c.filter_id == subscription.c.filter_id)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .where(
            subscription.c.subscriber_id == delivery.c.subscriber_id,
            audience_filter.c.audience_id == delivery.c.audience_id,
            subscription.c.ended_at.is_(None),
            subscription.c.paused_until.is_(None),
            subscriber.c.state == SubscriberState.ACTIVE,
        )
        .correlate(delivery)
        .scalar_subquery()
    )


QUEUE = Queue(delivery, gone={"outdated": False})
finish, set_aside = QUEUE.finish, QUEUE.set_aside
reclaim, owners, next_due = QUEUE.reclaim, QUEUE.owners, QUEUE.next_due
_CLAIMED = (
    "id", "digest_id", "audience_id", "period", "subscriber_id", "address", "message_id",
    "tries", "uncertain", "faults",
)  # fmt: skip


def _naming() -> ScalarSelect[Any]:
    """The name that the person of a delivery gave to what it is of, empty without one; null: nobody wants it.

    A name counts where the audience has one filter: a mail over several subscriptions is not of one of them.
    """
    others = audience_filter.alias()
    several = (
        exists()
        .where(others.c.audience_id == delivery.c.audience_id, others.c.position > 0)
        .correlate(delivery)
    )
    name = func.max(subscription.c.name)
    said = case((func.count() == 0, null()), (name.is_(None), ""), (several, ""), else_=name)
    return _wishes(said)


_LOOKING = QUEUE.looking([*_CLAIMED, _naming().label("name")], ~delivery.c.outdated)

# So many new rows change how PostgreSQL should look for them.
_MANY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """One member's copy of a digest; `message_id` is the one it keeps at every try (P4)."""

    subscriber_id: int
    address: str
    message_id: str


@dataclass(slots=True, kw_only=True)
class ClaimedDelivery(Claimed):
    """A delivery in hand, with the words of its digest."""

    digest_id: int
    audience_id: int
    period: str
    subscriber_id: int
    heading: str = ""
    page: str = ""
    name: str = ""

    foot: tuple[str, str] | None = None
    period_words: str = ""
    promise: str = ""

    @property
    def rendered(self) -> RenderedDigest:
        """The digest in words, shared by all its members; `name` is this member's own for it, or empty.

        It is put together of what very many digests share, `text`, `html` and the `foot`.
        """
        wording = Wording(self.heading, self.period_words, self.promise)
        foot = self.foot and Passage(*self.foot)
        return put_together(self.subject, Passage(self.text, self.html), foot, wording)


@dataclass(slots=True, kw_only=True)
class DeliveryRow(LetterRow):
    """A delivery as people see it; `subject` is that of its digest."""

    digest_id: int
    audience_id: int
    period: str
    subscriber_id: int

    @property
    def about(self) -> str:
        """What the letter is, in one word."""
        return f"digest/{self.period}"


def queue(conn: Connection, digest_id: int, rows: Sequence[NewDelivery], now: datetime) -> int:
    """Queue a digest for these members, due `now`; how many had none of its period yet and were queued."""
    if not rows:
        return 0
    mine = select(digest.c.audience_id, digest.c.period).where(digest.c.id == digest_id)
    shared = {**conn.execute(mine).one()._mapping, "digest_id": digest_id} | begun(now)
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


class DigestWords:
    """The words of the digests that were asked for last: many letters are of few digests."""

    def __init__(self, kept: int = 64) -> None:
        self._kept = kept
        self._words: dict[int, dict[str, Any]] = {}

    def of(self, conn: Connection, digest_ids: Collection[int]) -> dict[int, dict[str, Any]]:
        """Those of these digests, and perhaps of others."""
        missing = sorted(set(digest_ids) - self._words.keys())
        if missing:
            known = self._words if len(self._words) + len(missing) <= self._kept else {}
            self._words = known | _words(conn, missing)
            self._words |= _words(conn, sorted(set(digest_ids) - self._words.keys()))
        return self._words


def claim(
    conn: Connection,
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    words: DigestWords | None = None,
) -> list[ClaimedDelivery]:
    """Take up to `limit` due deliveries in hand until `now + lease`, longest due first.

    Rows that another process is claiming are passed over. Those whose person is not active or not
    subscribed any more are suppressed on the way (P6), so an empty answer means that nothing is due.
    `owner` must be new with each process, else a late `finish` could hit the claim of its successor.
    `words`: what is known already.
    """
    rows: list[list[Any]] = []
    while len(rows) < limit:
        due = QUEUE.due(conn, _LOOKING, now, limit - len(rows))
        if not due:
            break
        wanted = [row for row in due if row[-1] is not None]
        if len(wanted) < len(due):
            left = [row[0] for row in due if row[-1] is None]
            _suppress(conn, left, "not subscribed any more", now)
        QUEUE.take(conn, [row[0] for row in wanted], owner, now + lease)
        rows += wanted
    words_of = (words or DigestWords()).of(conn, {row[1] for row in rows})
    columns, until = (*_CLAIMED, "name"), now + lease
    return [
        ClaimedDelivery(**dict(zip(columns, row, strict=True)), **words_of[row[1]], lease_until=until)
        for row in rows
    ]


def _suppress(conn: Connection, ids: Sequence[int], reason: str, now: datetime) -> None:
    values = {
        "state": DeliveryState.SUPPRESSED, "reason": reason, "finished_at": now,
        "owner": None, "lease_until": None, "unsent": False, "outdated": False,
    }  # fmt: skip
    for some in chunks(ids):
        conn.execute(update(delivery).where(delivery.c.id.in_(some), QUEUE.untouched).values(values))


_body, _foot = passage.alias("body"), passage.alias("foot")
_WORDING = (
    select(
        digest.c.id, digest.c.lang, digest.c.subject, digest.c.heading, digest.c.page, digest.c.period_words,
        digest.c.promise, func.coalesce(_body.c.text, digest.c.text).label("text"),
        func.coalesce(_body.c.html, digest.c.html).label("html"), _foot.c.text.label("foot_text"),
        _foot.c.html.label("foot_html"),
    )
    .join(_body, _body.c.id == digest.c.body_id, isouter=True)
    .join(_foot, _foot.c.id == digest.c.foot_id, isouter=True)
    .where(digest.c.id.in_(bindparam("some", expanding=True)))
)  # fmt: skip


def _words(conn: Connection, digest_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Each digest once, however many of its deliveries were claimed."""
    rows = [row for some in chunks(digest_ids) for row in conn.execute(_WORDING, {"some": some})]
    return {row.id: _wording(row) for row in rows}


def _wording(row: Any) -> dict[str, Any]:
    # Digests that were stored before there were headings and pages have none.
    words = {name: value or "" for name, value in row._mapping.items() if not name.startswith("foot_")}
    del words["id"]
    return words | {"foot": None if row.foot_html is None else (row.foot_text, row.foot_html)}


def suppress_for(
    conn: Connection, subscriber_id: int, ended: Collection[str] | None, reason: str, now: datetime
) -> datetime | None:
    """Suppress a person's letters that were not handed over and came of these ended filters too, or all (P6).

    `ended` are canonical texts, None means all. Returns the instant since which the suppressed
    digests reached, so that what was in them of other filters can be owed; None if there were none.
    """
    mine = select(delivery.c.id, digest.c.since_at).join(digest, digest.c.id == delivery.c.digest_id)
    mine = mine.where(QUEUE.untouched, delivery.c.subscriber_id == subscriber_id)
    if ended is not None:
        with_ended = (
            select(audience_filter.c.audience_id)
            .join(filter_, filter_.c.id == audience_filter.c.filter_id)
            .where(filter_.c.text.in_(sorted(ended)))
        )
        mine = mine.where(delivery.c.audience_id.in_(with_ended))
    rows = conn.execute(mine.with_for_update(of=delivery)).all()  # none is handed over meanwhile
    _suppress(conn, [row.id for row in rows], reason, now)
    return min((row.since_at for row in rows), default=None)


_TAKEN_BACK: dict[str, Any] = {
    "state": DeliveryState.QUEUED, "owner": None, "lease_until": None, "unsent": False,
}  # fmt: skip


def outdate(conn: Connection, item_ids: Sequence[str]) -> int:
    """What holds one of these items and no server has seen is not sent before it was composed anew (P12).

    What is in somebody's hands goes as it is, or is composed anew when it comes back. How many letters.
    """
    count = 0
    for some in chunks(item_ids):
        holding = select(digest_item.c.digest_id).where(digest_item.c.item_id.in_(some))
        theirs = delivery.c.digest_id.in_(holding)
        waiting = update(delivery).where(QUEUE.untouched, theirs)
        count += conn.execute(waiting.values(_TAKEN_BACK | {"outdated": True})).rowcount
        in_hand = update(delivery).where(QUEUE.sending, theirs)
        count += conn.execute(in_hand.values(outdated=True)).rowcount
    return count


_OUTDATED = and_(QUEUE.queued, delivery.c.outdated)


def outdated(conn: Connection) -> list[int]:
    """The digests of which letters wait to be composed anew."""
    query = select(delivery.c.digest_id).where(_OUTDATED).distinct()
    return list(conn.scalars(query.order_by(delivery.c.digest_id)))


def renew(conn: Connection, digest_id: int, new_id: int) -> int:
    """The letters of a digest that waited for it are those of another one of the same period; how many."""
    values = {"digest_id": new_id, "outdated": False}
    theirs = update(delivery).where(_OUTDATED, delivery.c.digest_id == digest_id)
    return conn.execute(theirs.values(values)).rowcount


def suppress_outdated(conn: Connection, digest_id: int, reason: str, now: datetime) -> None:
    """Nothing is left of what these letters of a digest held."""
    theirs = select(delivery.c.id).where(_OUTDATED, delivery.c.digest_id == digest_id)
    _suppress(conn, list(conn.scalars(theirs)), reason, now)


def move(conn: Connection, subscriber_id: int, address: str) -> None:
    """What waits for somebody goes to their new address."""
    mine = delivery.c.subscriber_id == subscriber_id
    # What is in somebody's hands has the old address written on it: it is queued again.
    waiting = update(delivery).where(mine, QUEUE.untouched)
    conn.execute(waiting.values(_TAKEN_BACK | {"address": address}))


def erase(conn: Connection, subscriber_id: int) -> None:
    """Take out of a person's deliveries whose they were; that they were made, and how they ended, stays."""
    mine = delivery.c.subscriber_id == subscriber_id
    conn.execute(update(delivery).where(mine).values(address=""))
    told = delivery.c.state.in_([DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.UNCERTAIN])
    conn.execute(update(delivery).where(mine, told).values(reason="erased"))


def accounting(conn: Connection, digest_id: int | None = None) -> dict[tuple[DeliveryState, str], int]:
    """Deliveries by state and reason, of one digest or of all; the sum is its members (P5)."""
    return QUEUE.accounting(conn, *([] if digest_id is None else [delivery.c.digest_id == digest_id]))


def listing(
    conn: Connection, state: DeliveryState | None = None, *where: ColumnElement[bool], limit: int
) -> list[DeliveryRow]:
    """The newest deliveries, of one state or of all, newest first; of those only where this holds."""
    return _rows(conn, [*where] if state is None else [delivery.c.state == state, *where], limit)


def for_subscriber(conn: Connection, subscriber_id: int, *, limit: int = 1000) -> list[DeliveryRow]:
    """A person's deliveries, newest first."""
    return _rows(conn, [delivery.c.subscriber_id == subscriber_id], limit)


def _rows(conn: Connection, where: Sequence[ColumnElement[bool]], limit: int) -> list[DeliveryRow]:
    mine = [delivery.c[each.name] for each in fields(DeliveryRow) if each.name in delivery.c]
    query = select(*mine, digest.c.subject).join(digest, digest.c.id == delivery.c.digest_id).where(*where)
    rows = conn.execute(query.order_by(delivery.c.id.desc()).limit(limit))
    return [DeliveryRow(**row._mapping) for row in rows]
