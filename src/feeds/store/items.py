"""Items and their labels (store); what they were before a change is in `history`.

An item's id, atom_id and accepted_at are written once and by nobody changed (P1).
Instants of announcement come from here, so that no two items share one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)

from feeds import changes
from feeds.model import ChangeKind, Item, Kind, Label, Strength
from feeds.store import wordings
from feeds.store.columns import findable
from feeds.store.schema import bulletin, clock, item, label, revision
from feeds.store.writing import chunks, insert_many, lock

_STEP = timedelta(milliseconds=1)
_LAST_CHARACTER = "\U0010ffff"

_ITEM = (
    item.c.id, item.c.atom_id, item.c.date_on, item.c.title, item.c.summary, item.c.lang,
    item.c.accepted_at, item.c.updated_at, item.c.link, item.c.mailable,
    item.c.withdrawn_at, item.c.withdrawn_reason, item.c.stated, item.c.body,
)  # fmt: skip
_LIVE = item.c.withdrawn_at.is_(None)
# What subscribers who got an item are told of; relabelling is not.
TOLD = (ChangeKind.CORRECTED, ChangeKind.WITHDRAWN, ChangeKind.RESTORED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """An item with what only the store keeps: where it came from.

    `said`: its words as they will be looked up, worked out before anything else has to wait for it.
    """

    item: Item
    bulletin_id: int = 0
    line: int
    original: str = ""
    office_key: str = ""
    said: wordings.Said | None = None


def announce_instants(conn: Connection, count: int, now: datetime) -> list[datetime]:
    """`count` instants a millisecond apart, later than all given before, up to `now` if that is possible.

    Holds the announcements until the transaction ends: commits follow the order of instants, so
    that who has read up to one instant never misses an earlier one. Ask for them before asking
    what is `known`, or two processes with the same file may both find it new.
    """
    last = lock(conn, "announce")
    announced_up_to(conn, last, count, now)
    return instants_after(last, count, now)


def instants_after(last: datetime | None, count: int, now: datetime) -> list[datetime]:
    """`count` instants a millisecond apart, later than `last`, up to `now` if that is possible."""
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    first = now - _STEP * (count - 1)
    if last is not None and first <= last:
        first = last + _STEP
    return [first + _STEP * n for n in range(count)]


def last_announced(conn: Connection) -> datetime | None:
    """The instant of the last announcement; who holds the announcements knows that it stays."""
    return conn.scalar(select(clock.c.at).where(clock.c.name == "announce"))


def announced_up_to(conn: Connection, last: datetime | None, count: int, now: datetime) -> None:
    """The `instants_after` the last one are given away; who calls holds the announcements."""
    if count:
        at = instants_after(last, count, now)[-1]
        conn.execute(update(clock).where(clock.c.name == "announce").values(at=at))


def hold_announcements(conn: Connection) -> None:
    """Keep other announcements waiting until the transaction ends, before anything is looked up."""
    lock(conn, "announce")


def change_stored(conn: Connection) -> None:
    """Keep other announcements waiting, and let whoever decided upon stored items see that they change.

    Everything that changes items moves the instant of the last announcement, or calls this.
    """
    last = lock(conn, "announce")
    if last is not None:
        later = last + timedelta(microseconds=1)
        conn.execute(update(clock).where(clock.c.name == "announce").values(at=later))


def announce(conn: Connection, instants: Mapping[str, datetime]) -> None:
    """Make items that were not mailed news from these instants on (`announce_instants`)."""
    if instants:
        mine = update(item).where(item.c.id == bindparam("mine"))
        rows = [{"mine": item_id, "at": at} for item_id, at in instants.items()]
        conn.execute(mine.values(mailable=True, accepted_at=bindparam("at")), rows)


def read_better(conn: Connection, every: Sequence[Item]) -> None:
    """Store the body and link of items that this program reads better than the one that took them in.

    No revision and no new instant: to readers their words are what they were.
    """
    mine = update(item).where(item.c.id == bindparam("mine"))
    rows = [{"mine": one.id, "form": one.body or None, "where": one.link} for one in every]
    if rows:
        values = {"body": bindparam("form"), "link": bindparam("where"), "reading": changes.READING}
        conn.execute(mine.values(values), rows)


def announce_nothing_before(conn: Connection, now: datetime) -> datetime:
    """An instant, `now` or later, that lies between all announcements so far and all to come."""
    last = lock(conn, "announce")
    at = now if last is None else max(last, now)
    conn.execute(update(clock).where(clock.c.name == "announce").values(at=at))
    return at


def insert(conn: Connection, rows: Sequence[NewItem]) -> None:
    """Store new items with labels. An id, atom_id or updated_at that exists is a lost race (Conflict)."""
    insert_many(conn, item, [_values(row) for row in rows])
    insert_labels(conn, [row.item for row in rows])
    wordings.insert(conn, [row.said or wordings.said(row.item.id, row.item) for row in rows])


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


def bulletin_of(conn: Connection, item_id: str) -> str | None:
    """The name of the bulletin that an item came in with; None for no item."""
    query = select(bulletin.c.name).join(item, item.c.bulletin_id == bulletin.c.id)
    name: str | None = conn.scalar(query.where(item.c.id == item_id))
    return name


def bulletin_id_of(conn: Connection, item_id: str) -> int | None:
    """The number of the bulletin that an item came in with."""
    return conn.scalar(select(item.c.bulletin_id).where(item.c.id == item_id))


def of_bulletin(conn: Connection, bulletin_id: int) -> list[Item]:
    """The items that came in with a bulletin, in its order, withdrawn ones too."""
    return _load(conn, select(*_ITEM).where(item.c.bulletin_id == bulletin_id).order_by(item.c.line))


def listing(
    conn: Connection,
    *,
    kind: str | None = None,
    code: str | None = None,
    members: Collection[str] = (),
    within: Collection[str] = (),
    unlabelled: bool = False,
    since: date | None = None,
    limit: int,
    offset: int = 0,
) -> list[Item]:
    """Items newest first, by date and then by updated_at; those withdrawn are left out.

    `kind` and `code`: those that are about it, about a country of its `members`, or about a
    region `within` it.
    `unlabelled`: those about no country. `since`: those dated that day or later.
    """
    query = select(*_ITEM).order_by(item.c.date_on.desc(), item.c.updated_at.desc())
    query = (
        query.where(_LIVE, *_about(kind, code, members, within, unlabelled=unlabelled))
        .limit(limit)
        .offset(offset)
    )
    return _load(conn, query if since is None else query.where(item.c.date_on >= since))


def withdrawn(
    conn: Connection,
    *,
    kind: str | None = None,
    code: str | None = None,
    members: Collection[str] = (),
    within: Collection[str] = (),
    unlabelled: bool = False,
    limit: int,
) -> list[Item]:
    """Items that were taken back, of one feed or of all, the latest first."""
    query = select(*_ITEM).where(~_LIVE, *_about(kind, code, members, within, unlabelled=unlabelled))
    return _load(conn, query.order_by(item.c.withdrawn_at.desc(), item.c.id).limit(limit))


def announced_between(conn: Connection, after: datetime | None, until: datetime) -> list[Item]:
    """Mailable items announced after `after`, up to `until`, oldest first; those withdrawn are left out."""
    query = select(*_ITEM).where(_LIVE, item.c.mailable, item.c.accepted_at <= until)
    query = query.order_by(item.c.accepted_at)
    return _load(conn, query if after is None else query.where(item.c.accepted_at > after))


def latest_announced(conn: Connection) -> datetime | None:
    """When a mailable item was last announced, corrected or withdrawn."""
    news = select(func.max(item.c.accepted_at)).where(item.c.mailable)
    told = select(func.max(revision.c.at)).where(revision.c.kind.in_(TOLD))
    instants = [at for at in (conn.scalar(news), conn.scalar(told)) if at is not None]
    return max(instants, default=None)


def feed_listings(conn: Connection) -> dict[tuple[str, str], tuple[int, date | None]]:
    """Items and newest date by feed: ``("country", "pa")`` …, ``("all", "")`` and ``("unlabelled", "")``.

    Labels that no item is about are left out; the last two are always there.
    """
    size = (func.count(), func.max(item.c.date_on))
    by_label = (
        select(label.c.kind, label.c.code, *size)
        .join(item, item.c.id == label.c.item_id)
        .where(label.c.strength == Strength.ABOUT, _LIVE)
        .group_by(label.c.kind, label.c.code)
        .order_by(label.c.kind, label.c.code)
    )
    listings = {(kind.value, code): (count, newest) for kind, code, count, newest in conn.execute(by_label)}
    for name, where in (("all", []), ("unlabelled", _about(None, None, (), (), unlabelled=True))):
        number, newest = conn.execute(select(*size).select_from(item).where(*where)).one()
        listings[name, ""] = (number, newest)
    return listings


def region_listing(
    conn: Connection, code: str, members: Collection[str], within: Collection[str] = ()
) -> tuple[int, date | None]:
    """Number of items and newest date of a region: its own, and those of its member countries and of the
    regions within it.
    """
    where = _about(Kind.REGION, code, members, within, unlabelled=False)
    query = select(func.count(), func.max(item.c.date_on)).select_from(item).where(_LIVE, *where)
    count, newest = conn.execute(query).one()
    return count, newest


def updated_of(
    conn: Connection,
    kind: str,
    code: str = "",
    members: Collection[str] = (),
    within: Collection[str] = (),
) -> datetime | None:
    """When anything in this feed last changed; `kind` as in `feed_listings`. None when it is empty."""
    labelled = None if kind in ("all", "unlabelled") else kind
    where = _about(labelled, code, members, within, unlabelled=kind == "unlabelled")
    newest: datetime | None = conn.scalar(select(func.max(item.c.updated_at)).where(*where))
    return newest


def ids(conn: Connection) -> list[str]:
    """The ids of all items, in order."""
    return list(conn.scalars(select(item.c.id).order_by(item.c.id)))


def count(conn: Connection) -> int:
    """How many items there are, those withdrawn left out."""
    return conn.scalar(select(func.count()).select_from(item).where(_LIVE)) or 0


def _about(
    kind: str | None,
    code: str | None,
    members: Collection[str],
    within: Collection[str],
    *,
    unlabelled: bool,
) -> list[ColumnElement[bool]]:
    about = label.c.strength == Strength.ABOUT
    where: list[ColumnElement[bool]] = []
    if kind is not None:
        named = label.c.kind == Kind(kind)
        codes = label.c.code.in_([code, *within]) if within else label.c.code == code
        own = named if code is None else and_(named, codes)
        member = and_(label.c.kind == Kind.COUNTRY, label.c.code.in_(sorted(members)))
        # IN, not EXISTS: SQLite then starts from the label's rows, however many items there are.
        labelled = select(label.c.item_id).where(or_(own, member) if members else own, about)
        where.append(item.c.id.in_(labelled))
    if unlabelled:
        # lower() keeps PostgreSQL, before it has statistics, from walking all countries' labels
        # for each item (739 ms for 5,000 items); what is left to it is the key, by item.
        country = and_(label.c.item_id == item.c.id, func.lower(label.c.kind) == Kind.COUNTRY.value, about)
        where.append(~exists().where(country))
    return where


def by_ids(conn: Connection, item_ids: Sequence[str], *, bare: bool = False) -> dict[str, Item]:
    """These items, withdrawn ones too, by id; absent ones are left out. `bare`: labels without evidence."""
    loaded = (_load(conn, select(*_ITEM).where(item.c.id.in_(some)), bare=bare) for some in chunks(item_ids))
    return {each.id: each for some in loaded for each in some}


def _load(conn: Connection, query: Select[Any], *, bare: bool = False) -> list[Item]:
    """The items of a query over `_ITEM`, with all their labels: two statements, however many items."""
    rows = conn.execute(query).all()
    read = _bare_labels if bare else _labels
    labels = read(conn, [row.id for row in rows])
    return [_item(row, labels.get(row.id, [])) for row in rows]


def _labels(conn: Connection, item_ids: Sequence[str]) -> dict[str, list[Label]]:
    columns = (label.c.item_id, label.c.kind, label.c.code, label.c.strength, label.c.evidence)
    found: dict[str, list[Label]] = defaultdict(list)
    for some in chunks(item_ids):
        query = select(*columns).where(label.c.item_id.in_(some)).order_by(label.c.item_id, label.c.position)
        for item_id, kind, code, strength, evidence in conn.execute(query):
            found[item_id].append(Label(kind=kind, code=code, strength=strength, evidence=evidence))
    return found


def _bare_labels(conn: Connection, item_ids: Sequence[str]) -> dict[str, list[Label]]:
    """Labels without their evidence, which is most of what reading them costs."""
    columns = (label.c.item_id, label.c.kind, label.c.code, label.c.strength)
    found: dict[str, list[Label]] = defaultdict(list)
    for some in chunks(item_ids):
        query = select(*columns).where(label.c.item_id.in_(some)).order_by(label.c.item_id, label.c.position)
        for item_id, kind, code, strength in conn.execute(query):
            found[item_id].append(Label(kind=kind, code=code, strength=strength, evidence=()))
    return found


def _item(row: Row[Any], labels: Sequence[Label]) -> Item:
    values = dict(row._mapping)
    return Item(**values | {"body": values["body"] or ""}, labels=tuple(labels))


def _values(row: NewItem) -> dict[str, Any]:
    values = {column.name: getattr(row.item, column.name) for column in _ITEM}
    for name in ("bulletin_id", "line", "original"):
        values[name] = getattr(row, name)
    values["body"] = row.item.body or None
    values["reading"] = changes.READING
    return values | {"title_key": changes.title_key(row.item.title), "office_key": row.office_key or None}


def insert_labels(conn: Connection, labelled: Sequence[Item]) -> None:
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
    insert_many(conn, label, rows)
