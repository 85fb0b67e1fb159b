"""Statements that are handed to the driver as they are (store): what runs for each batch of letters.

SQLAlchemy spells a statement once; from then on the driver gets its text and its values. Values are given as
they are stored (`writing.stored` for instants), results come as the driver has them.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement


class Driven:
    """One statement for one dialect, made from an expression of SQLAlchemy when it is first run."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._sql = ""
        self._fixed: dict[str, Any] = {}
        self._in_order: Any = None

    def run(self, conn: Connection, **values: Any) -> CursorResult[Any]:
        """Run it in the caller's transaction. Driver errors come as SQLAlchemy's, as from any statement."""
        if not self._sql:
            self._spell(conn)
        given = self._fixed | values
        return conn.exec_driver_sql(self._sql, self._in_order(given) if self._in_order else given)

    def _spell(self, conn: Connection) -> None:
        assert isinstance(self._statement, ClauseElement)
        compiled = self._statement.compile(dialect=conn.dialect)
        assert isinstance(compiled, SQLCompiler)
        self._fixed = dict(compiled.params)
        if compiled.positional:
            names = compiled.positiontup or []
            # An itemgetter of one name gives no tuple, and of none there is none.
            one = len(names) < 2
            self._in_order = (
                (lambda given: tuple(given[name] for name in names)) if one else itemgetter(*names)
            )
        self._sql = str(compiled)
