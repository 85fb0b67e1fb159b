"""The press desk: /desk/, for the people whom the configuration names; without them there is no such path.

Each path has a module; what may be done is decided in `office` and `intake`, as for the command line.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds.pages.desk.frame import SHEET
from feeds.web.desk.listing import Listing
from feeds.web.desk.parts import DeskParts
from feeds.web.signing_in import door_routes

__all__ = ["DeskParts", "desk_routes"]


def desk_routes(parts: DeskParts) -> list[Route]:
    """All paths of the desk."""
    listing = Listing(parts)
    return [*door_routes(parts.at, listing.show), _sheet(parts)]


def _sheet(parts: DeskParts) -> Route:
    async def sheet(_: Request) -> Response:
        return Response(parts.sheet, headers={"cache-control": "max-age=300"}, media_type="text/css")

    return Route(SHEET, sheet, methods=["GET"])
