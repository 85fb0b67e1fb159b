"""The quick answer: what lies in memory goes out as ready bytes, before any routing or middleware.

Only for a plain GET or HEAD of a published file under its canonical address, from a host that is ours;
for all else `Front.answer` gives None and the application answers. The headers are the same ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping

from feeds.web.memory import PublishedFile, PublishedMemory, Sent, is_unchanged

Headers = Iterable[tuple[bytes, bytes]]
MOST_KEPT = 4096
ASKED = (b"if-none-match", b"if-modified-since")


class Front:
    """Ready answers. `hosts` are the names that the site answers to, in lower case, without ports; `homes`
    as for `PublishedFiles`.
    """

    def __init__(
        self,
        memory: PublishedMemory,
        hosts: frozenset[str] | None,
        always: Mapping[str, str],
        moved: Collection[str] = (),
        homes: Iterable[str] = ("",),
        clock: Callable[[], float] = time.monotonic,
        counted: Callable[[int], None] = lambda _status: None,
    ) -> None:
        self._memory = memory
        self._clock = clock
        self._counted = counted
        self._hosts = hosts
        self._always = b"".join(_line(name, value) for name, value in always.items())
        # Whatever stood there before, these addresses lead elsewhere today.
        stems = [(home, stem) for home in homes for stem in moved]
        self._moved = frozenset(f"{home}/{stem}/" for home, stem in stems) | frozenset(
            f"{home}/feeds/{stem}." for home, stem in stems
        )
        self._ready: dict[tuple[str, str, str, int, int], bytes] = {}
        self._known_hosts: dict[bytes, bool] = {}

    def answer(self, method: bytes, url: bytes, headers: Headers, date: bytes) -> bytes | None:
        """The whole answer, or None when the application has to say what it is.

        `date` is the line of the Date header, with its line end.
        """
        asked = _asked(headers)
        if asked is None or not self._is_ours(asked.get(b"host", b"")):
            return None
        path = _path(url)
        if b"?" in url:
            file = self._memory.lent(path, self._clock()) if path else None
        else:
            file = self._memory.get(path) if path and not self._leads_elsewhere(path) else None
        if file is None or file.gone:
            return None
        accepted = asked.get(b"accept-encoding")
        way = file.way(accepted.decode("latin-1") if accepted is not None else None)
        conditions = {name.decode(): asked[name].decode("latin-1") for name in ASKED if name in asked}
        status = 304 if conditions and is_unchanged(file, way, conditions) else 200
        start = b"HTTP/1.1 304 Not Modified\r\n" if status == 304 else b"HTTP/1.1 200 OK\r\n"
        self._counted(status)
        body = way.body if status == 200 and method == b"GET" else b""
        return b"".join((start, date, self._head(file, way, status), body))

    def _head(self, file: PublishedFile, way: Sent, status: int) -> bytes:
        """The header lines of an answer, made once for each file as it stands."""
        key = (way.etag, file.media_type, file.link, file.modified_s, status)
        ready = self._ready.get(key)
        if ready is None:
            if len(self._ready) >= MOST_KEPT:
                self._ready.clear()
            given = way.unchanged_headers(file) if status == 304 else way.headers(file)
            length = {} if status == 304 else {"content-length": str(len(way.body))}
            lines = b"".join(_line(name, value) for name, value in (given | length).items())
            ready = self._ready[key] = lines + self._always + b"\r\n"
        return ready

    def _is_ours(self, host: bytes) -> bool:
        if self._hosts is None:
            return True
        known = self._known_hosts.get(host)
        if known is None:
            name = host.decode("latin-1").lower()
            bare = name if name.endswith("]") else name.rpartition(":")[0] or name
            known = bare.strip("[]") in self._hosts or bare in self._hosts
            if len(self._known_hosts) < MOST_KEPT:
                self._known_hosts[host] = known
        return known

    def _leads_elsewhere(self, path: str) -> bool:
        return bool(self._moved) and (path in self._moved or path[: path.rfind(".") + 1] in self._moved)


def _asked(headers: Headers) -> dict[bytes, bytes] | None:
    """The headers by name; None where a body comes with the request, or a name is there twice."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in found or name in (b"content-length", b"transfer-encoding", b"upgrade"):
            return None
        found[name] = value
    return found


def _path(url: bytes) -> str:
    """A path as it was asked for, with its query; empty for one with another host in it, and for a path
    that is written in codes.
    """
    if not url.startswith(b"/") or b"%" in url.partition(b"?")[0] or b"#" in url:
        return ""
    try:
        return url.decode("ascii")
    except UnicodeDecodeError:
        return ""


def _line(name: str, value: str) -> bytes:
    return f"{name}: {value}\r\n".encode("latin-1")
