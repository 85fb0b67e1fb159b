"""Joining, joining again and moving: no news is lost, none comes twice, nobody is taken back unasked."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from conftest import Ran, RunFeeds
from feeds.app.parts import Parts, now
from feeds.composing.compose import ComposeReport, compose
from feeds.delivering.deliver import deliver
from feeds.errors import InputError
from feeds.filters import parse
from feeds.model import Cadence, SubscriberState
from feeds.people import signup
from feeds.store import digests, open_store, sharing, subscribers
from taking import accept_one

PANAMA = "18 November, 2026\n\nPanama opens earlier at the border\n\nThe migration service opens at seven.\n"
HONDURAS = "18 November, 2026\n\nHonduras counts its returning families\n\nFigures for the month, by town.\n"
MAY = datetime(2026, 5, 3, 9, 30, tzinfo=UTC)
# Noon some days ago: the hours of digests lie where the tests put them, and letters are due by now.
NOON = (now() - timedelta(days=10)).replace(hour=12, minute=0)


def join(
    parts: Parts,
    name: str,
    text: str = "country:pa",
    cadence: Cadence | None = Cadence.DAILY,
    *,
    at: datetime | None = None,
    again: bool = False,
    **given: Any,
) -> int:
    wanted = tuple(parse(each) for each in text.split(";"))
    given = {"consent": "a test", "zone": "UTC"} | given
    joining = signup.Joining(address=f"{name}@example.org", filters=wanted, cadence=cadence, **given)
    return signup.join(parts.store, joining, parts.joining_defaults, at or NOON, again=again)


def take(parts: Parts, *texts: str) -> None:
    for text in texts:
        accept_one(parts, f"{len(text)}.txt", text.encode(), NOON, "all", filed=True)


def composed(parts: Parts, at: datetime | None = None, *, early: bool = False) -> ComposeReport:
    report = compose(parts.store, parts.compose_rules, at or NOON, early=early)
    assert report.failed == []
    return report


def sent(parts: Parts) -> dict[str, str]:
    """Deliver what is queued, and give the text of each new mail by name; one mail a person at most."""
    before = set(parts.outbox.glob("*.eml"))
    asyncio.run(deliver(parts.store, parts.transports(), parts.deliver_rules))
    new = set(parts.outbox.glob("*.eml")) - before
    found = {}
    for path in new:
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        assert body is not None
        found[str(message["To"]).partition("@")[0]] = body.get_content()
    assert len(found) == len(new)
    return found


def titles(mails: dict[str, str]) -> dict[str, list[str]]:
    words = ("Panama opens", "Honduras counts")
    return {name: [each for each in words if each in text] for name, text in sorted(mails.items())}


def at_eight(days: int = 1) -> datetime:
    """When the digests of seven o'clock are due, and those of nine are not yet."""
    return (NOON + timedelta(days=days)).replace(hour=8)


# Moving loses nothing.


def test_who_moves_into_an_audience_that_is_further_gets_what_it_covered_before(site: Parts) -> None:
    join(site, "ana", hour=9)
    join(site, "bob", hour=7)
    take(site, PANAMA)
    composed(site, at_eight())
    assert titles(sent(site)) == {"bob": ["Panama opens"]}
    join(site, "ana", hour=7)
    composed(site, at_eight(days=2))
    assert titles(sent(site)) == {"ana": ["Panama opens"]}
    composed(site, at_eight(days=3))
    assert sent(site) == {}


def test_who_changes_to_immediate_mail_gets_what_was_waiting_at_once(site: Parts) -> None:
    join(site, "ana")
    join(site, "bob", cadence=Cadence.IMMEDIATE)
    take(site, PANAMA)
    composed(site)
    assert titles(sent(site)) == {"bob": ["Panama opens"]}
    join(site, "ana", cadence=Cadence.IMMEDIATE)
    composed(site)
    assert titles(sent(site)) == {"ana": ["Panama opens"]}
    with site.store.read() as conn:
        assert not any(row.owes for row in digests.audiences(conn))
    take(site, HONDURAS)
    assert composed(site).composed == []
    assert composed(site, early=True).composed == []


def test_changing_again_before_the_digest_loses_nothing_either(site: Parts) -> None:
    join(site, "bob", cadence=Cadence.WEEKLY)
    join(site, "ana", cadence=Cadence.WEEKLY)
    take(site, PANAMA)
    join(site, "ana", cadence=Cadence.DAILY)
    join(site, "ana", "country:hn", Cadence.DAILY)
    join(site, "ana", "country:hn", Cadence.DAILY, hour=5)
    composed(site, early=True)
    assert titles(sent(site)) == {"ana": ["Panama opens"], "bob": ["Panama opens"]}


def test_a_filter_that_changes_its_cadence_takes_along_what_it_waited_for(site: Parts) -> None:
    join(site, "ana", "country:pa;country:hn")
    take(site, PANAMA, HONDURAS)
    join(site, "ana", "country:hn", Cadence.IMMEDIATE)
    composed(site)
    assert titles(sent(site)) == {"ana": ["Honduras counts"]}
    composed(site, early=True)
    assert titles(sent(site)) == {"ana": ["Panama opens"]}


def test_two_who_come_from_different_audiences_and_are_owed_the_same_both_get_it(site: Parts) -> None:
    join(site, "bob", hour=7)
    join(site, "ana", hour=9)
    take(site, HONDURAS)
    join(site, "eva", hour=10)
    take(site, PANAMA)
    composed(site, at_eight())
    assert titles(sent(site)) == {"bob": ["Panama opens"]}
    join(site, "ana", hour=7)
    join(site, "eva", hour=7)
    composed(site, at_eight(days=2))
    assert titles(sent(site)) == {"ana": ["Panama opens"], "eva": ["Panama opens"]}


def test_who_is_new_gets_no_old_news_whatever_the_audience(site: Parts) -> None:
    join(site, "bob", cadence=Cadence.IMMEDIATE)
    take(site, PANAMA)
    composed(site)
    sent(site)
    join(site, "new", cadence=Cadence.IMMEDIATE)
    join(site, "alone", "country:pa;country:hn")
    join(site, "bob", "country:hn;all", Cadence.DAILY)  # keeps the filter it had: nothing moves
    assert composed(site, early=True).composed == []


def test_a_filter_that_is_new_brings_no_old_news_though_the_others_move(site: Parts) -> None:
    join(site, "ana", "country:pa")
    take(site, PANAMA, HONDURAS)
    join(site, "ana", "country:hn", Cadence.IMMEDIATE, hour=9)
    assert composed(site).composed == []
    composed(site, early=True)
    assert titles(sent(site)) == {"ana": ["Panama opens"]}


def test_what_was_sent_before_the_move_does_not_come_again(site: Parts) -> None:
    join(site, "ana", cadence=Cadence.IMMEDIATE)
    take(site, PANAMA)
    composed(site)
    assert titles(sent(site)) == {"ana": ["Panama opens"]}
    take(site, HONDURAS)
    join(site, "ana", "country:pa;country:hn", Cadence.DAILY)
    composed(site, early=True)
    assert titles(sent(site)) == {"ana": ["Honduras counts"]}


def test_a_letter_that_waits_is_sent_although_the_cadence_is_another_one_now(site: Parts) -> None:
    join(site, "ana", cadence=Cadence.IMMEDIATE)
    take(site, PANAMA)
    composed(site)
    join(site, "ana", cadence=Cadence.WEEKLY)
    assert titles(sent(site)) == {"ana": ["Panama opens"]}
    assert composed(site, early=True).composed == []


def test_the_link_in_a_letter_of_another_cadence_ends_its_filters(site: Parts) -> None:
    ana = join(site, "ana", "country:pa;country:hn", Cadence.IMMEDIATE)
    with site.store.read() as conn:
        (old,) = digests.audiences(conn)
    join(site, "ana", "country:pa;topic:health", Cadence.WEEKLY)
    offer = signup.offer(site.store, ana, old.id)
    left = signup.leave(site.store, ana, old.id, now(), "unsubscribe link")
    assert offer is not None
    assert left is not None
    assert (
        set(left.filters)
        == {one.filter for one in offer.subscriptions}
        == {parse("country:pa"), parse("country:hn")}
    )
    assert [one.filter for one in offer.rest] == [parse("topic:health")]
    assert not left.everything


# Joining again.


def person(parts: Parts, name: str) -> subscribers.SubscriberRow:
    with parts.store.read() as conn:
        found = subscribers.by_address(conn, f"{name}@example.org")
    assert found is not None
    return found


def end(parts: Parts, number: int, state: SubscriberState, reason: str = "") -> None:
    if state is SubscriberState.LEFT:
        signup.leave(parts.store, number, None, MAY, reason)
        return
    with parts.store.write() as conn:
        subscribers.set_state(conn, number, state, MAY, reason)


@pytest.mark.parametrize(
    ("state", "reason", "told"),
    [
        (SubscriberState.LEFT, "unsubscribe link", 'left on 3 May 2026 ("unsubscribe link")'),
        (SubscriberState.BOUNCED, "no such box", 'bounced on 3 May 2026 ("no such box")'),
        (SubscriberState.PAUSED, "", "paused"),
    ],
)
def test_who_is_away_comes_back_only_when_they_asked_again(
    site: Parts, state: SubscriberState, reason: str, told: str
) -> None:
    ana = join(site, "ana", at=MAY, cadence=Cadence.IMMEDIATE, consent="web form")
    end(site, ana, state, reason)
    with pytest.raises(InputError) as caught:
        join(site, "ana", lang="es", consent="an old list")
    assert str(caught.value) == f"address: {told}: ask them, then use --again"
    assert person(site, "ana").state is state
    assert (person(site, "ana").lang, person(site, "ana").consent) == ("en", "web form")
    take(site, PANAMA)
    at = NOON
    assert join(site, "ana", cadence=Cadence.IMMEDIATE, consent="by phone", at=at, again=True) == ana
    back = person(site, "ana")
    assert (back.state, back.ended_at, back.ended_reason) == (SubscriberState.ACTIVE, None, None)
    assert back.consent == "by phone\n2026-05-03T09:30:00Z: web form"
    assert back.consent_at == at
    assert composed(site).composed == []  # what came meanwhile is old news to them
    take(site, PANAMA.replace("opens earlier", "opens a second gate"))
    assert len(composed(site).composed) == 1


def test_what_is_given_replaces_what_was_and_what_is_not_stays(site: Parts) -> None:
    join(site, "ana", "country:pa", lang="es", hour=6, weekday=3)
    join(site, "ana", "topic:health", None, zone="America/Panama", hour=0)
    row = person(site, "ana")
    assert (row.lang, row.zone, row.hour, row.weekday) == ("es", "America/Panama", 0, 3)
    with site.store.read() as conn:
        wishes = {each.filter_text: each.cadence for each in subscribers.subscriptions_of(conn, row.id)}
        mine = {each.audience_id for each in sharing.standings(conn, row.id)}
        places = [row.audience for row in digests.audiences(conn, ids=sorted(mine))]
    assert wishes == {"country:pa": Cadence.DAILY, "topic:health": Cadence.WEEKLY}
    assert {(each.lang, each.zone, each.hour) for each in places} == {("es", "America/Panama", 0)}


def test_a_filter_named_again_keeps_its_cadence_unless_another_is_given(site: Parts) -> None:
    ana = join(site, "ana", cadence=Cadence.IMMEDIATE)
    join(site, "ana", cadence=None, hour=5)
    with site.store.read() as conn:
        (row,) = subscribers.subscriptions_of(conn, ana)
    assert row.cadence is Cadence.IMMEDIATE


def test_who_is_new_gets_the_defaults_for_what_was_not_said(site: Parts) -> None:
    join(site, "ana", zone=None)
    row, defaults = person(site, "ana"), site.joining_defaults
    assert (row.lang, row.zone, row.hour, row.weekday) == (defaults.lang, defaults.zone, defaults.hour, 1)


def test_every_proof_of_consent_is_kept_once(site: Parts) -> None:
    join(site, "ana", consent="web form", at=MAY)
    join(site, "ana", consent="by\nphone", at=MAY + timedelta(days=1))
    for known in ("web form", "by phone"):
        join(site, "ana", consent=known, at=MAY + timedelta(days=2))
    row = person(site, "ana")
    assert row.consent == "by phone\n2026-05-03T09:30:00Z: web form"
    assert row.consent_at == MAY + timedelta(days=1)


def test_who_had_not_confirmed_is_confirmed_by_the_proof_that_comes_now(site: Parts) -> None:
    new = subscribers.NewSubscriber(
        address="ana@example.org", address_key="ana@example.org", state=SubscriberState.PENDING,
        lang="es", zone="UTC", hour=7, weekday=1, consent="web form",
    )  # fmt: skip
    with site.store.write() as conn:
        subscribers.add(conn, new, MAY)
    join(site, "ana", consent="on paper", at=MAY)
    row = person(site, "ana")
    assert (row.state, row.consent, row.consent_at) == (
        SubscriberState.ACTIVE, "on paper\nnot confirmed: web form", MAY,
    )  # fmt: skip


# By command.


def lines(ran: Ran) -> list[dict[str, Any]]:
    assert ran.code == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


@pytest.fixture
def newsroom(feeds: RunFeeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "newsroom"
    assert feeds("init", folder).code == 0
    monkeypatch.chdir(folder)
    return folder


def add(feeds: RunFeeds, name: str, text: str, *more: object) -> Ran:
    return feeds("subscribers", "add", f"{name}@example.org", "--filter", text, "--consent", "x", *more)


def test_adding_says_what_is_stored_not_what_was_typed(feeds: RunFeeds, newsroom: Path) -> None:
    add(feeds, "ana", "country:pa", "--cadence", "daily", "--lang", "es", "--hour", "6")
    ran = add(feeds, "ana", "topic:health")
    assert ran.code == 0, ran.err
    assert "es" in ran.out.splitlines()[0]
    assert "06:00" in ran.out.splitlines()[0]
    assert "  daily: Panama" in ran.out.splitlines()
    assert "  weekly: health" in ran.out.lower().splitlines()


def test_a_list_takes_nobody_back_and_goes_on(feeds: RunFeeds, newsroom: Path, tmp_path: Path) -> None:
    add(feeds, "ana", "all")
    store = open_store(f"sqlite:///{newsroom / 'state' / 'feeds.db'}")
    signup.leave(store, 1, None, MAY, "unsubscribe link")
    store.close()
    table = tmp_path / "people.csv"
    table.write_text("address,filter\nana@example.org,all\neva@example.org,all\n", encoding="utf-8")
    ran = feeds("subscribers", "import", table, "--consent", "an old list")
    assert ran.code == 1
    assert ran.err.splitlines()[-1] == (
        'people.csv:2: address: left on 3 May 2026 ("unsubscribe link"): ask them, then use --again'
    )
    assert "1 imported, 1 with faults" in ran.out
    states = {row["address"][:3]: row["state"] for row in lines(feeds("subscribers", "list", "--json"))}
    assert states == {"ana": "left", "eva": "active"}
    assert add(feeds, "ana", "all").code == 2
    assert add(feeds, "ana", "all", "--again").code == 0
    shown = feeds("subscribers", "show", "ana@example.org").out
    assert "active" in shown
    assert shown.count("x") >= 2  # both proofs


def test_the_list_counts_active_subscriptions(feeds: RunFeeds, newsroom: Path) -> None:
    add(feeds, "ana", "country:pa", "--filter", "country:hn", "--filter", "all")
    add(feeds, "ana", "all", "--cadence", "daily")  # ends the weekly one
    assert [row["subscriptions"] for row in lines(feeds("subscribers", "list", "--json"))] == [3]
    head, row = feeds("subscribers", "list").out.splitlines()
    assert "subscriptions" in head
    assert " 3 " in row
