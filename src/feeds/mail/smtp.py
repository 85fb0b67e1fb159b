"""SMTP: one kept connection, one letter at a time, every outcome a receipt.

The only importer of aiosmtplib. MAIL, RCPT, DATA and the letter itself are
driven apart, since only then can "not accepted" be told from "accepted, answer
lost" (P4). What an answer means is decided in verdicts.py, what a failure is
called in failures.py. Must not know of queues or retries; several transports
may run side by side.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal

from aiosmtplib import SMTP, SMTPException, SMTPHeloError, SMTPResponseException

from feeds import log
from feeds.errors import MailError
from feeds.mail import failures
from feeds.mail.addresses import is_writable
from feeds.mail.message import to_bytes
from feeds.mail.verdicts import Stage, by_loss, by_reply, is_policy, readable
from feeds.model import HostAway, Letter, Receipt, Refused

logger = log.get("mail")

_START_INPUT_S = 120.0  # RFC 5321 4.5.3.2.4
_GOODBYE_S = 5.0  # nobody waits long for the answer to QUIT
_POLICY_IN_A_ROW = 3  # so many recipients refused by policy, none accepted between: then it is us


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """How to reach the relay.

    `tls`: ``none`` (in clear), ``starttls`` (required, never optional) or
    ``tls`` from the first byte; both check certificate and host name, against
    `tls_ca_file` if given. `username` is used only over TLS or on loopback.
    `timeout_s` bounds each step up to RCPT, `data_timeout_s` the answer to the
    final dot: RFC 5321 4.5.3.2 wants 5 and 10 minutes, and a shorter second one
    turns slow servers into doubles. `envelope_from` empty means the letter's sender.
    """

    host: str
    port: int = 25
    tls: Literal["none", "starttls", "tls"] = "none"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    local_hostname: str | None = None
    timeout_s: float = 300.0
    data_timeout_s: float = 600.0
    max_per_connection: int = 100
    envelope_from: str = ""
    tls_ca_file: str | None = None


class _Verdict(Exception):  # noqa: N818 - an early return, not an error
    """Ends the sending of one letter early with its receipt."""

    def __init__(self, receipt: Receipt) -> None:
        self.receipt = receipt


class SmtpTransport:
    """Sends letters to one host over one connection, opened when first needed."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._lock = asyncio.Lock()
        self._client: SMTP | None = None
        self._carried = 0
        self._trust: ssl.SSLContext | None = None
        self._refused: set[str] = set()
        self._handing_over = False

    @property
    def in_doubt(self) -> bool:
        """Whether the letter whose `send` was cancelled may have been handed over."""
        return self._handing_over

    async def send(self, letter: Letter) -> Receipt:
        """Hand one letter over. A connection that has carried letters before and
        fails before this one is handed over is replaced once (servers hang up
        on idle clients, or after so many letters); then the verdict stands."""
        self._handing_over = False
        try:
            raw = to_bytes(letter)
        except MailError as error:
            return Refused(f"the letter cannot be written: {error}")
        async with self._lock:
            if self._client and self._carried >= self._settings.max_per_connection:
                await self._hang_up()
            used = self._carried > 0
            receipt = await self._attempt(letter, raw)
            if used and isinstance(receipt, HostAway) and not receipt.ours:
                receipt = await self._attempt(letter, raw)
            return receipt

    async def probe(self) -> HostAway | None:
        """Connect, greet, encrypt and log in as a letter would.

        None when all went well, else the HostAway that a letter would have got."""
        async with self._lock:
            await self._hang_up()
        away = await self.ready()
        await self.close()
        return away

    async def ready(self) -> HostAway | None:
        """Connected, greeted, encrypted and logged in, or why not. A connection that stands is kept."""
        async with self._lock:
            try:
                await self._connected()
            except _Verdict as verdict:
                self._drop()
                away = verdict.receipt
                return away if isinstance(away, HostAway) else HostAway(str(away))
            except BaseException:  # cancelled: the session is in an unknown state
                self._drop()
                raise
        return None

    async def close(self) -> None:
        """Say QUIT if a connection is idle; whatever the server does then is ignored."""
        async with self._lock:
            await self._hang_up()

    async def _attempt(self, letter: Letter, raw: bytes) -> Receipt:
        try:
            receipt = await self._transact(await self._connected(), letter, raw)
        except _Verdict as verdict:
            self._drop()
            return verdict.receipt
        except BaseException:  # cancelled: the session is in an unknown state
            self._drop()
            raise
        self._carried += 1
        return receipt

    async def _transact(self, client: SMTP, letter: Letter, raw: bytes) -> Receipt:
        sender = self._settings.envelope_from or letter.sender
        if not is_writable(sender):
            raise _Verdict(HostAway("the envelope sender is not an address that can be written", ours=True))
        limit = self._settings.timeout_s
        await self._ask(client, Stage.SENDER, f"MAIL FROM:<{sender}>", limit)
        await self._ask(client, Stage.RECIPIENT, f"RCPT TO:<{letter.recipient}>", limit, letter.recipient)
        await self._ask(client, Stage.DATA, "DATA", min(limit, _START_INPUT_S), letter.recipient)
        return await self._hand_over(client, raw, letter.recipient)

    async def _ask(self, client: SMTP, stage: Stage, command: str, limit: float, recipient: str = "") -> None:
        try:
            code, text = await client.execute_command(*command.encode("ascii").split(b" "), timeout=limit)
        except (SMTPException, OSError) as error:
            raise _Verdict(by_loss(stage, failures.plain(error))) from error
        wanted = code == 354 if stage is Stage.DATA else 200 <= code <= 299
        if not wanted:
            raise _Verdict(self._judge(stage, code, text, recipient))

    async def _hand_over(self, client: SMTP, raw: bytes, recipient: str) -> Receipt:
        protocol = client.protocol
        try:
            if protocol is None:
                raise ConnectionResetError("Connection lost")
            protocol.write(_stuffed(raw))
        except (SMTPException, OSError) as error:  # nothing has left yet
            raise _Verdict(by_loss(Stage.DATA, failures.plain(error))) from error
        self._handing_over = True
        try:
            code, text = await protocol.read_response(timeout=self._settings.data_timeout_s)
        except (SMTPException, OSError) as error:
            raise _Verdict(by_loss(Stage.END, failures.plain(error))) from error
        receipt = self._judge(Stage.END, code, text, recipient)
        if not 200 <= code <= 299:
            raise _Verdict(receipt)
        self._refused.clear()
        return receipt

    def _judge(self, stage: Stage, code: int, text: str, recipient: str) -> Receipt:
        if not is_policy(stage, code, text):
            return by_reply(stage, code, text)
        if len(self._refused) < _POLICY_IN_A_ROW:
            self._refused.add(recipient)
        logger.warning("policy-refusal", stage=str(stage), reply=f"{code} {readable(text)}")
        return by_reply(stage, code, text, everybody=len(self._refused) >= _POLICY_IN_A_ROW)

    async def _connected(self) -> SMTP:
        """The kept connection if it still stands, else a new one, ready for MAIL."""
        if self._client is not None and self._client.is_connected:
            return self._client
        self._drop()
        settings = self._settings
        if settings.username and settings.tls == "none" and not _is_loopback(settings.host):
            raise _Verdict(HostAway("a login in clear is refused: set tls to starttls or tls", ours=True))
        self._client = client = await self._opened()
        await self._step(Stage.HELLO, _hello(client))
        if settings.tls == "starttls":
            await self._step(Stage.TLS, client.starttls())
            await self._step(Stage.HELLO, _hello(client))
        if settings.username:
            await self._step(Stage.LOGIN, client.login(settings.username, settings.password or ""))
        return client

    async def _opened(self) -> SMTP:
        settings = self._settings
        try:
            client = SMTP(
                hostname=settings.host,
                port=settings.port,
                local_hostname=settings.local_hostname,
                timeout=settings.timeout_s,
                use_tls=settings.tls == "tls",
                start_tls=False,
                tls_context=await self._trusted(),
            )
        except ValueError as error:
            raise _Verdict(HostAway(f"the mail settings are wrong: {error}", ours=True)) from error
        await self._step(Stage.CONNECT, client.connect())
        return client

    async def _trusted(self) -> ssl.SSLContext | None:
        """The certificates we trust, loaded once, outside the event loop."""
        if self._settings.tls == "none":
            return None
        if self._trust is None:
            source = self._settings.tls_ca_file
            try:
                self._trust = await asyncio.to_thread(ssl.create_default_context, cafile=source)
            except OSError as error:
                why = f"the certificates in {source} cannot be read: {error.strerror or error}"
                raise _Verdict(HostAway(why, ours=True)) from error
        return self._trust

    async def _step(self, stage: Stage, step: Awaitable[object]) -> None:
        """One step before any letter; what goes wrong becomes a verdict."""
        try:
            await step
        except SMTPResponseException as error:
            raise _Verdict(by_reply(stage, error.code, error.message)) from error
        except (SMTPException, OSError) as error:
            raise _Verdict(self._opening_loss(stage, error)) from error
        except ValueError as error:  # a user or host name that cannot be put on the line
            raise _Verdict(by_loss(stage, f"the mail settings are wrong: {error}", ours=True)) from error

    def _opening_loss(self, stage: Stage, error: Exception) -> Receipt:
        """Connecting, STARTTLS or login failed without a reply code."""
        distrust = failures.distrust(error)
        if stage is Stage.CONNECT:
            why = failures.unreachable(self._settings.host, self._settings.port, error)
            return HostAway(readable(why), ours=distrust is not None)
        if distrust:
            return by_loss(Stage.TLS, distrust, ours=True)
        # Left are a server that hung up, and one that does not offer what our
        # settings ask for (STARTTLS, AUTH), which only we can put right.
        missing = not isinstance(error, OSError) and stage in (Stage.TLS, Stage.LOGIN)
        return by_loss(stage, failures.plain(error), ours=missing)

    async def _hang_up(self) -> None:
        client = self._client
        line = client.transport if client is not None else None
        try:
            if client is not None and client.is_connected:
                with suppress(SMTPException, OSError):
                    await client.quit(timeout=min(self._settings.timeout_s, _GOODBYE_S))
        finally:  # cancelled while it says goodbye, the socket is freed all the same
            _cut(line)
            self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            line = self._client.transport
            self._client.close()
            _cut(line)
        self._client = None
        self._carried = 0


def _cut(line: asyncio.BaseTransport | None) -> None:
    """Free the socket now: closing alone would leave TLS waiting for the other side's goodbye."""
    if isinstance(line, asyncio.WriteTransport):
        line.abort()


async def _hello(client: SMTP) -> None:
    try:
        await client.ehlo()
    except SMTPHeloError as error:
        # RFC 5321 3.2: a server that does not know EHLO is greeted the old way.
        if error.code not in (500, 502) or not client.is_connected:
            raise
        await client.helo()


def _stuffed(raw: bytes) -> bytes:
    """Dots doubled at line starts and the end mark added (RFC 5321 4.5.2)."""
    body = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
    return (b"." if body.startswith(b".") else b"") + body.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def _is_loopback(host: str) -> bool:
    try:
        return host.lower() == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
