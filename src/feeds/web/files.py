"""Published files over HTTP: whole bytes, strong ETags, 304, one canonical URL.

The bytes are read at once, so a file replaced by rename in mid-answer is never
seen in half (P3). The tag is a digest of the very bytes (RFC 9110 8.8.3).
The address of a topic that was renamed leads to the present one for ever (301).
A folder with ``gone.html`` in place of ``index.html`` is that of a withdrawn
item: 410, so that search engines and archives drop it too (RFC 9110 15.5.11).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

MEDIA_TYPES = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".rss": "application/rss+xml; charset=utf-8",
    ".json": "application/feed+json; charset=utf-8",
    ".opml": "text/x-opml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}
SAFE_PART = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")
MAX_AGE_S = 300
PAGE = "index.html"
GONE_PAGE = "gone.html"


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One file as it is sent."""

    data: bytes
    etag: str
    modified_s: int
    media_type: str
    gone: bool = False


class PublishedFiles:
    """Answers GET and HEAD for everything below public/.

    `moved` leads from stems of feeds that moved to present ones (``topic/old`` -> ``topic/new``).
    `prefix` is the path below which the world reaches the site: empty, or such as ``/news``.
    """

    def __init__(self, root: Path, moved: Mapping[str, str] | None = None, prefix: str = "") -> None:
        self._root = root
        self._moved = moved or {}
        self._prefix = prefix
        self._tags: dict[Path, tuple[tuple[int, int, int], str]] = {}

    async def answer(self, request: Request) -> Response | None:
        """The response for a path, or None when nothing is published there."""
        path = request.url.path
        parts = [part for part in path.split("/") if part]
        if "//" in path or not all(SAFE_PART.fullmatch(part) for part in parts):
            return None
        if moved := await run_in_threadpool(self._moved_to, "/".join(parts)):
            return self._redirect(moved)
        target = self._root.joinpath(*parts)
        if not path.endswith("/") and await run_in_threadpool(_is_page, target):
            return self._redirect(f"/{'/'.join(parts)}/")
        found = await run_in_threadpool(self._page if path.endswith("/") else self._load, target)
        return None if found is None else _response(found, request)

    def _moved_to(self, path: str) -> str:
        """Where a page or feed is today that moved; empty for one that did not."""
        if stem := self._moved.get(path):
            return f"/{stem}/"
        stem, dot, extension = path.removeprefix("feeds/").partition(".")
        moved = self._moved.get(stem) if path.startswith("feeds/") else None
        # Only to a feed that is there: not every format is published, and any name may be asked for.
        there = moved and dot and (self._root / "feeds" / f"{moved}.{extension}").is_file()
        return f"/feeds/{moved}.{extension}" if there else ""

    def _redirect(self, path: str) -> Response:
        # Without a host, so that a forged Host header leads nowhere (T23). Kept no longer than a file:
        # browsers keep a permanent redirect for ever, and a slug may be given back.
        headers = {"cache-control": f"public, max-age={MAX_AGE_S}"}
        return RedirectResponse(self._prefix + path, status_code=301, headers=headers)

    def _page(self, folder: Path) -> PublishedFile | None:
        return self._load(folder / PAGE) or self._load(folder / GONE_PAGE)

    def _load(self, target: Path) -> PublishedFile | None:
        media_type = MEDIA_TYPES.get(target.suffix)
        if media_type is None:
            return None
        try:
            with target.open("rb") as file:
                status = os.fstat(file.fileno())
                data = file.read()
        except (OSError, ValueError):
            return None
        key = (status.st_mtime_ns, status.st_size, status.st_ino)
        known = self._tags.get(target)
        tag = known[1] if known and known[0] == key else f'"{hashlib.sha256(data).hexdigest()[:32]}"'
        self._tags[target] = (key, tag)
        return PublishedFile(data, tag, int(status.st_mtime), media_type, target.name == GONE_PAGE)


def _is_page(folder: Path) -> bool:
    return (folder / PAGE).is_file() or (folder / GONE_PAGE).is_file()


def _response(found: PublishedFile, request: Request) -> Response:
    headers = {
        "etag": found.etag,
        "last-modified": formatdate(found.modified_s, usegmt=True),
        "cache-control": f"public, max-age={MAX_AGE_S}",
    }
    if found.gone:
        # Whoever asks whether it changed must be told too: conditions are for 2xx alone (RFC 9110 13.2.1).
        return Response(found.data, 410, headers, found.media_type)
    if _unchanged(found, request):
        return Response(status_code=304, headers=headers)
    return Response(found.data, headers=headers, media_type=found.media_type)


def _unchanged(found: PublishedFile, request: Request) -> bool:
    """If-None-Match wins over If-Modified-Since (RFC 9110 13.2.2)."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        given = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        return "*" in given or found.etag in given
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
        return found.modified_s <= since.timestamp()
    except (ValueError, TypeError, OverflowError):
        return False
