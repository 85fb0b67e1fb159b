"""The replies of an SMTP server as they come in over one connection (RFC 5321 4.2).

Owns how bytes become replies, and how long one is waited for. Knows nothing of letters.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple, cast

# A server that says more than this in one reply is talking nonsense.
_MOST_BYTES = 64 * 1024
_MOST_LINES = 200


class Reply(NamedTuple):
    """A code and the text of all its lines."""

    code: int
    text: str


def _read(line: bytes) -> Reply:
    return Reply(int(line[:3]), line[4:].decode("utf-8", "replace").strip())


class Lost(Exception):  # noqa: N818 - it is told as a receipt, not as an error
    """No reply came, or none that can be read; says why in plain words."""


class Replies(asyncio.Protocol):
    """Collects what the server says; `next` gives its replies in order, each once."""

    def __init__(self, line: asyncio.Transport) -> None:
        self.line = line
        self._loop = asyncio.get_running_loop()
        self._buffer = b""
        self._lines: list[bytes] = []
        # Replies of one line as they came: most of them nobody reads but for their code.
        self._replies: deque[bytes | Reply] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._broken: str = ""
        self._until = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def silent(self) -> bool:
        """Whether the line stands and the server has said nothing that nobody asked for."""
        return not (self._broken or self._replies or self._buffer or self.line.is_closing())

    async def next(self, limit_s: float) -> Reply:
        """The next reply, waited for no longer than this. Raises Lost."""
        if not self._replies:
            await self._wait(limit_s)
        if not self._replies:
            raise Lost(self._broken or "no answer in time")
        reply = self._replies.popleft()
        return reply if isinstance(reply, Reply) else _read(reply)

    def begin_with(self, codes: Sequence[bytes]) -> bool:
        """Whether the next replies are here and have just these codes; then they are taken."""
        replies = self._replies
        if len(replies) < len(codes):
            return False
        for reply, code in zip(replies, codes, strict=False):
            if not isinstance(reply, bytes) or not reply.startswith(code):
                return False
        for _ in codes:
            replies.popleft()
        return True

    def close(self) -> None:
        """Free the socket at once."""
        self._broken = self._broken or "the connection was closed"
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None
        self.line.abort()

    async def _wait(self, limit_s: float) -> None:
        if self._broken:
            return
        self._waiter = self._loop.create_future()
        self._until = self._loop.time() + limit_s
        # An alarm that is set rings once and looks again: setting one for each reply would cost more.
        if self._alarm is None or self._alarm.when() > self._until:
            if self._alarm:
                self._alarm.cancel()
            self._alarm = self._loop.call_at(self._until, self._ring)
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _ring(self) -> None:
        self._alarm = None
        if self._waiter is None:
            return
        if self._loop.time() < self._until:
            self._alarm = self._loop.call_at(self._until, self._ring)
        else:
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _break(self, why: str) -> None:
        self._broken = self._broken or why
        self._wake()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.line = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._broken:
            return
        lines = (self._buffer + data).split(b"\n")
        self._buffer = lines.pop()
        for line in lines:
            self._take(line)
        if len(self._buffer) > _MOST_BYTES or len(self._lines) > _MOST_LINES:
            self._break("an endless reply")
        elif self._replies:
            self._wake()

    def eof_received(self) -> bool:
        self._break("the server hung up")
        return False

    def connection_lost(self, _: Exception | None) -> None:
        self._break("the server hung up")

    def _take(self, line: bytes) -> None:
        if self._broken:
            return  # whose reply that would be, nobody can tell any more
        if not line[:3].isdigit() or line[3:4] not in (b" ", b"-", b"\r", b""):
            self._break("a reply that cannot be read")
            return
        if line[3:4] == b" " and not self._lines:  # nearly all of them
            self._replies.append(line)
            return
        self._lines.append(line)
        if line[3:4] != b"-":
            text = " ".join([each[4:].decode("utf-8", "replace").strip() for each in self._lines])
            self._lines.clear()
            self._replies.append(Reply(int(line[:3]), text))
