"""Leaving by link: GET asks, POST acts, one click is enough (RFC 8058, P6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds import log
from feeds.pages import Pages
from feeds.people import signup
from feeds.store import Store
from feeds.tokens import Tokens

logger = log.get("web")

MAX_BODY = 16 * 1024


def leaving_routes(store: Store, pages: Pages, tokens: Tokens, now: Callable[[], datetime]) -> list[Route]:
    """GET and POST /unsubscribe/{token}. The token alone names the subscription."""

    def page(data: bytes, status: int = 200) -> Response:
        headers = {"cache-control": "no-store", "x-robots-tag": "noindex"}
        return Response(data, status, headers, "text/html; charset=utf-8")

    async def ask(request: Request) -> Response:
        token = request.path_params["token"]
        ids = tokens.read_unsubscribe(token)
        offer = await run_in_threadpool(signup.offer, store, *ids) if ids else None
        if offer is None:
            return page(pages.unsubscribe_unknown(), 404)
        theirs = pages.speaking(offer.lang)
        if not offer.filters and not offer.others:
            return page(theirs.unsubscribe_done([]))
        return page(theirs.unsubscribe_ask(token, offer.filters, offer.others, offer.address_hint))

    async def act(request: Request) -> Response:
        ids = tokens.read_unsubscribe(request.path_params["token"])
        everything = "everything" in await _form(request)
        if ids is None:
            return page(pages.unsubscribe_unknown(), 404)
        subscriber_id, audience_id = ids
        scope = None if everything else audience_id
        left = await run_in_threadpool(signup.leave, store, subscriber_id, scope, now(), "unsubscribe link")
        if left is None:
            return page(pages.unsubscribe_unknown(), 404)
        logger.info("unsubscribed", subscriber=subscriber_id, filters=len(left.filters))
        return page(pages.speaking(left.lang).unsubscribe_done(left.filters))

    return [
        Route("/unsubscribe/{token}", ask, methods=["GET"]),
        Route("/unsubscribe/{token}", act, methods=["POST"]),
    ]


async def _form(request: Request) -> dict[str, list[str]]:
    """The posted fields. RFC 8058 allows both form encodings; a field name is all we need of either."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413)
    if "multipart/form-data" in request.headers.get("content-type", ""):
        return {"everything": ["1"]} if b'name="everything"' in body else {}
    return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
