"""Letters to a real SMTP server that fails on demand: each stage, each fault, then it comes back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feeds.mail.message import to_bytes
from feeds.mail.smtp import SmtpSettings, SmtpTransport
from feeds.model import Deferred, HostAway, Letter, Receipt, Refused, Sent, Uncertain
from smtp_server import PASSWORD, USER, ScriptedServer


def letter(number: int = 1, recipient: str = "ana@example.org", **changes: Any) -> Letter:
    fields: dict[str, Any] = {
        "message_id": f"<letter{number}@feeds.test>",
        "sender": "news@feeds.test",
        "sender_name": "Bulletin",
        "recipient": recipient,
        "subject": f"Letter {number}",
        "text": ".a line that starts with a dot\n.\n..\nend",
        "html": "<p>Hello</p>",
        "date_at": datetime(2026, 5, 4, 7, 0, tzinfo=UTC),
    }
    return Letter(**(fields | changes))


def transport(server: ScriptedServer, **changes: Any) -> SmtpTransport:
    fields: dict[str, Any] = {
        "host": "localhost",
        "port": server.port,
        "local_hostname": "feeds.test",
        "envelope_from": "bounce@feeds.test",
        "timeout_s": 10.0,
        "data_timeout_s": 10.0,
    }
    return SmtpTransport(SmtpSettings(**(fields | changes)))


def send(server: ScriptedServer, *letters: Letter, **changes: Any) -> list[Receipt]:
    async def run() -> list[Receipt]:
        line = transport(server, **changes)
        try:
            return [await line.send(one) for one in letters]
        finally:
            await line.close()

    return asyncio.run(run())


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


def test_a_letter_arrives_byte_for_byte_with_its_envelope(server: ScriptedServer) -> None:
    [receipt] = send(server, letter())
    assert receipt == Sent("250 2.0.0 taken")
    [received] = server.messages
    assert received.source == to_bytes(letter())
    assert (received.sender, received.recipients) == ("bounce@feeds.test", ("ana@example.org",))


def test_many_letters_share_one_connection(server: ScriptedServer) -> None:
    receipts = send(server, *(letter(number) for number in range(5)))
    assert all(isinstance(receipt, Sent) for receipt in receipts)
    assert (server.connections, len(server.messages)) == (1, 5)
    assert server.commands[-1] == "QUIT"


def test_a_connection_carries_no_more_letters_than_it_may(server: ScriptedServer) -> None:
    send(server, *(letter(number) for number in range(5)), max_per_connection=2)
    assert (server.connections, len(server.messages)) == (3, 5)


def test_421_after_so_many_letters_means_a_new_connection_not_a_failure() -> None:
    with ScriptedServer(letters_per_connection=2) as server:
        receipts = send(server, *(letter(number) for number in range(5)))
        assert [type(receipt) for receipt in receipts] == [Sent] * 5
        assert (server.connections, len(server.messages)) == (3, 5)


def test_two_letters_at_once_on_one_transport_wait_for_each_other(server: ScriptedServer) -> None:
    async def run() -> list[Receipt]:
        line = transport(server)
        receipts = await asyncio.gather(*(line.send(letter(number)) for number in range(4)))
        await line.close()
        return receipts

    assert all(isinstance(receipt, Sent) for receipt in asyncio.run(run()))
    assert sorted(received.source for received in server.messages) == sorted(
        to_bytes(letter(number)) for number in range(4)
    )


AWAY, OURS = "away", "ours"

# stage, action, what it means, letters that the server took
VERDICTS: list[tuple[str, str, Any, int]] = [
    ("connect", "554 5.3.2 no service", AWAY, 0),
    ("connect", "421 busy", AWAY, 0),
    ("connect", "drop", AWAY, 0),
    ("connect", "malformed", AWAY, 0),
    ("connect", "endless", AWAY, 0),
    ("ehlo", "550 who are you", AWAY, 0),
    ("ehlo", "421 4.3.2 closing", AWAY, 0),
    ("ehlo", "drop", AWAY, 0),
    ("ehlo", "malformed", AWAY, 0),
    ("mail", "451 4.3.0 disk trouble", AWAY, 0),
    ("mail", "454 4.7.0 too many login attempts", AWAY, 0),
    ("mail", "421 4.7.0 slow down", AWAY, 0),
    ("mail", "550 5.7.1 sender not allowed", OURS, 0),
    ("mail", "530 5.7.0 log in first", OURS, 0),
    ("mail", "drop", AWAY, 0),
    ("mail", "malformed", AWAY, 0),
    ("mail", "endless", AWAY, 0),
    ("rcpt", "450 4.2.0 greylisted", Deferred, 0),
    ("rcpt", "452 4.2.2 mailbox full", Deferred, 0),
    ("rcpt", "552 5.2.2 mailbox full", Deferred, 0),
    ("rcpt", "552 no room", Deferred, 0),
    ("rcpt", "550 5.1.1 no such user", Refused, 0),
    ("rcpt", "550 5.2.1 disabled", Refused, 0),
    ("rcpt", "550 5.4.1 access denied", Refused, 0),
    ("rcpt", "550 no such user", Refused, 0),
    ("rcpt", "553 5.1.8 sender domain not found", OURS, 0),
    ("rcpt", "554 5.7.1 relay access denied", OURS, 0),
    ("rcpt", "554 no", OURS, 0),
    ("rcpt", "503 5.5.1 out of order", OURS, 0),
    ("rcpt", "550 4.1.1 two minds", Refused, 0),
    ("rcpt", "421 4.3.2 closing", AWAY, 0),
    ("rcpt", "drop", AWAY, 0),
    ("rcpt", "malformed", AWAY, 0),
    ("rcpt", "endless", AWAY, 0),
    ("rcpt", "100 hm", AWAY, 0),
    ("data", "451 4.3.0 try later", Deferred, 0),
    ("data", "554 5.7.1 policy", OURS, 0),
    ("data", "421 4.3.2 closing", AWAY, 0),
    ("data", "250 sure", AWAY, 0),
    ("data", "drop", AWAY, 0),
    ("body", "drop", Uncertain, 0),
    ("end", "451 4.3.0 try later", Deferred, 0),
    ("end", "421 4.3.2 closing", Deferred, 0),
    ("end", "552 5.3.4 too big", Refused, 0),
    ("end", "550 5.6.0 not like this", Refused, 0),
    ("end", "554 5.7.1 looks like spam", OURS, 0),
    ("end", "drop", Uncertain, 0),
    ("end", "malformed", Uncertain, 0),
    ("end", "endless", Uncertain, 0),
    ("end", "354 more?", Uncertain, 0),
    ("accepted", "drop", Uncertain, 1),
    ("accepted", "malformed", Uncertain, 1),
    ("accepted", "251 2.0.0 taken, in a way", Sent, 1),
]


def _meaning(receipt: Receipt) -> Any:
    if isinstance(receipt, HostAway):
        return OURS if receipt.ours else AWAY
    return type(receipt)


@pytest.mark.parametrize(("stage", "action", "meaning", "taken"), VERDICTS)
def test_each_fault_has_its_verdict_and_the_next_letter_goes_through(
    server: ScriptedServer, stage: str, action: str, meaning: Any, taken: int
) -> None:
    server.fail(stage, action)
    first, second = send(server, letter(1), letter(2))
    assert _meaning(first) == meaning, first
    assert isinstance(second, Sent)
    assert len(server.messages) == taken + 1
    assert server.connections == (1 if meaning is Sent else 2)


@pytest.mark.parametrize(
    ("stage", "meaning", "taken"),
    [
        ("connect", AWAY, 0),
        ("ehlo", AWAY, 0),
        ("mail", AWAY, 0),
        ("rcpt", AWAY, 0),
        ("data", AWAY, 0),
        ("end", Uncertain, 0),
        ("accepted", Uncertain, 1),
    ],
)
def test_silence_is_in_doubt_only_after_the_letter_was_handed_over(
    server: ScriptedServer, stage: str, meaning: Any, taken: int
) -> None:
    server.fail(stage, "hang")
    [receipt] = send(server, letter(), timeout_s=0.1, data_timeout_s=0.1)
    assert _meaning(receipt) == meaning
    assert len(server.messages) == taken


@pytest.mark.parametrize("action", ["drop", "hang", "malformed", "500 no", "421 gone"])
def test_a_bad_goodbye_changes_nothing(server: ScriptedServer, action: str) -> None:
    server.fail("quit", action)
    [receipt] = send(server, letter(), timeout_s=0.1)
    assert isinstance(receipt, Sent)


def test_greylisting_passes_at_the_third_try(server: ScriptedServer) -> None:
    server.fail("rcpt", "450 4.2.0 greylisted", times=2)
    receipts = send(server, letter(), letter(), letter())
    assert [type(receipt) for receipt in receipts] == [Deferred, Deferred, Sent]


def test_a_policy_refusal_alerts_once_then_counts_as_that_recipients_own(server: ScriptedServer) -> None:
    server.fail("rcpt", "550 5.7.1 members only", times=3)
    first, again, other = send(server, letter(1), letter(1), letter(2, recipient="bo@example.org"))
    assert isinstance(first, HostAway)
    assert first.ours
    assert isinstance(again, Deferred)
    assert isinstance(other, HostAway)


def test_a_kept_connection_that_went_away_is_replaced_without_a_word(server: ScriptedServer) -> None:
    async def run() -> list[Receipt]:
        line = transport(server)
        first = await line.send(letter(1))
        server.fail("mail", "drop")
        second = await line.send(letter(2))
        await line.close()
        return [first, second]

    assert [type(receipt) for receipt in asyncio.run(run())] == [Sent, Sent]
    assert (server.connections, len(server.messages)) == (2, 2)


def test_a_lost_answer_on_a_kept_connection_is_never_tried_again(server: ScriptedServer) -> None:
    async def run() -> Receipt:
        line = transport(server)
        await line.send(letter(1))
        server.fail("accepted", "drop")
        receipt = await line.send(letter(2))
        await line.close()
        return receipt

    assert isinstance(asyncio.run(run()), Uncertain)
    assert len(server.messages) == 2


def test_a_cancelled_letter_leaves_no_half_session_behind(server: ScriptedServer) -> None:
    async def run() -> Receipt:
        line = transport(server)
        server.fail("rcpt", "hang")
        task = asyncio.create_task(line.send(letter(1)))
        while not any(command.startswith("RCPT") for command in server.commands):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        receipt = await line.send(letter(2))
        await line.close()
        return receipt

    assert isinstance(asyncio.run(run()), Sent)
    assert b"Letter 2" in server.messages[0].source


def test_a_server_that_is_not_there_is_away() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        line = SmtpTransport(
            SmtpSettings(host="127.0.0.1", port=taken.getsockname()[1], local_hostname="feeds.test")
        )
        receipt = asyncio.run(line.send(letter()))
    assert isinstance(receipt, HostAway)
    assert not receipt.ours
    assert "connect" in receipt.reason


def test_the_servers_words_are_one_line_without_addresses(server: ScriptedServer) -> None:
    server.fail("rcpt", "550 5.1.1 <ana@example.org>: unknown\x07 user")
    [receipt] = send(server, letter())
    assert receipt == Refused("RCPT: 550 5.1.1 <a…@example.org>: unknown  user")


@pytest.mark.parametrize(
    "recipient", ["a@x\r\nBcc:b@x", "a@x>\r\nRCPT TO:<b@x", "jörg@x.org", "a b@x.org", ""]
)
def test_an_address_that_could_forge_a_command_is_refused_unsent(
    server: ScriptedServer, recipient: str
) -> None:
    [receipt] = send(server, letter(recipient=recipient))
    assert isinstance(receipt, Refused)
    assert server.commands == []


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[ScriptedServer]:
    with ScriptedServer(tls="starttls", folder=tmp_path, login=True) as running:
        yield running


def test_starttls_and_login_carry_a_letter(secured: ScriptedServer) -> None:
    [receipt] = send(
        secured, letter(), tls="starttls", username=USER, password=PASSWORD, tls_ca_file=secured.ca_file
    )
    assert isinstance(receipt, Sent)
    verbs = [command.split()[0] for command in secured.commands]
    assert verbs == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]


def test_tls_from_the_first_byte_carries_a_letter(tmp_path: Path) -> None:
    with ScriptedServer(tls="tls", folder=tmp_path) as server:
        [receipt] = send(server, letter(), tls="tls", tls_ca_file=server.ca_file)
        assert isinstance(receipt, Sent)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_an_unknown_authority_gets_no_letter_and_no_password(tmp_path: Path, tls: str) -> None:
    with ScriptedServer(tls=tls, folder=tmp_path, login=True) as server:
        [receipt] = send(server, letter(), tls=tls, username=USER, password=PASSWORD)
        assert isinstance(receipt, HostAway)
        assert receipt.ours
        assert "certificate is not trusted" in receipt.reason
        assert not any(command.startswith(("AUTH", "MAIL")) for command in server.commands)


def test_a_certificate_for_another_name_is_not_trusted(tmp_path: Path) -> None:
    with ScriptedServer(tls="starttls", folder=tmp_path) as server:
        [receipt] = send(server, letter(), host="127.0.0.2", tls="starttls", tls_ca_file=server.ca_file)
    assert isinstance(receipt, HostAway)


@pytest.mark.parametrize(("tls", "username"), [("starttls", None), ("starttls", USER), ("none", USER)])
def test_what_the_settings_ask_for_and_the_server_lacks_stops_the_line(
    server: ScriptedServer, tls: str, username: str | None
) -> None:
    [receipt] = send(server, letter(), tls=tls, username=username, password=PASSWORD)
    assert isinstance(receipt, HostAway)
    assert receipt.ours
    assert not any(command.startswith(("AUTH", "MAIL")) for command in server.commands)


@pytest.mark.parametrize(
    ("action", "ours"), [("454 4.7.0 no TLS now", False), ("501 5.5.4 no", True), ("drop", False)]
)
def test_a_failed_starttls_never_falls_back_to_clear(
    secured: ScriptedServer, action: str, ours: bool
) -> None:
    secured.fail("starttls", action)
    [receipt] = send(
        secured, letter(), tls="starttls", username=USER, password=PASSWORD, tls_ca_file=secured.ca_file
    )
    assert isinstance(receipt, HostAway)
    assert receipt.ours is ours
    assert not any(command.startswith(("AUTH", "MAIL")) for command in secured.commands)


@pytest.mark.parametrize(
    ("action", "ours"), [("454 4.7.0 later", False), ("535 5.7.8 wrong", True), ("drop", False)]
)
def test_a_failed_login_is_ours_only_when_it_is_final(
    secured: ScriptedServer, action: str, ours: bool
) -> None:
    secured.fail("auth", action, times=2)
    [receipt] = send(
        secured, letter(), tls="starttls", username=USER, password=PASSWORD, tls_ca_file=secured.ca_file
    )
    assert isinstance(receipt, HostAway)
    assert receipt.ours is ours
    assert PASSWORD not in receipt.reason


def test_a_password_never_travels_in_clear_to_another_host() -> None:
    settings = SmtpSettings(host="192.0.2.1", username=USER, password=PASSWORD)
    receipt = asyncio.run(SmtpTransport(settings).send(letter()))
    assert receipt == HostAway("a login in clear is refused: set tls to starttls or tls", ours=True)
    assert PASSWORD not in repr(settings)


def test_a_missing_authority_file_is_ours(server: ScriptedServer, tmp_path: Path) -> None:
    [receipt] = send(server, letter(), tls="starttls", tls_ca_file=str(tmp_path / "none.pem"))
    assert isinstance(receipt, HostAway)
    assert receipt.ours
    assert "none.pem" in receipt.reason


def test_a_probe_says_what_a_letter_would_have_met(secured: ScriptedServer) -> None:
    async def probe(password: str) -> Receipt | None:
        line = transport(
            secured, tls="starttls", username=USER, password=password, tls_ca_file=secured.ca_file
        )
        return await line.probe()

    assert asyncio.run(probe(PASSWORD)) is None
    receipt = asyncio.run(probe("wrong"))
    assert isinstance(receipt, HostAway)
    assert receipt.ours
    assert not any(command.startswith("MAIL") for command in secured.commands)
