"""What is to be known of all items at once: instants and labels, without their words (store).

Read in a few statements, however many items there are, and without SQLAlchemy's own values: at 300,000
items each microsecond counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Text, select, type_coerce

from feeds.store.schema import item, label
from feeds.store.writing import chunks


class Outline(NamedTuple):
    """An item without its words. Instants are as they are kept, ``2026-11-21T20:41:00.123456Z``."""

    id: str
    date_on: date
    accepted_at: str
    updated_at: str
    mailable: bool
    withdrawn_at: str | None
    lang: str


class OutlinedLabel(NamedTuple):
    """A label of an item: ``country``, ``pa``, ``about``."""

    item_id: str
    kind: str
    code: str
    strength: str


def outlines(conn: Connection, item_ids: Sequence[str] | None = None) -> Iterator[Outline]:
    """Of these items, or of all, withdrawn ones too."""
    instants = [type_coerce(item.c[name], Text) for name in ("accepted_at", "updated_at")]
    taken = type_coerce(item.c.withdrawn_at, Text)
    columns = (item.c.id, item.c.date_on, *instants, item.c.mailable, taken, item.c.lang)
    for where in _wheres(item.c.id, item_ids):
        for row in conn.execute(select(*columns).where(*where)):
            yield Outline(*row)


def outlined_labels(conn: Connection, item_ids: Sequence[str] | None = None) -> Iterator[OutlinedLabel]:
    """The labels of these items, or of all."""
    raw = (type_coerce(label.c.kind, Text), label.c.code, type_coerce(label.c.strength, Text))
    for where in _wheres(label.c.item_id, item_ids):
        for row in conn.execute(select(label.c.item_id, *raw).where(*where)):
            yield OutlinedLabel(*row)


class OutlinedText(NamedTuple):
    """The words of an item, to look for words in them."""

    id: str
    title: str
    summary: str
    lang: str


def texts(conn: Connection, item_ids: Sequence[str] | None = None) -> Iterator[OutlinedText]:
    """The words of these items, or of all."""
    for where in _wheres(item.c.id, item_ids):
        for row in conn.execute(select(item.c.id, item.c.title, item.c.summary, item.c.lang).where(*where)):
            yield OutlinedText(*row)


def _wheres(
    column: ColumnElement[str], item_ids: Sequence[str] | None
) -> Iterator[Sequence[ColumnElement[bool]]]:
    if item_ids is None:
        yield ()
    else:
        for some in chunks(item_ids):
            yield (column.in_(some),)
