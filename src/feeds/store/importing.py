"""Very many people at once: each statement for all rows of a part, however many they are (store).

The same rows that `subscribers` writes one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, exists, select

from feeds.model import Audience, SubscriberState, Suppression
from feeds.store import limits, sharing
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


@dataclass(frozen=True, slots=True)
class WantedAudience:
    """An audience that people are to join: what it is, its filters, and the period that is running now."""

    audience: Audience
    texts: tuple[str, ...]
    last_period: str | None


def people(conn: Connection, address_keys: Sequence[str]) -> dict[str, SubscriberRow]:
    """Those of these addresses that are known, by their comparable form."""
    query = select(subscriber).where(among(conn, subscriber.c.address_key, address_keys))
    return {row.address_key: SubscriberRow(**row._mapping) for row in conn.execute(query)}


def suppressed(conn: Connection, hashes: Sequence[str]) -> dict[str, set[Suppression]]:
    """Why addresses get no mail, by their hash."""
    found: dict[str, set[Suppression]] = defaultdict(set)
    query = select(suppression.c.hash, suppression.c.reason).where(among(conn, suppression.c.hash, hashes))
    for address_hash, reason in conn.execute(query):
        found[address_hash].add(reason)
    return dict(found)


def any_suppressed(conn: Connection) -> bool:
    """Whether there is anybody at all on the suppression list."""
    return conn.execute(select(suppression.c.hash).limit(1)).first() is not None


_SUBSCRIBER = (
    "id", "address", "address_key", "lang", "zone", "hour", "weekday", "consent", "state", "consent_at",
    "created_at",
)  # fmt: skip


def add(
    conn: Connection, rows: Sequence[tuple[str, str, str, str, int, int, str]], now: datetime
) -> dict[str, int]:
    """Add active subscribers (address, its comparable form, language, zone, hour, weekday, consent), none of
    whom is known; their ids by the comparable form."""
    rest = (SubscriberState.ACTIVE.value, stored(now), stored(now))
    ids = new_ids(conn, subscriber, len(rows))
    load_rows(conn, subscriber, _SUBSCRIBER, [(key, *row, *rest) for key, row in zip(ids, rows, strict=True)])
    return {row[1]: key for key, row in zip(ids, rows, strict=True)}


def filters(conn: Connection, texts: Collection[str]) -> dict[str, int]:
    """The ids of these canonical texts, stored now if they are new."""
    keys = {filter_key(text): text for text in texts}
    found = _filters(conn, list(keys))
    missing = [key for key in keys if key not in found]
    if missing:
        limits.move(conn, sharing.FILTERS, len(missing))
        statement = insert(conn, filter_).on_conflict_do_nothing()
        conn.execute(statement, [{"key": key, "text": keys[key]} for key in missing])
        found |= _filters(conn, missing)
    return {keys[key]: found[key] for key in keys}


def _filters(conn: Connection, keys: Sequence[str]) -> dict[str, int]:
    rows = conn.execute(select(filter_.c.key, filter_.c.id).where(among(conn, filter_.c.key, keys)))
    return {row.key: row.id for row in rows}


def audiences(
    conn: Connection, wanted: Mapping[str, WantedAudience], filter_ids: Mapping[str, int], now: datetime
) -> dict[str, int]:
    """The ids of these audiences by key, stored now if they are new; those that all had left begin anew."""
    found = _audiences(conn, list(wanted))
    missing = [key for key in wanted if key not in found]
    for key, audience_id in _deserted(conn, found).items():
        sharing.begin_anew(conn, audience_id, wanted[key].last_period, now)
    if missing:
        covered_at = announce_nothing_before(conn, now)
        times = (stored(covered_at), stored(now))
        added = dict(zip(missing, new_ids(conn, audience, len(missing)), strict=True))
        load_rows(
            conn, audience, _AUDIENCE, [(added[key], *_row(key, wanted[key]), *times) for key in missing]
        )
        rows = [
            (added[key], filter_ids[text], position)
            for key in missing
            for position, text in enumerate(wanted[key].texts)
        ]
        load_rows(conn, audience_filter, ("audience_id", "filter_id", "position"), rows)
        found |= added
    return found


_AUDIENCE = (
    "id",
    "key",
    "cadence",
    "lang",
    "zone",
    "hour",
    "weekday",
    "last_period",
    "covered_at",
    "created_at",
)


def _row(key: str, wanted: WantedAudience) -> tuple[Any, ...]:
    what = wanted.audience
    return (key, what.cadence.value, what.lang, what.zone, what.hour, what.weekday, wanted.last_period)


def _audiences(conn: Connection, keys: Sequence[str]) -> dict[str, int]:
    rows = conn.execute(select(audience.c.key, audience.c.id).where(among(conn, audience.c.key, keys)))
    return {row.key: row.id for row in rows}


def _deserted(conn: Connection, found: Mapping[str, int]) -> dict[str, int]:
    """Those of these audiences that have no member."""
    by_id = {audience_id: key for key, audience_id in found.items()}
    member = exists().where(membership.c.audience_id == audience.c.id)
    ids = conn.scalars(select(audience.c.id).where(among(conn, audience.c.id, list(by_id)), ~member))
    return {by_id[each]: each for each in ids}


def subscribe(conn: Connection, rows: Sequence[tuple[int, int, str, str | None]], now: datetime) -> None:
    """Add subscriptions (subscriber, filter, cadence, name) of people who have none to these filters."""
    names = ("subscriber_id", "filter_id", "cadence", "name", "created_at")
    at = (stored(now),)
    load_rows(conn, subscription, names, [row + at for row in rows])


def enter(conn: Connection, rows: Sequence[tuple[int, int]], now: datetime) -> None:
    """Make people (subscriber, audience) members who were not."""
    at = (stored(now),)
    load_rows(conn, membership, ("subscriber_id", "audience_id", "since_at"), [row + at for row in rows])


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
    """SQLite has one place to write, and nobody should wait for it longer than 0.2 s. On PostgreSQL nobody
    waits, but for a filter that is new; small parts cost a dozen ways there and back each."""
    return Bounds(0.1, 50, 1_000) if conn.dialect.name == "sqlite" else Bounds(0.4, 1_000, 4_000)


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
