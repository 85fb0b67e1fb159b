"""Feeds, pages and OPML of any filter: ``/filter?…``, ``/filter.atom?…``, ``/filter.opml?…``.

One canonical address for each: another order of keys, other names or repeats are redirected to it, and
what is a published feed is redirected there. A filter that cannot be read is a 404 that says what may be
meant, never a feed of everything.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from feeds.errors import InputError, Problem
from feeds.filters import everything, from_query, phrases_apart, to_query
from feeds.model import Filter
from feeds.pages import Pages
from feeds.pages.directory import found
from feeds.pages.views import feed_of
from feeds.publishing.filtered import PAGE, Answer, Filtered, NoSuchPageError, TooManyFiltersError
from feeds.web.files import file_response
from feeds.web.memory import MAX_AGE_S, MEDIA_TYPES, PublishedFile, PublishedMemory, Sent

FRESH_S = 1.0
"""So long an answer goes out again without asking whether something has changed."""
_LEVEL = 1
OPML = "opml"
_PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


def filter_routes(
    filtered: Filtered, pages: Pages, memory: PublishedMemory, prefix: str, clock: Callable[[], float]
) -> list[Route]:
    """GET /filter, /filter.{format}, /search and /find, in each language of the site."""
    site = filtered.press.site
    every = (
        _InLanguage(lang, site.below(lang), filtered, pages.speaking(lang), memory, prefix, clock)
        for lang in site.langs
    )
    return [route for one in every for route in one.routes()]


@dataclass(frozen=True, slots=True)
class _InLanguage:
    """Answers in one language; `below` is the path below which everything in it stands."""

    lang: str
    below: str
    filtered: Filtered
    pages: Pages
    memory: PublishedMemory
    prefix: str
    clock: Callable[[], float]

    def routes(self) -> list[Route]:
        below = self.below
        return [
            Route(f"{below}/find", self.find, methods=["GET"]),
            Route(f"{below}/filter", self.answer, methods=["GET"]),
            Route(f"{below}/filter.{{form}}", self.answer, methods=["GET"]),
            Route(f"{below}/search", self.search, methods=["GET"]),
        ]

    async def answer(self, request: Request) -> Response:
        """The page, feed or OPML of a filter."""
        form = request.path_params.get("form", PAGE)
        if form not in {PAGE, OPML, *self.filtered.formats}:
            raise HTTPException(404)
        query = request.url.query
        try:
            page, pairs = _page_number(phrases_apart(parse_qsl(query)), form)
            wanted = from_query(pairs, self.filtered.vocabulary)
        except InputError as error:
            return _unknown(self.pages, error)
        path = self.below + _canonical(wanted, form, page)
        if path != f"{request.url.path}?{query}":
            there = self.prefix + path
            return RedirectResponse(there, 301, {"cache-control": f"public, max-age={MAX_AGE_S}"})
        try:
            made = await run_in_threadpool(_made, self.filtered, wanted, form, self.lang, page)
        except NoSuchPageError:
            raise HTTPException(404) from None
        except TooManyFiltersError:
            return too_many()
        file = answered_file(path, made, form)
        self.memory.lend(path, file, self.clock() + FRESH_S)
        return file_response(file, request)

    async def search(self, request: Request) -> Response:
        """The page on which a search begins; what was asked for stands at the address of its filter."""
        asked = phrases_apart(parse_qsl(request.url.query))
        pairs = [(key, value) for key, value in asked if value.strip()]
        if pairs:
            return self._at_once(f"/filter?{urlencode(pairs)}")
        data = await run_in_threadpool(self.filtered.search_page, self.lang)
        headers = {"cache-control": f"public, max-age={MAX_AGE_S}"}
        return Response(data, 200, headers, "text/html; charset=utf-8")

    async def find(self, request: Request) -> Response:
        """The page of the country, topic or region of a name; else a search for it."""
        name = request.query_params.get("q", "").strip()
        key = found(name, self.filtered.vocabulary)
        query = f"?{urlencode({'q': name})}" if name else ""
        return self._at_once(key.page if key else f"/search{query}")

    def _at_once(self, path: str) -> Response:
        return RedirectResponse(self.prefix + self.below + path, 303, {"cache-control": "no-store"})


def _made(filtered: Filtered, wanted: Filter, form: str, lang: str, page: int) -> Answer:
    return filtered.outline(wanted, lang) if form == OPML else filtered.answer(wanted, form, lang, page)


def _page_number(pairs: list[tuple[str, str]], form: str) -> tuple[int, list[tuple[str, str]]]:
    """Which page of a filter is asked for, and the rest; feeds have no pages."""
    asked = [value for key, value in pairs if key == "page"]
    rest = [(key, value) for key, value in pairs if key != "page"]
    if not asked or form != PAGE:
        return 1, rest
    if len(asked) > 1 or not _PAGE_NUMBER.fullmatch(asked[0]):
        raise InputError([Problem("page", "is a number from 1 on")])
    return int(asked[0]), rest


def _canonical(wanted: Filter, form: str, page: int) -> str:
    """The one address of a filter in a form: that of a published feed where one holds the same items."""
    if page > 1:
        return f"/filter?{to_query(wanted)}&page={page}"
    if form == OPML:
        return "/feeds.opml" if everything(wanted) else f"/filter.opml?{to_query(wanted)}"
    key = feed_of(wanted)
    return key.page if form == PAGE else key.path(form)


def _unknown(pages: Pages, error: InputError) -> Response:
    faults = [str(each) for each in error.problems]
    headers = {"cache-control": "no-store"}
    return Response(pages.unknown_filter(faults), 404, headers, "text/html; charset=utf-8")


def too_many() -> Response:
    """429 for more new filters a minute than are answered."""
    told = "Too many new filters; ask again in a minute.\n"
    return Response(
        told, 429, {"retry-after": "60", "cache-control": "no-store"}, "text/plain; charset=utf-8"
    )


def answered_file(path: str, made: Answer, form: str) -> PublishedFile:
    """The answer as a published file is sent, with a compressed copy made on the spot."""
    copy = zlib.compressobj(_LEVEL, wbits=31)
    packed = copy.compress(made.data) + copy.flush()
    # No date: an item that leaves a filter would move it back, and readers lose news over that.
    return PublishedFile(
        path=path, stamp=(made.version, len(made.data), 0), modified_s=0, media_type=MEDIA_TYPES[f".{form}"],
        ways=(Sent.of("gzip", packed), Sent.of("", made.data)), gone=False,
    )  # fmt: skip
