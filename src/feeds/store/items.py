"""Items, their labels and their history (store).

An item's id, atom_id and accepted_at are written once and by nobody changed (P1).
Instants of announcement come from here, so that no two items share one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, or_, select, update

from feeds.changes import Known
from feeds.model import Item, Kind, Label, Strength
from feeds.store.columns import findable
from feeds.store.schema import clock, item, label, revision
from feeds.store.writing import chunks, lock

_STEP = timedelta(milliseconds=1)
_LAST_CHARACTER = "\U0010ffff"

_ITEM = (
    item.c.id, item.c.atom_id, item.c.date_on, item.c.title, item.c.summary, item.c.lang,
    item.c.accepted_at, item.c.updated_at, item.c.link, item.c.mailable,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """An item with what only the store keeps: what finds it again, and where it came from."""

    item: Item
    identity: str
    fingerprint: str
    bulletin_id: int = 0
    line: int
    original: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The state of an item before its n-th change, made `at` for `reason`."""

    n: int
    at: datetime
    reason: str
    date_on: date
    title: str
    summary: str
    labels: tuple[Label, ...]


def announce_instants(conn: Connection, count: int, now: datetime) -> list[datetime]:
    """`count` instants a millisecond apart, later than all given before, up to `now` if that is possible.

    Holds the announcements until the transaction ends: commits follow the order of instants, so
    that who has read up to one instant never misses an earlier one. Ask for them before asking
    what is `known`, or two processes with the same file may both find it new.
    """
    last = lock(conn, "announce")
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    first = now - _STEP * (count - 1)
    if last is not None and first <= last:
        first = last + _STEP
    instants = [first + _STEP * n for n in range(count)]
    if instants:
        conn.execute(update(clock).where(clock.c.name == "announce").values(at=instants[-1]))
    return instants


def announce_nothing_before(conn: Connection, now: datetime) -> datetime:
    """An instant, `now` or later, that lies between all announcements so far and all to come."""
    last = lock(conn, "announce")
    at = now if last is None else max(last, now)
    conn.execute(update(clock).where(clock.c.name == "announce").values(at=at))
    return at


def known(conn: Connection, identities: Iterable[str]) -> dict[str, list[Known]]:
    """The stored items with one of these identities, by identity, oldest first; absent ones are left out."""
    found: dict[str, list[Known]] = defaultdict(list)
    columns = (item.c.identity, item.c.id, item.c.date_on, item.c.title, item.c.summary)
    for some in chunks(sorted(set(identities))):
        query = select(*columns).where(item.c.identity.in_(some)).order_by(item.c.accepted_at, item.c.id)
        for identity, *rest in conn.execute(query):
            found[identity].append(Known(*rest))
    return dict(found)


def insert(conn: Connection, rows: Sequence[NewItem]) -> None:
    """Store new items with their labels. One that exists is a lost race (Conflict)."""
    if not rows:
        return
    conn.execute(item.insert(), [_values(row) for row in rows])
    _insert_labels(conn, [row.item for row in rows])


def revise(
    conn: Connection,
    changed: Item,
    fingerprint: str,
    reason: str,
    at: datetime,
    *,
    identity: str | None = None,
) -> None:
    """Keep the old state as a revision, then write words, date, link and labels; `updated_at` becomes `at`.

    `at` comes from `announce_instants`. `identity` is given when title or date were corrected.
    LookupError if there is no such item.
    """
    old = get(conn, changed.id)
    if old is None:
        raise LookupError(f"no item {changed.id}")
    _keep(conn, old, reason, at)
    values: dict[str, Any] = {
        "date_on": changed.date_on,
        "title": changed.title,
        "summary": changed.summary,
        "lang": changed.lang,
        "link": changed.link,
        "fingerprint": fingerprint,
        "updated_at": at,
    }
    if identity is not None:
        values["identity"] = identity
    conn.execute(update(item).where(item.c.id == changed.id).values(values))
    conn.execute(label.delete().where(label.c.item_id == changed.id))
    _insert_labels(conn, [changed])


def _keep(conn: Connection, old: Item, reason: str, at: datetime) -> None:
    last = conn.scalar(select(func.max(revision.c.n)).where(revision.c.item_id == old.id)) or 0
    conn.execute(
        revision.insert().values(
            item_id=old.id, n=last + 1, at=at, reason=reason,
            date_on=old.date_on, title=old.title, summary=old.summary, labels=old.labels,
        )
    )  # fmt: skip


def revisions(conn: Connection, item_id: str) -> list[Revision]:
    """The earlier states of an item, oldest first."""
    names = ("n", "at", "reason", "date_on", "title", "summary", "labels")
    columns = [revision.c[name] for name in names]
    rows = conn.execute(select(*columns).where(revision.c.item_id == item_id).order_by(revision.c.n))
    return [Revision(**row._mapping) for row in rows]


def get(conn: Connection, item_id: str) -> Item | None:
    """The item with this id."""
    if not findable(item_id):
        return None
    return next(iter(_load(conn, select(*_ITEM).where(item.c.id == item_id))), None)


def find(conn: Connection, ref: str) -> Item | None:
    """The item with this id or atom_id, or the only one whose id begins so."""
    if not findable(ref):
        return None
    begins = and_(item.c.id >= ref, item.c.id < ref + _LAST_CHARACTER)
    found = _load(conn, select(*_ITEM).where(or_(begins, item.c.atom_id == ref)).order_by(item.c.id).limit(2))
    exact = [each for each in found if ref in (each.id, each.atom_id)]
    return exact[0] if exact else found[0] if len(found) == 1 else None


def listing(
    conn: Connection,
    *,
    kind: str | None = None,
    code: str | None = None,
    unlabelled: bool = False,
    since: date | None = None,
    limit: int,
    offset: int = 0,
) -> list[Item]:
    """Items newest first, by date and then by updated_at.

    `kind` and `code`: those that are about it. `unlabelled`: those about no
    country. `since`: those dated that day or later.
    """
    query = select(*_ITEM).order_by(item.c.date_on.desc(), item.c.updated_at.desc())
    query = query.where(*_about(kind, code, unlabelled=unlabelled)).limit(limit).offset(offset)
    return _load(conn, query if since is None else query.where(item.c.date_on >= since))


def announced_between(conn: Connection, after: datetime | None, until: datetime) -> list[Item]:
    """Mailable items announced later than `after` and not later than `until`, oldest first."""
    query = select(*_ITEM).where(item.c.mailable, item.c.accepted_at <= until).order_by(item.c.accepted_at)
    return _load(conn, query if after is None else query.where(item.c.accepted_at > after))


def latest_announced(conn: Connection) -> datetime | None:
    """When the newest mailable item was announced."""
    query = select(item.c.accepted_at).where(item.c.mailable).order_by(item.c.accepted_at.desc()).limit(1)
    newest: datetime | None = conn.scalar(query)
    return newest


def feed_listings(conn: Connection) -> dict[tuple[str, str], tuple[int, date | None]]:
    """Items and newest date by feed: ``("country", "pa")`` …, ``("all", "")`` and ``("unlabelled", "")``.

    Labels that no item is about are left out; the last two are always there.
    """
    size = (func.count(), func.max(item.c.date_on))
    by_label = (
        select(label.c.kind, label.c.code, *size)
        .join(item, item.c.id == label.c.item_id)
        .where(label.c.strength == Strength.ABOUT)
        .group_by(label.c.kind, label.c.code)
        .order_by(label.c.kind, label.c.code)
    )
    listings = {(kind.value, code): (count, newest) for kind, code, count, newest in conn.execute(by_label)}
    for name, where in (("all", []), ("unlabelled", _about(None, None, unlabelled=True))):
        number, newest = conn.execute(select(*size).select_from(item).where(*where)).one()
        listings[name, ""] = (number, newest)
    return listings


def updated_of(conn: Connection, kind: str, code: str = "") -> datetime | None:
    """When anything in this feed last changed; `kind` as in `feed_listings`. None when it is empty."""
    labelled = None if kind in ("all", "unlabelled") else kind
    where = _about(labelled, code, unlabelled=kind == "unlabelled")
    newest: datetime | None = conn.scalar(select(func.max(item.c.updated_at)).where(*where))
    return newest


def ids(conn: Connection) -> list[str]:
    """The ids of all items, in order."""
    return list(conn.scalars(select(item.c.id).order_by(item.c.id)))


def count(conn: Connection) -> int:
    """How many items there are."""
    return conn.scalar(select(func.count()).select_from(item)) or 0


def _about(kind: str | None, code: str | None, *, unlabelled: bool) -> list[ColumnElement[bool]]:
    about = label.c.strength == Strength.ABOUT
    where: list[ColumnElement[bool]] = []
    if kind is not None:
        # IN, not EXISTS: SQLite then starts from the label's rows, however many items there are.
        labelled = select(label.c.item_id).where(label.c.kind == Kind(kind), about)
        where.append(item.c.id.in_(labelled if code is None else labelled.where(label.c.code == code)))
    if unlabelled:
        # lower() keeps PostgreSQL, before it has statistics, from walking all countries' labels
        # for each item (739 ms for 5,000 items); what is left to it is the key, by item.
        country = and_(label.c.item_id == item.c.id, func.lower(label.c.kind) == Kind.COUNTRY.value, about)
        where.append(~exists().where(country))
    return where


def _load(conn: Connection, query: Select[Any]) -> list[Item]:
    """The items of a query over `_ITEM`, with all their labels: two statements, however many items."""
    rows = conn.execute(query).all()
    labels = _labels(conn, [row.id for row in rows])
    return [_item(row, labels.get(row.id, [])) for row in rows]


def _labels(conn: Connection, item_ids: Sequence[str]) -> dict[str, list[Label]]:
    columns = (label.c.item_id, label.c.kind, label.c.code, label.c.strength, label.c.evidence)
    found: dict[str, list[Label]] = defaultdict(list)
    for some in chunks(item_ids):
        query = select(*columns).where(label.c.item_id.in_(some)).order_by(label.c.item_id, label.c.position)
        for item_id, kind, code, strength, evidence in conn.execute(query):
            found[item_id].append(Label(kind=kind, code=code, strength=strength, evidence=evidence))
    return found


def _item(row: Row[Any], labels: Sequence[Label]) -> Item:
    return Item(**row._mapping, labels=tuple(labels))


def _values(row: NewItem) -> dict[str, Any]:
    values = {column.name: getattr(row.item, column.name) for column in _ITEM}
    for name in ("identity", "fingerprint", "bulletin_id", "line", "original"):
        values[name] = getattr(row, name)
    return values


def _insert_labels(conn: Connection, labelled: Sequence[Item]) -> None:
    rows = [
        {
            "item_id": each.id,
            "kind": one.kind,
            "code": one.code,
            "strength": one.strength,
            "evidence": one.evidence,
            "position": position,
        }
        for each in labelled
        for position, one in enumerate(each.labels)
    ]
    if rows:
        conn.execute(label.insert(), rows)
