"""The edge: which names, how much, from where (T12, T13, T15, T23)."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from starlette.datastructures import FormData, Headers

from feeds.web.edge import (
    MAX_BODY,
    Edge,
    Posted,
    client_address,
    from_our_pages,
    host_name,
    masked_path,
    networks,
)
from feeds.web.leaving import months_on

OURS = frozenset({"https://news.example.org"})
PROXIES = networks(["127.0.0.1", "10.0.0.0/8", "::1"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),  # nobody we trust said so
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),  # the left one was sent by the client
        ("127.0.0.1", "203.0.113.9, 10.1.2.3", "203.0.113.9"),  # two proxies
        ("127.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("::1", "[2001:db8::7]:443", "2001:db8::7"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("", "203.0.113.9", ""),
    ],
)
def test_a_client_is_who_a_trusted_proxy_says_and_nobody_else(peer: str, forwarded: str, client: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == client


def test_without_trusted_proxies_the_header_has_no_effect() -> None:
    assert client_address("127.0.0.1", "203.0.113.9", networks([])) == "127.0.0.1"


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),  # pages with no-referrer say so
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "https://news.example.org"}, False),
        ({"origin": "https://news.example.org"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "http://news.example.org"}, False),
        ({"origin": "null"}, True),  # an old browser: the token in the form decides
    ],
)
def test_a_form_comes_from_our_own_pages(headers: dict[str, str], ours: bool) -> None:
    assert from_our_pages(Headers(headers), OURS) is ours


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("News.Example.org", "news.example.org"),
        ("news.example.org:8443", "news.example.org"),
        ("[::1]:8000", "::1"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("", ""),
        ("news.example.org@evil.example", ""),
        ("evil.example/news.example.org", ""),
        ("news.example.org?x", ""),
        ("münchen.example", ""),
    ],
)
def test_the_name_of_a_host_is_read_strictly(host: str, name: str) -> None:
    assert host_name(host) == name


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/unsubscribe/5a-7.secret", "/unsubscribe/…"),
        ("/confirm/secret", "/confirm/…"),
        ("/preferences/secret", "/preferences/…"),
        ("/preferences/", "/preferences/"),
        ("/country/pa/", "/country/pa/"),
        ("/subscribe", "/subscribe"),
    ],
)
def test_a_path_in_the_log_shows_no_token(path: str, shown: str) -> None:
    assert masked_path(path) == shown


@pytest.mark.parametrize(
    ("day", "months", "on"),
    [
        (date(2026, 11, 28), 1, date(2026, 12, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 8, 31), 3, date(2026, 11, 30)),
        (date(2026, 10, 31), 2, date(2026, 12, 31)),
    ],
)
def test_a_pause_of_months_ends_on_the_same_day_or_the_last_of_the_month(
    day: date, months: int, on: date
) -> None:
    assert months_on(day, months) == on


def answered(
    headers: dict[str, str], hosts: frozenset[str] | None = frozenset({"ours.example"}), path: str = "/"
) -> int:
    """The status with which a request is answered; the application behind the edge says 200."""
    sent: list[dict[str, object]] = []

    async def app(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    asyncio.run(Edge(app, hosts, {400: b"not ours", 413: b"too long"})(scope, None, send))  # type: ignore[arg-type]
    return int(str(sent[0]["status"]))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "ours.example"}, 200),
        ({"host": "OURS.example:8443"}, 200),
        ({"host": "evil.example"}, 400),
        ({}, 400),
        ({"host": "ours.example", "content-length": str(MAX_BODY)}, 200),
        ({"host": "ours.example", "content-length": str(MAX_BODY + 1)}, 413),
        ({"host": "ours.example", "content-length": "-1"}, 413),
        ({"host": "ours.example", "content-length": "9" * 40}, 413),
    ],
)
def test_other_names_and_long_bodies_are_refused_before_anything_looks_at_them(
    headers: dict[str, str], status: int
) -> None:
    assert answered(headers) == status


def test_health_answers_whatever_name_it_is_asked_by() -> None:
    assert answered({"host": "10.0.0.7:8000"}, path="/health") == 200
    assert answered({"host": "10.0.0.7:8000"}, path="/healthy") == 400


def test_without_a_list_every_name_is_ours() -> None:
    assert answered({"host": "evil.example"}, None) == 200


def test_ids_of_a_form_are_numbers_or_nothing() -> None:
    form = Posted(
        FormData([("id", "7"), ("id", "x"), ("id", "١"), ("id", "8"), ("big", "9" * 19), ("no", "-1")])
    )
    assert form.numbers("id") == [7, 8]
    assert form.number("id") == 7
    assert form.number("big") is form.number("no") is form.number("absent") is None
    assert (form.one("id"), form.one("absent", "else"), form.has("id"), form.has("absent")) == (
        "7",
        "else",
        True,
        False,
    )
