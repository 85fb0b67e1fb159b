"""Published files in memory: read once, looked at anew at each request, with all that an answer needs.

Each file is held with its compressed copies, each copy with a tag of its own (RFC 9110 8.8.3). A copy
counts only where its time is that of the file: while a publisher is between two renames, or where
copies were given up, the plain bytes go out. What was asked for last is kept, up to a bound in bytes.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from pathlib import Path

MEDIA_TYPES = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".rss": "application/rss+xml; charset=utf-8",
    ".json": "application/feed+json; charset=utf-8",
    ".opml": "text/x-opml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
}
COPIES = {"br": ".br", "gzip": ".gz"}
"""Codings of the copies that may stand beside a file, the smaller one first, with their endings."""
SAFE_PART = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")
MAX_AGE_S = 300
KEPT_BYTES = 64 * 1024 * 1024
MOST_LENT = 500
PAGE = "index.html"
GONE_PAGE = "gone.html"

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Sent:
    """One way in which a file goes out: plain or compressed."""

    coding: str
    body: bytes
    etag: str

    @classmethod
    def of(cls, coding: str, body: bytes) -> Sent:
        """With the tag of these very bytes."""
        return cls(coding, body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')

    def headers(self, file: PublishedFile) -> dict[str, str]:
        """The headers of a 200, the length left out."""
        coded = {"content-encoding": self.coding} if self.coding else {}
        linked = {"link": file.link} if file.link else {}
        return {"content-type": file.media_type} | coded | linked | self.unchanged_headers(file)

    def unchanged_headers(self, file: PublishedFile) -> dict[str, str]:
        """The headers that a 304 repeats (RFC 9110 15.4.5)."""
        dated = {"last-modified": formatdate(file.modified_s, usegmt=True)} if file.modified_s else {}
        return dated | {
            "etag": self.etag,
            "cache-control": f"public, max-age={MAX_AGE_S}",
            "vary": "accept-encoding",
        }


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file as it stood when it was read, in each way in which it may go out; the plain one is last.

    `modified_s` is 0 for one that has no date, or one that is still to come: it would have to be told as now,
    and that may be told of other bytes already. `link` is its Link header, if it has one.
    """

    path: str
    stamp: Stamp
    modified_s: int
    media_type: str
    ways: tuple[Sent, ...]
    gone: bool
    link: str = ""

    def way(self, accepted: str | None) -> Sent:
        """The smallest that the client accepts (RFC 9110 12.5.3); plain when it accepts none."""
        codings = accepted_codings(accepted) if accepted else frozenset()
        return next((way for way in self.ways if way.coding in codings), self.ways[-1])

    @property
    def size(self) -> int:
        """What it takes in memory, in bytes."""
        return sum(len(way.body) for way in self.ways)


class PublishedMemory:
    """The files below `root`, by the path under which the world asks for them."""

    def __init__(
        self, root: Path, kept_bytes: int = KEPT_BYTES, link: Callable[[str], str] = lambda _: ""
    ) -> None:
        """`link` gives the Link header of what stands under a path; empty for most."""
        self._root = str(root)
        self._link = link
        self._most = kept_bytes
        self._size = 0
        self._kept: OrderedDict[str, PublishedFile] = OrderedDict()
        self._lent: OrderedDict[str, tuple[PublishedFile, float]] = OrderedDict()

    def get(self, path: str) -> PublishedFile | None:
        """What stands under a path such as ``/feeds/all.atom`` or ``/country/pa/``; None where nothing is."""
        kept = self._kept.get(path)
        if kept is not None:
            if _stamp_of(kept.path) == kept.stamp and not _superseded(kept):
                self._kept.move_to_end(path)
                return kept
            self._drop(path)
        found = self._load(path)
        if found is not None:
            self._keep(path, found)
        return found

    def lend(self, url: str, file: PublishedFile, until: float) -> None:
        """Answer for an address with a query, until an instant of the clock that `lent` is asked with."""
        self._lent[url] = (file, until)
        self._lent.move_to_end(url)
        if len(self._lent) > MOST_LENT:
            self._lent.popitem(last=False)

    def lent(self, url: str, now: float) -> PublishedFile | None:
        """What was lent for this very address and is still good."""
        found = self._lent.get(url)
        return found[0] if found is not None and now < found[1] else None

    def kept(self) -> list[str]:
        """The paths whose files are in memory, the one asked for last at the end."""
        return list(self._kept)

    def _load(self, path: str) -> PublishedFile | None:
        parts = path.split("/")[1:]
        folder = parts[-1] == "" if parts else True
        names = parts[:-1] if folder else parts
        if not all(SAFE_PART.fullmatch(name) for name in names):
            return None
        target = "/".join([self._root, *names])
        if not folder:
            found = read_file(target)
            return replace(found, link=self._link(path)) if found else None
        return read_file(f"{target}/{PAGE}") or read_file(f"{target}/{GONE_PAGE}")

    def _keep(self, path: str, found: PublishedFile) -> None:
        if found.size > self._most // 8:
            return
        self._kept[path] = found
        self._size += found.size
        while self._size > self._most:
            self._drop(next(iter(self._kept)))

    def _drop(self, path: str) -> None:
        self._size -= self._kept.pop(path).size


def _superseded(kept: PublishedFile) -> bool:
    """A page that came in place of the notice that it was withdrawn (an item that was restored)."""
    return kept.gone and os.path.exists(f"{kept.path.removesuffix(GONE_PAGE)}{PAGE}")  # noqa: PTH110


def read_file(path: str) -> PublishedFile | None:
    """A file and its copies; None when it is not there, or nothing that the site publishes."""
    name = path.rpartition("/")[2]
    media_type = MEDIA_TYPES.get(name[name.rfind(".") :]) if "." in name else None
    found = _read(path) if media_type else None
    if found is None or media_type is None:
        return None
    stamp, plain = found
    ways = [Sent.of("", plain)]
    for coding, ending in reversed(COPIES.items()):
        copy = _read(path + ending)
        if copy is not None and copy[0][0] == stamp[0]:
            ways.insert(0, Sent.of(coding, copy[1]))
    second = stamp[0] // 1_000_000_000
    return PublishedFile(
        path=path, stamp=stamp, modified_s=second if second <= time.time() else 0,
        media_type=media_type, ways=tuple(ways), gone=name == GONE_PAGE,
    )  # fmt: skip


def _read(path: str) -> tuple[Stamp, bytes] | None:
    """The bytes at once, so that a file replaced in mid-answer is never seen in half (P3)."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  (strings: this is the quick way)
            status = os.fstat(file.fileno())
            return (status.st_mtime_ns, status.st_size, status.st_ino), file.read()
    except (OSError, ValueError):
        return None


def _stamp_of(path: str) -> Stamp | None:
    try:
        status = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino)


def is_unchanged(file: PublishedFile, way: Sent, headers: Mapping[str, str]) -> bool:
    """Whether the client has these very bytes: by its tags, else by its date (RFC 9110 13.2.2)."""
    tags = headers.get("if-none-match")
    if tags == way.etag:  # nearly always
        return True
    if tags is not None:
        given = [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        return way.etag in given or "*" in given
    since = _instant(headers.get("if-modified-since", ""))
    return since is not None and 0 < file.modified_s <= since


@lru_cache(maxsize=1024)
def _instant(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, TypeError, OverflowError):
        return None


@lru_cache(maxsize=256)
def accepted_codings(header: str) -> frozenset[str]:
    """The codings of ours that an Accept-Encoding header takes (RFC 9110 12.5.3)."""
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        weights[name.strip()] = _weight(weight)
    return frozenset(coding for coding in COPIES if weights.get(coding, weights.get("*", 0.0)) > 0)


def _weight(text: str) -> float:
    value = text.strip().removeprefix("q=")
    try:
        return float(value) if value else 1.0
    except ValueError:
        return 0.0
