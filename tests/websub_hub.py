"""A WebSub hub for the tests, as the W3C describes one: it verifies who subscribes, fetches what it is told
of, and distributes it signed. It knows of a publisher only what stands in headers and answers.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

WAIT_S = 30


@dataclass
class Subscription:
    callback: str
    topic: str
    secret: str


@dataclass
class Hub:
    """Its address, who subscribed, and what it was told; `answers` are given before 202s."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    hangs: threading.Event | None = None

    def take(self, form: dict[str, str]) -> int:
        """The status with which a form is answered."""
        if form["hub.mode"] == "publish":
            return self._publish(form)
        assert form["hub.mode"] == "subscribe"
        return self._subscribe(Subscription(form["hub.callback"], form["hub.topic"], form["hub.secret"]))

    def _publish(self, form: dict[str, str]) -> int:
        assert form["hub.url"] == form["hub.topic"]
        if self.hangs is not None:
            self.hangs.wait(WAIT_S)
        status = self.answers.pop(0) if self.answers else 202
        self.told.append(form["hub.url"])
        if status == 202:
            for one in self.subscriptions:
                if one.topic == form["hub.url"]:
                    self._distribute(one)
        return status

    def _subscribe(self, wanted: Subscription) -> int:
        """Verification of intent (5.3): the subscriber gives the challenge back, or has not asked."""
        challenge = secrets.token_urlsafe(12)
        asked = {"hub.mode": "subscribe", "hub.topic": wanted.topic, "hub.challenge": challenge}
        query = urlencode(asked | {"hub.lease_seconds": "86400"})
        with urllib.request.urlopen(f"{wanted.callback}?{query}", timeout=WAIT_S) as answer:
            if answer.read().decode() != challenge:
                return 404
        self.subscriptions.append(wanted)
        return 202

    def _distribute(self, to: Subscription) -> None:
        """Content distribution (7): the bytes of the topic, its type, its links, signed (7.1)."""
        with urllib.request.urlopen(to.topic, timeout=WAIT_S) as answer:
            body, kind = answer.read(), answer.headers["content-type"]
        signed = hmac.new(to.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "content-type": kind, "x-hub-signature": f"sha256={signed}",
            "link": f'<{self.url}>; rel="hub", <{to.topic}>; rel="self"',
        }  # fmt: skip
        request = urllib.request.Request(to.callback, body, headers)
        urllib.request.urlopen(request, timeout=WAIT_S).close()


@dataclass
class Subscriber:
    """Somebody who follows a feed by a hub: what was delivered to them, if the signature was right."""

    secret: str = "known to the hub and to me"
    url: str = ""
    wanted: str = ""
    got: list[tuple[str, bytes]] = field(default_factory=list)

    def subscribe(self, hub: str, topic: str) -> int:
        self.wanted = topic
        form = {
            "hub.mode": "subscribe", "hub.topic": topic, "hub.callback": self.url, "hub.secret": self.secret,
        }  # fmt: skip
        with urllib.request.urlopen(hub, urlencode(form).encode(), timeout=WAIT_S) as answer:
            return int(answer.status)

    def verify(self, query: dict[str, str]) -> str:
        return query["hub.challenge"] if query["hub.topic"] == self.wanted else ""

    def receive(self, body: bytes, headers: dict[str, str]) -> None:
        signed = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        if hmac.compare_digest(headers["x-hub-signature"], f"sha256={signed}"):
            self.got.append((headers["content-type"], body))


@contextmanager
def a_hub() -> Iterator[Hub]:
    hub = Hub()

    class Handler(_Quiet):
        def do_POST(self) -> None:
            self.answer(hub.take(_fields(self.body().decode())))

    with _served(Handler) as hub.url:
        hub.url += "/hub"
        yield hub


@contextmanager
def a_subscriber() -> Iterator[Subscriber]:
    someone = Subscriber()

    class Handler(_Quiet):
        def do_GET(self) -> None:
            self.answer(200, someone.verify(_fields(urlsplit(self.path).query)).encode())

        def do_POST(self) -> None:
            someone.receive(self.body(), {name.lower(): value for name, value in self.headers.items()})
            self.answer(204)

    with _served(Handler) as someone.url:
        yield someone


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers["content-length"]))

    def answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _fields(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}


@contextmanager
def _served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
