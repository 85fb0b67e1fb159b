"""Bulletins and what became of each of their items: the receipts (store)."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    Text,
    bindparam,
    case,
    cast,
    delete,
    func,
    select,
    update,
)

from feeds.model import WAITS, BulletinReceipt, DraftChoice, ReceiptLine
from feeds.store.schema import bulletin, bulletin_line, meta
from feeds.store.writing import chunks, insert_many
from feeds.store.writing import insert as insert_

_LINE = ("outcome", "line", "title", "date_on", "item_id", "reason", "fault", "labels")
_BIGGEST_KEY = 2**63 - 1
_FAILED = "failed/"
# No file decides about it any more.
_NOWHERE: dict[str, Any] = {"place": None, "missing_at": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinRow:
    """One accepted (or rejected) file. `filed_at` is None until it has left the inbox.

    `size` is in bytes; `notify` is ``default``, ``all`` or ``none``, as it was taken in. `place` is where its
    file was put in held/, empty if it was not there then, None where no file decides. `embargo_at` is the
    embargo that holds, whatever the head of the file says; None where that alone says it. `choices` are the
    labels that somebody has chosen for its items while it was held.
    """

    id: int
    sha256: str
    size: int
    encoding: str
    notify: str
    accepted_at: datetime
    filed_at: datetime | None
    filed_as: str | None
    place: str | None = None
    embargo_at: datetime | None = None
    receipt: BulletinReceipt
    choices: tuple[DraftChoice, ...] = ()

    @property
    def name(self) -> str:
        """The file's name in the inbox; bytes that are no UTF-8 as ``\\udce9``."""
        return self.receipt.name


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBulletin:
    """A file to be recorded. `content` keeps the bytes of one that is held (`receipt.held_until`) until it
    is let go; `stays` says that the file is not to be moved.
    """

    receipt: BulletinReceipt
    sha256: str
    size: int
    encoding: str
    notify: str = "default"
    content: bytes | None = None
    embargo_at: datetime | None = None
    stays: bool = False


def insert(conn: Connection, new: Sequence[NewBulletin]) -> list[int]:
    """Record bulletins with their receipts; returns their ids, in order."""
    if not new:
        return []
    statement = bulletin.insert().returning(bulletin.c.id, sort_by_parameter_order=True)
    ids = list(conn.scalars(statement, [_values(each) for each in new]))
    _insert_lines(conn, zip(ids, [each.receipt for each in new], strict=True))
    return ids


def _values(new: NewBulletin) -> dict[str, Any]:
    receipt = new.receipt
    return {
        "name": receipt.name, "sha256": new.sha256, "size": new.size, "encoding": new.encoding,
        "received_at": receipt.received_at, "accepted_at": receipt.received_at,
        "rejected": receipt.rejected, "notify": new.notify, "mailed": receipt.mailed,
        "held_until": receipt.held_until, "content": new.content, "embargo_at": new.embargo_at,
        "filed_at": receipt.received_at if new.stays else None,
        "filed_as": receipt.name if new.stays else None,
    }  # fmt: skip


def _insert_lines(conn: Connection, receipts: Iterable[tuple[int, BulletinReceipt]]) -> None:
    lines = [
        {"bulletin_id": bulletin_id, "position": position} | {name: getattr(line, name) for name in _LINE}
        for bulletin_id, receipt in receipts
        for position, line in enumerate(receipt.lines)
    ]
    insert_many(conn, bulletin_line, lines)


def held(conn: Connection, until: datetime) -> list[tuple[BulletinRow, bytes]]:
    """Bulletins whose time of being held ended by `until`, with their bytes, oldest first."""
    query = select(bulletin).where(bulletin.c.held_until <= until, bulletin.c.content.is_not(None))
    rows = conn.execute(query.order_by(bulletin.c.id)).all()
    lines = _lines(conn, [row.id for row in rows])
    return [(_row(row, lines.get(row.id, [])), row.content) for row in rows]


def let_go(conn: Connection, bulletin_id: int, receipt: BulletinReceipt) -> bool:
    """A held bulletin is taken in, with this receipt; False when another did it, or it was undone."""
    mine = update(bulletin).where(bulletin.c.id == bulletin_id, bulletin.c.content.is_not(None))
    values: dict[str, Any] = {"held_until": None, "content": None, "filed_at": None, **_NOWHERE}
    values |= {"accepted_at": receipt.received_at, "rejected": receipt.rejected}
    if conn.execute(mine.values(values)).rowcount != 1:
        return False
    replace_lines(conn, bulletin_id, receipt)
    return True


def replace_lines(conn: Connection, bulletin_id: int, receipt: BulletinReceipt) -> None:
    """Put the lines of another receipt in place of a bulletin's."""
    conn.execute(delete(bulletin_line).where(bulletin_line.c.bulletin_id == bulletin_id))
    _insert_lines(conn, [(bulletin_id, receipt)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What a held bulletin is from now on: its bytes and the labels that were chosen, and how that reads."""

    content: bytes
    sha256: str
    encoding: str
    choices: tuple[DraftChoice, ...]
    receipt: BulletinReceipt


def mend(conn: Connection, bulletin_id: int, before: str, now: Mended) -> bool:
    """Put other bytes or labels in place of those of a held bulletin; False when it is not held any more, or
    its bytes are not those of the digest `before`. Of other bytes no file in held/ decides any more; those of
    another name have yet to be filed.
    """
    mine = (
        bulletin.c.id == bulletin_id, bulletin.c.content.is_not(None), bulletin.c.sha256 == before,
    )  # fmt: skip
    values: dict[str, Any] = {
        "content": now.content, "sha256": now.sha256, "size": len(now.content), "encoding": now.encoding,
        "choices": now.choices, **(_NOWHERE if now.sha256 != before else {}),
    }  # fmt: skip
    renamed = bulletin.c.name != now.receipt.name
    values |= {
        "name": now.receipt.name,
        "filed_at": case((renamed, None), else_=bulletin.c.filed_at),
        "filed_as": case((renamed, None), else_=bulletin.c.filed_as),
    }
    if conn.execute(update(bulletin).where(*mine).values(values)).rowcount != 1:
        return False
    replace_lines(conn, bulletin_id, now.receipt)
    return True


def content(conn: Connection, bulletin_id: int) -> bytes | None:
    """The bytes of a held bulletin; None when it is not held."""
    data: bytes | None = conn.scalar(select(bulletin.c.content).where(bulletin.c.id == bulletin_id))
    return data


def undo(conn: Connection, bulletin_id: int, at: datetime) -> bool:
    """Take a held bulletin back; False when it is not held any more."""
    mine = update(bulletin).where(bulletin.c.id == bulletin_id, bulletin.c.content.is_not(None))
    gone = mine.values(content=None, held_until=None, undone_at=at, **_NOWHERE)
    return conn.execute(gone).rowcount == 1


def held_of(conn: Connection, name: str) -> list[BulletinRow]:
    """Those of one name that are held, oldest first."""
    mine = (bulletin.c.name.in_(_spellings(name)), bulletin.c.content.is_not(None))
    return _load(conn, select(bulletin).where(*mine).order_by(bulletin.c.id))


def replaced_by(conn: Connection, name: str, bulletin_id: int) -> list[BulletinRow]:
    """Those of one name that came before a bulletin and give way to it: they wait for a person, or their
    file was replaced before it could be put into held/.
    """
    before = [row for row in held_of(conn, name) if row.id < bulletin_id]
    return [
        row for row in before if row.receipt.held_until == WAITS or row.place == "" or row.filed_at is None
    ]


def release(conn: Connection, bulletin_id: int, at: datetime) -> bool:
    """Let a held bulletin be taken in from this instant on, after those of its name that came before it.

    Wherever its file lies by now: a person decided. False when it is not held any more.
    """
    mine = (bulletin.c.id == bulletin_id, bulletin.c.content.is_not(None))
    name = conn.scalar(select(bulletin.c.name).where(*mine))
    if name is None:
        return False
    earlier = (bulletin.c.name == name, bulletin.c.id <= bulletin_id, bulletin.c.content.is_not(None))
    conn.execute(update(bulletin).where(*earlier).values(held_until=at, **_NOWHERE))
    return True


def count_held(conn: Connection) -> int:
    """How many bulletins are held."""
    return conn.scalar(select(func.count()).select_from(bulletin).where(bulletin.c.content.is_not(None))) or 0


def hold_together(conn: Connection, name: str, until: datetime) -> None:
    """Let those of one name that are held wait for the newest of them: it may correct them.

    Not if that one waits for a person: what is in no doubt goes at its time.
    """
    if until == WAITS:
        return
    held = (bulletin.c.content.is_not(None), bulletin.c.held_until < until)
    mine = (bulletin.c.name.in_(_spellings(name)), *held)
    conn.execute(update(bulletin).where(*mine).values(held_until=until))


def count_failure(conn: Connection, what: str) -> int:
    """How often we have failed on this file now, in whatever process."""
    more = insert_(conn, meta).values(key=f"{_FAILED}{what}", value="1")
    plus_one = cast(cast(meta.c.value, Integer) + 1, Text)
    counted = more.on_conflict_do_update(index_elements=["key"], set_={"value": plus_one})
    return int(conn.execute(counted.returning(meta.c.value)).scalar_one())


def failures(conn: Connection, what: str) -> int:
    """How often we have failed on this file."""
    return int(conn.scalar(select(meta.c.value).where(meta.c.key == f"{_FAILED}{what}")) or 0)


def forget_failures(conn: Connection, whats: Iterable[str]) -> None:
    """These files were read, or parked: whoever brings them again begins a new count."""
    for some in chunks([f"{_FAILED}{what}" for what in whats]):
        conn.execute(delete(meta).where(meta.c.key.in_(some)))


def unfiled(conn: Connection, names: Collection[str] | None = None) -> list[BulletinRow]:
    """Bulletins that were accepted and whose files have not left the inbox, oldest first; of all names, or
    of these: a kill came between."""
    waiting = (bulletin.c.filed_at.is_(None), bulletin.c.undone_at.is_(None))
    query = select(bulletin).where(*waiting).order_by(bulletin.c.id)
    if names is None:
        return _load(conn, query)
    mine = (query.where(bulletin.c.name.in_(some)) for some in chunks(list(names)))
    return [row for each in mine for row in _load(conn, each)]


def filed(
    conn: Connection, filed_as: Mapping[int, str], at: datetime, places: Mapping[int, str] | None = None
) -> None:
    """These files have left the inbox, under these names; what was known before stays.

    `places`: where those that are held were put.
    """
    if filed_as:
        where = places or {}
        mine = bulletin.c.id == bindparam("mine"), bulletin.c.filed_at.is_(None)
        values: dict[str, Any] = {
            "filed_at": bindparam("at"), "filed_as": bindparam("as_"), "place": bindparam("where_"),
        }  # fmt: skip
        rows = [
            {"mine": key, "at": at, "as_": name, "where_": where.get(key)} for key, name in filed_as.items()
        ]
        conn.execute(update(bulletin).where(*mine).values(values), rows)


def filed_since(conn: Connection, at: datetime) -> list[BulletinRow]:
    """The last thousand bulletins that were filed at an instant or later and are not held, newest first."""
    mine = (bulletin.c.filed_at >= at, bulletin.c.content.is_(None), bulletin.c.undone_at.is_(None))
    return _load(conn, select(bulletin).where(*mine).order_by(bulletin.c.id.desc()).limit(1_000))


def listing(conn: Connection, limit: int) -> list[BulletinRow]:
    """The newest bulletins, newest first."""
    return _load(conn, select(bulletin).order_by(bulletin.c.id.desc()).limit(limit))


def open_ones(conn: Connection, prefix: str, since: datetime, limit: int) -> list[BulletinRow]:
    """Those whose names begin with `prefix` that somebody may have to decide about: held ones, soonest first
    and then those that wait, and what was rejected at `since` or later and not mended by a later file.
    """
    held = select(bulletin).where(bulletin.c.content.is_not(None), *_of(prefix))
    soonest = held.order_by(bulletin.c.held_until, bulletin.c.id).limit(limit)
    later = bulletin.alias()
    mended = select(later.c.id).where(
        later.c.name == bulletin.c.name, later.c.id > bulletin.c.id, later.c.rejected.is_(False)
    )
    bad = select(bulletin).where(
        bulletin.c.rejected, bulletin.c.received_at >= since, *_of(prefix), ~mended.exists()
    )
    return [
        *_load(conn, soonest), *_load(conn, bad.order_by(bulletin.c.id.desc()).limit(limit))
    ]  # fmt: skip


def ended(conn: Connection, prefix: str, before: int | None, limit: int) -> list[BulletinRow]:
    """Those whose names begin with `prefix` and that are not held, newest first; only `before` a number."""
    query = select(bulletin).where(bulletin.c.content.is_(None), *_of(prefix))
    if before is not None:
        query = query.where(bulletin.c.id < before)
    return _load(conn, query.order_by(bulletin.c.id.desc()).limit(limit))


def _of(prefix: str) -> list[ColumnElement[bool]]:
    """Of one folder of the inbox; no condition for all of them."""
    return [bulletin.c.name.startswith(prefix, autoescape=True)] if prefix else []


def find(conn: Connection, ref: str | int) -> BulletinRow | None:
    """The bulletin with this id, else the newest with this name."""
    number = str(ref)
    if number.isascii() and number.isdigit() and int(number) <= _BIGGEST_KEY:
        found = _first(conn, select(bulletin).where(bulletin.c.id == int(number)))
        if found:
            return found
    if "\x00" in number:
        return None  # PostgreSQL refuses it, and no file has such a name
    named = select(bulletin).where(bulletin.c.name.in_(_spellings(number)))
    return _first(conn, named.order_by(bulletin.c.id.desc()))


def _spellings(name: str) -> list[str]:
    """A name with its accents as they are stored, and as rows of old and the names of a Mac have them."""
    return [unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)]


def _first(conn: Connection, query: Select[Any]) -> BulletinRow | None:
    return next(iter(_load(conn, query.limit(1))), None)


def _load(conn: Connection, query: Select[Any]) -> list[BulletinRow]:
    rows = conn.execute(query).all()
    lines = _lines(conn, [row.id for row in rows])
    return [_row(row, lines.get(row.id, [])) for row in rows]


def _lines(conn: Connection, bulletin_ids: Sequence[int]) -> dict[int, list[ReceiptLine]]:
    columns = [bulletin_line.c[name] for name in ("bulletin_id", *_LINE)]
    found: dict[int, list[ReceiptLine]] = defaultdict(list)
    for some in chunks(bulletin_ids):
        mine = bulletin_line.c.bulletin_id.in_(some)
        order = (bulletin_line.c.bulletin_id, bulletin_line.c.position)
        for bulletin_id, *values in conn.execute(select(*columns).where(mine).order_by(*order)):
            found[bulletin_id].append(ReceiptLine(**dict(zip(_LINE, values, strict=True))))
    return found


def _row(row: Row[Any], lines: Sequence[ReceiptLine]) -> BulletinRow:
    receipt = BulletinReceipt(
        name=row.name,
        received_at=row.received_at,
        rejected=row.rejected,
        lines=tuple(lines),
        mailed=row.mailed,
        held_until=row.held_until,
        undone_at=row.undone_at,
    )
    return BulletinRow(
        id=row.id, sha256=row.sha256, size=row.size, encoding=row.encoding, notify=row.notify,
        accepted_at=row.accepted_at, filed_at=row.filed_at, filed_as=row.filed_as, place=row.place,
        embargo_at=row.embargo_at, receipt=receipt, choices=row.choices or (),
    )  # fmt: skip
