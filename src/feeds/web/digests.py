"""A digest as a page: what one mail told, from the items as they are now.

The address is a key that nobody can guess and tells nothing of who reads: no name, no filter. After a
while it is gone (410), because what it showed has pages of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds.model import Item
from feeds.pages import Pages
from feeds.store import Store, digests, items

MAX_AGE_S = 300


def digest_routes(store: Store, pages: Pages, kept: timedelta, now: Callable[[], datetime]) -> list[Route]:
    """GET /digests/{key}/; `kept` is how long a page stands."""

    def load(key: str) -> tuple[digests.DigestPage, list[Item]]:
        with store.read() as conn:
            found = digests.page(conn, key)
            if found is None:
                raise HTTPException(404)
            if found.composed_at + kept < now():
                raise HTTPException(410)
            stored = items.by_ids(conn, found.item_ids)
        shown = [stored[each] for each in found.item_ids if each in stored]
        return found, [item for item in shown if item.withdrawn_at is None]

    async def show(request: Request) -> Response:
        found, shown = await run_in_threadpool(load, request.path_params["key"])
        data = pages.speaking(found.lang).digest(shown, found.composed_at.date())
        headers = {"cache-control": f"private, max-age={MAX_AGE_S}", "x-robots-tag": "noindex"}
        return Response(data, 200, headers, "text/html; charset=utf-8")

    return [Route("/digests/{key}/", show, methods=["GET"])]
