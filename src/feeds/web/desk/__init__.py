"""The press desk: /desk/, for the people whom the configuration names; without them there is no such path.

Each path has a module; what may be done is decided in `office` and `intake`, as for the command line.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds.pages.desk.frame import HOME, SHEET
from feeds.web.desk.bulletin import OneBulletin
from feeds.web.desk.coming_in import ComingIn
from feeds.web.desk.history import History
from feeds.web.desk.items import OneItem
from feeds.web.desk.listing import Listing
from feeds.web.desk.parts import DeskParts
from feeds.web.desk.previews import Previews
from feeds.web.signing_in import Act, Show, acting, door_routes, inside

__all__ = ["DeskParts", "desk_routes"]


def desk_routes(parts: DeskParts) -> list[Route]:
    """All paths of the desk: what is shown, and what is done."""
    one, item, looks, new = OneBulletin(parts), OneItem(parts), Previews(parts), ComingIn(parts)
    bulletin = f"{HOME}bulletins/{{number:int}}/"
    shown: dict[str, Show] = {
        f"{HOME}new": new.show,
        f"{HOME}history/": History(parts).show,
        bulletin: one.show,
        f"{bulletin}labels/{{item:int}}": one.labels,
        f"{bulletin}preview/mail": looks.mail,
        f"{bulletin}preview/mail.html": looks.html,
        f"{bulletin}preview/{{item:int}}/page": looks.page,
        f"{bulletin}preview/{{item:int}}/entry": looks.entry,
        f"{HOME}items/{{item}}/": item.show,
        f"{HOME}items/{{item}}/labels": item.labels,
    }
    done: dict[str, Act] = {
        f"{bulletin}do": one.act,
        f"{bulletin}labels/{{item:int}}": one.label,
        f"{bulletin}preview/mail": looks.test,
        f"{HOME}items/{{item}}/do": item.act,
        f"{HOME}items/{{item}}/labels": item.label,
    }
    large: dict[str, Act] = {f"{HOME}new": new.act, f"{bulletin}text": one.text}
    most = parts.most_bytes
    return [
        *door_routes(parts.at, Listing(parts).show),
        _sheet(parts),
        *(Route(path, inside(parts.at, show), methods=["GET"]) for path, show in shown.items()),
        *(Route(path, acting(parts.at, act), methods=["POST"]) for path, act in done.items()),
        *(
            Route(path, acting(parts.at, act, files=1, max_bytes=most), methods=["POST"])
            for path, act in large.items()
        ),
    ]


def _sheet(parts: DeskParts) -> Route:
    async def sheet(_: Request) -> Response:
        return Response(parts.sheet, headers={"cache-control": "max-age=300"}, media_type="text/css")

    return Route(SHEET, sheet, methods=["GET"])
