"""/desk/: what came in."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from feeds.store import bulletins
from feeds.web import people
from feeds.web.desk.parts import DeskParts, prefix_of
from feeds.web.signing_in import Who

SHOWN = 30
# So long a rejected bulletin stands among those that somebody must look at.
LOOKED_AT = timedelta(days=3)


class Listing:
    """The first page of the desk."""

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts

    def show(self, who: Who, request: Request) -> Response:
        before = request.query_params.get("before", "")
        number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
        parts, prefix = self._parts, prefix_of(who.staff)
        with parts.store.read() as conn:
            since = parts.now() - LOOKED_AT
            open_ = [] if number else bulletins.open_ones(conn, prefix, since, SHOWN)
            rows = bulletins.ended(conn, prefix, number, SHOWN + 1)
        older = rows[SHOWN - 1].id if len(rows) > SHOWN else None
        shown = {row.id for row in open_}
        rest = [row for row in rows[:SHOWN] if row.id not in shown]
        return people.page(parts.speaking(who).bulletins(open_, rest, parts.seen(who), older))
