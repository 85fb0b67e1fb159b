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
from feeds.app import ROLES, coming_back
from feeds.app.alarming import Watchman
from feeds.app.founding import found
from feeds.app.parts import Parts, now
from feeds.composing.compose import compose
from feeds.delivering.deliver import deliver
from feeds.filters import parse
from feeds.mail.outbox import read_outbox
from feeds.model import Cadence
from feeds.operating.alarming import CALM
from feeds.people import signup
from feeds.publishing.publish import publish
from feeds.store import alarms, returns
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
