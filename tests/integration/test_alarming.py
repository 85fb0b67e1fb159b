"""Alarms of a whole site: seen, told by mail, over; and the canary whose digests come back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from conftest import RunFeeds
from feeds.alarms import Alarm, Trouble
from feeds.app import ROLES, coming_back, owners
from feeds.app.alarming import Watchman, mails_of, rules_otherwise, send_otherwise
from feeds.app.founding import found
from feeds.app.parts import Parts, now
from feeds.composing.compose import compose
from feeds.delivering.deliver import DeliverReport, deliver
from feeds.delivering.stranded import WAITED
from feeds.filters import parse
from feeds.mail.outbox import read_outbox
from feeds.model import Cadence, NoticeKind
from feeds.operating.alarming import CALM, AlarmMails
from feeds.people import signup
from feeds.publishing.publish import publish
from feeds.store import alarms, notices, returns
from integration.test_bounces import send
from smtp_server import ScriptedServer
from taking import accept_one

OPERATOR, CANARY = "op@example.org", "canary@example.org"
NEWS = b"18 November, 2026\n\nPanama opens a school\n\nChildren learn there.\n"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def site(tmp_path: Path, tables: object) -> Iterator[Parts]:
    """A site with the canary as its reader, and a digest that waits for it."""
    box = tmp_path / "box"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    values = {
        "alarms.to": f'"{OPERATOR}"', "alarms.canary": f'"{CANARY}"', "digest.max_age": "36500",
        "bounces.address": '"bounces@example.org"', "bounces.maildir": f'"{box}"',
    }  # fmt: skip
    parts = found(tmp_path / "site", values)
    parts.__dict__["_labels"] = tables
    joining = signup.Joining(
        address=CANARY, filters=(parse("all"),), cadence=Cadence.IMMEDIATE, lang="en", zone="UTC", hour=7,
        weekday=1, consent="ours",
    )  # fmt: skip
    signup.join(parts.store, joining, parts.joining_defaults, now())
    accept_one(parts, "one.txt", NEWS, now(), "all", filed=True)
    publish(parts.store, parts.press)
    compose(parts.store, parts.compose_rules, now())
    yield parts
    parts.store.close()


def watchman(site: Parts) -> tuple[Watchman, list[datetime]]:
    clock = [now()]
    return Watchman(site, lambda: clock[0], ROLES), clock


def sent(site: Parts, address: str, ahead: timedelta = timedelta(0)) -> set[str]:
    """The subjects of what was delivered to an address so far; the clock of the mail loop goes `ahead`."""
    rules = replace(site.deliver_rules, now=lambda: now() + ahead)
    asyncio.run(deliver(site.store, site.transports(), rules))
    return {each.subject for each in read_outbox(site.outbox) if each.recipient == address}


def up(site: Parts) -> list[str]:
    with site.store.read() as conn:
        return list(alarms.up(conn))


def test_mail_that_is_behind_is_told_once_and_once_when_it_is_on_time_again(site: Parts) -> None:
    guard, clock = watchman(site)
    assert guard.look().empty
    clock[0] += 31 * MINUTE
    assert [alarm.key for alarm in guard.look().up] == ["mail"]
    assert guard.look().empty
    again, _ = watchman(site)  # another process, or this one after a restart
    again.now = lambda: clock[0]
    assert again.look().empty
    assert sent(site, OPERATOR, timedelta(hours=1)) == {"Alarm: mail is behind; waiting: 1"}
    clock[0] += MINUTE
    guard.look()
    clock[0] += CALM
    assert guard.look().over == ("mail",)
    assert sent(site, OPERATOR, timedelta(hours=2)) == {
        "Alarm: mail is behind; waiting: 1", "Over: mail is on time again",
    }  # fmt: skip
    assert up(site) == []


def test_an_alarm_leaves_by_another_server_while_the_first_is_away_and_goes_once(tmp_path: Path) -> None:
    at = [now()]
    with ScriptedServer() as first:
        pass  # its port is closed from now on
    with ScriptedServer() as second:
        values = {
            "mail.transport": '"smtp"', "mail.port": str(first.port), "mail.tls": '"none"',
            "mail.from": '"news@example.org"', "alarms.to": f'"{OPERATOR}"', "alarms.host": '"127.0.0.1"',
            "alarms.port": str(second.port), "alarms.tls": '"none"', "alarms.from": '"box@example.net"',
        }  # fmt: skip
        parts = found(tmp_path / "site", values)
        parts.__dict__["deliver_rules"] = replace(parts.deliver_rules, now=lambda: at[0])
        with parts.store.write() as conn:
            alarm, mails = Alarm(trouble=Trouble.MAIL, since=at[0], values={"waiting": "1"}), mails_of(parts)
            assert mails is not None
            told = _notice(mails, alarm)
            notices.queue(conn, told, at[0])
            receipt = replace(told.mail, subject="A receipt")
            other = {"key": "x", "kind": NoticeKind.RECEIPT, "message_id": mails.message_id()}
            notices.queue(conn, replace(told, mail=receipt, **other), at[0])
        assert send(parts).away is not None

        def otherwise() -> DeliverReport:
            return asyncio.run(send_otherwise(parts, asyncio.Event()))

        at[0] += WAITED - timedelta(seconds=1)
        assert (otherwise().handled, second.connections) == (0, 0)
        at[0] += timedelta(seconds=1)
        second.fail("connect", "421 4.3.2 not now")
        assert otherwise().away is not None  # and tried again in a minute
        assert dict(otherwise().outcomes) == {"sent": 1}
        (letter,) = second.messages
        assert (letter.sender, letter.recipients) == ("box@example.net", (OPERATOR,))
        assert b"Subject: Alarm: mail is behind; waiting: 1" in letter.source
        assert otherwise().handled == 0
    with ScriptedServer(port=first.port) as back:
        assert dict(send(parts).outcomes) == {"sent": 1}  # the alarm is not sent again
        assert b"Subject: A receipt" in back.messages[0].source
    parts.store.close()


def _notice(mails: AlarmMails, alarm: Alarm) -> notices.NewNotice:
    return notices.NewNotice(
        key="alarm/mail/1/up", kind=NoticeKind.ALARM, address=mails.to, lang="en",
        message_id=mails.message_id(), mail=mails.letters.raised(alarm, "news-1", "en"),
    )  # fmt: skip


def test_what_the_mail_loop_takes_back_after_a_failed_pass_is_not_what_goes_the_other_way(
    site: Parts,
) -> None:
    rules = rules_otherwise(site)
    assert rules.owner != site.deliver_rules.owner
    assert owners.dead([rules.owner]) == []


def test_an_inbox_that_cannot_be_read_is_told_after_five_minutes(site: Parts) -> None:
    sent(site, CANARY)
    guard, clock = watchman(site)
    site.inbox.trouble = "the inbox cannot be read: Permission denied"
    guard.look()
    clock[0] += 4 * MINUTE
    assert guard.look().empty
    clock[0] += MINUTE
    (alarm,) = guard.look().up
    assert alarm.key.startswith("inbox/")
    assert alarm.values["reason"] == "the inbox cannot be read: Permission denied"
    site.inbox.trouble = None
    guard.look()
    site.inbox.trouble = "again"
    clock[0] += MINUTE
    guard.look()
    assert len(up(site)) == 1


def test_a_process_that_keeps_no_public_folder_does_not_miss_its_pages(site: Parts) -> None:
    sent(site, CANARY)
    clock = now() + 31 * MINUTE
    (site.public.root / ".published.json").unlink()
    for roles, troubles in (("schedule", "deliver"), []), (("watch",), ["publishing"]), (("web",), []):
        raised = Watchman(site, lambda: clock, roles).look().up
        assert [alarm.trouble for alarm in raised] == troubles


def test_a_digest_to_the_canary_is_missed_until_its_mail_lies_in_the_box(site: Parts) -> None:
    sent(site, CANARY)
    guard, clock = watchman(site)
    clock[0] += timedelta(hours=2, minutes=1)
    assert [alarm.key for alarm in guard.look().up] == ["canary"]
    (mail,) = [each for each in read_outbox(site.outbox) if each.recipient == CANARY]
    box = Path(site.settings.bounces.maildir)
    (box / "new" / "1.example").write_bytes((site.outbox / mail.name).read_bytes())
    report = coming_back.look(site, now)
    assert report is not None
    assert dict(report.outcomes) == {"arrived": 1}
    with site.store.read() as conn:
        assert returns.unseen(conn, CANARY, now() - timedelta(days=1)) == []
    guard.look()
    clock[0] += CALM
    assert guard.look().over == ("canary",)


def test_each_digest_adds_up_and_an_item_tells_to_whom_it_went(site: Parts, feeds: RunFeeds) -> None:
    sent(site, CANARY)
    at = ("--config", site.settings.file)
    (account,) = map(json.loads, feeds(*at, "digests", "--json").out.splitlines())
    assert (account["members"], account["sent"], account["waiting"]) == (1, 1, 0)
    one = json.loads(feeds(*at, "digests", account["digest"], "--json").out)
    assert one["reasons"] == [{"state": "sent", "letters": 1, "reason": ""}]
    assert "members: 1" in feeds(*at, "digests", account["digest"]).out
    unknown = feeds(*at, "digests", "4711")
    assert (unknown.code, "there is no such digest" in unknown.err) == (2, True)
    item = json.loads(feeds(*at, "items", "list", "--json").out.splitlines()[0])["id"]
    (letter,) = map(json.loads, feeds(*at, "why", item, "--who", "--json").out.splitlines())
    assert (letter["address"], letter["state"], letter["digest"]) == (CANARY, "sent", account["digest"])
    assert feeds(*at, "why", item, "--who", "--state", "refused").out.strip() == "No letter holds it."
