"""Notices: letters that are no digests, each to one address (store).

Whoever has something to tell queues it in their own transaction, under a key that says what it is about:
the same is never queued twice. What becomes of it then is in `store.queue`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Connection, bindparam, delete, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from feeds.model import DeliveryState, LinkPurpose, NoticeKind, RenderedMail
from feeds.store import waking
from feeds.store.columns import Instant
from feeds.store.driven import Driven
from feeds.store.queue import Claimed, LetterRow, Queue, begun
from feeds.store.schema import notice
from feeds.store.writing import stored

MARK = "n"

# A notice goes before all digests, so "due from now on" alone would not put one behind them
# over which the server goes away each time (P9).
QUEUE = Queue(notice, put_back={"ahead": False}, mark=MARK)
finish, set_aside = QUEUE.finish, QUEUE.set_aside
reclaim, owners, next_due = QUEUE.reclaim, QUEUE.owners, QUEUE.next_due
accounting = QUEUE.accounting
_CLAIMED = (
    "id", "key", "kind", "address", "lang", "message_id", "tries", "uncertain", "faults",
    "subject", "text", "html", "purpose", "subscriber_id", "audience_id", "request_id",
    "bulletin_id",
)  # fmt: skip
_LOOKING = QUEUE.looking(_CLAIMED, notice.c.ahead == bindparam("ahead"))
_STRANDED = (
    QUEUE.queued, notice.c.kind == NoticeKind.ALARM,
    notice.c.queued_at <= bindparam("before", type_=Instant()),
)  # fmt: skip
_LOOKING_STRANDED = QUEUE.looking(_CLAIMED, *_STRANDED[1:])
_ANY_TIME = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """A letter to one address. `key` says what it is about, such as ``receipt/12/done``.

    `purpose` and the ids say which links it gets when it is sent. `held_back`: it is only written down
    that it would have been sent, and why it was not.
    """

    key: str
    kind: NoticeKind
    address: str
    lang: str
    message_id: str
    mail: RenderedMail
    purpose: LinkPurpose | None = None
    subscriber_id: int | None = None
    audience_id: int | None = None
    request_id: int | None = None
    bulletin_id: int | None = None
    held_back: str = ""


@dataclass(slots=True, kw_only=True)
class ClaimedNotice(Claimed):
    """A notice in hand."""

    key: str
    kind: NoticeKind
    purpose: LinkPurpose | None = None
    subscriber_id: int | None = None
    audience_id: int | None = None
    request_id: int | None = None
    bulletin_id: int | None = None

    mark: ClassVar[str] = MARK

    @property
    def mail(self) -> RenderedMail:
        """The notice in words."""
        return RenderedMail(subject=self.subject, text=self.text, html=self.html)


@dataclass(slots=True, kw_only=True)
class NoticeRow(LetterRow):
    """A notice as people see it."""

    key: str
    kind: NoticeKind
    lang: str

    mark: ClassVar[str] = MARK

    @property
    def about(self) -> str:
        """What the letter is, in one word: its key."""
        return self.key


# Made once: making a statement takes longer than carrying it out.
_ONCE = {
    name: made(notice).on_conflict_do_nothing(index_elements=["key"]).returning(notice.c.id)
    for name, made in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}


def queue(conn: Connection, new: NewNotice, now: datetime) -> bool:
    """Queue a notice, due `now`, in the caller's transaction; False when its key was queued before (P2)."""
    values = {
        "key": new.key, "kind": new.kind, "address": new.address, "lang": new.lang, "ahead": True,
        "message_id": new.message_id, "subject": new.mail.subject, "text": new.mail.text,
        "html": new.mail.html, "purpose": new.purpose, "subscriber_id": new.subscriber_id,
        "audience_id": new.audience_id, "request_id": new.request_id, "bulletin_id": new.bulletin_id,
    } | begun(now)  # fmt: skip
    if new.held_back:
        values |= {"state": DeliveryState.SUPPRESSED, "reason": new.held_back, "finished_at": now}
    once = _ONCE["postgresql" if conn.dialect.name == "postgresql" else "sqlite"]
    queued = conn.execute(once, values).first() is not None
    if queued:  # for one that is held back, too: how long it takes must not tell them apart (T10)
        waking.tell(conn, "mail")
    return queued


def claim(
    conn: Connection,
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    *,
    ahead: bool,
) -> list[ClaimedNotice]:
    """Take up to `limit` due notices in hand until `now + lease`, longest due first.

    `ahead`: those that go before the digests, or those that go after them because they were put back.
    `owner` must be new with each process, else a late `finish` could hit the claim of its successor.
    """
    due = QUEUE.due(conn, _LOOKING, now, limit, ahead=ahead)
    QUEUE.take(conn, [row[0] for row in due], owner, now + lease)
    return [_claimed(row, now + lease) for row in due]


def stranded(conn: Connection, before: datetime) -> bool:
    """Whether the mail of an alarm that was queued before then still waits."""
    return conn.scalar(select(literal(1)).where(*_STRANDED).limit(1), {"before": before}) is not None


def claim_stranded(
    conn: Connection, owner: str, now: datetime, lease: timedelta, limit: int, *, before: datetime
) -> list[ClaimedNotice]:
    """Take in hand mails of alarms that were queued before then and still wait, whenever they are due."""
    due = QUEUE.due(conn, _LOOKING_STRANDED, _ANY_TIME, limit, before=stored(before))
    QUEUE.take(conn, [row[0] for row in due], owner, now + lease)
    return [_claimed(row, now + lease) for row in due]


def _claimed(row: Sequence[Any], until: datetime) -> ClaimedNotice:
    values = dict(zip(_CLAIMED, row, strict=True))
    values["kind"] = NoticeKind(values["kind"])
    values["purpose"] = LinkPurpose(values["purpose"]) if values["purpose"] else None
    return ClaimedNotice(**values, lease_until=until)


_WAITING = {
    name: Driven(select(literal(1)).where(QUEUE.queued, notice.c.ahead, notice.c.next_at <= bindparam("now")))
    for name in ("sqlite", "postgresql")
}


def waiting(conn: Connection, now: datetime) -> bool:
    """Whether a notice is due that goes before the digests. Asked at each batch of letters."""
    return _WAITING[conn.dialect.name].run(conn, now=stored(now)).first() is not None


# What people asked for themselves: theirs to erase. The others are the office's and the operator's.
_PERSONAL = (
    NoticeKind.CONFIRM, NoticeKind.WELCOME, NoticeKind.PREFERENCES, NoticeKind.MOVE, NoticeKind.MOVED,
    NoticeKind.SIGN_IN, NoticeKind.PREVIEW,
)  # fmt: skip


def erase_of(conn: Connection, subscriber_id: int, addresses: Sequence[str]) -> None:
    """Erase what a person was or would be written that is no digest, letters in hand included."""
    theirs = (notice.c.subscriber_id == subscriber_id) | notice.c.address.in_(addresses)
    conn.execute(delete(notice).where(theirs, notice.c.kind.in_(_PERSONAL)))


def erase_finished(conn: Connection, before: datetime, limit: int) -> int:
    """Erase personal notices that were done with before then; how many that were."""
    old = (notice.c.kind.in_(_PERSONAL), notice.c.finished_at < before)
    ids = list(conn.scalars(select(notice.c.id).where(*old).limit(limit)))
    if ids:
        conn.execute(delete(notice).where(notice.c.id.in_(ids)))
    return len(ids)


def forget_words(conn: Connection, before: datetime, limit: int) -> int:
    """Forget the words of other notices that were sent or suppressed before then; that they were queued is
    kept, so that none is queued twice. How many that were.
    """
    done = (DeliveryState.SENT, DeliveryState.SUPPRESSED)
    old = (notice.c.state.in_(done), notice.c.finished_at < before, notice.c.html != "")
    ids = list(conn.scalars(select(notice.c.id).where(*old).limit(limit)))
    if ids:
        conn.execute(update(notice).where(notice.c.id.in_(ids)).values(text="", html=""))
    return len(ids)


def last_failed(conn: Connection) -> NoticeRow | None:
    """The newest notice that was refused or is uncertain: somebody does not know what they should."""
    failed = notice.c.state.in_([DeliveryState.REFUSED, DeliveryState.UNCERTAIN])
    return next(iter(_rows(conn, [failed], 1)), None)


def listing(
    conn: Connection, state: DeliveryState | None = None, *where: ColumnElement[bool], limit: int
) -> list[NoticeRow]:
    """The newest notices, of one state or of all, newest first; of those only where this holds."""
    return _rows(conn, [*where] if state is None else [notice.c.state == state, *where], limit)


def _rows(conn: Connection, where: Sequence[ColumnElement[bool]], limit: int) -> list[NoticeRow]:
    columns = [notice.c[each.name] for each in fields(NoticeRow)]
    query = select(*columns).where(*where).order_by(notice.c.id.desc()).limit(limit)
    return [NoticeRow(**row._mapping) for row in conn.execute(query)]
