"""A mailbox that its server says is gone gets no more mail; a server in trouble suspends nobody."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from feeds.app.founding import found
from feeds.app.parts import Parts, now
from feeds.composing.compose import compose
from feeds.delivering.deliver import DeliverReport, deliver
from feeds.filters import parse
from feeds.mail.envelope import BounceAddress
from feeds.model import Cadence, DeliveryState, SubscriberState
from feeds.people import signup
from feeds.store import deliveries, subscribers
from smtp_server import ScriptedServer
from taking import accept_one

GONE = "550 5.1.1 no such user here"


def site(folder: Path, server: ScriptedServer, people: int, **values: str) -> Parts:
    """A site with so many readers and a letter to each."""
    mail = {"mail.transport": '"smtp"', "mail.port": str(server.port), "mail.tls": '"none"'}
    parts = found(folder, mail | {"digest.max_age": "36500"} | values)
    for number in range(people):
        joining = signup.Joining(
            address=f"p{number}@example.org", filters=(parse("all"),), cadence=Cadence.IMMEDIATE, lang="en",
            zone="UTC", hour=7, weekday=1, consent="a test",
        )  # fmt: skip
        signup.join(parts.store, joining, parts.joining_defaults, now())
    take(parts, 18)
    return parts


def take(parts: Parts, day: int) -> None:
    text = f"{day} November, 2026\n\nPanama opens school {day}\n\nChildren learn there.\n"
    accept_one(parts, f"{day}.txt", text.encode(), now(), "default", filed=True)
    compose(parts.store, parts.compose_rules, now())


def send(parts: Parts) -> DeliverReport:
    async def run() -> DeliverReport:
        lines = parts.transports()
        try:
            return await deliver(parts.store, lines, parts.deliver_rules)
        finally:
            for line in lines:
                await line.close()

    return asyncio.run(run())


def states(parts: Parts) -> list[SubscriberState]:
    with parts.store.read() as conn:
        return sorted(each.state for each in subscribers.listing(conn))


def test_who_has_no_mailbox_gets_no_further_letter(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        parts = site(tmp_path / "site", server, 3)
        server.fail("rcpt", GONE)
        assert dict(send(parts).outcomes) == {"refused": 1, "sent": 2}
        assert states(parts) == [SubscriberState.ACTIVE] * 2 + [SubscriberState.BOUNCED]
        take(parts, 19)
        assert dict(send(parts).outcomes) == {"sent": 2}
        parts.store.close()


def test_a_server_that_knows_nobody_any_more_suspends_nobody(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        parts = site(tmp_path / "site", server, 30)
        server.fail("rcpt", GONE, times=99)
        report = send(parts)
        assert report.away
        assert report.away.ours
        assert states(parts) == [SubscriberState.ACTIVE] * 30
        with parts.store.read() as conn:
            waiting = deliveries.accounting(conn).get((DeliveryState.QUEUED, ""), 0)
        assert waiting >= 30 - 20 - 2 * len(parts.transports())
        parts.store.close()


@pytest.mark.parametrize(
    ("doubtful", "state"), [("resend", DeliveryState.QUEUED), ("hold", DeliveryState.UNCERTAIN)]
)
def test_a_lost_answer_is_tried_again_or_left_to_a_person(
    tmp_path: Path, doubtful: str, state: DeliveryState
) -> None:
    with ScriptedServer() as server:
        parts = site(tmp_path / "site", server, 1, **{"mail.doubtful": f'"{doubtful}"'})
        server.fail("accepted", "drop")
        send(parts)
        with parts.store.read() as conn:
            (row,) = deliveries.listing(conn, limit=9)
        assert (row.state, row.uncertain) == (state, 1)
        parts.store.close()


def test_the_envelope_sender_names_the_letter_where_bounces_are_wanted(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        parts = site(tmp_path / "site", server, 2, **{"bounces.address": '"bounces@example.org"'})
        send(parts)
        box = BounceAddress("bounces@example.org")
        tags = [parts.tokens.read_bounce(*box.tags(each.sender)) for each in server.messages]
        with parts.store.read() as conn:
            assert sorted(map(str, tags)) == sorted(row.number for row in deliveries.listing(conn, limit=9))
        parts.store.close()
