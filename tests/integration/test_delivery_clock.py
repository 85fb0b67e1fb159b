"""F6 for letters: the clock jumps, the relay is away for days; nothing is lost, nothing goes out twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from feeds.delivering.deliver import DeliverReport, deliver
from feeds.mail.smtp import SmtpSettings, SmtpTransport
from feeds.model import DeliveryState
from feeds.store import Store, deliveries, open_store
from smtp_server import ScriptedServer
from store.making import NOW, queued
from store.test_deliver import RULES

HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"sqlite:///{tmp_path / 'feeds.db'}")
    made.migrate()
    yield made
    made.close()


def send(store: Store, port: int, at: datetime) -> DeliverReport:
    """One pass with the clock at this instant."""
    settings = SmtpSettings(host="127.0.0.1", port=port, local_hostname="feeds.test")

    async def run() -> DeliverReport:
        lines = [SmtpTransport(settings) for _ in range(2)]
        try:
            return await deliver(store, lines, replace(RULES, now=lambda: at))
        finally:
            for line in lines:
                await line.close()

    return asyncio.run(run())


def states(store: Store) -> Counter[DeliveryState]:
    with store.read() as conn:
        return Counter(row.state for row in deliveries.listing(conn, limit=99))


def recipients(server: ScriptedServer) -> list[str]:
    return sorted(each.recipients[0].partition("@")[0] for each in server.messages)


def test_a_relay_that_is_away_for_two_days_costs_no_try_and_then_gets_everything_once(store: Store) -> None:
    queued(store, "ana", "bob", "eve")
    with ScriptedServer() as gone:
        port = gone.port  # nobody listens there from here on
    for hour in range(48):
        report = send(store, port, NOW + hour * HOUR)
        assert report.away is not None
        assert report.handled == 0
    with store.read() as conn:
        assert {(row.state, row.tries) for row in deliveries.listing(conn, limit=9)} == {
            (DeliveryState.QUEUED, 0)
        }
    with ScriptedServer() as back:
        send(store, back.port, NOW + 48 * HOUR)
        assert recipients(back) == ["ana", "bob", "eve"]
    assert states(store) == {DeliveryState.SENT: 3}


@pytest.mark.parametrize("jump", [-3 * HOUR, 3 * HOUR, timedelta(days=40)])
def test_a_clock_that_jumps_loses_no_letter_and_sends_none_twice(store: Store, jump: timedelta) -> None:
    queued(store, "ana", "bob", "eve")
    with ScriptedServer() as server:
        server.fail("rcpt", "450 4.2.0 greylisted")
        assert dict(send(store, server.port, NOW).outcomes) == {"deferred": 1, "sent": 2}
        send(store, server.port, NOW + jump)
        # Back where it should be: what waited for its next try gets it.
        send(store, server.port, NOW + HOUR)
        assert recipients(server) == ["ana", "bob", "eve"]
    assert states(store) == {DeliveryState.SENT: 3}


@pytest.mark.parametrize("jump", [-3 * HOUR, 3 * HOUR, timedelta(days=40)])
def test_a_sender_that_dies_while_the_clock_is_wrong_leaves_nothing_behind(
    store: Store, jump: timedelta
) -> None:
    queued(store, "ana")
    with store.write() as conn:
        (claimed,) = deliveries.claim(conn, "killed elsewhere", NOW + jump, RULES.lease, 1) or [None]
    with ScriptedServer() as server:
        # Its host is not ours, so it counts as dead when its lease is over by anybody's clock.
        send(store, server.port, NOW + max(jump, timedelta()) + 2 * HOUR)
        assert recipients(server) == ["ana"]
        send(store, server.port, NOW + max(jump, timedelta()) + 4 * HOUR)
        assert recipients(server) == ["ana"]
    with store.read() as conn:
        (row,) = deliveries.listing(conn, limit=9)
    assert row.state is DeliveryState.SENT
    assert row.uncertain == (claimed is not None)
    assert claimed is None or row.message_id == claimed.message_id


def test_greylisted_for_five_days_a_letter_is_given_up_with_its_last_answer(store: Store) -> None:
    queued(store, "ana")
    with ScriptedServer() as server:
        server.fail("rcpt", "450 4.2.0 greylisted", times=99)
        at, tries = NOW, 0
        while states(store) == {DeliveryState.QUEUED: 1}:
            tries += sum(send(store, server.port, at).outcomes.values())
            at += HOUR / 4
            assert at < NOW + timedelta(days=7)
        assert server.messages == []
    with store.read() as conn:
        (row,) = deliveries.listing(conn, limit=9)
    assert (row.state, row.tries) == (DeliveryState.REFUSED, tries)
    assert row.reason.startswith("given up: RCPT: 450 4.2.0 greylisted")
    assert timedelta(days=4) < at - NOW < timedelta(days=6)
