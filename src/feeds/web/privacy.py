"""/privacy/: what is kept, from the settings that count."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds.web.people import PeopleParts

HEADERS = {"cache-control": "public, max-age=300"}


def privacy_routes(parts: PeopleParts) -> list[Route]:
    """GET /privacy/, and below /es/ and so on."""

    def route(lang: str) -> Route:
        pages = parts.speaking(lang).privacy

        async def show(_: Request) -> Response:
            data = await run_in_threadpool(pages.privacy, parts.facts)
            return Response(data, headers=HEADERS, media_type="text/html; charset=utf-8")

        return Route("/privacy/" if lang == parts.langs[0] else f"/{lang}/privacy/", show, methods=["GET"])

    return [route(lang) for lang in parts.langs]
