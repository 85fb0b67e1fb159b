"""/private/SECRET.atom: somebody's own news in their feed reader.

Nobody between may keep it, and no search engine lists it. An address that was taken back is gone (410).
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds.model import LinkPurpose
from feeds.people import limiting, private_feed
from feeds.publishing.filtered import Answer, Filtered, TooManyFiltersError
from feeds.web.files import file_response
from feeds.web.filters import answered_file, too_many
from feeds.web.memory import MAX_AGE_S
from feeds.web.people import PeopleParts

HEADERS = {"cache-control": f"private, max-age={MAX_AGE_S}", "x-robots-tag": "noindex"}


def private_routes(parts: PeopleParts, filtered: Filtered) -> list[Route]:
    """GET /private/{secret}.{form}."""

    def made(secret: str, form: str, client: str) -> Answer:
        found = private_feed.opened(parts.store, parts.rules, secret, parts.now())
        if found is None:
            # A right address is never held up by what others of its network tried.
            limiting.may_try(parts.store, parts.rules, client, parts.now())
            limiting.missed(parts.store, parts.rules, client, parts.now(), LinkPurpose.FEED, secret)
            raise HTTPException(404)
        if found.gone:
            raise HTTPException(410, headers=HEADERS)
        return filtered.private(found.filters, found.name, secret, form)

    async def answer(request: Request) -> Response:
        secret, form = request.path_params["secret"], request.path_params["form"]
        if form not in filtered.formats:
            raise HTTPException(404)
        try:
            found = await run_in_threadpool(made, secret, form, parts.client(request))
        except TooManyFiltersError:
            return too_many()
        response = file_response(answered_file(request.url.path, found, form), request)
        response.headers.update(HEADERS)
        return response

    return [Route("/private/{secret}.{form}", answer, methods=["GET"])]
