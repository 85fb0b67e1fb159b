"""What changed, in the order of commits, and small facts that must outlive a process (store)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from feeds.store import translations, waking
from feeds.store.columns import Instant
from feeds.store.schema import change, meta, published
from feeds.store.schema import stale as stale_
from feeds.store.writing import insert, lock

# Stands in a database that is a backup, with the instant it was made.
BACKUP = "backup-made-at"

ITEM_PREFIX = "item/"
EPOCH = "publish-epoch"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What a site decided once for ever: the ``tag:`` prefix of its ids and its birthday (P1)."""

    tag: str
    created_at: datetime


def mark_stale(conn: Connection, keys: Iterable[str], at: datetime, *, alone: bool = False) -> None:
    """These have changed: each gets the next number of all changes, feeds after the item pages they lead to.
    The pages of an item's other versions lead to it: they change, too, unless `alone` says that only the
    pages themselves did, and not what others show of these items.

    Holds the announcements until the transaction ends, so that numbers follow the order of commits: who has
    read up to one number misses no lower one.
    """
    given = set(keys)
    ids = [key.removeprefix(ITEM_PREFIX) for key in given if key.startswith(ITEM_PREFIX)]
    if not alone:
        given |= {ITEM_PREFIX + each for each in translations.siblings(conn, ids)}
    wanted = sorted(given, key=lambda key: (not key.startswith(ITEM_PREFIX), key))
    if not wanted:
        return
    lock(conn, "announce")
    first = latest_change(conn) + 1
    rows = [{"key": key, "seq": first + n, "at": at} for n, key in enumerate(wanted)]
    statement = insert(conn, change)
    again = {"seq": statement.excluded.seq, "at": statement.excluded.at}
    conn.execute(statement.on_conflict_do_update(index_elements=["key"], set_=again), rows)
    waking.tell(conn, "changes")


def latest_change(conn: Connection) -> int:
    """The number of the last change, 0 before the first."""
    return conn.scalar(select(func.max(change.c.seq))) or 0


def changes_between(conn: Connection, after: int, until: int, limit: int) -> dict[str, int]:
    """At most `limit` keys that changed last above `after` and up to `until`, with their numbers, the
    latest first.
    """
    wanted = select(change.c.key, change.c.seq).where(change.c.seq > after, change.c.seq <= until)
    return {row.key: row.seq for row in conn.execute(wanted.order_by(change.c.seq.desc()).limit(limit))}


def count_changes(conn: Connection, after: int) -> int:
    """How many keys changed above `after`."""
    return conn.scalar(select(func.count()).select_from(change).where(change.c.seq > after)) or 0


def waiting_since(conn: Connection, after: int) -> datetime | None:
    """When the oldest change above `after` was made."""
    found: datetime | None = conn.scalar(select(func.min(change.c.at)).where(change.c.seq > after))
    return found


def changed_feeds(conn: Connection, after: int, until: int) -> list[str]:
    """The feeds that changed last above `after` and up to `until`, the latest first; no item pages."""
    wanted = select(change.c.key).where(change.c.seq > after, change.c.seq <= until)
    feeds = wanted.where(~change.c.key.startswith(ITEM_PREFIX))
    return list(conn.scalars(feeds.order_by(change.c.seq.desc())))


def is_stale(conn: Connection) -> bool:
    """Whether a process of the release before marked something as stale since the last `adopt_stale`."""
    return conn.scalar(select(stale_.c.key).limit(1)) is not None


def adopt_stale(conn: Connection) -> None:
    """Take what processes of the release before marked as stale over into the changes."""
    lock(conn, "announce")
    found = {row.key: row.at for row in conn.execute(select(stale_.c.key, stale_.c.at))}
    if found:
        mark_stale(conn, found, max(found.values()))
        conn.execute(delete(stale_))


def epoch(conn: Connection) -> str:
    """What else a public folder's mark must name beside the site: another one once a backup is restored,
    because the folder may have come further than the backup.
    """
    found = conn.execute(select(meta.c.value).where(meta.c.key.in_([BACKUP, EPOCH])).order_by(meta.c.key))
    return "/".join(found.scalars())


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


def known_facts(conn: Connection) -> SiteFacts | None:
    """The facts, if they are decided."""
    found = {row.key: row.value for row in conn.execute(select(meta).where(meta.c.key.like("site-%")))}
    if not {"site-tag", "site-created-at"} <= found.keys():
        return None
    return SiteFacts(tag=found["site-tag"], created_at=datetime.fromisoformat(found["site-created-at"]))


def site_facts(conn: Connection, tag: str, now: datetime) -> SiteFacts:
    """The facts as first decided; `tag` and `now` become them only in a database that has none."""
    kept = Instant().process_bind_param(now, conn.dialect) or ""
    first = [{"key": "site-created-at", "value": kept}, {"key": "site-tag", "value": tag}]
    conn.execute(insert(conn, meta).on_conflict_do_nothing(), first)
    facts = known_facts(conn)
    assert facts is not None
    return facts
