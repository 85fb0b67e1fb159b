"""What comes back is read from a maildir, an IMAP box or a pipe, by the command and by the service."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from conftest import RunFeeds
from feeds.app import coming_back
from feeds.app.parts import Parts, now
from feeds.app.running import Running
from feeds.app.watchdog import Watchdog
from feeds.mail.envelope import BounceAddress
from feeds.mail.returned import MOST_BYTES, BoxError
from feeds.mail.returned.imap import ImapBox, ImapSettings
from feeds.mail.returned.maildir import Maildir
from feeds.mail.returned.mbox import Stream
from feeds.model import SubscriberState
from feeds.store import deliveries
from imap_server import PASSWORD, USER, ImapServer
from integration.test_bounces import send, site, states
from returned import complaint, plain, report
from smtp_server import ScriptedServer

BOX = BounceAddress("bounces@example.org")
ACTIVE, BOUNCED, COMPLAINED, LEFT = (
    SubscriberState.ACTIVE, SubscriberState.BOUNCED, SubscriberState.COMPLAINED, SubscriberState.LEFT,
)  # fmt: skip


@pytest.fixture
def parts(tmp_path: Path):
    """A site with four readers whose letters went out, and a maildir for what comes back."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    values = {"bounces.address": f'"{BOX.address}"', "bounces.maildir": f'"{tmp_path / "Maildir"}"'}
    with ScriptedServer() as server:
        made = site(tmp_path / "site", server, 4, **values)
        send(made)
    yield made
    made.store.close()


def addresses(parts: Parts) -> list[str]:
    """The envelope senders of the letters that went out, by reader."""
    with parts.store.read() as conn:
        rows = sorted(deliveries.listing(conn, limit=9), key=lambda row: row.subscriber_id)
    return [BOX.tagged(parts.tokens.bounce(row.number)) for row in rows]


def wish(parts: Parts, reader: int) -> bytes:
    with parts.store.read() as conn:
        rows = sorted(deliveries.listing(conn, limit=9), key=lambda row: row.subscriber_id)
    token = parts.tokens.unsubscribe(rows[reader].subscriber_id, rows[reader].audience_id)
    return plain(BOX.unsubscribe, "From: x@example.net", f"Subject: unsubscribe {token}", name="wish")


def put(parts: Parts, *mails: bytes, at: str = "new") -> Path:
    folder = Path(parts.settings.bounces.maildir)
    for n, mail in enumerate(mails):
        (folder / at / f"{n}.M{n}.host").write_bytes(mail)
    return folder


def test_a_maildir_is_read_each_mail_told_in_a_line_and_marked_as_seen(
    parts: Parts, feeds: RunFeeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, angry, _, _ = addresses(parts)
    mails = [report(gone), complaint(mail_from=angry), wish(parts, 2), b"\xff junk", plain(gone, name="p")]
    folder = put(parts, *mails)
    (folder / "new" / "link").symlink_to("/etc/passwd")
    os.mkfifo(folder / "new" / "pipe")
    monkeypatch.setenv("FEEDS_CONFIG", str(parts.settings.file))
    ran = feeds("bounces")
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert [line.rpartition(": ")[2] for line in lines[:2]] == [
        "gets no more mail until they ask again", "gets no more mail",
    ]  # fmt: skip
    assert len(lines) == len(mails)
    assert states(parts) == sorted([ACTIVE, BOUNCED, COMPLAINED, LEFT])
    assert sorted(path.name for path in (folder / "new").iterdir()) == ["link", "pipe"]
    assert all(path.name.endswith(":2,S") for path in (folder / "cur").iterdir())
    assert feeds("bounces").out == "Nothing came back.\n"


def test_mails_that_another_program_moved_are_read_unless_somebody_has_seen_them(parts: Parts) -> None:
    gone, angry, _, _ = addresses(parts)
    folder = put(parts, report(gone), at="cur")
    (folder / "cur" / "9.seen:2,RS").write_bytes(report(angry, name="seen"))
    coming_back.look(parts, now)
    assert states(parts) == [ACTIVE] * 3 + [BOUNCED]
    assert {path.name for path in (folder / "cur").iterdir()} == {"0.M0.host:2,S", "9.seen:2,RS"}


def imap(server: ImapServer, **changes: object) -> ImapBox:
    values = {
        "host": "localhost", "port": server.port, "tls": server.tls, "user": USER, "password": PASSWORD,
        "ca_file": server.ca_file, "timeout_s": 5.0,
    }  # fmt: skip
    return ImapBox(ImapSettings(**(values | changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_a_mail_box_is_read_over_tls_and_what_was_dealt_with_is_seen(tmp_path: Path, tls: str) -> None:
    mails = [b"one\r\n\r\nx", b"two" + b"\0" * MOST_BYTES, b"(\\Seen) {5}\r\n)"]
    with ImapServer(tmp_path, mails, tls=tls) as server:
        server.seen.add(1)
        for mail in imap(server).unread(1):
            assert mail.raw == mails[1][:MOST_BYTES]
            assert server.seen == {1}
            mail.done()
        assert server.seen == {1, 2}
        assert [mail.raw for mail in imap(server).unread(9)] == [mails[2]]
        assert server.seen == {1, 2}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"password": "wrong"}, "AUTHENTICATIONFAILED"), ({"folder": "Sent"}, "no such folder"),
        ({"ca_file": None}, "certificate is not trusted"),
        ({"host": "127.0.0.1"}, "certificate is not trusted"),
        ({"port": 9}, "refused"), ({"user": 'a"\r\nA1 DELETE INBOX'}, "line break"),
        ({"host": "nowhere.invalid"}, "nowhere.invalid"),
    ],
)  # fmt: skip
def test_a_box_that_cannot_be_opened_says_why_without_addresses(
    tmp_path: Path, changes: dict[str, object], told: str
) -> None:
    with ImapServer(tmp_path, []) as server, pytest.raises(BoxError, match=told) as caught:
        list(imap(server, **changes).unread(9))
    assert USER not in str(caught.value)
    assert "DELETE" not in server.commands


def test_a_box_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    with ImapServer(tmp_path, [], hang="UID SEARCH") as server, pytest.raises(BoxError, match="in time"):
        list(imap(server, timeout_s=0.2).unread(9))


def test_no_login_goes_over_a_line_that_is_not_encrypted(tmp_path: Path) -> None:
    with ImapServer(tmp_path, [], tls="none") as server:
        with pytest.raises(BoxError):
            list(imap(server, tls="starttls").unread(9))
        assert "LOGIN" not in server.commands


def test_a_maildir_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(BoxError, match="new, cur and tmp"):
        list(Maildir(tmp_path / "nothing").unread(9))


def test_a_stream_is_one_mail_or_many_and_of_long_ones_the_beginning() -> None:
    def mails(data: bytes) -> list[bytes]:
        return [mail.raw for mail in Stream(io.BytesIO(data)).unread(99)]

    assert mails(b"To: a\n\nFrom here on\n") == [b"To: a\n\nFrom here on\n"]
    assert mails(b"From x\nTo: a\n\nFromage\n\nFrom y\nTo: b\n\nFrom\n") == [
        b"To: a\n\nFromage\n\n", b"To: b\n\nFrom\n",
    ]  # fmt: skip
    assert mails(b"") == []
    (long,) = mails(b"To: a\n" + b"x" * (3 * MOST_BYTES))
    assert len(long) < 2 * MOST_BYTES


def piped(parts: Parts, data: bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """What a mail server does with each mail to the bounce address."""
    command = [sys.executable, "-m", "feeds", "--config", str(parts.settings.file), "bounces", "-"]
    return subprocess.run(
        command, input=data, capture_output=True, timeout=60, env=os.environ | environment, check=False
    )


def test_a_mail_server_pipes_a_report_in_and_is_told_to_try_again_when_we_cannot(parts: Parts) -> None:
    gone, angry, _, _ = addresses(parts)
    both = b"From MAILER-DAEMON\n" + report(gone) + b"\n\nFrom x\n" + complaint(mail_from=angry)
    away = piped(parts, both, FEEDS_STORE_URL="sqlite:////nowhere/at/all.db")
    assert (away.returncode, b"Traceback" in away.stderr) == (75, False)
    ran = piped(parts, both)
    assert (ran.returncode, len(ran.stdout.splitlines())) == (0, 2), ran.stderr
    assert states(parts) == [ACTIVE] * 2 + [BOUNCED, COMPLAINED]


def test_without_an_address_the_command_says_what_to_set(feeds: RunFeeds, tmp_path: Path) -> None:
    assert feeds("init", tmp_path / "site").code == 0
    ran = feeds("--config", tmp_path / "site" / "config" / "feeds.toml", "bounces")
    assert (ran.code, "bounces.address" in ran.err) == (2, True)


def test_the_service_reads_the_box_and_a_box_that_cannot_be_read_stops_nothing(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Looked at by itself, with a folder that is not there the first time."""
    gone, _, _, _ = addresses(parts)
    folder = Path(parts.settings.bounces.maildir)
    folder.rename(folder.with_name("away"))
    bounces = parts.settings.bounces.model_copy(update={"every": 0.05})
    quick = Parts(parts.settings.model_copy(update={"bounces": bounces}))
    looked, real = threading.Event(), coming_back.look

    def look(*given: object) -> object:
        if looked.is_set() and not folder.exists():
            folder.with_name("away").rename(folder)
            put(parts, report(gone))
        looked.set()
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(coming_back, "look", look)

    async def run() -> None:
        running = Running(quick, ("deliver",), watchdog=Watchdog(3600))
        task = asyncio.create_task(running.run())
        while states(parts) == [ACTIVE] * 4:
            assert not task.done()
            await asyncio.sleep(0.02)
        running.stop.set()
        await task
        running.watchdog.call_off()

    asyncio.run(asyncio.wait_for(run(), 60))
    assert states(parts) == [ACTIVE] * 3 + [BOUNCED]
    quick.store.close()
