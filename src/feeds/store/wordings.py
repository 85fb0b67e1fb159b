"""What items are and were called: words, days and the office's ids, to find them again by (store).

Every wording an item ever had is kept, and its links and stated labels from
before a change, so that an old capture undoes no correction. What to do with
what is found is `feeds.changes`'.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, or_, select, update

from feeds import changes
from feeds.changes import Known, Wanted
from feeds.model import ChangeKind, Draft, Item
from feeds.store.schema import bulletin, bulletin_line, item, revision, wording
from feeds.store.writing import chunks, insert_many
from feeds.store.writing import insert as dialect_insert


class Said(NamedTuple):
    """An item, the key of something that was said of it, and by which day and title."""

    item_id: str
    fingerprint: str
    identity: str


def known(conn: Connection, wanted: Wanted) -> list[Known]:
    """Everything that the drafts asked for may turn out to be, oldest first.

    Withdrawn items are among them: what was taken back does not come again with an old capture.
    """
    found: set[str] = set()
    close_by = select(item.c.id).where(item.c.date_on.between(wanted.since, wanted.until))
    for titles in chunks(sorted(wanted.title_keys)):
        found |= set(conn.scalars(close_by.where(item.c.title_key.in_(titles))))
    by_column = (
        (item.c.id, item.c.date_on, wanted.days),
        (item.c.id, item.c.office_key, wanted.office_keys),
        (wording.c.item_id, wording.c.identity, wanted.identities),
    )
    places = _placed(conn, wanted.digests)
    found |= set(places)
    for ids, column, values in by_column:
        for some in chunks(sorted(values)):
            found |= set(conn.scalars(select(ids).where(column.in_(some))))
    return _known(conn, sorted(found), places)


_Places = dict[str, set[tuple[str, int]]]


def _placed(conn: Connection, digests: Collection[str]) -> _Places:
    """The items that were read from files of these bytes, each with the digests and lines."""
    of_file = bulletin_line.join(bulletin, bulletin.c.id == bulletin_line.c.bulletin_id)
    columns = (bulletin_line.c.item_id, bulletin.c.sha256, bulletin_line.c.line)
    query = select(*columns).select_from(of_file).where(bulletin_line.c.item_id.is_not(None))
    places: _Places = defaultdict(set)
    for some in chunks(sorted(digests)):
        for item_id, digest, line in conn.execute(query.where(bulletin.c.sha256.in_(some))):
            places[item_id].add((digest, line or 1))
    return places


def _originals(conn: Connection, item_ids: Sequence[str]) -> dict[str, str]:
    """What stood in their files, of the items that an earlier way of reading made."""
    early = or_(item.c.reading.is_(None), item.c.reading < changes.READING)
    rows = conn.execute(select(item.c.id, item.c.original).where(item.c.id.in_(item_ids), early))
    return {row.id: row.original for row in rows}


def _known(conn: Connection, item_ids: Sequence[str], places: _Places) -> list[Known]:
    words: dict[str, list[tuple[str, str]]] = defaultdict(list)
    earlier: dict[str, list[str]] = defaultdict(list)
    originals: dict[str, str] = {}
    rows: list[Row[Any]] = []
    for some in chunks(item_ids):
        columns = (
            item.c.accepted_at,
            item.c.id,
            item.c.date_on,
            item.c.title,
            item.c.summary,
            item.c.office_key,
            item.c.link,
            bulletin.c.name,
        )
        query = select(*columns).join(bulletin, bulletin.c.id == item.c.bulletin_id)
        rows += conn.execute(query.where(item.c.id.in_(some)))
        said = select(wording.c.item_id, wording.c.fingerprint, wording.c.identity)
        for item_id, fingerprint, identity in conn.execute(said.where(wording.c.item_id.in_(some))):
            words[item_id].append((fingerprint, identity))
        originals |= _originals(conn, some)
        for item_id, date_on, title, summary in conn.execute(_corrected(some)):
            words[item_id].append(_keys(date_on, title, summary))
            earlier[item_id].append(summary)
    rows.sort(key=lambda row: (row.accepted_at, row.id))
    return [
        Known(
            item_id=row.id,
            date_on=row.date_on,
            title=row.title,
            summary=row.summary,
            source=row.name,
            office_key=row.office_key or "",
            link=row.link,
            earlier=tuple(earlier[row.id]),
            wordings=frozenset(fingerprint for fingerprint, _ in words[row.id]),
            identities=frozenset(identity for _, identity in words[row.id]),
            former=row.id in originals,
            original=originals.get(row.id, ""),
            places=tuple(sorted(places.get(row.id, ()))),
        )
        for row in rows
    ]


def _corrected(item_ids: Sequence[str]) -> Select[Any]:
    """Words from before corrections: whole, so that also fingerprints by a fold of old can be told apart."""
    columns = (revision.c.item_id, revision.c.date_on, revision.c.title, revision.c.summary)
    theirs = (revision.c.item_id.in_(item_ids), revision.c.kind == ChangeKind.CORRECTED)
    return select(*columns).where(*theirs).order_by(revision.c.item_id, revision.c.n)


def said(item_id: str, words: Draft | Item) -> Said:
    """An item was said in these words."""
    return Said(item_id, *_keys(words.date_on, words.title, words.summary))


def outdated(old: Item, new: Item) -> list[Said]:
    """What was said of an item beside its words before and after a change of that, else nothing."""
    before, after = changes.traits(old), changes.traits(new)
    if before == after:
        return []
    identity = changes.identity(new.date_on, new.title)
    return [Said(new.id, key, identity) for key in sorted(before | after)]


def _keys(date_on: date, title: str, summary: str) -> tuple[str, str]:
    return changes.fingerprint(date_on, title, summary), changes.identity(date_on, title)


def insert(conn: Connection, new: Sequence[Said]) -> None:
    """The words of new items."""
    insert_many(conn, wording, [one._asdict() for one in new])


def remember(conn: Connection, every: Iterable[Said]) -> None:
    """These items were said so, too: whoever says it again says nothing new."""
    rows = [one._asdict() for one in every]
    if rows:
        conn.execute(dialect_insert(conn, wording).on_conflict_do_nothing(), rows)


def name(conn: Connection, office_keys: Mapping[str, str]) -> None:
    """Let items without an id of the office's be known by these keys from now on."""
    if office_keys:
        nameless = (item.c.id == bindparam("mine"), item.c.office_key.is_(None))
        rows = [{"mine": item_id, "key": key} for item_id, key in office_keys.items()]
        conn.execute(update(item).where(*nameless).values(office_key=bindparam("key")), rows)
