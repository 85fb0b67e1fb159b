"""Very many people at once: each statement for all rows of a part, however many they are (store).

The same rows that `subscribers` writes one by one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Select,
    Text,
    any_,
    bindparam,
    delete,
    exists,
    func,
    select,
)

from feeds.model import SubscriberState, Suppression
from feeds.store import limits, sharing
from feeds.store.driven import Driven
from feeds.store.items import announce_nothing_before
from feeds.store.keys import filter_key
from feeds.store.schema import (
    audience,
    audience_filter,
    filter_,
    import_run,
    membership,
    subscriber,
    subscription,
    suppression,
)
from feeds.store.subscribers import SubscriberRow, SubscriptionRow
from feeds.store.writing import among, insert, load_rows, new_ids, stored

# When and in which language an audience gets its mail, as its columns have it: cadence, language, zone, hour,
# weekday, and the period that is running now.
Times = tuple[str, str, str, int, int, str | None]


class _LookUp:
    """A query for the rows with any of so many values in a column; results come as the driver has them."""

    def __init__(self, query: Select[Any], column: ColumnElement[str]) -> None:
        given = func.json_each(bindparam("values")).table_valued("value")
        self._lite = Driven(query.where(column.in_(select(given.c.value))))
        self._postgres = Driven(query.where(column == any_(bindparam("values", type_=ARRAY(Text())))))

    def rows(self, conn: Connection, values: Sequence[str]) -> Sequence[Any]:
        if conn.dialect.name == "sqlite":
            return self._lite.run(conn, values=json.dumps(values)).all()
        return self._postgres.run(conn, values=values).all()


_KNOWN = _LookUp(select(subscriber.c.address_key), subscriber.c.address_key)


def people(conn: Connection, address_keys: Sequence[str]) -> dict[str, SubscriberRow]:
    """Those of these addresses that are known, by their comparable form."""
    known = [key for (key,) in _KNOWN.rows(conn, address_keys)]
    if not known:  # most lists are of people whom nobody knew
        return {}
    query = select(subscriber).where(among(conn, subscriber.c.address_key, known))
    return {row.address_key: SubscriberRow(**row._mapping) for row in conn.execute(query)}


def suppressed(conn: Connection, hashes: Sequence[str]) -> dict[str, set[Suppression]]:
    """Why addresses get no mail, by their hash."""
    found: dict[str, set[Suppression]] = defaultdict(set)
    query = select(suppression.c.hash, suppression.c.reason).where(among(conn, suppression.c.hash, hashes))
    for address_hash, reason in conn.execute(query):
        found[address_hash].add(reason)
    return dict(found)


_ANY_SUPPRESSED = Driven(select(suppression.c.hash).limit(1))


def any_suppressed(conn: Connection) -> bool:
    """Whether there is anybody at all on the suppression list."""
    return _ANY_SUPPRESSED.run(conn).first() is not None


# Columns stand in the order of their tables: rows go to SQLite as they are.
_SUBSCRIBER = (
    "id", "address", "address_key", "state", "lang", "zone", "hour", "weekday", "consent", "consent_at",
    "created_at",
)  # fmt: skip
_SUBSCRIPTION = ("subscriber_id", "filter_id", "cadence", "created_at", "name")
_AUDIENCE = (
    "id", "key", "cadence", "lang", "zone", "hour", "weekday", "covered_at", "last_period", "created_at",
)  # fmt: skip


def numbers_for(conn: Connection, people: int) -> list[int]:
    """The ids of so many subscribers who are to be added."""
    return new_ids(conn, subscriber, people)


def add(
    conn: Connection, rows: Sequence[tuple[int, str, str, str, str, int, int, str]], now: datetime
) -> None:
    """Add active subscribers (id, address, its comparable form, language, zone, hour, weekday, consent), none
    of whom is known."""
    state, at = SubscriberState.ACTIVE.value, stored(now)
    load_rows(conn, subscriber, _SUBSCRIBER, [(*row[:3], state, *row[3:], at, at) for row in rows])


_FILTERS = _LookUp(select(filter_.c.key, filter_.c.id), filter_.c.key)


def filters(conn: Connection, texts: Collection[str]) -> dict[str, int]:
    """The ids of these canonical texts, stored now if they are new."""
    keys = {filter_key(text): text for text in texts}
    found = _filters(conn, list(keys))
    missing = [key for key in keys if key not in found]
    if missing:
        # Moved first, as by all who add one: then nobody else does, and ids are seen in their order.
        limits.move(conn, sharing.FILTERS, len(missing))
        found |= _filters(conn, missing)
        missing = [key for key in missing if key not in found]
        added = dict(zip(missing, new_ids(conn, filter_, len(missing)), strict=True))
        load_rows(conn, filter_, ("id", "key", "text"), [(added[key], key, keys[key]) for key in missing])
        found |= added
    return {keys[key]: found[key] for key in keys}


def _filters(conn: Connection, keys: Sequence[str]) -> dict[str, int]:
    return dict(_FILTERS.rows(conn, keys))


def audiences(
    conn: Connection, wanted: Mapping[str, tuple[Times, Sequence[int]]], now: datetime
) -> dict[str, int]:
    """The ids of these audiences (their times and filters, by key), stored now if they are new; those that
    all had left begin anew."""
    found: dict[str, int] = {}
    for key, number, peopled in _AUDIENCES.rows(conn, list(wanted)):
        found[key] = number
        if not peopled:
            sharing.begin_anew(conn, number, wanted[key][0][-1], now)
    missing = [key for key in wanted if key not in found]
    if missing:
        found |= _add_audiences(conn, {key: wanted[key] for key in missing}, now)
    return found


def _add_audiences(
    conn: Connection, wanted: Mapping[str, tuple[Times, Sequence[int]]], now: datetime
) -> dict[str, int]:
    covered, at = stored(announce_nothing_before(conn, now)), stored(now)
    added = dict(zip(wanted, new_ids(conn, audience, len(wanted)), strict=True))
    rows, parts = [], []
    for key, (times, filter_ids) in wanted.items():
        number = added[key]
        rows.append((number, key, *times[:5], covered, times[5], at))
        parts += [(number, each, position) for position, each in enumerate(filter_ids)]
    load_rows(conn, audience, _AUDIENCE, rows)
    load_rows(conn, audience_filter, ("audience_id", "filter_id", "position"), parts)
    return added


_AUDIENCES = _LookUp(
    select(
        audience.c.key, audience.c.id, exists().where(membership.c.audience_id == audience.c.id)
    ),
    audience.c.key,
)  # fmt: skip


def subscribe(conn: Connection, rows: Sequence[tuple[int, int, str, str | None]], now: datetime) -> None:
    """Add subscriptions (subscriber, filter, cadence, name) of people who have none to these filters."""
    at = stored(now)
    load_rows(conn, subscription, _SUBSCRIPTION, [(*row[:3], at, row[3]) for row in rows])


def enter(conn: Connection, rows: Sequence[tuple[int, int]], now: datetime) -> None:
    """Make people (subscriber, audience) members who were not."""
    at = stored(now)
    load_rows(conn, membership, ("subscriber_id", "audience_id", "since_at"), [(*row, at) for row in rows])


def subscriptions_of(conn: Connection, ids: Sequence[int]) -> dict[int, list[SubscriptionRow]]:
    """The active subscriptions of these people."""
    found: dict[int, list[SubscriptionRow]] = defaultdict(list)
    query = (
        select(subscription, filter_.c.text.label("filter_text"))
        .join(filter_, filter_.c.id == subscription.c.filter_id)
        .where(among(conn, subscription.c.subscriber_id, ids), subscription.c.ended_at.is_(None))
    )
    for row in conn.execute(query):
        found[row.subscriber_id].append(SubscriptionRow(**row._mapping))
    return dict(found)


class Bounds(NamedTuple):
    """About how long one transaction of an import should take, and of how many rows it may be."""

    seconds: float
    fewest: int
    most: int


def bounds(conn: Connection) -> Bounds:
    """Nobody should wait longer than 0.2 s: on SQLite, which has one place to write, whoever writes, on
    PostgreSQL who has a new filter or publishes. There, small parts cost a dozen ways there and back each."""
    return Bounds(0.12, 50, 2_000) if conn.dialect.name == "sqlite" else Bounds(0.16, 250, 4_000)


def make_room(conn: Connection) -> None:
    """Let this connection keep the pages that a large import touches: SQLite's 2 MB are written and read anew
    in the middle of each transaction, and each commit would copy the log over. PostgreSQL must not read whole
    tables, as its plans of when they were empty would have it: each part would take longer than the last."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("PRAGMA cache_size=-32768")
        conn.exec_driver_sql("PRAGMA wal_autocheckpoint=16384")
    else:
        conn.exec_driver_sql("SET LOCAL enable_seqscan = off")


def rows_done(conn: Connection, key: str) -> int:
    """How far the import of a list had come when it was ended; 0 if it was not."""
    return conn.scalar(select(import_run.c.rows).where(import_run.c.key == key)) or 0


def note_rows(conn: Connection, key: str, rows: int, now: datetime) -> None:
    """So far the import of a list has come, in the transaction of its last rows."""
    once = insert(conn, import_run).values(key=key, rows=rows, at=now)
    values = {"rows": rows, "at": now}
    conn.execute(once.on_conflict_do_update(index_elements=["key"], set_=values))


def forget_rows(conn: Connection, key: str) -> None:
    """The list is all in: the same one begins anew the next time."""
    conn.execute(delete(import_run).where(import_run.c.key == key))
