"""The main job on real input: bulletins in, feeds and pages and digests out."""

from __future__ import annotations

import asyncio
from email import message_from_bytes, policy
from pathlib import Path

import feedparser
import pytest

from feeds.app.parts import Parts, now
from feeds.composing.compose import compose
from feeds.delivering.deliver import deliver
from feeds.filters import parse
from feeds.mail.smtp import SmtpSettings, SmtpTransport
from feeds.model import Cadence, DeliveryState, Kind, Outcome, Strength
from feeds.people import signup
from feeds.publishing.publish import publish
from feeds.store import deliveries, digests, items
from smtp_server import ScriptedServer
from taking import accept_one


def join(parts: Parts, address: str, text: str, cadence: Cadence, lang: str = "en") -> int:
    wanted = tuple(parse(each, parts.vocabulary) for each in text.split(";"))
    joining = signup.Joining(
        address=address, filters=wanted, cadence=cadence, lang=lang, zone="America/Panama",
        hour=7, weekday=1, consent="a test",
    )  # fmt: skip
    return signup.join(parts.store, joining, parts.joining_defaults, now())


def ingest(parts: Parts, files: list[Path], notify: str = "all") -> list[Outcome]:
    receipts = [
        accept_one(parts, file.name, file.read_bytes(), now(), notify, filed=True).receipt for file in files
    ]
    return [line.outcome for receipt in receipts for line in receipt.lines]


def send(parts: Parts) -> dict[str, int]:
    report = asyncio.run(deliver(parts.store, parts.transports(), parts.deliver_rules))
    return dict(report.outcomes)


def ids_in_feed(parts: Parts, stem: str) -> list[str]:
    data = parts.press.public.read(f"feeds/{stem}.atom")
    assert data is not None
    parsed = feedparser.parse(data)
    assert not parsed.bozo
    return [entry.id for entry in parsed.entries]


def test_twenty_real_items_stand_in_every_feed_they_belong_to(site: Parts, seeds: list[Path]) -> None:
    assert ingest(site, seeds) == [Outcome.NEW] * 20
    publish(site.store, site.press)
    everything = ids_in_feed(site, "all")
    assert len(everything) == len(set(everything)) == 20
    panama = ids_in_feed(site, "country/pa")
    assert len(panama) == 4
    assert set(panama) <= set(everything)
    with site.store.read() as conn:
        stored = [items.get(conn, item_id) for item_id in items.ids(conn)]
    about = {
        item.atom_id: any(
            label.kind is Kind.COUNTRY and label.strength is Strength.ABOUT for label in item.labels
        )
        for item in stored
        if item
    }
    assert set(ids_in_feed(site, "unlabelled")) == {
        key for key, any_country in about.items() if not any_country
    }
    assert 0 < len(ids_in_feed(site, "unlabelled")) < 20


def test_the_same_bulletin_twice_gives_each_item_once(site: Parts, seeds: list[Path]) -> None:
    ingest(site, seeds)
    assert ingest(site, seeds) == [Outcome.SAME] * 20
    with site.store.read() as conn:
        assert items.count(conn) == 20


def test_two_captures_of_one_page_that_overlap_give_each_item_once(
    site: Parts, seeds: list[Path], tmp_path: Path
) -> None:
    text = seeds[0].read_text(encoding="utf-8")
    older = tmp_path / "older.txt"
    older.write_text(text[text.index("19 April, 2021") :], encoding="utf-8")
    outcomes = ingest(site, [older, seeds[0]])
    assert outcomes.count(Outcome.NEW) == 10
    assert outcomes.count(Outcome.SAME) == 6


def test_no_two_items_share_an_updated_instant(site: Parts, seeds: list[Path]) -> None:
    ingest(site, seeds)
    with site.store.read() as conn:
        instants = [item.updated_at for item in items.listing(conn, limit=100)]
    assert len(set(instants)) == 20
    assert max(instants) <= now()


def test_a_rebuild_writes_the_same_bytes_and_so_nothing(site: Parts, seeds: list[Path]) -> None:
    ingest(site, seeds)
    first = publish(site.store, site.press)
    assert len(first.written) > 100
    assert publish(site.store, site.press).looked_at == 0
    assert publish(site.store, site.press, everything=True).written == []


def test_a_new_item_rewrites_only_what_it_touches(site: Parts, seeds: list[Path]) -> None:
    ingest(site, seeds)
    publish(site.store, site.press)
    text = "1 October, 2021\n\nPanama opens a school at the border\n\nChildren learn in Panama.\n"
    accept_one(site, "one.txt", text.encode(), now(), filed=True)
    written = publish(site.store, site.press).written
    assert "feeds/country/pa.atom" in written
    assert "feeds/all.json" in written
    assert not any("/mx" in path or "/gy" in path for path in written)


def test_old_news_is_published_but_not_mailed_unless_told(site: Parts, seeds: list[Path]) -> None:
    join(site, "reader@example.org", "all", Cadence.IMMEDIATE)
    ingest(site, seeds[:1], notify="default")
    assert compose(site.store, site.compose_rules, now()).composed == []
    ingest(site, seeds[1:], notify="all")
    assert [row.items for row in compose(site.store, site.compose_rules, now()).composed] == [10]


def test_each_subscriber_gets_one_letter_with_each_item_once_and_its_reason(
    site: Parts, seeds: list[Path]
) -> None:
    join(site, "panama@example.org", "country:pa;topic:border-management", Cadence.IMMEDIATE)
    join(site, "trabajo@example.org", "topic:labour-migration", Cadence.DAILY, "es")
    join(site, "all@example.org", "all", Cadence.WEEKLY)
    join(site, "nothing@example.org", "country:jp", Cadence.DAILY)
    ingest(site, seeds)
    report = compose(site.store, site.compose_rules, now(), early=True)
    assert sorted(row.members for row in report.composed) == [1, 1, 1]
    with ScriptedServer() as server:
        transport = SmtpTransport(SmtpSettings(host="127.0.0.1", port=server.port))
        asyncio.run(_send_by(site, transport))
        mails = {message["To"]: message for message in map(parsed, server.messages)}
    assert set(mails) == {"panama@example.org", "trabajo@example.org", "all@example.org"}
    text = body(mails["panama@example.org"])
    assert text.count(f"/items/{both_reasons(site)}/") == 1
    assert "Included because you follow border management." in text
    assert str(mails["trabajo@example.org"]["Subject"]).endswith("y 3 más")
    assert "Llega cada día" in " ".join(body(mails["trabajo@example.org"]).split())
    assert "/unsubscribe/" in body(mails["trabajo@example.org"])
    with site.store.read() as conn:
        links = [f"/items/{each}/" for each in items.ids(conn)]
    everything = body(mails["all@example.org"])
    assert [everything.count(link) for link in links] == [1] * 20


async def _send_by(parts: Parts, transport: SmtpTransport) -> None:
    await deliver(parts.store, [transport], parts.deliver_rules)
    await transport.close()


def parsed(caught: object) -> object:
    return message_from_bytes(caught.source, policy=policy.default)  # type: ignore[attr-defined]


def body(message: object) -> str:
    return str(message.get_body(("plain",)).get_content())  # type: ignore[attr-defined]


def both_reasons(parts: Parts) -> str:
    """An item that is about Panama and about borders: two filters match it."""
    with parts.store.read() as conn:
        found = items.listing(conn, kind="country", code="pa", limit=100)
    return next(item.id for item in found if "border-management" in item.codes(Kind.TOPIC))


def test_doing_every_pass_again_sends_nothing_again(site: Parts, seeds: list[Path]) -> None:
    join(site, "reader@example.org", "country:pa,mx", Cadence.IMMEDIATE)
    join(site, "weekly@example.org", "all", Cadence.WEEKLY)
    ingest(site, seeds)
    compose(site.store, site.compose_rules, now(), early=True)
    assert send(site) == {"sent": 2}
    ingest(site, seeds)
    publish(site.store, site.press, everything=True)
    assert compose(site.store, site.compose_rules, now(), early=True).composed == []
    assert send(site) == {}
    assert len(list(site.outbox.glob("*.eml"))) == 2


def test_an_item_that_two_cadences_match_is_mailed_once(site: Parts, seeds: list[Path]) -> None:
    join(site, "reader@example.org", "country:pa", Cadence.IMMEDIATE)
    join(site, "reader@example.org", "topic:border-management", Cadence.DAILY)
    ingest(site, seeds)
    compose(site.store, site.compose_rules, now(), early=True)
    send(site)
    with site.store.read() as conn:
        ids = items.ids(conn)
    bodies = [
        body(message_from_bytes(path.read_bytes(), policy=policy.default))
        for path in site.outbox.glob("*.eml")
    ]
    assert len(bodies) == 2
    for each in ids:
        assert sum(text.count(f"/items/{each}/") for text in bodies) <= 1


def test_a_filter_added_while_a_letter_waits_does_not_lose_the_letter(site: Parts, seeds: list[Path]) -> None:
    join(site, "reader@example.org", "country:pa", Cadence.IMMEDIATE)
    ingest(site, seeds)
    compose(site.store, site.compose_rules, now())
    join(site, "reader@example.org", "country:mx", Cadence.IMMEDIATE)
    assert send(site) == {"sent": 1}


def test_leaving_stops_letters_that_are_queued_and_is_accounted_for(site: Parts, seeds: list[Path]) -> None:
    reader = join(site, "reader@example.org", "all", Cadence.IMMEDIATE)
    stays = join(site, "stays@example.org", "all", Cadence.IMMEDIATE)
    ingest(site, seeds)
    compose(site.store, site.compose_rules, now())
    signup.leave(site.store, reader, None, now(), "asked")
    assert send(site) == {"sent": 1}
    with site.store.read() as conn:
        states = {row.subscriber_id: row.state for row in deliveries.listing(conn, limit=10)}
    assert states == {reader: DeliveryState.SUPPRESSED, stays: DeliveryState.SENT}


def test_leaving_one_filter_holds_back_a_letter_of_several_and_owes_the_rest(
    site: Parts, seeds: list[Path]
) -> None:
    reader = join(site, "reader@example.org", "country:pa", Cadence.IMMEDIATE)
    with site.store.read() as conn:
        first = digests.audiences(conn)[0].id
    join(site, "reader@example.org", "country:gy", Cadence.IMMEDIATE)
    ingest(site, seeds)
    compose(site.store, site.compose_rules, now())
    signup.leave(site.store, reader, first, now(), "unsubscribe link")
    assert send(site) == {}
    compose(site.store, site.compose_rules, now())
    assert send(site) == {"sent": 1}
    (path,) = site.outbox.glob("*.eml")
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert "Guyana" in str(message["Subject"])
    assert "because you follow Guyana." in body(message)


def test_members_are_the_sum_of_what_became_of_their_letters(site: Parts, seeds: list[Path]) -> None:
    people = [join(site, f"reader{n}@example.org", "all", Cadence.IMMEDIATE) for n in range(7)]
    ingest(site, seeds)
    compose(site.store, site.compose_rules, now())
    signup.leave(site.store, people[0], None, now(), "asked")
    with ScriptedServer() as server:
        server.fail("rcpt", "550 5.1.1 unknown", 1)
        server.fail("rcpt", "450 4.2.0 later", 1)
        asyncio.run(_send_by(site, SmtpTransport(SmtpSettings(host="127.0.0.1", port=server.port))))
    with site.store.read() as conn:
        accounts = deliveries.accounting(conn)
    assert sum(accounts.values()) == len(people)
    by_state = {state: sum(n for (s, _), n in accounts.items() if s is state) for state, _ in accounts}
    assert by_state == {
        DeliveryState.SUPPRESSED: 1, DeliveryState.REFUSED: 1, DeliveryState.QUEUED: 1, DeliveryState.SENT: 4,
    }  # fmt: skip


def test_an_absent_server_costs_nothing_but_time(site: Parts, seeds: list[Path]) -> None:
    join(site, "reader@example.org", "all", Cadence.IMMEDIATE)
    ingest(site, seeds)
    compose(site.store, site.compose_rules, now())
    with ScriptedServer() as server:
        port = server.port
    away = asyncio.run(
        deliver(site.store, [SmtpTransport(SmtpSettings(host="127.0.0.1", port=port))], site.deliver_rules)
    )
    assert away.away is not None
    with site.store.read() as conn:
        (row,) = deliveries.listing(conn, limit=10)
    assert (row.state, row.tries) == (DeliveryState.QUEUED, 0)
    assert send(site) == {"sent": 1}


@pytest.mark.parametrize("cadence", [Cadence.DAILY, Cadence.WEEKLY])
def test_an_early_digest_leaves_nothing_for_its_hour(
    site: Parts, seeds: list[Path], cadence: Cadence
) -> None:
    join(site, "reader@example.org", "all", cadence)
    ingest(site, seeds)
    assert len(compose(site.store, site.compose_rules, now(), early=True).composed) == 1
    assert compose(site.store, site.compose_rules, now(), early=True).composed == []
    assert compose(site.store, site.compose_rules, now()).composed == []
