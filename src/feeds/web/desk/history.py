"""/desk/history/: who did what, as far as somebody may see it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from feeds.pages.desk.frame import HOME
from feeds.store import audit
from feeds.web import people
from feeds.web.desk.laying_open import deed_of
from feeds.web.desk.parts import DeskParts, prefix_of
from feeds.web.signing_in import Who

_SHOWN = 100


class History:
    """The newest lines of the audit trail."""

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts

    def show(self, who: Who, _: Request) -> Response:
        parts = self._parts
        with parts.store.read() as conn:
            lines = audit.listing(conn, limit=_SHOWN, prefix=prefix_of(who.staff))
        deeds = [(deed_of(line), _path(line)) for line in lines]
        return people.page(parts.speaking(who).history(deeds, parts.seen(who)))


def _path(line: audit.Line) -> str:
    if line.item_id:
        return f"{HOME}items/{line.item_id}/"
    return f"{HOME}bulletins/{line.bulletin_id}/" if line.bulletin_id else ""
