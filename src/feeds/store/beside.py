"""What stands beside an item on its page: the older and the newer one, and others on its subject (store)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, select

from feeds.model import Neighbour
from feeds.store import publishing
from feeds.store.beside_tables import beside
from feeds.store.schema import item
from feeds.store.writing import chunks, insert_many, lock

Places = Mapping[int, str]
OLDER, NEWER, RELATED = 0, 1, 2
Range = tuple[int, int]
_MARK = "beside-up-to"
_OWN = "beside-noted"


def come_to(conn: Connection) -> int:
    """The number of the change up to which the rows are those that they should be; 0 before the first."""
    return int(publishing.get_meta(conn, _MARK) or 0)


def hold(conn: Connection) -> int:
    """Keep other processes from finding the rows until the transaction ends; how far they have come."""
    lock(conn, "beside")
    return come_to(conn)


def set_come_to(conn: Connection, seq: int) -> None:
    """All rows up to the change of this number are there now."""
    publishing.set_meta(conn, _MARK, str(seq))
    if known := noted(conn):
        _keep_noted(conn, [each for each in known if each[1] > seq])


def noted(conn: Connection) -> list[Range]:
    """Changes (above the first number, up to the second) of pages that only show something else that changed:
    nothing new stands beside the items themselves.
    """
    pairs = (each.split("-") for each in (publishing.get_meta(conn, _OWN) or "").split())
    return [(int(after), int(until)) for after, until in pairs]


def note(conn: Connection, after: int, until: int) -> None:
    """Such changes were made just now."""
    known = noted(conn)
    if known and known[-1][1] == after:
        after = known.pop()[0]
    _keep_noted(conn, [*known, (after, until)])


def _keep_noted(conn: Connection, ranges: Sequence[Range]) -> None:
    publishing.set_meta(conn, _OWN, " ".join(f"{after}-{until}" for after, until in ranges))


def rows_of(conn: Connection, item_ids: Iterable[str]) -> dict[str, dict[int, str]]:
    """Ids by place, of each of these items that has some."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for some in chunks(list(item_ids)):
        for row in conn.execute(select(beside).where(beside.c.item_id.in_(some))):
            found[row.item_id][row.place] = row.other_id
    return found


def showing(conn: Connection, item_ids: Iterable[str]) -> set[str]:
    """The items on whose pages one of these stands."""
    found: set[str] = set()
    for some in chunks(list(item_ids)):
        found |= set(conn.scalars(select(beside.c.item_id).where(beside.c.other_id.in_(some))))
    return found


def put(conn: Connection, rows: Mapping[str, Places]) -> None:
    """Let these stand beside the items, instead of those before."""
    for some in chunks(list(rows)):
        conn.execute(delete(beside).where(beside.c.item_id.in_(some)))
    made = [
        {"item_id": item_id, "place": place, "other_id": other}
        for item_id, places in rows.items()
        for place, other in places.items()
    ]
    if made:
        insert_many(conn, beside, made)


def neighbours(conn: Connection, item_ids: Sequence[str]) -> dict[str, dict[int, Neighbour]]:
    """What stands beside these items, by place, as it is told on their pages; not what was withdrawn."""
    found: dict[str, dict[int, Neighbour]] = defaultdict(dict)
    for some in chunks(item_ids):
        query = (
            select(beside.c.item_id, beside.c.place, item.c.id, item.c.title, item.c.lang, item.c.date_on)
            .join(item, item.c.id == beside.c.other_id)
            .where(beside.c.item_id.in_(some), item.c.withdrawn_at.is_(None))
            .order_by(beside.c.item_id, beside.c.place)
        )
        for mine, place, *told in conn.execute(query):
            found[mine][place] = Neighbour(*told)
    return found
