"""The few statements that SQLAlchemy spells by dialect, and row locks on named work (store)."""

# ruff: noqa: S608 (names of our own are put together; what comes from outside is bound)

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Dialect, Table, any_, func, literal, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

from feeds.store.columns import instant_text
from feeds.store.schema import clock

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

T = TypeVar("T")

# Below the number of parameters that either database takes in one statement.
CHUNK = 1000


def insert(conn: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT; both dialects give the same SQL."""
    if conn.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # many drivers' worth: only where it is used

        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_many(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same keys; none is fine.

    The driver gets the bound values at once: SQLAlchemy's own way copies and checks each row's keys, which
    doubles the price of a burst of bulletins.
    """
    if not rows:
        return
    made = _prepared(table, tuple(rows[0]), conn.dialect)
    if made.positional:
        conn.exec_driver_sql(made.sql, [tuple([bind(row) for bind in made.binds]) for row in rows])
    else:
        named = [{name: bind(row) for name, bind in zip(made.names, made.binds, strict=True)} for row in rows]
        conn.exec_driver_sql(made.sql, named)


def load_rows(conn: Connection, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Very many rows of plain values, as the driver takes them (`stored` makes them): no conversion, no copy.

    PostgreSQL copies them in. A key that exists is a lost race (Conflict).
    """
    if not rows:
        return
    if conn.dialect.name != "postgresql":
        made = _prepared(table, tuple(names), conn.dialect)
        if tuple(names) != made.names:
            rows = list(map(itemgetter(*[names.index(name) for name in made.names]), rows))
        conn.exec_driver_sql(made.sql, list(rows))
        return
    columns = ", ".join(f'"{name}"' for name in names)
    cursor = conn.connection.cursor()
    try:
        with cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg_error(conn) as error:  # SQLAlchemy did not see it
        raise DBAPIError.instance("COPY", None, error, psycopg_error(conn)) from error
    finally:
        cursor.close()


def new_ids(conn: Connection, table: Table, number: int) -> list[int]:
    """So many ids that no row of this table has or had, for rows that name theirs themselves."""
    if conn.dialect.name == "postgresql":
        query = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :number)")
        return list(conn.scalars(query, {"name": f'"{table.name}"', "number": number}))
    # Nobody else writes meanwhile, and a row that names its id moves the sequence on.
    last = conn.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}) or 0
    return list(range(last + 1, last + 1 + number))


def psycopg_error(conn: Connection) -> type[Exception]:
    """The root of what this connection's driver raises."""
    driver: Any = conn.dialect.dbapi
    found: type[Exception] = driver.Error
    return found


def stored(at: datetime) -> str:
    """An instant as it lies in its column."""
    return instant_text(at)


class _Prepared(NamedTuple):
    sql: str
    names: tuple[str, ...]
    binds: tuple[Callable[[Mapping[str, Any]], Any], ...]
    positional: bool


@lru_cache(maxsize=64)
def _prepared(table: Table, keys: tuple[str, ...], dialect: Dialect) -> _Prepared:
    compiled = table.insert().compile(dialect=dialect, column_keys=list(keys))
    assert isinstance(compiled, SQLCompiler)
    names = tuple(compiled.positiontup or keys)
    types = [table.c[name].type.dialect_impl(dialect) for name in names]
    binds = [_bind(name, one.bind_processor(dialect)) for name, one in zip(names, types, strict=True)]
    return _Prepared(str(compiled), names, tuple(binds), compiled.positional)


def _bind(name: str, process: Callable[[Any], Any] | None) -> Callable[[Mapping[str, Any]], Any]:
    if process is None:
        return itemgetter(name)
    return lambda row: process(row[name])


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Slices that fit into one IN list."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def among(conn: Connection, column: ColumnElement[T], values: Sequence[T]) -> ColumnElement[bool]:
    """Whether a column has one of these values, however many: they go as one parameter, where an IN list of a
    thousand takes longer to spell than to look up."""
    if conn.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return column == any_(literal(list(values), postgresql.ARRAY(column.type)))
    listed = func.json_each(json.dumps(values)).table_valued("value")
    return column.in_(select(listed.c.value))


def lock(conn: Connection, name: str) -> datetime | None:
    """Hold the named work until the transaction ends; its remembered instant, None at first.

    On PostgreSQL a row lock; on SQLite the write transaction itself excludes all others.
    """
    found = select(clock.c.at).where(clock.c.name == name).with_for_update()
    row = conn.execute(found).first()
    if row is None:
        conn.execute(insert(conn, clock).values(name=name, at=None).on_conflict_do_nothing())
        row = conn.execute(found).one()
    at: datetime | None = row.at
    return at


class Instants(dict[str, datetime]):
    """Stored instants, each read once: many audiences stand at the same one."""

    def __missing__(self, written: str) -> datetime:
        self[written] = read = datetime.fromisoformat(written)
        return read


def listed(
    conn: Connection, values: Sequence[Any], name: str = "ids", kind: str = "bigint"
) -> tuple[str, dict[str, Any]]:
    """A list of any length as one parameter: what stands in ``IN (…)``, and its value."""
    if conn.dialect.name == "postgresql":
        return f"SELECT unnest(CAST(:{name} AS {kind}[]))", {name: list(values)}
    return f"SELECT value FROM json_each(:{name})", {name: json.dumps(list(values))}


def table_of(conn: Connection, columns: Mapping[str, Sequence[Any]]) -> tuple[str, dict[str, Any]]:
    """Rows as a table called v, column by column: numbers and text, empty ones too."""
    names = list(columns)
    if conn.dialect.name == "postgresql":
        kinds = {name: "bigint" if name.endswith("id") else "text" for name in names}
        arrays = ", ".join(f"CAST(:v_{name} AS {kinds[name]}[])" for name in names)
        return f"unnest({arrays}) AS v({', '.join(names)})", {
            f"v_{name}": list(columns[name]) for name in names
        }
    parts = ", ".join(f"json_extract(value, '$[{n}]') AS {name}" for n, name in enumerate(names))
    packed = json.dumps(list(zip(*columns.values(), strict=True)))
    return f"(SELECT {parts} FROM json_each(:v_rows)) AS v", {"v_rows": packed}
