"""The web site: published files, the forms of those who get mail, the outbox and samples of the demo.

GET and HEAD change nothing, anywhere (T13). Links are built from the
configuration, never from the Host header (T23).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from feeds import log
from feeds.errors import StoreError
from feeds.pages import Pages
from feeds.people.rules import Limited
from feeds.publishing.filtered import Filtered
from feeds.store import Store
from feeds.tokens import Tokens
from feeds.web.archives import archive_routes
from feeds.web.confirming import confirm_routes
from feeds.web.demonstration import Demonstration, demonstration_routes
from feeds.web.desk import DeskParts, desk_routes
from feeds.web.digests import digest_routes
from feeds.web.edge import MAX_BODY, Edge, masked_path
from feeds.web.files import PublishedFiles
from feeds.web.filters import filter_routes
from feeds.web.front import Front
from feeds.web.headers import HEADERS, SecurityHeaders
from feeds.web.leaving import leaving_routes
from feeds.web.memory import PublishedMemory
from feeds.web.metrics import Metrics, metrics_routes
from feeds.web.moving import move_routes
from feeds.web.opening import opening_routes
from feeds.web.operator import OperatorParts, operator_routes
from feeds.web.people import PeopleParts
from feeds.web.preferences import preferences_routes
from feeds.web.privacy import privacy_routes
from feeds.web.private import private_routes
from feeds.web.receipts import ReceiptParts, receipt_routes
from feeds.web.subscribing import subscribe_routes
from feeds.web.tallying import Tallied, Tally

logger = log.get("web")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """What the site works with.

    `demonstration` is what only a demonstration shows, or None; so are `desk` and `operator`, the pages of
    people of the house. `moved`, `prefix` and `homes` are as for `PublishedFiles`.
    """

    store: Store
    pages: Pages
    tokens: Tokens
    public: Path
    demonstration: Demonstration | None
    now: Callable[[], datetime]
    moved: Mapping[str, str]
    prefix: str
    people: PeopleParts
    hosts: frozenset[str] | None = None
    memory: PublishedMemory | None = None
    filtered: Filtered | None = None
    homes: Sequence[str] = ("",)
    digest_kept: timedelta = timedelta(days=60)
    metrics: Metrics | None = None
    tally: Tally = field(default_factory=Tally)
    desk: DeskParts | None = None
    receipts: ReceiptParts | None = None
    operator: OperatorParts | None = None


def front_for(parts: WebParts) -> Front:
    """What answers from memory, beside the application that `create_app` makes of the same parts."""
    memory = parts.memory or PublishedMemory(parts.public)
    return Front(memory, parts.hosts, HEADERS, parts.moved, parts.homes, counted=parts.tally.ready)


def create_app(parts: WebParts) -> ASGIApp:
    """The ASGI application. Stateless: any number of them may run."""
    memory = parts.memory or PublishedMemory(parts.public)
    files = PublishedFiles(parts.public, parts.moved, parts.prefix, memory, parts.homes)

    async def published(request: Request) -> Response:
        response = files.answer(request)
        if response is None:
            raise HTTPException(404)
        return response

    async def health(_: Request) -> Response:
        await run_in_threadpool(parts.store.require_current)
        return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})

    routes = [
        Route("/health", health, methods=["GET"]),
        *_people_routes(parts.people),
        *(metrics_routes(parts.tally, parts.metrics) if parts.metrics else []),
        *(desk_routes(parts.desk) if parts.desk else []),
        *(receipt_routes(parts.receipts) if parts.receipts else []),
        *(operator_routes(parts.operator) if parts.operator else []),
        *digest_routes(parts.store, parts.pages, parts.digest_kept, parts.now),
        *_demonstration_routes(parts),
        *_filter_routes(parts, memory),
        *_archive_routes(parts),
        Route("/{path:path}", published, methods=["GET"]),
    ]
    app = Starlette(routes=routes, exception_handlers=_handlers(parts.pages, parts.homes))
    refused = {status: parts.pages.error(status) for status in (400, 413)}
    # The headers outermost, so that no answer goes without them, whoever gives it.
    largest = parts.desk.largest if parts.desk else (lambda _: MAX_BODY)
    return SecurityHeaders(Tallied(Edge(app, parts.hosts, refused, largest), parts.tally, routes))


def _filter_routes(parts: WebParts, memory: PublishedMemory) -> list[Route]:
    if parts.filtered is None:
        return []
    return [
        *filter_routes(parts.filtered, parts.pages, memory, parts.prefix, time.monotonic),
        *private_routes(parts.people, parts.filtered),
    ]


def _archive_routes(parts: WebParts) -> list[Route]:
    if parts.filtered is None:
        return []
    return archive_routes(parts.filtered, parts.prefix)


def _demonstration_routes(parts: WebParts) -> list[Route]:
    shown = parts.demonstration
    return demonstration_routes(parts.pages, shown, parts.people.origins) if shown else []


def _people_routes(parts: PeopleParts) -> list[BaseRoute]:
    """The forms of those who get mail, one module a path."""
    return [
        *subscribe_routes(parts),
        *confirm_routes(parts),
        *preferences_routes(parts),
        *opening_routes(parts),
        *move_routes(parts),
        *leaving_routes(parts),
        *privacy_routes(parts),
    ]


Handler = Callable[[Request, Exception], Awaitable[Response]]


def _handlers(pages: Pages, homes: Sequence[str]) -> dict[Any, Handler]:
    """What is answered when something else than a page comes out, in the language of the address."""

    def at(request: Request) -> Pages:
        lang = request.url.path.split("/")[1]
        return pages.speaking(lang) if lang and f"/{lang}" in homes else pages

    def page(status: int, data: bytes, headers: Mapping[str, str] | None = None) -> Response:
        kept = {"cache-control": "no-store", **(headers or {})}
        return Response(data, status, kept, "text/html; charset=utf-8")

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = error.headers if isinstance(error, HTTPException) else None
        return page(status, at(request).not_found() if status == 404 else at(request).error(status), headers)

    async def limited(request: Request, error: Exception) -> Response:
        wait = error.retry_after_s if isinstance(error, Limited) else 60
        return page(429, at(request).error(429), {"retry-after": str(wait)})

    async def left(_: Request, __: Exception) -> Response:
        return Response(status_code=400)  # nobody is there to read it

    async def away(request: Request, error: Exception) -> Response:
        logger.error("store-away", reason=str(error))
        return page(503, at(request).error(503), {"retry-after": "30"})

    async def failed(request: Request, error: Exception) -> Response:
        # The number finds the line in the log, and says nothing else.
        number = secrets.token_hex(4)
        where = masked_path(request.url.path)
        logger.error("page-failed", number=number, path=where, error=type(error).__name__, exc_info=error)
        return page(500, at(request).error(500, number))

    return {
        ClientDisconnect: left,
        HTTPException: refused,
        Limited: limited,
        StoreError: away,
        Exception: failed,
    }
