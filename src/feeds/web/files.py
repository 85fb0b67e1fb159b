"""Published files over HTTP, the slow way: redirects to the one canonical URL, withdrawn items, and the rest.

Most answers never come here: the server answers what lies in memory itself (`web.front`). The address of a
topic that was renamed leads to the present one for ever (301). A folder with ``gone.html`` in place of
``index.html`` is that of a withdrawn item: 410, so that search engines and archives drop it too
(RFC 9110 15.5.11). A query that a file does not take is redirected away, never ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from feeds.i18n import catalogues
from feeds.web.memory import (
    GONE_PAGE,
    MAX_AGE_S,
    PAGE,
    SAFE_PART,
    PublishedFile,
    PublishedMemory,
    is_unchanged,
)


class PublishedFiles:
    """Answers GET and HEAD for everything below public/.

    `moved` leads from stems of feeds that moved to present ones (``topic/old`` -> ``topic/new``).
    `prefix` is the path below which the world reaches the site: empty, or such as ``/news``. `homes` are
    the paths below which the site stands in its languages: empty for the first, ``/es`` for a further one.
    Files are small and few are cold, so they are read where they are asked for: no thread is waited
    for that a form may hold while the database is away.
    """

    def __init__(
        self,
        root: Path,
        moved: Mapping[str, str] | None = None,
        prefix: str = "",
        memory: PublishedMemory | None = None,
        homes: Sequence[str] = ("",),
    ) -> None:
        self._root = root
        self._moved = moved or {}
        self._prefix = prefix
        self._memory = memory or PublishedMemory(root)
        self._homes = {home[1:] for home in homes}

    def answer(self, request: Request) -> Response | None:
        """The response for a path, or None when nothing is published there."""
        path = request.url.path
        parts = [part for part in path.split("/") if part]
        if "//" in path or not all(SAFE_PART.fullmatch(part) for part in parts):
            return None
        if moved := self._moved_to("/".join(parts)):
            return self._redirect(moved)
        if not path.endswith("/") and _is_page(self._root.joinpath(*parts)):
            return self._redirect(f"/{'/'.join(parts)}/")
        found = self._memory.get(path)
        if found is None:
            return self._given_up(request)
        return self._redirect(path) if request.url.query and not found.gone else file_response(found, request)

    def _moved_to(self, path: str) -> str:
        """Where a page or feed is today that moved; empty for one that did not."""
        lang, _, rest = path.partition("/")
        if lang and lang in self._homes:
            moved = self._moved_in(f"{lang}/", rest)
            return f"/{lang}{moved}" if moved else ""
        return self._moved_in("", path)

    def _moved_in(self, folder: str, path: str) -> str:
        """The same for a path in one language, whose files are in `folder`."""
        if stem := self._moved.get(path):
            return f"/{stem}/"
        stem, dot, extension = path.removeprefix("feeds/").partition(".")
        moved = self._moved.get(stem) if path.startswith("feeds/") else None
        # Only to a feed that is there: not every format is published, and any name may be asked for.
        there = moved and dot and (self._root / f"{folder}feeds/{moved}.{extension}").is_file()
        return f"/feeds/{moved}.{extension}" if there else ""

    def _given_up(self, request: Request) -> Response | None:
        """What stood in a language that the site does not have below a path (any more): see its first one."""
        lang, slash, rest = request.url.path[1:].partition("/")
        if not slash or lang in self._homes or lang not in catalogues():
            return None
        return self._redirect(f"/{rest}" + (f"?{request.url.query}" if request.url.query else ""))

    def _redirect(self, path: str) -> Response:
        # Without a host, so that a forged Host header leads nowhere (T23). Kept no longer than a file:
        # browsers keep a permanent redirect for ever, and a slug may be given back.
        headers = {"cache-control": f"public, max-age={MAX_AGE_S}"}
        return RedirectResponse(self._prefix + path, status_code=301, headers=headers)


def _is_page(folder: Path) -> bool:
    return (folder / PAGE).is_file() or (folder / GONE_PAGE).is_file()


def file_response(found: PublishedFile, request: Request) -> Response:
    """A file as it is answered: in the way that the client takes, or that it has not changed."""
    way = found.way(request.headers.get("accept-encoding"))
    if found.gone:
        # Whoever asks whether it changed must be told too: conditions are for 2xx alone (RFC 9110 13.2.1).
        return Response(way.body, 410, way.headers(found))
    if is_unchanged(found, way, request.headers):
        return Response(status_code=304, headers=way.unchanged_headers(found))
    return Response(way.body, headers=way.headers(found))
