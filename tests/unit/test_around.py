"""What a running site would stumble over, each in a sentence that says what to do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from feeds.app import around
from feeds.app.presence import fingerprint
from feeds.config import Settings
from feeds.config.sections import Sections
from feeds.model import SubscriberState
from feeds.store.processes import ProcessRow
from feeds.store.subscribers import SubscriberRow

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
ROW = ProcessRow(
    name="a/1", host="one", roles="web,deliver", version="1.0", settings="abc", restart_for="",
    started_at=NOW, seen_at=NOW,
)  # fmt: skip


def of(row: ProcessRow) -> list[str]:
    return list(around.of_processes([row], "abc", "1.0"))


def test_a_process_like_this_one_is_fine() -> None:
    assert of(ROW) == []


def test_other_settings_another_version_and_what_waits_for_a_restart_are_told() -> None:
    who = "a process on one (web,deliver), started 2026-11-28 12:00 UTC,"
    assert of(replace(ROW, settings="xyz")) == [
        f"{who} runs with other settings: restart it, or compare config/ of the two hosts"
    ]
    assert of(replace(ROW, version="0.9")) == [f"{who} is of version 0.9, this is 1.0: restart it"]
    assert of(replace(ROW, restart_for="mail.host web.listen", settings="xyz")) == [
        f"{who} must be restarted for: mail.host, web.listen"
    ]


PERSON = SubscriberRow(
    id=1, address="canary@example.org", address_key="canary@example.org", state=SubscriberState.ACTIVE,
    lang="en", zone="UTC", hour=7, weekday=1, consent="ours", consent_at=NOW, created_at=NOW, ended_at=None,
    ended_reason=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("person", "paused", "word"),
    [
        (PERSON, [None], ""),
        (PERSON, [NOW, None], ""),
        (PERSON, [NOW], "is paused: feeds subscribers resume canary@example.org"),
        (PERSON, [], "has no subscription"),
        (None, [], "is no subscriber"),
        (replace(PERSON, state=SubscriberState.BOUNCED), [None], "it is bounced"),
    ],
)
def test_a_canary_to_whom_nothing_is_sent_is_told(
    person: SubscriberRow | None, paused: list[datetime | None], word: str
) -> None:
    told = list(around.of_canary("canary@example.org", person, paused))
    assert len(told) == bool(word)
    assert not word or word in told[0]


def test_a_clock_that_answers_late_is_not_off() -> None:
    later = NOW + timedelta(seconds=9)
    assert around.outside(NOW + timedelta(seconds=5), NOW, later) == timedelta()
    assert around.outside(NOW, NOW, later) == around.outside(later, NOW, later) == timedelta()
    assert around.outside(NOW - timedelta(seconds=3), NOW, later) == timedelta(seconds=-3)
    assert around.outside(later + timedelta(seconds=4), NOW, later) == timedelta(seconds=4)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(2, None), (-2, None), (3, "3 s ahead of this one"), (-3, "3 s behind this one"), (90, "90 s ahead")],
)
def test_a_clock_that_is_off_is_told(seconds: int, words: str | None) -> None:
    told = list(around.of_clock(timedelta(seconds=seconds), "the server"))
    assert told == [] if words is None else words in told[0]
    assert all("the clock of the server is" in each for each in told)


@pytest.mark.parametrize(
    ("version", "old"),
    [("2026a", False), ("2024e", False), ("2024d", True), ("2023h", True), (None, False), ("odd", False)],
)
def test_zone_data_is_old_after_two_years(version: str | None, old: bool) -> None:
    told = list(around.of_zones(version, datetime(2026, 8, 1, tzinfo=UTC)))
    assert bool(told) is old
    assert all(f"zone data is of {version}" in each for each in told)


def test_the_version_of_zone_data_is_found_where_there_is_one() -> None:
    version = around.zone_version()
    assert version is None or around._VERSION.fullmatch(version)


@contextmanager
def answering(status: int, date: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(status if self.path == "/health" else 404)
            self.send_header("Date", date)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_address_that_answers_is_fine_and_its_clock_is_looked_at() -> None:
    with answering(200, "Sat, 28 Nov 2026 12:00:01 GMT") as url:
        assert list(around.of_address(url, lambda: NOW)) == []
    with answering(200, "Sat, 28 Nov 2026 12:01:00 GMT") as url:
        assert "the clock of the web server is 60 s ahead" in next(around.of_address(url, lambda: NOW))


def test_an_address_that_does_not_answer_is_told_with_the_reason() -> None:
    with answering(503, "Sat, 28 Nov 2026 12:00:00 GMT") as url:
        assert "(it answers 503)" in next(around.of_address(url, lambda: NOW))
    assert "(Connection refused)" in next(around.of_address(url, lambda: NOW))


def settings(**given: dict[str, object]) -> Settings:
    return Settings(
        **dict(Sections.model_validate(given)), root=Path("/a"), file=Path("/a/config/feeds.toml"),
        topics={}, places={}, overrides={}, sources={},
    )  # fmt: skip


def test_two_hosts_with_folders_and_ports_of_their_own_have_the_same_settings() -> None:
    one = settings()
    other = settings(
        web={"listen": "127.0.0.1:9"}, publish={"path": "b"}, store={"journal": "x"}, log={"level": "debug"}
    )
    assert fingerprint(one) == fingerprint(other)
    assert len(fingerprint(one)) == 12


@pytest.mark.parametrize(
    "given", [{"site": {"name": "Other"}}, {"digest": {"hour": 8}}, {"mail": {"host": "relay.example.org"}}]
)
def test_what_all_must_have_alike_makes_another_fingerprint(given: dict[str, dict[str, object]]) -> None:
    assert fingerprint(settings()) != fingerprint(settings(**given))
