"""A real SMTP server (aiosmtpd) on a free loopback port that fails on demand.

    with ScriptedServer() as server:
        server.fail("rcpt", "450 4.2.0 greylisted", times=2)
        ...
        assert server.messages[0].recipients == ("ana@example.org",)

Stages: connect (the greeting), ehlo, starttls, auth, mail, rcpt, data (the
answer to DATA), body (while the letter comes in), end (before the letter is
taken), accepted (after it was taken), quit. Actions: a reply line, or ``drop``,
``hang``, ``malformed``, ``endless``. After a reply of 421 the server hangs up.
The server runs in a thread of its own, so it serves tests of any kind.
"""

# ruff: noqa: N802 - aiosmtpd finds its methods by the SMTP verb, in capitals

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

STAGES = (
    "connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body", "end", "accepted", "quit",
)  # fmt: skip
USER, PASSWORD = "feeds", "open sesame"


@dataclass(frozen=True)
class Received:
    """One letter that the server took: its envelope and its bytes as they came."""

    sender: str
    recipients: tuple[str, ...]
    source: bytes


class ScriptedServer:
    """The server as a context manager; see the module's text.

    `tls`: ``none``, ``starttls`` (offered) or ``tls`` (from the first byte);
    both need `folder`, where the certificate files are put (`ca_file` is the
    one to trust). `login` asks for AUTH (USER, PASSWORD).
    `letters_per_connection`: then MAIL is answered with 421. `pipelining`: it is
    offered (RFC 2920); without, a command that comes before its turn is an error.
    """

    def __init__(
        self,
        *,
        tls: str = "none",
        folder: Path | None = None,
        login: bool = False,
        letters_per_connection: int | None = None,
        port: int = 0,
        pipelining: bool = True,
    ) -> None:
        self.port = port
        self.pipelining = pipelining
        self.tls = tls
        self.login = login
        self.letters_per_connection = letters_per_connection
        self.messages: list[Received] = []
        self.commands: list[str] = []
        self.connections = 0
        self.reached: Counter[str] = Counter()
        self._script: dict[str, deque[str]] = {stage: deque() for stage in STAGES}
        self._context: ssl.SSLContext | None = None
        self.ca_file: str | None = None
        if folder:
            self._context, self.ca_file = _certificates(folder)
        self._loop = asyncio.new_event_loop()
        # Clients that hang up in a handshake are what the tests are about.
        self._loop.set_exception_handler(lambda loop, context: None)
        logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)
        self._thread = threading.Thread(target=self._serve, name="scripted-smtp", daemon=True)
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._sessions: set[_Scripted] = set()

    def fail(self, stage: str, action: str, times: int = 1) -> None:
        """Do `action` the next `times` times that `stage` is reached."""
        self._script[stage].extend([action] * times)

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        assert self._ready.wait(10), "the SMTP server did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive(), "the SMTP server did not stop"

    def next_action(self, stage: str) -> str | None:
        """Take the next scripted action of a stage, if there is one."""
        self.reached[stage] += 1
        script = self._script[stage]
        return script.popleft() if script else None

    def _serve(self) -> None:
        try:
            self._loop.run_until_complete(self._run())
        finally:
            self._loop.close()

    async def _run(self) -> None:
        context = self._context if self.tls == "tls" else None
        server = await self._loop.create_server(self._session, "127.0.0.1", self.port, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for session in list(self._sessions):
            session.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # let the transports say goodbye

    def _session(self) -> _Scripted:
        self.connections += 1
        session = _Scripted(self, self._context if self.tls == "starttls" else None)
        self._sessions.add(session)
        return session


class _Handler:
    def __init__(self, scripted: ScriptedServer) -> None:
        self.scripted = scripted

    async def handle_EHLO(
        self, server: _Scripted, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        if self.scripted.pipelining:
            responses.insert(1, "250-PIPELINING")
        return responses

    async def handle_DATA(self, server: _Scripted, session: Session, envelope: Envelope) -> str:
        if await server.acted("end"):
            return ""
        assert isinstance(envelope.content, bytes)
        sender, recipients = str(envelope.mail_from or ""), tuple(map(str, envelope.rcpt_tos))
        self.scripted.messages.append(Received(sender, recipients, envelope.content))
        server.carried += 1
        return "" if await server.acted("accepted") else "250 2.0.0 taken"


class _Scripted(SMTP):
    """One session. A stage that was scripted is answered here, else by aiosmtpd."""

    def __init__(self, scripted: ScriptedServer, context: ssl.SSLContext | None) -> None:
        super().__init__(
            _Handler(scripted),
            hostname="localhost",
            ident="test",
            tls_context=context,
            auth_required=False,
            auth_require_tls=False,
            authenticator=_authenticate if scripted.login else None,
            auth_exclude_mechanism=None if scripted.login else ("LOGIN", "PLAIN"),
            loop=asyncio.get_running_loop(),
        )
        self.scripted = scripted
        self.carried = 0
        self.greeted = False

    def abort(self) -> None:
        """Cut the connection without a word."""
        transport: Any = self._original_transport or self.transport
        if transport is not None:
            transport.abort()

    async def acted(self, stage: str) -> bool:
        """Do what the script says for a stage; False when it says nothing."""
        action = self.scripted.next_action(stage)
        match action:
            case None:
                return False
            case "drop":
                self.abort()
            case "hang":
                await asyncio.Event().wait()
            case "malformed":
                await super().push("what was that?")
            case "endless":
                for _ in range(5000):
                    self._writer.write(b"250-and so on and on\r\n")
            case reply:
                await super().push(reply)
                if reply.startswith("421"):
                    self._writer.close()
        return True

    async def push(self, status: str | bytes) -> None:
        if status in ("", b""):  # the script has spoken
            return
        if not self.greeted:
            self.greeted = True
            if await self.acted("connect"):
                return
        if self.transport is not None and not self.transport.is_closing():
            await super().push(status.encode() if isinstance(status, str) else status)

    async def _command(self, stage: str, arg: str | None, usual: Any) -> None:
        self.scripted.commands.append(f"{stage.upper()} {arg or ''}".strip())
        if not await self.acted(stage):
            await usual(arg)

    async def smtp_EHLO(self, hostname: str) -> None:
        await self._command("ehlo", hostname, super().smtp_EHLO)

    async def smtp_STARTTLS(self, arg: str) -> None:
        await self._command("starttls", arg, super().smtp_STARTTLS)

    async def smtp_AUTH(self, arg: str) -> None:
        await self._command("auth", arg, super().smtp_AUTH)

    async def smtp_MAIL(self, arg: str | None) -> None:
        most = self.scripted.letters_per_connection
        if most is not None and self.carried >= most:
            self.scripted.fail("mail", "421 4.7.0 enough for one connection")
        await self._command("mail", arg, super().smtp_MAIL)

    async def smtp_RCPT(self, arg: str | None) -> None:
        await self._command("rcpt", arg, super().smtp_RCPT)

    async def smtp_DATA(self, arg: str) -> None:
        action = self.scripted.next_action("body")
        if action is not None:
            assert action == "drop", "a letter on its way in can only be cut off"
            await super().push("354 go on")
            await self._reader.readline()
            self.abort()
            return
        await self._command("data", arg, super().smtp_DATA)

    async def smtp_QUIT(self, arg: str) -> None:
        await self._command("quit", arg, super().smtp_QUIT)


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=False)


def _certificates(folder: Path) -> tuple[ssl.SSLContext, str]:
    """A server's certificate for localhost from an authority that lives as long as the test."""
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    ca = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context, str(ca)
