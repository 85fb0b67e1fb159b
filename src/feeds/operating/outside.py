"""A look at the site as a feed reader has it: whether the feed is one, 304 comes, the certificate is good.

Whoever asks is handed in, so that what is concluded can be tried without a network.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree

from feeds.alarms import Trouble

WAIT_S = 20
MOST_BYTES = 8 * 1024 * 1024
ATOM = "{http://www.w3.org/2005/Atom}feed"
# A certificate of three months is renewed a month before its end; who has not by now, does not by itself.
ENDS_SOON = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotReachedError(Exception):
    """Nobody answered; the text says why. `certificate`: because its certificate is not believed."""

    def __init__(self, why: str, *, certificate: bool = False) -> None:
        super().__init__(why)
        self.certificate = certificate


Ask = Callable[[str, Mapping[str, str]], Answer]
Ends = Callable[[str], datetime | None]


def look(base_url: str, ask: Ask, ends: Ends, now: datetime) -> Iterator[tuple[Trouble, str]]:
    """What is wrong with the site at `base_url`; `ends` gives the end of a host's certificate."""
    url = f"{base_url}/feeds/all.atom"
    try:
        yield from ((Trouble.FEEDS, f"{url}: {said}") for said in _feed(url, ask))
        at = ends(base_url)
        if at is not None and at - now < ENDS_SOON:
            yield (
                Trouble.CERTIFICATE,
                f"the certificate of {urlsplit(base_url).hostname} ends on {at:%Y-%m-%d}",
            )
    except NotReachedError as error:
        yield (Trouble.CERTIFICATE if error.certificate else Trouble.FEEDS), f"{url}: {error}"


def _feed(url: str, ask: Ask) -> Iterator[str]:
    first = ask(url, {})
    if first.status != 200:
        yield f"answers {first.status} instead of 200"
        return
    if not is_feed(first.body):
        yield "is no Atom feed"
        return
    etag = first.headers.get("etag", "")
    if not etag:
        yield "has no ETag, so that readers fetch it whole each time"
        return
    again = ask(url, {"If-None-Match": etag})
    if again.status != 304 and again.headers.get("etag", "") == etag:  # else it has changed just now
        yield f"answers {again.status} to who has it already, instead of 304"


def is_feed(body: bytes) -> bool:
    """Whether these bytes are an Atom feed."""
    try:
        return ElementTree.fromstring(body).tag == ATOM  # noqa: S314
    except ElementTree.ParseError:
        return False


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """What is redirected is told as such."""
        return


def ask(url: str, headers: Mapping[str, str]) -> Answer:
    """One request. Raises NotReachedError."""
    request = urllib.request.Request(url, headers={"User-Agent": "feeds (its own look)", **headers})  # noqa: S310
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=WAIT_S) as answer:
            return Answer(answer.status, _lower(answer.headers.items()), answer.read(MOST_BYTES))
    except urllib.error.HTTPError as error:
        return Answer(error.code, _lower(error.headers.items()), b"")
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        believed = not isinstance(reason, ssl.SSLCertVerificationError)
        raise NotReachedError(str(reason), certificate=not believed) from None


def _lower(pairs: object) -> dict[str, str]:
    return {name.lower(): value for name, value in pairs}  # type: ignore[attr-defined]


def certificate_ends(base_url: str) -> datetime | None:
    """When the certificate of a host ends; None without one. Raises NotReachedError."""
    parts = urlsplit(base_url)
    if parts.scheme != "https":
        return None
    host = parts.hostname or ""
    try:
        with (
            socket.create_connection((host, parts.port or 443), timeout=WAIT_S) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
        ):
            found = (secured.getpeercert() or {}).get("notAfter")
    except OSError as error:
        raise NotReachedError(
            str(error), certificate=isinstance(error, ssl.SSLCertVerificationError)
        ) from None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found)), UTC) if found else None
