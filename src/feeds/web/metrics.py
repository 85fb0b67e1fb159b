"""`/metrics`: figures of the site and counts of this process, in the text form of Prometheus.

Off unless configured. Shown to who sends the token, or to programs on this machine that ask for it by an
address of this machine, and no proxy says that it stands between; for everybody else there is no such page.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds.operating.measuring import Measured
from feeds.web.edge import host_name
from feeds.web.tallying import Tally

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# A proxy says by one of these that it stands between.
PASSED_ON = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Where the figures come from, and who sees them: this machine (`loopback`), who sends the `token`."""

    measure: Callable[[], Measured]
    loopback: bool
    token: str


def metrics_routes(tally: Tally, of: Metrics) -> list[Route]:
    """The route, if it is shown to anybody."""

    async def metrics(request: Request) -> Response:
        peer = request.client.host if request.client else ""
        if not may_read(peer, request.headers, loopback=of.loopback, token=of.token):
            raise HTTPException(404)
        from feeds.web.exposing import as_text  # small commands don't wait for its library

        measured = await run_in_threadpool(of.measure)
        return Response(
            as_text(tally, measured), media_type=MEDIA_TYPE, headers={"cache-control": "no-store"}
        )

    return [Route("/metrics", metrics, methods=["GET"])] if of.loopback or of.token else []


def may_read(peer: str, headers: Headers, *, loopback: bool, token: str) -> bool:
    """Whether who asks from `peer` may see it: with the bearer token (RFC 6750), or from this machine."""
    way, _, given = headers.get("authorization", "").partition(" ")
    if token and way.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode()):
        return True
    asked_here = _is_loopback(peer) and _is_loopback(host_name(headers.get("host", "")))
    return loopback and asked_here and not any(name in headers for name in PASSED_ON)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
