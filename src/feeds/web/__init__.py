"""The web site: published files, leaving by link, the demo's outbox.

GET and HEAD change nothing, anywhere (T13). Links are built from the
configuration, never from the Host header (T23).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from feeds import log
from feeds.errors import StoreError
from feeds.pages import Pages
from feeds.store import Store
from feeds.tokens import Tokens
from feeds.web.digests import digest_routes
from feeds.web.files import PublishedFiles
from feeds.web.front import Front
from feeds.web.headers import HEADERS, SecurityHeaders
from feeds.web.leaving import leaving_routes
from feeds.web.memory import PublishedMemory
from feeds.web.outbox import outbox_routes

logger = log.get("web")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """What the site works with.

    `outbox` is the folder shown at /outbox/, or None. `moved` and `prefix` are as for `PublishedFiles`.
    """

    store: Store
    pages: Pages
    tokens: Tokens
    public: Path
    outbox: Path | None
    now: Callable[[], datetime]
    moved: Mapping[str, str]
    prefix: str
    hosts: frozenset[str] | None = None
    memory: PublishedMemory | None = None
    digest_kept: timedelta = timedelta(days=60)


def front_for(parts: WebParts) -> Front:
    """What answers from memory, beside the application that `create_app` makes of the same parts."""
    memory = parts.memory or PublishedMemory(parts.public)
    return Front(memory, parts.hosts, HEADERS, parts.moved)


def create_app(parts: WebParts) -> Starlette:
    """The ASGI application. Stateless: any number of them may run."""
    files = PublishedFiles(parts.public, parts.moved, parts.prefix, parts.memory)

    async def published(request: Request) -> Response:
        response = files.answer(request)
        if response is None:
            raise HTTPException(404)
        return response

    async def health(_: Request) -> Response:
        await run_in_threadpool(parts.store.require_current)
        return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})

    def page(status: int, data: bytes) -> Response:
        return Response(data, status, {"cache-control": "no-store"}, "text/html; charset=utf-8")

    async def failed(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        data = parts.pages.not_found() if status == 404 else parts.pages.error(status)
        return page(status, data)

    async def away(_: Request, error: Exception) -> Response:
        logger.error("store-away", reason=str(error))
        return page(503, parts.pages.error(503))

    routes = [
        Route("/health", health, methods=["GET"]),
        *digest_routes(parts.store, parts.pages, parts.digest_kept, parts.now),
        *leaving_routes(parts.store, parts.pages, parts.tokens, parts.now),
        *(outbox_routes(parts.pages, parts.outbox) if parts.outbox else []),
        Route("/{path:path}", published, methods=["GET"]),
    ]
    app = Starlette(
        routes=routes, exception_handlers={HTTPException: failed, StoreError: away, Exception: failed}
    )
    app.add_middleware(SecurityHeaders)
    return app
