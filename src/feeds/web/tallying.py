"""Counts of what this process answered, by route and status; how long answers took that were made for it."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A published file that lies in memory.
READY = "(ready)"
NO_ROUTE = "(none)"
# The worst that pages should take is 0.1 s.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Tally:
    """The counts of one process."""

    def __init__(self) -> None:
        from prometheus_client import (
            CollectorRegistry,
            Counter,
            Histogram,
        )  # small commands don't wait for it

        self.registry = CollectorRegistry()
        self._requests = Counter(
            "feeds_requests", "Requests answered", ["route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "feeds_request_seconds", "Seconds that answers took which were made when asked for", ["route"],
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self._ready = {status: self._requests.labels(READY, str(status)) for status in (200, 304)}

    def ready(self, status: int) -> None:
        """One more file went out from memory."""
        self._ready[status].inc()

    def made(self, route: str, status: int, seconds: float) -> None:
        """One more answer was made."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class Tallied:
    """Counts the answers of an application. A route is named by its path, never by what was asked for."""

    def __init__(
        self, app: ASGIApp, tally: Tally, routes: list[BaseRoute], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._tally = tally
        self._clock = clock
        self._names = {id(each.endpoint): each.path for each in routes if isinstance(each, Route)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = 500, self._clock()

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            route = self._names.get(id(scope.get("endpoint")), NO_ROUTE)
            self._tally.made(route, status, self._clock() - began)
