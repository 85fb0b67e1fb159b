"""The server's door: files from memory, half requests, too many clients, small answers at once."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds.app import serving
from feeds.app.serving import Server, listen_on, server_for
from feeds.web.front import Front
from feeds.web.memory import PublishedMemory

FILE = b"<p>news</p>"


class Clock:
    """Time that stands until somebody moves it."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


async def echo(request: Request) -> Response:
    return Response(b"app:" + await request.body())


@contextmanager
def served(root: Path, clock: Clock | None = None) -> Iterator[tuple[int, Server]]:
    (root / "index.html").write_bytes(FILE)
    app = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])
    front = Front(PublishedMemory(root), frozenset({"127.0.0.1"}), {})
    server = server_for(app, front, clock or Clock())
    listener = listen_on("127.0.0.1:0")
    port = int(listener.getsockname()[1])
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    try:
        yield port, server
    finally:
        server.should_exit = True
        thread.join(20)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def talk(port: int, data: bytes) -> bytes:
    """Everything that the server says until it closes."""
    with connect(port) as client:
        client.sendall(data)
        return read_all(client)


def read_all(client: socket.socket) -> bytes:
    parts = []
    while data := client.recv(65536):
        parts.append(data)
    return b"".join(parts)


def request(path: str = "/", extra: str = "", method: str = "GET", close: bool = True) -> bytes:
    last = "Connection: close\r\n" if close else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{extra}{last}\r\n".encode()


def test_files_and_the_application_answer_over_one_connection_in_order(tmp_path: Path) -> None:
    sent = b"".join(
        [
            request(close=False),
            request("/form", "Content-Length: 3\r\n", "POST", close=False) + b"abc",
            request("/other", close=False),
            request(method="HEAD", close=False),
            request(),
        ]
    )
    with served(tmp_path) as (port, _):
        answer = talk(port, sent)
    bodies = [part.partition(b"\r\n\r\n")[2] for part in answer.split(b"HTTP/1.1 200 OK")[1:]]
    # Whatever comes while the application still answers waits behind it, and is asked of it.
    assert bodies == [FILE, b"app:abc", b"app:", b"", b"app:"]


def test_a_request_in_single_bytes_is_answered(tmp_path: Path) -> None:
    with served(tmp_path) as (port, _), connect(port) as client:
        for byte in request():
            client.sendall(bytes([byte]))
        assert read_all(client).endswith(FILE)


@pytest.mark.parametrize(
    "data", [b"\x16\x03\x01 hello\r\n\r\n", b"GET / HTTP/1.1\r\nHost 127\r\n\r\n", b"GET\r\n\r\n"]
)
def test_what_is_no_http_gets_400(tmp_path: Path, data: bytes) -> None:
    with served(tmp_path) as (port, _):
        assert talk(port, data).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    ("begun", "answer"),
    [(b"", b""), (b"GET / HT", b"HTTP/1.1 408"), (request(close=False)[:-2], b"HTTP/1.1 408"),
     (request("/f", "Content-Length: 9\r\n", "POST")[:-2] + b"\r\nabc", b"HTTP/1.1 408")],
)  # fmt: skip
def test_a_request_that_does_not_end_is_cut_after_ten_seconds(
    tmp_path: Path, begun: bytes, answer: bytes
) -> None:
    clock = Clock()
    with served(tmp_path, clock) as (port, server), connect(port) as client:
        client.sendall(begun)
        wait_until(lambda: len(server.server_state.connections) == 1)
        talk(port, request())  # what was sent before has been read by now
        clock.at += serving.UNFINISHED_S + 0.5
        assert read_all(client)[:12] == answer


def test_a_connection_that_is_kept_without_a_word_is_let_go(tmp_path: Path) -> None:
    clock = Clock()
    with served(tmp_path, clock) as (port, server), connect(port) as client:
        client.sendall(request(close=False))
        assert client.recv(65536).endswith(FILE)
        wait_until(lambda: not any(each.unfinished for each in server.server_state.connections))  # type: ignore[attr-defined]
        clock.at += serving.IDLE_S + 0.5
        assert client.recv(65536) == b""


def test_when_all_places_are_taken_the_one_that_waited_longest_gives_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "MOST_CONNECTIONS", 5)
    with served(tmp_path) as (port, server):
        half = [connect(port) for _ in range(5)]
        for client in half:
            client.sendall(b"GET / HTTP/1.1\r\n")
        wait_until(lambda: len(server.server_state.connections) == 5)
        assert talk(port, request()).endswith(FILE)
        assert read_all(half[0]).startswith(b"HTTP/1.1 408")
        half[4].sendall(b"Host: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert read_all(half[4]).endswith(FILE)
        for client in half:
            client.close()


def test_a_thousand_half_requests_keep_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MOST_CONNECTIONS", 100)
    with served(tmp_path) as (port, _):
        half = []
        for n in range(1000):
            half.append(connect(port))
            half[-1].sendall(b"GET / HTTP/1.1\r\nHost: ")
            if n % 100 == 99:
                assert talk(port, request()).endswith(FILE)
        for client in half:
            client.close()


def test_being_full_is_told_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(serving.logger, "warning", lambda _, **facts: told.append(facts["turned_away"]))
    clock = Clock()
    door = serving.Doorkeeper(0, clock)
    for _ in range(50):
        assert not door.make_room(0)
    clock.at += serving.SAY_AGAIN_S
    door.make_room(0)
    assert told == [1, 50]


def test_the_listener_sends_small_answers_at_once(tmp_path: Path) -> None:
    with listen_on("127.0.0.1:0") as listener:
        # asyncio looks at the protocol's number before it turns Nagle's algorithm off.
        assert listener.proto == socket.IPPROTO_TCP
        with connect(listener.getsockname()[1]):
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_cap_of_connections_leaves_open_files_for_the_rest() -> None:
    import resource

    assert (
        serving.most_connections() <= resource.getrlimit(resource.RLIMIT_NOFILE)[0] - serving.OPEN_FILES_LEFT
    )


def wait_until(holds: Callable[[], bool]) -> None:
    done = threading.Event()
    for _ in range(1000):
        if holds():
            return
        done.wait(0.01)
    raise AssertionError("it never came")
