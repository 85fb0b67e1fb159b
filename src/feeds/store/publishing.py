"""What publishing has to rewrite, and small facts that must outlive a process (store)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from feeds.store.columns import Instant
from feeds.store.schema import meta, published
from feeds.store.schema import stale as stale_
from feeds.store.writing import chunks, insert

# Stands in a database that is a backup, with the instant it was made.
BACKUP = "backup-made-at"

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What a site decided once for ever: the ``tag:`` prefix of its ids and its birthday (P1)."""

    tag: str
    created_at: datetime


def mark_stale(conn: Connection, keys: Iterable[str], at: datetime) -> None:
    """These have to be written again; each mark is later than the one it replaces, so `fresh` sees it."""
    wanted = sorted(set(keys))  # in order: two writers then cannot lock each other out
    if not wanted:
        return
    marked = _marks(conn, wanted)
    rows = [{"key": key, "at": max(at, marked[key] + _TICK) if key in marked else at} for key in wanted]
    statement = insert(conn, stale_)
    conn.execute(
        statement.on_conflict_do_update(index_elements=["key"], set_={"at": statement.excluded.at}), rows
    )


def _marks(conn: Connection, keys: list[str]) -> dict[str, datetime]:
    marks: dict[str, datetime] = {}
    for some in chunks(keys):
        query = select(stale_.c.key, stale_.c.at).where(stale_.c.key.in_(some))
        marks |= {row.key: row.at for row in conn.execute(query)}
    return marks


def stale(conn: Connection) -> dict[str, datetime]:
    """What has to be written again, with its mark, in order of keys."""
    return {row.key: row.at for row in conn.execute(select(stale_.c.key, stale_.c.at).order_by(stale_.c.key))}


def fresh(conn: Connection, key: str, at: datetime) -> bool:
    """It was written as of mark `at`; False, and it stays stale, if it was marked again meanwhile."""
    done = conn.execute(delete(stale_).where(stale_.c.key == key, stale_.c.at == at))
    return done.rowcount == 1


def remember(conn: Connection, keys: Iterable[str]) -> None:
    """These feeds have been published: their addresses are for ever, whatever happens to their items."""
    rows = [{"key": key} for key in sorted(set(keys))]
    if rows:
        conn.execute(insert(conn, published).on_conflict_do_nothing(), rows)


def remembered(conn: Connection) -> set[str]:
    """The keys of all feeds ever published."""
    return set(conn.scalars(select(published.c.key)))


def get_meta(conn: Connection, key: str) -> str | None:
    """The fact kept under `key`."""
    return conn.scalar(select(meta.c.value).where(meta.c.key == key))


def set_meta(conn: Connection, key: str, value: str) -> None:
    """Keep a fact, replacing an older one."""
    statement = insert(conn, meta).values(key=key, value=value)
    conn.execute(
        statement.on_conflict_do_update(index_elements=["key"], set_={"value": statement.excluded.value})
    )


def take_meta(conn: Connection, key: str) -> str | None:
    """The fact kept under `key`, which is forgotten by this: one taker gets it."""
    found = delete(meta).where(meta.c.key == key).returning(meta.c.value)
    return conn.scalar(found)


def heads_unknown_until(conn: Connection) -> datetime | None:
    """Items that came in until then may have had a head that refused labels, and nothing says so."""
    kept = get_meta(conn, "heads-unknown-until")
    return None if kept is None else datetime.fromisoformat(kept)


def site_facts(conn: Connection, tag: str, now: datetime) -> SiteFacts:
    """The facts as first decided; `tag` and `now` become them only in a database that has none."""
    kept = Instant().process_bind_param(now, conn.dialect) or ""
    first = [{"key": "site-created-at", "value": kept}, {"key": "site-tag", "value": tag}]
    conn.execute(insert(conn, meta).on_conflict_do_nothing(), first)
    facts = {row.key: row.value for row in conn.execute(select(meta).where(meta.c.key.like("site-%")))}
    return SiteFacts(tag=facts["site-tag"], created_at=datetime.fromisoformat(facts["site-created-at"]))
