"""`/metrics`: who sees it, and what it says; counts of requests."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.datastructures import Headers
from starlette.routing import Route

from feeds.operating.measuring import Measured, Room
from feeds.store.figures import Figures, QueueFigures
from feeds.store.passes import PassRow
from feeds.web.exposing import as_text
from feeds.web.metrics import Metrics, may_read, metrics_routes
from feeds.web.tallying import NO_ROUTE, Tallied, Tally

NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
TOKEN = "0123456789abcdef0123"
HERE = {"host": "127.0.0.1:8000"}


@pytest.mark.parametrize(
    ("peer", "headers", "seen"),
    [
        ("127.0.0.1", HERE, True),
        ("::1", {"host": "[::1]:8000"}, True),
        ("127.0.0.1", {"host": "localhost:8000"}, True),
        ("203.0.113.9", HERE, False),
        ("127.0.0.1", {"host": "news.example.org"}, False),  # a proxy that passes the name on
        ("127.0.0.1", HERE | {"x-forwarded-for": "203.0.113.9"}, False),
        ("127.0.0.1", HERE | {"x-real-ip": "203.0.113.9"}, False),
        ("127.0.0.1", HERE | {"forwarded": "for=203.0.113.9"}, False),
        ("127.0.0.1", HERE | {"via": "1.1 proxy"}, False),
        ("127.0.0.1", HERE | {"x-forwarded-host": "news.example.org"}, False),
        ("127.0.0.1", {}, False),
        ("", HERE, False),
    ],
)
def test_who_asks_on_this_machine_sees_them_where_that_is_allowed(
    peer: str, headers: dict[str, str], seen: bool
) -> None:
    assert may_read(peer, Headers(headers), loopback=True, token="") is seen
    assert may_read(peer, Headers(headers), loopback=False, token=TOKEN) is False


@pytest.mark.parametrize(
    ("authorization", "seen"),
    [
        (f"Bearer {TOKEN}", True),
        (f"bearer  {TOKEN} ", True),
        ("Bearer wrong", False),
        ("Bearer ", False),
        (f"Basic {TOKEN}", False),
        (TOKEN, False),
        ("", False),
    ],
)
def test_who_sends_the_token_sees_them_from_anywhere(authorization: str, seen: bool) -> None:
    headers = Headers({"authorization": authorization, "host": "news.example.org"})
    assert may_read("203.0.113.9", headers, loopback=False, token=TOKEN) is seen


def test_an_empty_token_opens_nothing() -> None:
    assert not may_read("203.0.113.9", Headers({"authorization": "Bearer "}), loopback=False, token="")


@pytest.mark.parametrize(("loopback", "token", "routes"), [(False, "", 0), (True, "", 1), (False, TOKEN, 1)])
def test_there_is_no_such_page_unless_configured(loopback: bool, token: str, routes: int) -> None:
    found = metrics_routes(Tally(), Metrics(measure=measured, loopback=loopback, token=token))
    assert [route.path for route in found] == ["/metrics"] * routes


def run_of(name: str, host: str, minutes: int, *, failed: str = "", running: bool = False) -> PassRow:
    at = NOW - timedelta(minutes=minutes)
    return PassRow(
        process=f"{host}/{minutes}", name=name, host=host, began_at=at, took_ms=1500, failed=failed,
        ended_at=None if running else at + timedelta(seconds=1),
    )  # fmt: skip


def measured(**values: Any) -> Measured:
    queue = QueueFigures(waiting=3, in_hand=1, due_at=NOW - timedelta(seconds=90))
    later = QueueFigures(waiting=1, in_hand=0, due_at=NOW + timedelta(seconds=30))
    given: dict[str, Any] = {
        "last_bulletin_at": NOW - timedelta(hours=2), "held": 4, "unpublished": 7,
        "unpublished_since": NOW - timedelta(seconds=12), "digests": queue, "notices": later, "due_at": None,
        "letters": {"refused": 2, "sent": 700}, "bounces": {"hard": 5}, "passes": [
            run_of("publish", "news-1", 1), run_of("publish", "news-1", 9, failed="StoreError"),
            run_of("compose", "news-2", 3, failed="disk full"), run_of("deliver", "news-2", 5, running=True),
        ],
    }  # fmt: skip
    rooms = {"public": Room(free=1000, total=4000)}
    return Measured(at=NOW, figures=Figures(**(given | values)), rooms=rooms)


def told(found: Measured, tally: Tally | None = None) -> dict[tuple[str, ...], float]:
    text = as_text(tally or Tally(), found).decode()
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_counts_ages_and_what_became_of_letters_are_told() -> None:
    found = told(measured())
    assert found["feeds_last_bulletin_age_seconds",] == 7200
    assert found["feeds_held_bulletins",] == 4
    assert found["feeds_unpublished_changes",] == 7
    assert found["feeds_oldest_unpublished_age_seconds",] == 12
    assert found["feeds_letters_waiting", "digest"] == 3
    assert found["feeds_letters_waiting", "notice"] == 1
    assert found["feeds_letters_in_hand", "digest"] == 1
    assert found["feeds_oldest_waiting_letter_overdue_seconds", "digest"] == 90
    assert found["feeds_oldest_waiting_letter_overdue_seconds", "notice"] == 0
    assert found["feeds_letters_total", "sent"] == 700
    assert found["feeds_letters_total", "refused"] == 2
    assert found["feeds_bounces_last_day", "hard"] == 5
    assert found["feeds_disk_free_bytes", "public"] == 1000
    assert found["feeds_disk_size_bytes", "public"] == 4000


def test_each_pass_is_told_by_its_newest_run_on_a_host() -> None:
    found = told(measured())
    assert found["feeds_pass_seconds", "news-1", "publish"] == 1.5
    assert found["feeds_pass_age_seconds", "news-1", "publish"] == 59
    assert found["feeds_pass_failed", "news-1", "publish"] == 0
    assert found["feeds_pass_failed", "news-2", "compose"] == 1
    assert found["feeds_pass_age_seconds", "news-2", "deliver"] == 0  # it runs


def test_what_is_not_there_has_no_age() -> None:
    nothing = QueueFigures(waiting=0, in_hand=0, due_at=None)
    names = {key[0] for key in told(measured(last_bulletin_at=None, unpublished_since=None, digests=nothing))}
    assert "feeds_last_bulletin_age_seconds" not in names
    assert "feeds_oldest_unpublished_age_seconds" not in names
    assert ("feeds_oldest_waiting_letter_overdue_seconds", "digest") not in told(measured(digests=nothing))


def answers(tally: Tally, path: str, status: int, endpoint: Any) -> None:
    async def shown() -> None: ...

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["endpoint"] = shown if endpoint == "shown" else endpoint
        if status == 500:
            raise ValueError("broken")
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None: ...

    async def receive() -> Any: ...

    ticks = iter([10.0, 10.2])
    counted = Tallied(app, tally, [Route("/items/{id}", shown)], lambda: next(ticks))
    asyncio.run(counted({"type": "http", "path": path}, receive, send))


def test_requests_are_counted_by_route_and_status_and_timed() -> None:
    tally = Tally()
    answers(tally, "/items/7", 404, "shown")
    answers(tally, "/odd/path", 404, None)
    with pytest.raises(ValueError, match="broken"):
        answers(tally, "/items/8", 500, "shown")
    tally.ready(304)
    found = told(measured(), tally)
    assert found["feeds_requests_total", "/items/{id}", "404"] == 1
    assert found["feeds_requests_total", "/items/{id}", "500"] == 1
    assert found["feeds_requests_total", NO_ROUTE, "404"] == 1
    assert found["feeds_requests_total", "(ready)", "304"] == 1
    assert found["feeds_requests_total", "(ready)", "200"] == 0
    assert found["feeds_request_seconds_sum", "/items/{id}"] == pytest.approx(0.4)
    assert found["feeds_request_seconds_bucket", "0.1", "/items/{id}"] == 0
    assert found["feeds_request_seconds_bucket", "0.25", "/items/{id}"] == 2
