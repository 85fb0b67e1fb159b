"""Letters to a real SMTP server that fails on demand: each stage, each fault, then it comes back."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtplib import SMTPConnectError

from carrying import OneByOne, OneHand, parcel
from feeds.mail import failures
from feeds.mail.message import to_bytes
from feeds.mail.smtp import Seen, SmtpSettings, SmtpTransport
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


def transport(server: ScriptedServer, **changes: Any) -> OneByOne:
    fields: dict[str, Any] = {
        "host": "localhost",
        "port": server.port,
        "local_hostname": "feeds.test",
        "timeout_s": 10.0,
        "data_timeout_s": 10.0,
    }
    return OneByOne(SmtpTransport(SmtpSettings(**(fields | changes))), "bounce@feeds.test")


def send(server: ScriptedServer, *letters: Letter, **changes: Any) -> list[Receipt]:
    async def run() -> list[Receipt]:
        line = transport(server, **changes)
        try:
            return [await line.send(one) for one in letters]
        finally:
            await line.close()

    return asyncio.run(run())


@pytest.fixture(params=["pipelining", "one by one"])
def server(request: pytest.FixtureRequest) -> Iterator[ScriptedServer]:
    with ScriptedServer(pipelining=request.param == "pipelining") as running:
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
    ("rcpt", "553 5.1.8 sender domain not found", Deferred, 0),
    ("rcpt", "554 5.7.1 relay access denied", Deferred, 0),
    ("rcpt", "554 no", Deferred, 0),
    ("rcpt", "503 5.5.1 out of order", Deferred, 0),
    ("rcpt", "550 4.1.1 two minds", Refused, 0),
    ("rcpt", "421 4.3.2 closing", AWAY, 0),
    ("rcpt", "drop", AWAY, 0),
    ("rcpt", "malformed", AWAY, 0),
    ("rcpt", "endless", AWAY, 0),
    ("rcpt", "100 hm", AWAY, 0),
    ("data", "451 4.3.0 try later", Deferred, 0),
    ("data", "554 5.7.1 policy", Deferred, 0),
    ("data", "421 4.3.2 closing", AWAY, 0),
    ("data", "250 sure", AWAY, 0),
    ("data", "drop", AWAY, 0),
    ("body", "drop", Uncertain, 0),
    ("end", "451 4.3.0 try later", Deferred, 0),
    ("end", "421 4.3.2 closing", Deferred, 0),
    ("end", "552 5.3.4 too big", Refused, 0),
    ("end", "550 5.6.0 not like this", Refused, 0),
    ("end", "554 5.7.1 looks like spam", Deferred, 0),
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
    kept = meaning in (Sent, Deferred, Refused) and "421" not in action
    assert server.connections == (1 if kept else 2)


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
    # Only the answer that never comes is waited for so briefly: a slow machine may take longer over others.
    limit = "data_timeout_s" if stage in ("end", "accepted") else "timeout_s"
    [receipt] = send(server, letter(), **{limit: 0.3})
    assert _meaning(receipt) == meaning
    assert len(server.messages) == taken


@pytest.mark.parametrize("action", ["drop", "hang", "malformed", "500 no", "421 gone"])
def test_a_bad_goodbye_changes_nothing(server: ScriptedServer, action: str) -> None:
    server.fail("quit", action)
    [receipt] = send(server, letter(), timeout_s=1.0)
    assert isinstance(receipt, Sent)


def test_greylisting_passes_at_the_third_try(server: ScriptedServer) -> None:
    server.fail("rcpt", "450 4.2.0 greylisted", times=2)
    receipts = send(server, letter(), letter(), letter())
    assert [type(receipt) for receipt in receipts] == [Deferred, Deferred, Sent]


CLOSED = "550 5.7.1 members only"


def to(*names: str) -> list[Letter]:
    return [letter(number, recipient=f"{name}@example.org") for number, name in enumerate(names)]


def test_one_closed_mailbox_holds_up_nobody_however_often_it_is_tried(
    server: ScriptedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.fail("rcpt", CLOSED, times=5)
    receipts = send(server, *to("ana", "ana", "ana", "ana", "bo", "cy"))
    assert [type(receipt) for receipt in receipts] == [Deferred] * 5 + [Sent]
    said = capsys.readouterr()
    assert (said.out + said.err).count("policy-refusal") == 5
    assert "ana@" not in said.out + said.err


@pytest.mark.parametrize("stage", ["rcpt", "data", "end"])
def test_three_recipients_in_a_row_refused_by_policy_mean_us(server: ScriptedServer, stage: str) -> None:
    server.fail(stage, CLOSED, times=4)
    *first, third, fourth = send(server, *to("ana", "bo", "cy", "di"))
    assert [type(receipt) for receipt in first] == [Deferred, Deferred]
    assert isinstance(third, HostAway)
    assert third.ours
    assert isinstance(fourth, HostAway)


def test_a_letter_that_is_taken_between_says_that_it_is_not_us(server: ScriptedServer) -> None:
    async def run() -> list[Receipt]:
        line = transport(server)
        receipts = []
        for one in to("ana", "bo", "yes", "cy", "di", "ed"):
            if not one.recipient.startswith("yes"):
                server.fail("rcpt", CLOSED)
            receipts.append(await line.send(one))
        await line.close()
        return receipts

    *receipts, last = asyncio.run(run())
    assert [type(receipt) for receipt in receipts] == [Deferred, Deferred, Sent, Deferred, Deferred]
    assert isinstance(last, HostAway)


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


@pytest.mark.parametrize(("stage", "in_doubt"), [("rcpt", False), ("data", False), ("end", True)])
def test_after_a_cancellation_the_transport_knows_whether_the_letter_left(
    server: ScriptedServer, stage: str, in_doubt: bool
) -> None:
    async def run() -> bool:
        line = transport(server)
        await line.send(letter(1))  # what became of an earlier letter must not count
        server.fail(stage, "hang")
        task = asyncio.create_task(line.send(letter(2)))
        while server.reached[stage] < 2:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return line.in_doubt

    assert asyncio.run(run()) is in_doubt


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_that_is_not_there_is_away(nobody: int, host: str) -> None:
    line = OneByOne(SmtpTransport(SmtpSettings(host=host, port=nobody, local_hostname="feeds.test")))
    receipt = asyncio.run(line.send(letter()))
    assert receipt == HostAway(f"cannot connect to {host} port {nobody}: connection refused")


def test_the_check_of_the_mail_server_says_the_same(
    feeds: Callable[..., Any], site: Any, nobody: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = site.settings.file
    text = config.read_text(encoding="utf-8")
    for old, new in (('transport = "outbox"', 'transport = "smtp"'), ("port = 25 ", f"port = {nobody} ")):
        assert old in text
        text = text.replace(old, new)
    config.write_text(text, encoding="utf-8")
    ran = feeds("--config", config, "check", "--smtp")
    assert ran.code == 1
    assert ran.err == f"feeds: mail: cannot connect to 127.0.0.1 port {nobody}: connection refused\n"


def test_a_silent_server_is_said_to_be_silent(server: ScriptedServer) -> None:
    server.fail("connect", "hang")
    [receipt] = send(server, letter(), timeout_s=1.0)
    assert receipt == HostAway(f"cannot connect to localhost port {server.port}: no answer in time")


def test_a_server_that_hangs_up_at_once_is_said_to_do_so(server: ScriptedServer) -> None:
    server.fail("connect", "drop")
    [receipt] = send(server, letter())
    assert isinstance(receipt, HostAway)
    assert "hung up before its greeting" in receipt.reason


def test_tls_where_there_is_none_names_the_keys_to_check(server: ScriptedServer) -> None:
    [receipt] = send(server, letter(), tls="tls")
    assert isinstance(receipt, HostAway)
    assert receipt.ours
    assert receipt.reason.startswith(
        f"cannot connect to localhost port {server.port}: no encrypted connection"
    )
    assert receipt.reason.endswith("check mail.port and mail.tls")


def wrapped(cause: OSError) -> SMTPConnectError:
    error = SMTPConnectError(f"Error connecting to mail.example.org on port 25: {cause}")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "there is no such host name"),
        (
            socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
            "the host name cannot be looked up now",
        ),
        (OSError(errno.EHOSTUNREACH, "Connect call failed ('192.0.2.1', 25)"), "no route to host"),
        (TimeoutError(errno.ETIMEDOUT, "Connect call failed"), "no answer in time"),
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 25), [Errno 111] Connect"),
            "connection refused",
        ),
        (OSError("something new"), "something new"),
    ],
)
def test_an_unreachable_server_is_said_in_plain_words(cause: OSError, words: str) -> None:
    said = failures.unreachable("mail.example.org", 25, wrapped(cause))
    assert said == f"cannot connect to mail.example.org port 25: {words}"


def test_the_servers_words_are_one_line_without_addresses(server: ScriptedServer) -> None:
    server.fail("rcpt", "550 5.1.1 <ana@example.org>: unknown\x07 user")
    [receipt] = send(server, letter())
    assert receipt == Refused("RCPT: 550 5.1.1 <a…@example.org>: unknown  user")


@pytest.mark.parametrize("sender", ["a@x\r\nBcc:b@x", "a@x>\r\nRCPT TO:<b@x", "jörg@x.org", "a b@x.org", ""])
def test_a_sender_that_could_forge_a_command_is_never_written(server: ScriptedServer, sender: str) -> None:
    hand = OneHand(replace(parcel(letter()), sender=sender))
    away = asyncio.run(transport(server).transport.carry(hand))
    assert isinstance(away, HostAway)
    assert away.ours
    assert not any(command.startswith("MAIL") for command in server.commands)


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
    assert "does not offer" in receipt.reason
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
    receipt = asyncio.run(OneByOne(SmtpTransport(settings)).send(letter()))
    assert receipt == HostAway("a login in clear is refused: set tls to starttls or tls", ours=True)
    assert PASSWORD not in repr(settings)


def test_a_missing_authority_file_is_ours(server: ScriptedServer, tmp_path: Path) -> None:
    [receipt] = send(server, letter(), tls="starttls", tls_ca_file=str(tmp_path / "none.pem"))
    assert isinstance(receipt, HostAway)
    assert receipt.ours
    assert "none.pem" in receipt.reason


def test_a_probe_says_what_a_letter_would_have_met(secured: ScriptedServer) -> None:
    async def probe(password: str) -> HostAway | Seen:
        line = transport(
            secured, tls="starttls", username=USER, password=password, tls_ca_file=secured.ca_file
        )
        assert isinstance(line.transport, SmtpTransport)
        return await line.transport.probe()

    seen = asyncio.run(probe(PASSWORD))
    assert isinstance(seen, Seen)
    assert seen.tls.startswith("TLSv1.")
    assert "login" in seen.logins
    receipt = asyncio.run(probe("wrong"))
    assert isinstance(receipt, HostAway)
    assert receipt.ours
    assert not any(command.startswith("MAIL") for command in secured.commands)
