"""SMTP: connections to one relay, and what its words mean for letters and for the relay itself.

The only importer of aiosmtplib, which connects, greets, encrypts and logs in; then session.py carries the
letters on its line. What an answer means is decided in verdicts.py, what a failure is called in failures.py.
Must not know of queues or retries; several transports may run side by side.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal, cast

from aiosmtplib import SMTP, SMTPException, SMTPHeloError, SMTPResponseException

from feeds import log
from feeds.mail import Hand, Parcel, failures
from feeds.mail.replies import Replies, Reply
from feeds.mail.session import Session
from feeds.mail.verdicts import Stage, by_loss, by_reply, is_policy, readable
from feeds.model import HostAway, Receipt, Sent

logger = log.get("mail")

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
    turns slow servers into doubles.
    """

    host: str
    port: int = 25
    tls: Literal["none", "starttls", "tls"] = "none"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    local_hostname: str | None = None
    timeout_s: float = 300.0
    data_timeout_s: float = 600.0
    max_per_connection: int = 500
    tls_ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a server showed of itself: the version of TLS (empty without), the logins that it offers."""

    tls: str
    logins: tuple[str, ...]
    pipelining: bool


class _Verdict(Exception):  # noqa: N818 - an early return, not an error
    """Ends the opening of a session early with the reason."""

    def __init__(self, away: HostAway) -> None:
        self.away = away


class SmtpTransport:
    """Carries letters to one host over one connection, opened when first needed."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._session: Session | None = None
        self._trust: ssl.SSLContext | None = None
        self._refused: set[str] = set()
        self._seen = Seen("", (), pipelining=False)

    async def carry(self, hand: Hand) -> HostAway | None:
        """Letters of `hand`, over as many connections as they need, until it has none for now.

        A letter whose kept connection fails before its text was written goes over a new one (servers hang
        up on idle clients, or after so many letters); what a new one says of it stands.
        """
        unsent: Parcel | None = None
        while unsent or await hand.more():
            try:
                session = await self._ready()
            except _Verdict as verdict:
                away: HostAway | None = verdict.away
            except asyncio.CancelledError:
                if unsent:
                    hand.cut_off(unsent, in_doubt=False)
                raise
            else:
                ended = await session.carry(hand, unsent)
                unsent, away = ended.unsent, ended.away
            if away:
                if unsent:
                    hand.done(unsent, away)
                return away
        return None

    async def probe(self) -> HostAway | Seen:
        """Connect, greet, encrypt and log in as a letter would.

        What the server showed when all went well, else the HostAway that a letter would have got."""
        await self.close()
        try:
            await self._ready()
        except _Verdict as verdict:
            return verdict.away
        await self.close()
        return self._seen

    async def close(self) -> None:
        """Say QUIT if a connection stands; whatever the server does then is ignored."""
        session, self._session = self._session, None
        if session:
            await session.quit(min(self._settings.timeout_s, _GOODBYE_S))
        await asyncio.sleep(0)  # sockets that were cut are freed by the loop, in its next round

    async def _ready(self) -> Session:
        """The kept session if another letter can begin on it, else a new one."""
        if self._session and not self._session.usable:
            await self.close()
        if self._session is None:
            self._session = await self._connected()
        return self._session

    def _judge(self, stage: Stage, reply: Reply, recipient: str) -> Receipt:
        code, text = reply
        if stage is Stage.END and code == 250:  # nearly all of them
            self._refused.clear()
            return Sent(f"250 {readable(text)}".rstrip())
        if not is_policy(stage, code, text):
            receipt = by_reply(stage, code, text)
            if isinstance(receipt, Sent):
                self._refused.clear()
            return receipt
        if len(self._refused) < _POLICY_IN_A_ROW:
            self._refused.add(recipient)
        logger.warning("policy-refusal", stage=str(stage), reply=f"{code} {readable(text)}")
        return by_reply(stage, code, text, everybody=len(self._refused) >= _POLICY_IN_A_ROW)

    async def _connected(self) -> Session:
        """A new session, ready for MAIL."""
        settings = self._settings
        if settings.username and settings.tls == "none" and not _is_loopback(settings.host):
            raise _Verdict(HostAway("a login in clear is refused: set tls to starttls or tls", ours=True))
        client = await self._opened()
        try:
            await self._introduced(client)
            self._seen = _seen(client)
            return self._taken_over(client)
        except BaseException:  # cancelled as well: the session is in an unknown state
            line = client.transport
            client.close()
            if line is not None:
                cast(
                    asyncio.Transport, line
                ).abort()  # closing alone would leave TLS waiting for the other side's goodbye
            raise

    async def _introduced(self, client: SMTP) -> None:
        """Greeted, encrypted and logged in."""
        settings = self._settings
        await self._step(Stage.HELLO, _hello(client))
        if settings.tls == "starttls":
            await self._step(Stage.TLS, client.starttls())
            await self._step(Stage.HELLO, _hello(client))
        if settings.username:
            await self._step(Stage.LOGIN, client.login(settings.username, settings.password or ""))

    def _taken_over(self, client: SMTP) -> Session:
        """The client's line with our own end on it: aiosmtplib drops replies that it did not ask for."""
        line = cast(asyncio.Transport | None, client.transport)
        if line is None or line.is_closing():
            raise _Verdict(HostAway(f"{Stage.HELLO}: the server hung up"))
        replies = Replies(line)
        line.set_protocol(replies)
        settings = self._settings
        return Session(
            replies,
            self._judge,
            pipelining=client.supports_extension("pipelining"),
            timeout_s=settings.timeout_s,
            data_timeout_s=settings.data_timeout_s,
            most=settings.max_per_connection,
        )

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
            raise _Verdict(_away(by_reply(stage, error.code, error.message))) from error
        except (SMTPException, OSError) as error:
            raise _Verdict(self._opening_loss(stage, error)) from error
        except ValueError as error:  # a user or host name that cannot be put on the line
            raise _Verdict(HostAway(f"{stage}: the mail settings are wrong: {error}", ours=True)) from error

    def _opening_loss(self, stage: Stage, error: Exception) -> HostAway:
        """Connecting, STARTTLS or login failed without a reply code."""
        distrust = failures.distrust(error)
        if stage is Stage.CONNECT:
            why = failures.unreachable(self._settings.host, self._settings.port, error)
            return HostAway(readable(why), ours=distrust is not None)
        if distrust:
            return _away(by_loss(Stage.TLS, distrust, ours=True))
        # Left are a server that hung up, and one that does not offer what our
        # settings ask for (STARTTLS, AUTH), which only we can put right.
        missing = not isinstance(error, OSError) and stage in (Stage.TLS, Stage.LOGIN)
        return _away(by_loss(stage, failures.plain(error), ours=missing))


def _seen(client: SMTP) -> Seen:
    line = client.transport
    secure = line.get_extra_info("ssl_object") if line is not None else None
    return Seen(
        tls=str(secure.version()) if secure is not None else "",
        logins=tuple(client.server_auth_methods),
        pipelining=client.supports_extension("pipelining"),
    )


async def _hello(client: SMTP) -> None:
    try:
        await client.ehlo()
    except SMTPHeloError as error:
        # RFC 5321 3.2: a server that does not know EHLO is greeted the old way.
        if error.code not in (500, 502) or not client.is_connected:
            raise
        await client.helo()


def _away(receipt: Receipt) -> HostAway:
    """What goes wrong before any letter is nobody's letter's fault."""
    return receipt if isinstance(receipt, HostAway) else HostAway(str(receipt))


def _is_loopback(host: str) -> bool:
    try:
        return host.lower() == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
