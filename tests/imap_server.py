"""A small IMAP server (RFC 3501) on a free loopback port: one box, real TLS, what a client of ours may say.

    with ImapServer(folder, mails=[b"..."]) as server:
        ...
        assert server.seen == {1}

It answers CAPABILITY, STARTTLS, LOGIN, SELECT, UID SEARCH, UID FETCH, UID STORE and LOGOUT, anything else
with BAD; BODY.PEEK does not mark a mail as seen. `hang`: it never answers this command.
"""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from pathlib import Path
from types import TracebackType

import trustme

USER, PASSWORD = "bounces@example.org", 'se"cret \\ word'
_FETCH = re.compile(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)")
_STORE = re.compile(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\Seen\)")


class ImapServer:
    """The server as a context manager; see the module's text. `ca_file` is the authority to trust."""

    def __init__(self, folder: Path, mails: list[bytes], *, tls: str = "tls", hang: str = "") -> None:
        self.mails = dict(enumerate(mails, 1))
        self.seen: set[int] = set()
        self.commands: list[str] = []
        self.tls, self.hang = tls, hang
        authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        self.ca_file = str(folder / "imap-ca.pem")
        authority.cert_pem.write_to_path(self.ca_file)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(self.context)
        self.closing = threading.Event()

    def __enter__(self) -> ImapServer:
        scripted = self

        class Handler(_Session):
            server_ = scripted

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Session(socketserver.BaseRequestHandler):
    server_: ImapServer

    def handle(self) -> None:
        try:
            self._secure(self.server_.tls == "tls")
            self._say("* OK ready")
            self._converse()
        except (OSError, ssl.SSLError):
            pass
        finally:
            self._file.close()
            self.request.close()

    def _secure(self, now: bool) -> None:
        if now:
            self.request = self.server_.context.wrap_socket(self.request, server_side=True)
        self._file = self.request.makefile("rb")

    def _say(self, line: str, literal: bytes | None = None) -> None:
        data = line.encode() if literal is None else line.encode() + b"\r\n" + literal + b")"
        self.request.sendall(data + b"\r\n")

    def _converse(self) -> None:
        self._open, self._in = False, False
        while line := self._file.readline(65536):
            tag, _, command = line.decode().rstrip("\r\n").partition(" ")
            self.server_.commands.append(command.partition(" ")[0])
            if self.server_.hang and command.upper().startswith(self.server_.hang):
                self.server_.closing.wait()
                return
            if not self._answer(tag, command):
                return

    def _answer(self, tag: str, command: str) -> bool:
        verb = command.partition(" ")[0].upper()
        if verb == "CAPABILITY":
            more = " STARTTLS" if self.server_.tls == "starttls" else ""
            self._say(f"* CAPABILITY IMAP4rev1{more}")
        elif verb == "STARTTLS":
            self._say(f"{tag} OK begin")
            self._secure(now=True)
            return True
        elif verb == "LOGIN":
            quoted = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
            if command.partition(" ")[2] not in (f'{USER} "{quoted}"', f'"{USER}" "{quoted}"'):
                self._say(f"{tag} NO [AUTHENTICATIONFAILED] {USER} may not come in")
                return True
            self._in = True
        elif verb == "LOGOUT":
            self._say("* BYE")
            self._say(f"{tag} OK")
            return False
        elif not self._in:
            self._say(f"{tag} BAD log in first")
            return True
        elif command == 'SELECT "INBOX"':
            self._open = True
            self._say(f"* {len(self.server_.mails)} EXISTS")
        elif verb == "SELECT":
            self._say(f"{tag} NO no such folder")
            return True
        elif not (self._open and self._of_box(command)):
            self._say(f"{tag} BAD what is that")
            return True
        self._say(f"{tag} OK done")
        return True

    def _of_box(self, command: str) -> bool:
        server = self.server_
        if command == "UID SEARCH UNSEEN UNDELETED":
            self._say(" ".join(["* SEARCH", *(str(n) for n in sorted(set(server.mails) - server.seen))]))
        elif found := _FETCH.fullmatch(command):
            number = int(found[1])
            part = server.mails[number][: int(found[2])]
            self._say(f"* {number} FETCH (UID {number} BODY[]<0> {{{len(part)}}}", part)
        elif found := _STORE.fullmatch(command):
            server.seen.add(int(found[1]))
        else:
            return False
        return True
