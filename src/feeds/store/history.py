"""What items were before, and what was done to them: revisions and corrections (store)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import product
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from feeds import changes
from feeds.model import ChangeKind, Correction, Item, Label, Said
from feeds.store import deliveries, items, wordings
from feeds.store.schema import item, label, revision
from feeds.store.writing import chunks, insert_many


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The state of an item before its n-th change, made `at` to `fields` for `reason`.

    `link` is None also where it was not kept, before migration 0005.
    """

    n: int
    at: datetime
    kind: ChangeKind
    fields: tuple[str, ...]
    reason: str
    date_on: date
    title: str
    summary: str
    link: str | None
    labels: tuple[Label, ...]
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An item as it is to be stored from `at` on, which comes from `announce_instants`.

    `original` is the text of the file that says so, if one does; the one before is kept with the rest.
    `said` are its words as they are remembered, if they were made before.
    """

    item: Item
    at: datetime
    kind: ChangeKind = ChangeKind.CORRECTED
    fields: Sequence[str] = ()
    reason: str = ""
    original: str | None = None
    said: wordings.Said | None = None


def revise(
    conn: Connection,
    changed: Item,
    at: datetime,
    *,
    kind: ChangeKind = ChangeKind.CORRECTED,
    fields: Sequence[str] = (),
    reason: str = "",
    original: str | None = None,
) -> None:
    """Keep the old state as a revision, then write the item as given; see `Change`."""
    change = Change(item=changed, at=at, kind=kind, fields=fields, reason=reason, original=original)
    revise_all(conn, [change])


def revise_all(conn: Connection, every: Sequence[Change], stored: Mapping[str, Item] | None = None) -> None:
    """Keep the old states of items as revisions, then write them as given; each item once.

    `updated_at` becomes `at`. Other labels alone move no instant: readers have seen these words. A few
    statements, however many items. `stored` has the items as they stand, for who knows them already.
    LookupError if there is no such item.
    """
    if not every:
        return
    ids = [each.item.id for each in every]
    old = items.by_ids(conn, ids) if stored is None else {key: stored[key] for key in ids if key in stored}
    if missing := set(ids) - old.keys():
        raise LookupError(f"no item {min(missing)}")
    _keep(conn, every, old)
    for told, said in product((True, False), repeat=2):
        like = [one for one in every if _is_told(one) is told and (one.original is not None) is said]
        _overwrite(conn, like)
    wordings.remember(conn, [row for each in every for row in _said(each, old[each.item.id])])
    for some in chunks(ids):
        conn.execute(label.delete().where(label.c.item_id.in_(some)))
    items.insert_labels(conn, [each.item for each in every])
    # Letters that nobody has seen yet say it as it is now, or not at all (P12).
    deliveries.outdate(conn, [each.item.id for each in every if _is_told(each)])


def _is_told(change: Change) -> bool:
    """Whether readers are told of it."""
    return change.kind in items.TOLD


def _said(change: Change, old: Item) -> list[wordings.Said]:
    now = change.said or wordings.said(change.item.id, change.item)
    return [now, *wordings.outdated(old, change.item)]


def _overwrite(conn: Connection, every: Sequence[Change]) -> None:
    """Write items, all with the same columns."""
    if every:
        rows = [_values(each) for each in every]
        columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != "id"}
        statement = update(item).where(item.c.id == bindparam("new_id")).values(columns)
        conn.execute(statement, [{f"new_{name}": value for name, value in row.items()} for row in rows])


def _values(change: Change) -> dict[str, Any]:
    names = (
        "id",
        "date_on",
        "title",
        "summary",
        "lang",
        "link",
        "withdrawn_at",
        "withdrawn_reason",
        "stated",
    )
    values: dict[str, Any] = {name: getattr(change.item, name) for name in names}
    values["title_key"] = changes.title_key(change.item.title)
    values["body"] = change.item.body or None
    if _is_told(change):
        values["updated_at"] = change.at
    if change.original is not None:
        values["original"] = change.original
        values["reading"] = changes.READING
    return values


def _keep(conn: Connection, every: Sequence[Change], old: Mapping[str, Item]) -> None:
    """Keep how these items were, with the texts of their files where those give way to others."""
    last = _last_numbers(conn, list(old))
    replaced = [each.item.id for each in every if each.original is not None]
    originals: dict[str, str] = {}
    for some in chunks(replaced):
        query = select(item.c.id, item.c.original).where(item.c.id.in_(some))
        originals |= {row.id: row.original for row in conn.execute(query)}
    rows = [
        _state(old[key], last.get(key, 0) + 1, each.at, each.kind, each.fields, each.reason)
        | {"original": originals.get(key)}
        for each in every
        for key in (each.item.id,)
    ]
    insert_many(conn, revision, rows)


def _last_numbers(conn: Connection, item_ids: Sequence[str]) -> dict[str, int]:
    """The number of the last revision of each item that has one."""
    last: dict[str, int] = {}
    for some in chunks(item_ids):
        numbers = select(revision.c.item_id, func.max(revision.c.n)).where(revision.c.item_id.in_(some))
        last |= {row[0]: row[1] for row in conn.execute(numbers.group_by(revision.c.item_id))}
    return last


def _state(
    old: Item, n: int, at: datetime, kind: ChangeKind, fields: Sequence[str], reason: str
) -> dict[str, Any]:
    """The row of an item's state before its n-th change."""
    return {
        "item_id": old.id, "n": n, "at": at, "kind": kind, "fields": tuple(fields), "reason": reason,
        "date_on": old.date_on, "title": old.title, "summary": old.summary, "link": old.link,
        "labels": old.labels, "body": old.body or None,
    }  # fmt: skip


def revisions(conn: Connection, item_id: str) -> list[Revision]:
    """The earlier states of an item, oldest first."""
    names = ("n", "at", "kind", "fields", "reason", "date_on", "title", "summary", "link", "labels", "body")
    columns = [revision.c[name] for name in names]
    rows = conn.execute(select(*columns).where(revision.c.item_id == item_id).order_by(revision.c.n))
    return [Revision(**row._mapping) for row in rows]


def corrections_between(conn: Connection, after: datetime, until: datetime) -> list[Correction]:
    """Mailable items corrected or withdrawn after `after`, up to `until`: each once, with its last change.

    Several changes are told together: from what the item said before the first of them.
    """
    columns = (revision.c.item_id, *_TOLD, *_SAID)
    query = (
        select(*columns)
        .join(item, item.c.id == revision.c.item_id)
        .where(
            revision.c.at > after, revision.c.at <= until, revision.c.kind.in_(items.TOLD), item.c.mailable
        )
        .order_by(revision.c.item_id, revision.c.n)
    )
    changed: dict[str, list[Any]] = {}
    for row in conn.execute(query):
        changed.setdefault(row.item_id, []).append(row)
    found = items.by_ids(conn, sorted(changed))
    restored = [key for key, rows in changed.items() if rows[-1].kind is ChangeKind.RESTORED]
    undone = last_withdrawals(conn, restored)
    return [
        replace(_correction(found[item_id], rows[-1], rows[0]), undoes=undone.get(item_id, 0))
        for item_id, rows in changed.items()
    ]


def last_withdrawals(conn: Connection, item_ids: Sequence[str]) -> dict[str, int]:
    """The number of the last withdrawal of each of these items."""
    found: dict[str, int] = {}
    for some in chunks(item_ids):
        last = select(revision.c.item_id, func.max(revision.c.n)).where(
            revision.c.item_id.in_(some), revision.c.kind == ChangeKind.WITHDRAWN
        )
        found |= {row[0]: row[1] for row in conn.execute(last.group_by(revision.c.item_id))}
    return found


_TOLD = (revision.c.n, revision.c.kind, revision.c.fields, revision.c.reason)
_SAID = (revision.c.title, revision.c.summary, revision.c.date_on)


def _correction(of: Item, last: Any, first: Any) -> Correction:
    was = Said(title=first.title, summary=first.summary, date_on=first.date_on)
    return Correction(item=of, kind=last.kind, n=last.n, fields=last.fields, reason=last.reason, was=was)


def last_changes(conn: Connection, item_ids: Sequence[str]) -> dict[str, Correction]:
    """The last correction of each of these items that had one, as its page tells it."""
    rows: dict[str, Any] = {}
    for some in chunks(item_ids):
        told = select(revision.c.item_id, *_TOLD, *_SAID).where(
            revision.c.item_id.in_(some), revision.c.kind.in_(items.TOLD)
        )
        # The last of each item stays.
        rows |= {row.item_id: row for row in conn.execute(told.order_by(revision.c.item_id, revision.c.n))}
    found = items.by_ids(conn, sorted(rows))
    return {item_id: _correction(found[item_id], row, row) for item_id, row in rows.items()}


def is_labelled_by_hand(conn: Connection, item_id: str) -> bool:
    """Whether somebody has chosen this item's labels: then nothing else changes them."""
    return bool(labelled_by_hand(conn, [item_id]))


def labelled_by_hand(conn: Connection, item_ids: Sequence[str]) -> set[str]:
    """Those of these items whose labels somebody has chosen."""
    found: set[str] = set()
    for some in chunks(item_ids):
        theirs = (revision.c.item_id.in_(some), revision.c.kind == ChangeKind.RELABELLED)
        found |= set(conn.scalars(select(revision.c.item_id).where(*theirs)))
    return found


def keep_labels(conn: Connection, before: Sequence[Item], at: datetime) -> None:
    """Keep the labels that these items have as revisions, because they are about to be labelled anew."""
    last = _last_numbers(conn, [each.id for each in before])
    kind, fields = ChangeKind.LABELLED_ANEW, ("labels",)
    rows = [_state(each, last.get(each.id, 0) + 1, at, kind, fields, "") for each in before]
    if rows:
        conn.execute(revision.insert(), rows)
