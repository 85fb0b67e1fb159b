"""A real name server (UDP) on a free loopback port that answers from records of the test.

    with NameServer({"example.org": [("MX", "10 mx.example.org.")]}) as server:
        Resolver(server.where)

A name that is not there gets NXDOMAIN; `silent` names get no answer at all.
"""

from __future__ import annotations

import socketserver
import threading
from types import TracebackType

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Records = dict[str, list[tuple[str, str]]]


class NameServer:
    """The server as a context manager; see the module's text. `where` is its address and port."""

    def __init__(self, records: Records, silent: frozenset[str] = frozenset()) -> None:
        self.records = records
        self.silent = silent
        self.asked: list[str] = []

    def __enter__(self) -> NameServer:
        answering = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                data, line = self.request
                if (answer := answering.answer(data)) is not None:
                    line.sendto(answer, self.client_address)

        self._server = socketserver.UDPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def where(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def answer(self, data: bytes) -> bytes | None:
        """The answer to one question in wire form; None for silence."""
        question = dns.message.from_wire(data)
        (asked,) = question.question
        name = asked.name.to_text().rstrip(".").lower()
        self.asked.append(name)
        if name in self.silent:
            return None
        reply = dns.message.make_response(question)
        reply.flags |= dns.flags.AA | dns.flags.RA
        if name not in self.records:
            reply.set_rcode(dns.rcode.NXDOMAIN)
            return reply.to_wire()
        kind = dns.rdatatype.to_text(asked.rdtype)
        texts = [text for each, text in self.records[name] if each == kind]
        if texts:
            reply.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *texts))
        return reply.to_wire()
