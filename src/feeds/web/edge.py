"""The edge of the dynamic site: which names it answers to, how much it takes, who asks from where.

T13: a form posted from another site is refused. T15: bodies are bounded, and a client's address is taken
from X-Forwarded-For only where a proxy that we trust put it there. T23: other names than ours get 400.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from types import MappingProxyType
from urllib.parse import urlsplit

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 16 * 1024
HEALTH = "/health"
MAX_FIELDS = 400
PERSONAL = frozenset(
    {"confirm", "move", "preferences", "change", "pause", "unsubscribe", "private", "sign-in"}
)
Networks = Sequence[IPv4Network | IPv6Network]


class Edge:
    """Refuses what is not for us, and what is too much, before anything else looks at it."""

    def __init__(
        self,
        app: ASGIApp,
        hosts: frozenset[str] | None,
        refused: dict[int, bytes],
        larger: Callable[[str], int] = lambda _: MAX_BODY,
    ) -> None:
        """`hosts` are lower-case names without ports, None for any; `refused` holds the pages by status.

        `larger` says how large a body may be that is posted to a path.
        """
        self._app = app
        self._hosts = hosts
        self._refused = refused
        self._largest = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        asked_for_health = scope["path"] == HEALTH  # monitors ask by address
        if (
            self._hosts is not None
            and not asked_for_health
            and host_name(headers.get("host", "")) not in self._hosts
        ):
            await self._refuse(400, send)
            return
        most = self._largest(scope["path"])
        if _length(headers, most) > most:
            await self._refuse(413, send)
        else:
            await self._app(scope, _bounded(receive, most), send)

    async def _refuse(self, status: int, send: Send) -> None:
        body = self._refused[status]
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def host_name(host: str) -> str:
    """The name in a Host header, in lower case, without port and brackets."""
    return (urlsplit(f"//{host}").hostname or "") if _plain(host) else ""


def _plain(host: str) -> bool:
    return bool(host) and host.isascii() and not set(host) & set("/\\@?# \t")


def _length(headers: Headers, most: int) -> int:
    given = headers.get("content-length", "0")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else most + 1


def _bounded(receive: Receive, most: int) -> Receive:
    """`receive`, until more bytes than `most` have come."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(413)
        return message

    return bounded


def masked_path(path: str) -> str:
    """A path as a log may show it: without the token of a personal link (T12)."""
    first, _, rest = path.lstrip("/").partition("/")
    return f"/{first}/…" if rest and first in PERSONAL else path


class Posted:
    """The fields of a posted form, and the files that came with it, where any are taken."""

    def __init__(self, form: FormData, files: Mapping[str, tuple[str, bytes]] = MappingProxyType({})) -> None:
        """`files`: (name, bytes) by the name of the field."""
        self._form = form
        self._files = files

    def file(self, name: str) -> tuple[str, bytes] | None:
        """The name and the bytes of a file; None when none was chosen."""
        return self._files.get(name)

    def one(self, name: str, default: str = "") -> str:
        """The first value of a field, or `default`."""
        return next(iter(self.all(name)), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field."""
        return tuple(value for value in self._form.getlist(name) if isinstance(value, str))

    def has(self, name: str) -> bool:
        """Whether the form has such a field."""
        return name in self._form

    def number(self, name: str) -> int | None:
        """A field that holds an id."""
        return next(iter(self.numbers(name)), None)

    def numbers(self, name: str) -> list[int]:
        """Every id that a field holds."""
        return [
            int(value) for value in self.all(name) if value.isascii() and value.isdigit() and len(value) < 19
        ]


async def posted(
    request: Request, ours: frozenset[str] | None = None, *, files: int = 0, max_bytes: int | None = None
) -> Posted:
    """The form that was posted from our own pages; `ours` None takes it from anywhere (one click).

    So many `files` may come with it, and fields of `max_bytes`. Raises HTTPException: 403 from elsewhere,
    400 for no form.
    """
    if ours is not None and not from_our_pages(request.headers, ours):
        raise HTTPException(403)
    largest = max_bytes or MAX_BODY
    form = await request.form(max_fields=MAX_FIELDS, max_files=files, max_part_size=largest)
    uploads = {name: each for name, each in form.items() if isinstance(each, UploadFile) and each.filename}
    read = {name: (str(each.filename), await each.read()) for name, each in uploads.items()}
    await form.close()
    return Posted(form, read)


def from_our_pages(headers: Headers, ours: frozenset[str]) -> bool:
    """Whether a browser says that a form was posted from one of the origins `ours`.

    Pages with no-referrer post with the origin "null": then Sec-Fetch-Site decides, and in browsers
    that do not know it, the token in the form.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin in (None, "null") or origin in ours


def networks(texts: Sequence[str]) -> Networks:
    """Addresses or networks as they stand in the configuration."""
    return [ip_network(text, strict=False) for text in texts]


def client_address(peer: str, forwarded: str, trusted: Networks) -> str:
    """Who asks: the peer, or what proxies that we trust say, read from the right (T15)."""
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    client = peer
    while hops and _is_trusted(client, trusted):
        client = _bare(hops.pop())
        if not _is_address(client):
            return peer
    return client


def client_of(request: Request, trusted: Networks) -> str:
    """The same for a request."""
    peer = request.client.host if request.client else ""
    return client_address(peer, ",".join(request.headers.getlist("x-forwarded-for")), trusted)


def _bare(hop: str) -> str:
    """An address without the port that some proxies add."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(text: str, trusted: Networks) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in trusted)
