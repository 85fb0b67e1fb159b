"""The words of items, and which items have some of them (store).

A row for each item holds its words, folded as filters compare them, so that both databases find the same.
On SQLite an FTS5 table follows these rows by triggers; on PostgreSQL a GIN index lies over the lists. The
rows follow the items a little later (`publishing.word_index`): `indexed_up_to` says how far they have come.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, not_, or_, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.expression import literal

from feeds.store import publishing
from feeds.store.schema import change, item, item_words
from feeds.store.writing import chunks, insert_many, lock

Words = tuple[str, ...]
Asked = Sequence[Sequence[Words]]
"""Of each group an item must have one of its entries; of an entry all its words."""

_MARK = "words-indexed-up-to"
_DAY_ONE = date(1800, 1, 1).toordinal()
_SINCE_MS = 946_684_800_000  # 2000-01-01T00:00Z
_ROOM_BITS = 45
_ROOM = (1 << _ROOM_BITS) - 1
_LAST_DAY = (1 << (63 - _ROOM_BITS)) - 1


class Indexed(NamedTuple):
    """An item to be found by its words, each of them once."""

    item_id: str
    date_on: date
    updated_at: datetime
    words: Sequence[str]


def place_of(date_on: date, updated_at: datetime) -> int:
    """Where an item stands in the order of pages: by date, then by its last change."""
    moment = min(max(int(updated_at.timestamp() * 1000) - _SINCE_MS, 0), _ROOM)
    day = min(max(date_on.toordinal() - _DAY_ONE, 0), _LAST_DAY)
    return (day << _ROOM_BITS) | moment


def indexed_up_to(conn: Connection) -> int:
    """The number of the change up to which all items can be found by their words; 0 before the first."""
    return int(publishing.get_meta(conn, _MARK) or 0)


def hold(conn: Connection) -> int:
    """Keep other processes from indexing until the transaction ends; how far they have come."""
    lock(conn, "search")
    return indexed_up_to(conn)


def come_to(conn: Connection, seq: int) -> None:
    """All items up to the change of this number can be found now."""
    publishing.set_meta(conn, _MARK, str(seq))


def changed_after(conn: Connection, seq: int, limit: int) -> list[tuple[str, int]]:
    """At most `limit` keys that changed last above `seq`, with their numbers, the earliest first."""
    wanted = select(change.c.key, change.c.seq).where(change.c.seq > seq)
    return [(row.key, row.seq) for row in conn.execute(wanted.order_by(change.c.seq).limit(limit))]


def orders_of(conn: Connection, item_ids: Sequence[str]) -> dict[str, tuple[date, datetime]]:
    """The date and the last change of these items, at most a thousand."""
    wanted = select(item.c.id, item.c.date_on, item.c.updated_at).where(item.c.id.in_(item_ids))
    return {row.id: (row.date_on, row.updated_at) for row in conn.execute(wanted)}


def put(conn: Connection, every: Sequence[Indexed]) -> None:
    """Let these items, at most a thousand, be found by these words instead of those of before."""
    if not every:
        return
    conn.execute(delete(item_words).where(item_words.c.item_id.in_([each.item_id for each in every])))
    places = _free(conn, [place_of(each.date_on, each.updated_at) for each in every])
    rows = [
        {"place": place, "item_id": each.item_id, "words": list(each.words)}
        for place, each in zip(places, every, strict=True)
    ]
    insert_many(conn, item_words, rows)


def _free(conn: Connection, wanted: Sequence[int]) -> list[int]:
    """These places, or the next ones after them that nobody has."""
    near = [place + n for place in wanted for n in range(2)]
    taken = set[int]()
    for start in range(0, len(near), 1000):
        some = near[start : start + 1000]
        taken.update(conn.scalars(select(item_words.c.place).where(item_words.c.place.in_(some))))
    found = []
    for place in wanted:
        while place in taken:
            place += 1
        taken.add(place)
        found.append(place)
    return found


def having(
    conn: Connection, asked: Asked, below: int | None, limit: int, unwanted: Sequence[str] = ()
) -> list[int]:
    """At most `limit` places of items that have these words and none of the unwanted ones, below a place, the
    latest of pages first: higher places are later. Not the items: `places` tells them once for all.
    """
    if conn.dialect.name == "postgresql":
        return _by_list(conn, asked, below, limit, unwanted)
    return _by_fts(conn, asked, below, limit, unwanted)


def places(conn: Connection, item_ids: Sequence[str] | None = None) -> Iterator[tuple[int, str]]:
    """Where these items stand, or all that can be found, in any order."""
    columns = select(item_words.c.place, item_words.c.item_id)
    for some in [None] if item_ids is None else chunks(item_ids):
        for row in conn.execute(columns if some is None else columns.where(item_words.c.item_id.in_(some))):
            yield row.place, row.item_id


def _by_fts(
    conn: Connection, asked: Asked, below: int | None, limit: int, unwanted: Sequence[str]
) -> list[int]:
    # As one value: a row each would cost ten times as much.
    found = text(
        "SELECT json_group_array(place) FROM (SELECT rowid AS place FROM item_fts"
        " WHERE item_fts MATCH :asked AND rowid < :below ORDER BY rowid DESC LIMIT :limit)"
    )
    values = {
        "asked": _expression(asked, unwanted),
        "below": _most if below is None else below,
        "limit": limit,
    }
    return sorted(json.loads(conn.scalar(found, values)), reverse=True)


_most = (1 << 63) - 1


def _expression(asked: Asked, unwanted: Sequence[str]) -> str:
    """In the language of FTS5. Folded words hold letters and figures only, so nothing needs escaping."""
    groups = ["(" + " OR ".join(_all(entry) for entry in group) + ")" for group in asked]
    wanted = " AND ".join(groups)
    return f"({wanted}) NOT (" + " OR ".join(f'"{word}"' for word in unwanted) + ")" if unwanted else wanted


def _all(words: Words) -> str:
    return "(" + " AND ".join(f'"{word}"' for word in words) + ")"


def _by_list(
    conn: Connection, asked: Asked, below: int | None, limit: int, unwanted: Sequence[str]
) -> list[int]:
    listed: Any = item_words.c.words
    kind = postgresql.ARRAY(postgresql.TEXT(collation="C"))
    groups: list[ColumnElement[bool]] = [
        or_(*[listed.bool_op("@>")(literal(list(entry), kind)) for entry in group]) for group in asked
    ]
    groups += [not_(listed.bool_op("@>")(literal([word], kind))) for word in unwanted]
    wanted = select(item_words.c.place).where(and_(*groups))
    if below is not None:
        wanted = wanted.where(item_words.c.place < below)
    return list(conn.scalars(wanted.order_by(item_words.c.place.desc()).limit(limit)))
