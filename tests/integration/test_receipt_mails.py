"""Receipts by mail: which are queued and when, and their way through a real SMTP server."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from conftest import RunFeeds
from feeds import config, restoring
from feeds.app.founding import with_values
from feeds.app.parts import Parts, now
from feeds.composing.compose import compose
from feeds.delivering.deliver import DeliverReport, deliver
from feeds.errors import StoreError
from feeds.filters import parse
from feeds.intake.ingest import ingest_ready
from feeds.letters import Letters
from feeds.model import BulletinReceipt, Cadence, DeliveryState, Outcome
from feeds.people import signup
from feeds.restoring import Held
from feeds.store import Connection, bulletins, notices
from feeds.templating import environment
from smtp_server import ScriptedServer
from taking import accept_one

ROOT = Path(__file__).resolve().parents[2]
OFFICE = "press@office.example"
GOOD = "18 November, 2026\n\nPanama opens a school\n\nChildren of Panama learn to read there.\n"
FAULTY = GOOD + "\n31 February, 2026\n\nA day that never comes\n\nNobody reads this.\n"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def office(tmp_path: Path, founded: Path, server: ScriptedServer, tables: object) -> Iterator[Parts]:
    """A site that mails its receipts through the SMTP server."""
    values = {
        "mail.transport": '"smtp"',
        "mail.port": str(server.port),
        "mail.tls": '"none"',
        "mail.connections": "1",
        "digest.max_age": "36500",
        "inbox.receipts_to": f'"{OFFICE}"',
        "log.level": '"info"',  # as commands find it elsewhere: the level stays for the tests that follow
    }
    file = Path(shutil.copytree(founded, tmp_path / "office")) / "config" / "feeds.toml"
    file.write_text(with_values(file.read_text(encoding="utf-8"), values), encoding="utf-8")
    parts = Parts(config.load(file))
    parts.__dict__["_labels"] = tables
    yield parts
    parts.store.close()


def drop(parts: Parts, text: str, name: str = "news.txt") -> None:
    path = parts.inbox.root / name
    path.write_text(text, encoding="utf-8")
    os.utime(path, (now().timestamp() - 60,) * 2)


def take(
    parts: Parts, text: str = GOOD, name: str = "news.txt", notify: str = "default", **rules: object
) -> BulletinReceipt:
    """Drop a file and take it in; the receipt it gets."""
    drop(parts, text, name)
    (folder, *_) = parts.watched_folders
    folder = replace(folder, rules=replace(folder.rules, **rules))
    (receipt,) = ingest_ready(folder, now, notify).receipts
    return receipt


def send(parts: Parts) -> DeliverReport:
    async def run() -> DeliverReport:
        lines = parts.transports()
        try:
            return await deliver(parts.store, lines, parts.deliver_rules, dead_owners=parts.dead_owners)
        finally:
            for line in lines:
                await line.close()

    return asyncio.run(run())


def rows(parts: Parts) -> list[notices.NoticeRow]:
    with parts.store.read() as conn:
        return notices.listing(conn, limit=99)


def subjects(parts: Parts) -> list[str]:
    return [row.subject for row in reversed(rows(parts))]


def arrived(server: ScriptedServer) -> list[EmailMessage]:
    parsed = [message_from_bytes(each.source, policy=policy.default) for each in server.messages]
    assert all(isinstance(each, EmailMessage) for each in parsed)
    return parsed  # type: ignore[return-value]


# The way of one receipt


def test_a_receipt_arrives_with_both_parts_and_belongs_to_no_list(
    office: Parts, server: ScriptedServer
) -> None:
    done = take(office, FAULTY)
    assert dict(send(office).outcomes) == {"sent": 1}
    (received,), (message,) = server.messages, arrived(server)
    assert received.recipients == (OFFICE,)
    assert message["Subject"] == "Please correct line 7 of news.txt"
    assert message["Auto-Submitted"] == "auto-generated"
    assert str(message["From"]) == "Test Newsroom <newsroom@news.example.org>"
    assert not [name for name in message if name.lower().startswith(("list-", "precedence"))]
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    item = next(line for line in done.lines if line.item_id)
    for part in (text, html):
        assert "31 February, 2026" in part
        assert f"https://news.example.org/items/{item.item_id}/" in part
        assert "inbox.receipts_to" in part
    assert send(office).handled == 0


def test_a_receipt_goes_before_the_digests_that_wait(office: Parts, server: ScriptedServer) -> None:
    joining = signup.Joining(
        address="reader@example.org", filters=(parse("all"),), cadence=Cadence.IMMEDIATE, lang="en",
        zone="UTC", hour=7, weekday=1, consent="a test",
    )  # fmt: skip
    signup.join(office.store, joining, office.joining_defaults, now())
    take(office)
    compose(office.store, office.compose_rules, now())
    assert dict(send(office).outcomes) == {"sent": 2}
    assert [each.recipients for each in server.messages] == [(OFFICE,), ("reader@example.org",)]


def test_an_address_that_refuses_ends_its_receipt_visibly_and_a_retry_sends_it(
    office: Parts, server: ScriptedServer, feeds: RunFeeds
) -> None:
    take(office)
    server.fail("rcpt", "550 5.1.1 no such mailbox")
    assert dict(send(office).outcomes) == {"refused": 1}
    (row,) = rows(office)
    assert (row.state, row.reason) == (DeliveryState.REFUSED, "RCPT: 550 5.1.1 no such mailbox")

    site = ("--config", office.settings.file)
    status = feeds(*site, "status").out
    assert "1 refused" in status
    assert f"{row.number} {row.key} refused: RCPT: 550 5.1.1 no such mailbox" in status
    listed = json.loads(feeds(*site, "queue", "list", "--state", "refused", "--json").out)
    assert (listed["number"], listed["letter"], listed["kind"]) == (row.number, row.key, "receipt")
    assert row.number in feeds(*site, "queue", "list").out
    assert feeds(*site, "queue", "retry", row.number).out == "1 letter is queued again\n"
    assert feeds(*site, "queue", "retry", row.number).code == 2
    assert feeds(*site, "deliver").out == "1 sent\n"
    assert len(server.messages) == 1
    assert json.loads(feeds(*site, "status", "--json").out)["notices"] == {"sent": 1}


def test_a_server_that_is_away_keeps_the_receipt_waiting(office: Parts, server: ScriptedServer) -> None:
    take(office)
    server.fail("mail", "drop")
    assert send(office).away is not None
    (row,) = rows(office)
    assert (row.state, row.tries) == (DeliveryState.QUEUED, 0)
    assert dict(send(office).outcomes) == {"sent": 1}


def test_a_kill_with_a_receipt_in_hand_sends_it_once_more_under_the_same_message_id(
    office: Parts, server: ScriptedServer
) -> None:
    take(office)
    server.fail("accepted", "hang")
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "feeds", "--config", str(office.settings.file), "deliver"]
    process = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: server.reached["accepted"] or process.poll() is not None)
        assert process.poll() is None, process.communicate()[0]
    finally:
        process.kill()
        process.communicate()
    assert rows(office)[0].state is DeliveryState.SENDING
    report = send(office)
    assert (report.recovered, dict(report.outcomes)) == (1, {"sent": 1})
    first, second = (message["Message-ID"] for message in arrived(server))
    assert first == second
    assert (rows(office)[0].state, rows(office)[0].uncertain) == (DeliveryState.SENT, 1)


def wait_until(true: Callable[[], object]) -> None:
    pause, waited = threading.Event(), 0.0
    while not true():
        waited += 0.05
        assert waited < 60
        pause.wait(0.05)


def test_a_restored_backup_mails_no_receipt_again(office: Parts, tmp_path: Path) -> None:
    take(office)
    office.store.backup(tmp_path / "copy.db")
    assert dict(send(office).outcomes) == {"sent": 1}
    office.store.close()
    database = office.settings.path("state/feeds.db")
    for path in database.parent.glob("feeds.db-*"):
        path.unlink()
    database.write_bytes((tmp_path / "copy.db").read_bytes())
    with pytest.raises(Held):
        send(office)
    restoring.release(office.store, now())
    assert send(office).handled == 0
    (row,) = rows(office)
    assert row.state is DeliveryState.UNCERTAIN
    assert row.reason.startswith("restored from a backup (made ")


# Which receipts, and when


def test_a_receipt_is_queued_exactly_when_its_bulletin_is_accepted(
    office: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(conn: Connection, new: notices.NewNotice, at: datetime) -> None:
        queue(conn, new, at)
        raise StoreError("the transaction comes to nothing")

    queue = notices.queue
    monkeypatch.setattr(notices, "queue", failing)
    drop(office, GOOD)
    with pytest.raises(StoreError, match="comes to nothing"):
        ingest_ready(office.watched_folders[0], now)
    with office.store.read() as conn:
        assert (rows(office), bulletins.listing(conn, 9)) == ([], [])
    monkeypatch.undo()
    assert len(ingest_ready(office.watched_folders[0], now).receipts) == len(rows(office)) == 1


def test_a_bulletin_that_was_accepted_before_a_kill_has_one_receipt(office: Parts) -> None:
    accept_one(office, "news.txt", GOOD.encode(), now())
    assert take(office).count(Outcome.NEW) == 1
    assert len(rows(office)) == 1


def test_a_file_sent_again_without_a_change_has_a_receipt_of_its_own(office: Parts) -> None:
    take(office)
    take(office)
    assert subjects(office) == ["Received: news.txt – 1 new", "Received: news.txt – 1 already known"]


def test_each_file_of_a_burst_has_its_receipt(office: Parts) -> None:
    for number in range(5):
        drop(office, GOOD if number else "no date\n", f"{number}.txt")
    ingest_ready(office.watched_folders[0], now)
    assert [row.key for row in reversed(rows(office))] == [
        "receipt/1/rejected",
        *(f"receipt/{number}/done" for number in range(2, 6)),
    ]


def test_only_faults_leaves_out_those_where_all_is_well(office: Parts) -> None:
    mails = office.receipt_mails(office.settings.inbox)
    assert mails is not None
    for name, text in (("good.txt", GOOD), ("a.txt", FAULTY), ("b.txt", "")):
        take(office, text, name, mails=replace(mails, only_faults=True))
    assert subjects(office) == [
        "Please correct line 7 of a.txt",
        "Rejected: b.txt – The file is empty",
    ]


def test_an_archive_that_is_taken_in_without_mail_sends_no_receipts(office: Parts) -> None:
    take(office, FAULTY, notify="none")
    take(office, "", "empty.txt", notify="none")
    assert rows(office) == []


def test_files_that_a_person_names_send_no_receipts(office: Parts, feeds: RunFeeds, tmp_path: Path) -> None:
    (tmp_path / "named.txt").write_text(GOOD, encoding="utf-8")
    assert feeds("--config", office.settings.file, "ingest", tmp_path / "named.txt").code == 0
    assert rows(office) == []


def test_a_held_bulletin_has_a_receipt_when_it_comes_and_one_when_it_is_let_go(office: Parts) -> None:
    take(office, name="a.txt", hold=timedelta(minutes=10))
    later = now() + timedelta(minutes=11)
    (released,) = ingest_ready(office.watched_folders[0], lambda: later).receipts
    assert released.held_until is None
    came, went = subjects(office)
    assert re.fullmatch(r"Held until (\d+ \w+, )?\d+:\d\d: 1 item from a\.txt", came)
    assert went == "Received: a.txt – 1 new"
    assert [each.key for each in reversed(rows(office))] == ["receipt/1/held", "receipt/1/done"]


def test_a_broken_template_of_the_operators_costs_the_mail_and_not_the_bulletin(
    office: Parts, tmp_path: Path
) -> None:
    broken = tmp_path / "templates" / "email" / "receipt"
    broken.mkdir(parents=True)
    (broken / "body.html").write_text("{{ nothing_of_this_name }}", encoding="utf-8")
    folders = [str(tmp_path / "templates"), str(ROOT / "templates")]
    mails = office.receipt_mails(office.settings.inbox)
    assert mails is not None
    letters = Letters(environment(folders), office.site, office.vocabulary)
    assert take(office, mails=replace(mails, letters=letters)).count(Outcome.NEW) == 1
    assert rows(office) == []


# Offices


def test_each_office_has_its_own_address_language_and_choice(office: Parts) -> None:
    file = office.settings.file
    folders = (
        'folders = { es = { language = "es", receipts_to = "prensa@office.example" }, '
        'quiet = { receipts_to = "" }, same = { receipts_when = "faults" } }'
    )
    text = file.read_text(encoding="utf-8").replace("folders = {}", folders)
    file.write_text(text, encoding="utf-8")
    parts = Parts(config.load(file))
    offices = parts.settings.offices()
    found_ = {folder: parts.receipt_mails(offices[folder], folder) for folder in offices}
    told = {
        folder: mails and (mails.address, mails.lang, mails.only_faults, mails.setting)
        for folder, mails in found_.items()
    }
    parts.store.close()
    assert told == {
        "es": ("prensa@office.example", "es", False, "inbox.folders.es.receipts_to"),
        "quiet": None,
        "same": (OFFICE, "en", True, "inbox.receipts_to"),
    }


def test_without_an_address_no_receipt_is_mailed(site: Parts) -> None:
    assert site.receipt_mails(site.settings.inbox) is None


def test_check_shows_where_receipts_go(office: Parts, feeds: RunFeeds) -> None:
    ran = feeds("--config", office.settings.file, "check")
    assert f"receipts       {OFFICE} (always), inbox" in ran.out
