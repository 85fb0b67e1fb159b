"""The web server: uvicorn's HTTP/1.1, published files answered as ready bytes, clients kept in bounds.

A request that is not whole after `UNFINISHED_S` is cut, and so is an answer that nobody fetches. When all
connections are taken, the one that has waited the longest for its client gives way, so that a thousand
half requests keep nobody out (T15); only when none waits is a new one refused.
"""

from __future__ import annotations

import contextlib
import resource
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from feeds import log
from feeds.errors import FeedsError
from feeds.web import create_app, front_for
from feeds.web.front import Front, Headers

if TYPE_CHECKING:
    from feeds.app.parts import Parts

logger = log.get("serving")

Application = Callable[..., Any]

UNFINISHED_S = 10.0
IDLE_S = 15.0
UNREAD_S = 30.0
MOST_CONNECTIONS = 4000
# What the database, the inbox, mail and published files may open meanwhile.
OPEN_FILES_LEFT = 256
SAY_AGAIN_S = 60.0
QUICK = (b"GET", b"HEAD")
REFUSED = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)
LATE = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Doorkeeper:
    """Who waits, and since when; what was turned away and not yet told."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self.most = most
        self.clock = clock
        # In the order in which they began to wait: for a request, for the rest of one, or for nothing more.
        self.waiting: dict[FrontProtocol, float] = {}
        self._turned_away = 0
        self._told_at = float("-inf")
        # Closed, with bytes that their clients have not fetched yet: how many, and since when.
        self.leaving: dict[FrontProtocol, tuple[int, float]] = {}

    def make_room(self, taken: int) -> bool:
        """Whether one more may come in; the one that has waited longest gives way for it."""
        if taken < self.most:
            return True
        self._turned_away += 1
        self._tell()
        eldest = next(iter(self.waiting), None)
        if eldest is None:
            return False
        eldest.cut()
        return True

    def _tell(self) -> None:
        """At most one line a minute, however many there are."""
        now = self.clock()
        if now - self._told_at >= SAY_AGAIN_S:
            logger.warning("connections-full", most=self.most, turned_away=self._turned_away)
            self._told_at, self._turned_away = now, 0

    def sweep(self) -> None:
        """Cut those that have waited too long."""
        now = self.clock()
        for protocol, since in list(self.waiting.items()):
            if now - since > (UNFINISHED_S if protocol.unfinished else IDLE_S):
                protocol.cut()
        for protocol, (unread, since) in list(self.leaving.items()):
            left = protocol.transport.get_write_buffer_size()
            if left != unread:
                self.leaving[protocol] = (left, now)
            elif now - since > UNREAD_S:
                protocol.transport.abort()


class FrontProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, front: Answers, doorkeeper: Doorkeeper, **options: Any) -> None:
        super().__init__(**options)
        self._front = front
        self._door = doorkeeper
        self._answered = False
        self._refused = False
        self._begun = False
        self.unfinished = True

    def connection_made(self, transport: Any) -> None:
        if not self._door.make_room(len(self.connections)):
            self._refused = True
            self.transport = transport
            transport.write(REFUSED)
            transport.close()
            return
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.waiting.pop(self, None)
        self._door.leaving.pop(self, None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused or self.transport.is_closing():
            return
        was_unfinished = self.unfinished
        super().data_received(data)
        if self.unfinished and not was_unfinished:
            self._wait()  # the rest of a request, from now on

    def on_message_begin(self) -> None:
        """Only what is needed to look; uvicorn's own preparations follow where the answer is not at hand."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self.unfinished = self._begun = True

    def on_headers_complete(self) -> None:
        answer = self._at_hand()
        if answer is not None:
            self._answered = True
            self.transport.write(answer)
            return
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        if b"://" in url and not url.startswith(b"/"):
            headers = _with_host_of(url, headers)
        super().on_message_begin()
        self.url, self.headers, self.expect_100_continue = url, headers, expects
        self.scope["headers"] = headers
        super().on_headers_complete()

    def _at_hand(self) -> bytes | None:
        method = self.parser.get_method()
        busy = self.cycle is not None and not self.cycle.response_complete
        if busy or method not in QUICK or self.flow.write_paused or self.parser.get_http_version() != "1.1":
            return None
        return self._front.answer(method, self.url, self.headers, self._date())

    def _date(self) -> bytes:
        lines = self.server_state.default_headers
        return b"date: " + lines[0][1] + b"\r\n" if lines else b""

    def on_body(self, body: bytes) -> None:
        if not self._answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self.unfinished = self._begun = False
        if not self._answered:
            self._door.waiting.pop(self, None)
            super().on_message_complete()
            return
        self._answered = False
        self.server_state.total_requests += 1
        if self.parser.should_keep_alive():
            self._wait()
        else:
            self.transport.close()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # What is being read already goes on being waited for from when it began.
        if not self.pipeline and self not in self._door.waiting:
            self._wait()

    def _wait(self) -> None:
        self._door.waiting.pop(self, None)
        self._door.waiting[self] = self._door.clock()

    def cut(self) -> None:
        """End it: with 408 where a request was begun, without a word where none was."""
        self._door.waiting.pop(self, None)
        if self._begun:
            self.transport.write(LATE)
        self.transport.close()
        if unread := self.transport.get_write_buffer_size():
            self._door.leaving[self] = (unread, self._door.clock())


def _with_host_of(url: bytes, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of a request whose line holds a whole address: its host is the one that counts (RFC 9112
    3.2.2), so that no other name comes in beside ours (T23).
    """
    host = url.split(b"/", 3)[2]
    return [(b"host", host), *(each for each in headers if each[0] != b"host")]


class Server(uvicorn.Server):
    """Signals are for the whole process, not for the web server."""

    def __init__(self, config: uvicorn.Config, doorkeeper: Doorkeeper) -> None:
        super().__init__(config)
        self._door = doorkeeper

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:
            self._door.sweep()
        return await super().on_tick(counter)


class Answers(Protocol):
    """What has answers at hand, as `Front` does."""

    def answer(self, method: bytes, url: bytes, headers: Headers, date: bytes) -> bytes | None: ...


@dataclass
class Current:
    """The application and its front as they are now: others may take their place while the server runs."""

    app: Application
    front: Front

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)

    def answer(self, method: bytes, url: bytes, headers: Headers, date: bytes) -> bytes | None:
        return self.front.answer(method, url, headers, date)


def application_of(parts: Parts) -> tuple[Application, Front]:
    """What answers, and its front; who gets what is counted meanwhile, before the press office asks."""
    web = parts.web_parts()
    parts.begin_counting()
    return create_app(web), front_for(web)


def server_for(app: Application, front: Answers, clock: Callable[[], float]) -> Server:
    """A server that answers from `front` what lies there, and asks `app` for all else."""
    doorkeeper = Doorkeeper(most_connections(), clock)

    def protocol(**options: Any) -> FrontProtocol:
        return FrontProtocol(front, doorkeeper, **options)

    # Who is believed about where a client comes from, `web.proxies` says, and nobody else (T15).
    config = uvicorn.Config(
        app, http=protocol, ws="none", log_config=None, access_log=False, server_header=False,  # type: ignore[arg-type]
        proxy_headers=False, interface="asgi3",
        lifespan="off", timeout_graceful_shutdown=5, timeout_keep_alive=int(IDLE_S),
    )  # fmt: skip
    return Server(config, doorkeeper)


def most_connections() -> int:
    """How many clients may be connected: below the limit of open files, which is raised as far as it goes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OPEN_FILES_LEFT
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return (
        MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, soft - OPEN_FILES_LEFT)
    )


def listen_on(address: str) -> socket.socket:
    """A listening socket, bound before anything else starts. Raises FeedsError saying what is in the way."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio looks at it before it turns Nagle's algorithm off: without that,
    # a small answer over a kept connection waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if family is socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, int(port)))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise FeedsError(f"web.listen: cannot listen on {address}: {error.strerror}") from None
    return listener


def free_port(host: str, wanted: int) -> int:
    """`wanted`, or the next port above it that nobody uses."""
    for port in range(wanted, min(wanted + 100, 65536)):
        with contextlib.suppress(OSError), socket.create_server((host, port)) as server:
            return int(server.getsockname()[1])
    raise FeedsError(f"no port from {wanted} on is free on {host}; choose another with --port")
