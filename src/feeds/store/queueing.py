"""Digests and deliveries for many audiences at once (store): members are joined to digests in the database.

What single members had before, and what they are owed, is asked for a whole batch, too.
"""

# ruff: noqa: S608 (the words of these statements are our own; what comes from outside is bound)

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, text, update
from sqlalchemy.engine.default import DefaultDialect

from feeds.model import Reason
from feeds.store import waking
from feeds.store.columns import REASON
from feeds.store.composing_tables import passage, queueing
from feeds.store.schema import delivery, digest, digest_item, revision
from feeds.store.writing import CHUNK, Instants, among, insert, listed, load_rows, new_ids, stored, table_of

_ACTIVE = "'active'"


@dataclass(frozen=True, slots=True)
class Had:
    """An item that a member was sent before, or will be: news (`change` 0) or one of its changes.

    `until_at`: up to which instant that digest knew of changes.
    """

    audience_id: int
    subscriber_id: int
    item_id: str
    change: int
    until_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDigest:
    """A digest to store: `body` and `foot` are keys of passages; without a foot the body is whole."""

    audience_id: int
    period: str
    variant: str
    since_at: datetime
    until_at: datetime
    items: int
    lang: str
    subject: str
    heading: str
    period_words: str
    promise: str
    page: str
    body: str
    foot: str | None
    held: Sequence[tuple[str, str, int]]
    """Item, reason as it is stored, and the number of the change that is told (0: news)."""


@dataclass(frozen=True, slots=True)
class QueueingRow:
    """An audience whose digest is queued part by part; `digest_id` None: only some members get anything."""

    audience_id: int
    period: str
    since_at: datetime
    until_at: datetime
    begun_at: datetime
    due_at: datetime
    members_to: int
    digest_id: int | None


def sharing(conn: Connection, ids: Sequence[int]) -> set[int]:
    """Which of these audiences have a member in common with one of them that has a lower number."""
    sql, values = listed(conn, ids)
    return set(conn.scalars(text(_SHARING.format(ids=sql)), values))


_SHARING = """
    SELECT DISTINCT m.audience_id FROM membership m CROSS JOIN membership o
    WHERE m.audience_id IN ({ids}) AND o.subscriber_id = m.subscriber_id AND o.audience_id < m.audience_id
    AND (o.audience_id + 0) IN ({ids})
"""


def owed(
    conn: Connection,
    ids: Sequence[int],
    within: tuple[int, int] | None = None,
    since: datetime | None = None,
) -> list[tuple[int, int, datetime]]:
    """Audience, active member and since when they are owed news, of those who came from another audience."""
    sql, values = listed(conn, ids)
    query = _OWED.format(ids=sql) + _only(within, since, values)
    read = Instants()
    return [(row[0], row[1], read[row[2]]) for row in conn.execute(text(query), values)]


_OWED = f"""
    SELECT m.audience_id, m.subscriber_id, m.from_at FROM membership m
    JOIN subscriber s ON s.id = m.subscriber_id
    WHERE m.from_at IS NOT NULL AND m.audience_id IN ({{ids}}) AND s.state = {_ACTIVE}
"""


def had(
    conn: Connection,
    ids: Sequence[int],
    item_ids: Sequence[str],
    floor: int,
    within: tuple[int, int] | None = None,
    since: datetime | None = None,
) -> list[Had]:
    """What of these items active members of these audiences were sent, or will be, in any digest (P4).

    `floor`: deliveries up to this number hold none of them. Suppressed ones do not count.
    """
    if not ids or not item_ids:
        return []
    sql, values = listed(conn, ids)
    items_sql, items_values = listed(conn, item_ids, "item_ids", "text")
    values |= items_values | {"floor": floor}
    query = _HAD.format(ids=sql, items=items_sql) + _only(within, since, values)
    read = Instants()
    return [
        Had(row[0], row[1], row[2], row[3], read[row[4]])
        for row in conn.execute(text(query + " ORDER BY g.until_at, i.change"), values)
    ]


# CROSS JOIN: SQLite keeps to this order. The empty word keeps it from trying each item for each delivery.
_HAD = f"""
    SELECT m.audience_id, m.subscriber_id, i.item_id, i.change, g.until_at
    FROM membership m CROSS JOIN delivery d CROSS JOIN digest_item i CROSS JOIN digest g
    CROSS JOIN subscriber s
    WHERE m.audience_id IN ({{ids}}) AND d.subscriber_id = m.subscriber_id AND d.id > :floor
    AND d.state <> 'suppressed' AND i.digest_id = d.digest_id AND (i.item_id || '') IN ({{items}})
    AND g.id = d.digest_id AND s.id = m.subscriber_id AND s.state = {_ACTIVE}
"""


def _only(within: tuple[int, int] | None, since: datetime | None, values: dict[str, Any]) -> str:
    """Only members with numbers after the first up to the second, and only who was a member then."""
    where = ""
    if within is not None:
        where += " AND m.subscriber_id > :after AND m.subscriber_id <= :to"
        values |= {"after": within[0], "to": within[1]}
    if since is not None:
        where += " AND m.since_at <= :since"
        values["since"] = stored(since)
    return where


def passage_key(text_part: str, html: str) -> str:
    """What makes passages the same."""
    made = hashlib.sha256(text_part.encode())
    made.update(b"\0")
    made.update(html.encode())
    return made.hexdigest()


def store_passages(conn: Connection, parts: Mapping[str, tuple[str, str]]) -> dict[str, int]:
    """The ids of these passages (text, HTML) by their keys, stored now if they are new."""
    keys = list(parts)
    known = known_passages(conn, keys)
    missing = [key for key in keys if key not in known]
    for some in (missing[n : n + CHUNK] for n in range(0, len(missing), CHUNK)):
        values = [{"key": key, "text": parts[key][0], "html": parts[key][1]} for key in some]
        conn.execute(insert(conn, passage).on_conflict_do_nothing(), values)
    return known | known_passages(conn, missing)


def known_passages(conn: Connection, keys: Sequence[str]) -> dict[str, int]:
    """The ids of those of these passages that are stored."""
    if not keys:
        return {}
    found = conn.execute(select(passage.c.key, passage.c.id).where(among(conn, passage.c.key, keys)))
    return {row.key: row.id for row in found}


_DIGEST = (
    "id", "audience_id", "period", "variant", "since_at", "until_at", "items", "lang", "subject", "text",
    "html", "composed_at", "page", "heading", "body_id", "foot_id", "period_words", "promise",
)  # fmt: skip


def store_digests(
    conn: Connection, made: Sequence[NewDigest], passages: Mapping[str, int], now: datetime
) -> list[int]:
    """Store digests with their items; their ids in order. An audience has one of a period and variant:
    another one is a lost race (Conflict)."""
    if not made:
        return []
    ids = new_ids(conn, digest, len(made))
    at = stored(now)
    load_rows(
        conn,
        digest,
        _DIGEST,
        [
            (
                key, one.audience_id, one.period, one.variant, stored(one.since_at), stored(one.until_at),
                one.items, one.lang, one.subject, "", "", at, one.page, one.heading, passages[one.body],
                passages[one.foot] if one.foot else None, one.period_words, one.promise,
            )
            for key, one in zip(ids, made, strict=True)
        ],
    )  # fmt: skip
    held = [
        (key, item_id, position, reason, change)
        for key, one in zip(ids, made, strict=True)
        for position, (item_id, reason, change) in enumerate(one.held)
    ]
    load_rows(conn, digest_item, ("digest_id", "item_id", "position", "reason", "change"), held)
    return ids


def reason_text(reason: Reason) -> str:
    """A reason as it lies in its column."""
    return REASON.process_bind_param(reason, DefaultDialect()) or ""


def queue_all(
    conn: Connection,
    digest_ids: Sequence[int],
    leaving_out: Sequence[tuple[int, int]],
    now: datetime,
    domain: str,
    *,
    within: tuple[int, int] | None = None,
    since: datetime | None = None,
    outdated: bool = False,
) -> int:
    """Queue these digests for all active members of their audiences, but for some (audience, member).

    `within`: only members with numbers after the first up to the second; `since`: only who was a member then.
    How many were queued: nobody gets two of a period.
    """
    if not digest_ids:
        return 0
    sql, values = listed(conn, digest_ids)
    query = _SELECTED.format(source="digest d JOIN membership m ON m.audience_id = d.audience_id", ids=sql)
    query += _only(within, since, values)
    if leaving_out:
        columns = {
            "audience_id": [each[0] for each in leaving_out],
            "subscriber_id": [each[1] for each in leaving_out],
        }
        table, more = table_of(conn, columns)
        query += f" AND (m.audience_id, m.subscriber_id) NOT IN (SELECT * FROM {table})"
        values |= more
    return _queue(conn, query, values, now, domain, outdated=outdated)


def queue_some(
    conn: Connection, pairs: Sequence[tuple[int, int]], now: datetime, domain: str, *, outdated: bool = False
) -> int:
    """Queue digests for single members (digest, member); how many were queued."""
    if not pairs:
        return 0
    table, values = table_of(
        conn, {"digest_id": [each[0] for each in pairs], "subscriber_id": [each[1] for each in pairs]}
    )
    query = _SELECTED.format(source=f"{table} JOIN digest d ON d.id = v.digest_id", ids="d.id")
    return _queue(
        conn, query.replace("m.subscriber_id", "v.subscriber_id"), values, now, domain, outdated=outdated
    )


_QUEUED = """
    INSERT INTO delivery (digest_id, audience_id, period, subscriber_id, address, message_id, state, tries,
    uncertain, faults, next_at, reason, queued_at, unsent, outdated)
"""
_SELECTED = f"""
    SELECT d.id, d.audience_id, d.period, m.subscriber_id, s.address, {{{{name}}}}, 'queued', 0, 0, 0, :now,
    '', :now, {{{{false}}}}, {{{{outdated}}}}
    FROM {{source}} JOIN subscriber s ON s.id = m.subscriber_id
    WHERE d.id IN ({{ids}}) AND s.state = {_ACTIVE}
"""
# Nobody can guess it. It begins with the time: names that grow are put at the end of their index.
_NAMES = {
    "sqlite": "'<' || :begins || lower(hex(randomblob(16))) || :ends",
    "postgresql": "'<' || :begins || replace(gen_random_uuid()::text, '-', '') || :ends",
}


def _queue(
    conn: Connection, query: str, values: dict[str, Any], now: datetime, domain: str, *, outdated: bool
) -> int:
    name = _NAMES[conn.dialect.name]
    said = {True: "true", False: "false"}
    chosen = query.format(name=name, false="false", outdated=said[outdated])
    values |= {"now": stored(now), "begins": f"{int(now.timestamp() * 1000):012x}.", "ends": f"@{domain}>"}
    once = " ON CONFLICT (audience_id, period, subscriber_id) DO NOTHING"
    queued = conn.execute(text(_QUEUED + chosen + once), values).rowcount
    if queued:
        waking.tell(conn, "mail")
    return queued


def caught_up(conn: Connection, pairs: Sequence[tuple[int, int]]) -> None:
    """From now on these (audience, member) stand where their audience stands."""
    if not pairs:
        return
    table, values = table_of(
        conn, {"audience_id": [each[0] for each in pairs], "subscriber_id": [each[1] for each in pairs]}
    )
    statement = (
        f"UPDATE membership SET from_at = NULL FROM {table}"
        " WHERE membership.audience_id = v.audience_id AND membership.subscriber_id = v.subscriber_id"
    )
    conn.execute(text(statement), values)


def begin_queueing(conn: Connection, row: QueueingRow) -> None:
    """Note that an audience gets its digest part by part."""
    values = {name: getattr(row, name) for name in QueueingRow.__dataclass_fields__}
    conn.execute(queueing.insert().values(values))


def begun(conn: Connection) -> list[QueueingRow]:
    """The audiences whose members do not all have their digest yet."""
    columns = [queueing.c[name] for name in QueueingRow.__dataclass_fields__]
    return [QueueingRow(*row) for row in conn.execute(select(*columns).order_by(queueing.c.audience_id))]


def is_queueing(conn: Connection, row: QueueingRow) -> bool:
    """Whether this part is still to be queued. The row is locked until the transaction ends."""
    mine = select(queueing.c.members_to).where(queueing.c.audience_id == row.audience_id)
    return conn.scalar(mine.with_for_update()) == row.members_to


def next_part(conn: Connection, row: QueueingRow, limit: int) -> int | None:
    """The number of the last member of the next part; None if there is none left."""
    query = (
        "SELECT max(subscriber_id) FROM (SELECT subscriber_id FROM membership WHERE audience_id = :audience"
        " AND subscriber_id > :after ORDER BY subscriber_id LIMIT :limit) AS part"
    )
    values = {"audience": row.audience_id, "after": row.members_to, "limit": limit}
    top: int | None = conn.scalar(text(query), values)
    return top


def variants_of(conn: Connection, audience_id: int, period: str) -> dict[str, int]:
    """The digests of an audience and period by their variants."""
    mine = (digest.c.audience_id == audience_id, digest.c.period == period)
    return {row.variant: row.id for row in conn.execute(select(digest.c.variant, digest.c.id).where(*mine))}


def part_queued(conn: Connection, audience_id: int, members_to: int | None) -> None:
    """Members up to this one have it; None: all have."""
    mine = queueing.c.audience_id == audience_id
    if members_to is None:
        conn.execute(delete(queueing).where(mine))
    else:
        conn.execute(update(queueing).where(mine).values(members_to=members_to))


def drop_unused(conn: Connection, digest_id: int) -> None:
    """Forget a digest that was stored for many members when none of them got it after all."""
    if conn.execute(select(delivery.c.id).where(delivery.c.digest_id == digest_id).limit(1)).first() is None:
        conn.execute(delete(digest_item).where(digest_item.c.digest_id == digest_id))
        conn.execute(delete(digest).where(digest.c.id == digest_id))


def forget_queueing(conn: Connection) -> None:
    """Nobody gets what was not queued yet: after a restored backup nothing old is mailed."""
    conn.execute(delete(queueing))


def changed_since(conn: Connection, digest_id: int, at: datetime) -> bool:
    """Whether an item of this digest was changed or taken back after that instant."""
    held = select(digest_item.c.item_id).where(digest_item.c.digest_id == digest_id)
    query = select(revision.c.n).where(revision.c.at > at, revision.c.item_id.in_(held))
    return conn.execute(query.limit(1)).first() is not None


def analyze(conn: Connection) -> None:
    """After very many new rows PostgreSQL must look anew how to find them: else each claim sorts the whole
    queue until autovacuum has looked (21 ms against 1.7)."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("ANALYZE delivery"))
