"""The archive: months of each feed as documents and pages, site maps, and addresses that readers guess."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from feeds.model import FeedKey, Kind, SiteInfo
from feeds.publishing.archives import Archives, Listed, NoSuchMonthError
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


def archive_routes(filtered: Filtered, prefix: str) -> list[Route]:
    """GET of months, of site maps, and of the guessed addresses, in each language of the site."""
    archives, site = Archives(filtered), filtered.press.site
    routes = _maps(archives, site)
    # Further languages first: their code stands where a kind stands at the root.
    for lang in reversed(site.langs):
        routes += _routes_in(lang, site.below(lang), archives, prefix)
        routes += [
            _guess(site.below(lang), path, form, filtered.formats, prefix) for path, form in GUESSED.items()
        ]
    return routes


def _routes_in(lang: str, below: str, archives: Archives, prefix: str) -> list[Route]:
    async def document(request: Request) -> Response:
        key, month = _key(request, below), _month(request)
        return await _answer(request, "atom", lambda: archives.document(key, month, lang))

    async def page(request: Request) -> Response:
        key, month, number = _key(request, below), _month(request), _number(request)
        if number == 1 and request.url.query:
            return _moved(prefix + request.url.path)
        return await _answer(request, PAGE, lambda: archives.page(key, month, number, lang))

    async def months(request: Request) -> Response:
        key = _key(request, below)
        return await _answer(request, PAGE, lambda: archives.months(key, lang))

    addressed = [
        *_both("/feeds/{kind}/archive/{month}.atom", "/feeds/{kind}/{code}/archive/{month}.atom", document),
        *_both("/archive/{month}/", "/{kind}/{code}/archive/{month}/", page),
        *_both("/archive/", "/{kind}/{code}/archive/", months),
        ("/unlabelled/archive/", months),
        ("/unlabelled/archive/{month}/", page),
    ]
    return [Route(below + path, handler, methods=["GET"]) for path, handler in addressed]


def _both(bare: str, coded: str, handler: Handler) -> list[tuple[str, Handler]]:
    return [(bare, handler), (coded, handler)]


def _maps(archives: Archives, site: SiteInfo) -> list[Route]:
    """A site map for each month in each language, and one of feeds' pages; one list of them all."""
    homes = [site.url("", lang) for lang in site.langs]

    async def index(_: Request) -> Response:
        names = ["pages", *await run_in_threadpool(archives.months_of_site)]
        return _xml(sitemap_index([f"{home}/sitemaps/{name}.xml" for home in homes for name in names]))

    async def pages(request: Request) -> Response:
        return mapped(request, await run_in_threadpool(archives.map_of_site))

    async def month(request: Request) -> Response:
        try:
            return mapped(request, await run_in_threadpool(archives.map_of_month, _month(request)))
        except NoSuchMonthError:
            raise HTTPException(404) from None

    def mapped(request: Request, listed: Sequence[Listed]) -> Response:
        home = site.base_url + request.url.path.partition("/sitemaps/")[0]
        return _xml(sitemap((home + each.path, each.changed_at) for each in listed))

    routes = [Route("/sitemap.xml", index, methods=["GET"])]
    for below in map(site.below, site.langs):
        routes += [
            Route(f"{below}/sitemaps/pages.xml", pages, methods=["GET"]),
            Route(f"{below}/sitemaps/{{month}}.xml", month, methods=["GET"]),
        ]
    return routes


def _guess(below: str, path: str, form: str, formats: Sequence[str], prefix: str) -> Route:
    there = form if form in formats else "atom"

    async def answer(_: Request) -> Response:
        return _moved(f"{prefix}{below}/feeds/all.{there}")

    return Route(below + path, answer, methods=["GET"])


async def _answer(request: Request, form: str, make: Callable[[], Answer]) -> Response:
    try:
        made = await run_in_threadpool(make)
    except NoSuchMonthError:
        raise HTTPException(404) from None
    return file_response(answered_file(request.url.path, made, form), request)


def _key(request: Request, below: str) -> FeedKey:
    kind = request.path_params.get("kind") or request.url.path.removeprefix(below).split("/")[1]
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
