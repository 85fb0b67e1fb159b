"""The archive: months of each feed as documents and pages, site maps, and addresses that readers guess."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from feeds.model import FeedKey, Kind
from feeds.publishing.archives import Archives, NoSuchMonthError
from feeds.publishing.filtered import PAGE, Answer, Filtered
from feeds.syndication.sitemaps import sitemap, sitemap_index
from feeds.web.files import file_response
from feeds.web.filters import answered_file
from feeds.web.memory import MAX_AGE_S, MEDIA_TYPES

GUESSED = {
    "/feed": "atom", "/feed.xml": "atom", "/feed.atom": "atom", "/atom.xml": "atom", "/index.xml": "atom",
    "/rss": "rss", "/rss.xml": "rss", "/feed.rss": "rss", "/feed.json": "json",
}  # fmt: skip
"""Where readers look for the feed of a site, and the format that they get."""

_KINDS = {"all", "unlabelled", *(kind.value for kind in Kind)}
_MONTH = re.compile(r"(1[89]|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])")
_NUMBER = re.compile(r"[1-9][0-9]{0,4}")

Handler = Callable[[Request], Awaitable[Response]]


def archive_routes(filtered: Filtered, lang: str, prefix: str) -> list[Route]:
    """GET of months, of site maps, and of the guessed addresses."""
    archives = Archives(filtered)

    async def document(request: Request) -> Response:
        key, month = _key(request), _month(request)
        return await _answer(request, "atom", lambda: archives.document(key, month))

    async def page(request: Request) -> Response:
        key, month, number = _key(request), _month(request), _number(request)
        if number == 1 and request.url.query:
            return _moved(prefix + request.url.path)
        return await _answer(request, PAGE, lambda: archives.page(key, month, number, lang))

    async def months(request: Request) -> Response:
        key = _key(request)
        return await _answer(request, PAGE, lambda: archives.months(key, lang))

    return [
        *_both("/feeds/{kind}/archive/{month}.atom", "/feeds/{kind}/{code}/archive/{month}.atom", document),
        *_both("/archive/{month}/", "/{kind}/{code}/archive/{month}/", page),
        *_both("/archive/", "/{kind}/{code}/archive/", months),
        Route("/unlabelled/archive/", months, methods=["GET"]),
        Route("/unlabelled/archive/{month}/", page, methods=["GET"]),
        *_maps(archives, filtered.press.site.base_url),
        *[_guess(path, form, filtered, prefix) for path, form in GUESSED.items()],
    ]


def _both(bare: str, coded: str, handler: Handler) -> list[Route]:
    return [Route(bare, handler, methods=["GET"]), Route(coded, handler, methods=["GET"])]


def _maps(archives: Archives, base: str) -> list[Route]:
    async def index(_: Request) -> Response:
        months = await run_in_threadpool(archives.months_of_site)
        return _xml(
            sitemap_index([f"{base}/sitemaps/pages.xml", *(f"{base}/sitemaps/{m}.xml" for m in months)])
        )

    async def pages(_: Request) -> Response:
        listed = await run_in_threadpool(archives.map_of_site)
        return _xml(sitemap((base + each.path, each.changed_at) for each in listed))

    async def month(request: Request) -> Response:
        try:
            listed = await run_in_threadpool(archives.map_of_month, _month(request))
        except NoSuchMonthError:
            raise HTTPException(404) from None
        return _xml(sitemap((base + each.path, each.changed_at) for each in listed))

    return [
        Route("/sitemap.xml", index, methods=["GET"]),
        Route("/sitemaps/pages.xml", pages, methods=["GET"]),
        Route("/sitemaps/{month}.xml", month, methods=["GET"]),
    ]


def _guess(path: str, form: str, filtered: Filtered, prefix: str) -> Route:
    there = form if form in filtered.formats else "atom"

    async def answer(_: Request) -> Response:
        return _moved(f"{prefix}/feeds/all.{there}")

    return Route(path, answer, methods=["GET"])


async def _answer(request: Request, form: str, make: Callable[[], Answer]) -> Response:
    try:
        made = await run_in_threadpool(make)
    except NoSuchMonthError:
        raise HTTPException(404) from None
    return file_response(answered_file(request.url.path, made, form), request)


def _key(request: Request) -> FeedKey:
    kind = request.path_params.get("kind") or request.url.path.split("/")[1]
    kind = "all" if kind == "archive" else kind
    code = request.path_params.get("code", "")
    if kind not in _KINDS or (not code) != (kind in ("all", "unlabelled")):
        raise HTTPException(404)
    return FeedKey(kind=kind, code=code)


def _month(request: Request) -> str:
    month: str = request.path_params["month"]
    if not _MONTH.fullmatch(month):
        raise HTTPException(404)
    return month


def _number(request: Request) -> int:
    query = request.query_params
    if not query:
        return 1
    number = query.get("page", "")
    if len(query.multi_items()) != 1 or not _NUMBER.fullmatch(number):
        raise HTTPException(404)
    return int(number)


def _moved(path: str) -> Response:
    return RedirectResponse(path, 301, {"cache-control": f"public, max-age={MAX_AGE_S}"})


def _xml(data: bytes) -> Response:
    headers = {"cache-control": f"public, max-age={MAX_AGE_S}"}
    return Response(data, 200, headers, MEDIA_TYPES[".xml"])
