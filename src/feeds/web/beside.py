"""``/items/ID/previous`` and ``/items/ID/next``: from an item on to the one beside it."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from feeds.publishing.filtered import Filtered
from feeds.publishing.neighbours import beside

MAX_AGE_S = 60


def beside_routes(filtered: Filtered, prefix: str) -> list[Route]:
    """GET of both, in each language of the site: 303 to the page, which is another one as soon as there is
    news.
    """
    site = filtered.press.site
    return [
        _route(filtered, site.below(lang), prefix, step, later=later)
        for lang in site.langs
        for step, later in (("previous", False), ("next", True))
    ]


def _route(filtered: Filtered, below: str, prefix: str, step: str, *, later: bool) -> Route:
    async def answer(request: Request) -> Response:
        path = await run_in_threadpool(beside, filtered, request.path_params["item"], later=later)
        if path is None:
            raise HTTPException(404)
        headers = {"cache-control": f"public, max-age={MAX_AGE_S}", "x-robots-tag": "noindex"}
        return RedirectResponse(f"{prefix}{below}{path}", 303, headers)

    return Route(f"{below}/items/{{item}}/{step}", answer, methods=["GET"])
