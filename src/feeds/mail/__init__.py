"""Mail: a finished letter goes in, a receipt comes out.

Owns the wire form of a letter, addresses, the outbox folder and SMTP. It must
not know of digests, subscribers or the database: a transport is handed one
letter at a time and says what became of it.
"""

from __future__ import annotations

from typing import Protocol

from feeds.model import HostAway, Letter, Receipt


class Transport(Protocol):
    """Where letters go. Every outcome is a receipt; only cancellation escapes.

    A letter that was cancelled in hand may have arrived: `in_doubt` says so, and
    the caller's own record has to (P4).
    """

    @property
    def in_doubt(self) -> bool:
        """After a `send` that was cancelled: whether its letter may have been handed over."""

    async def ready(self) -> HostAway | None:
        """Connect if there is no connection, so that a letter that is taken in hand can start at once (P6).

        None when a letter can be handed over now, else why not.
        """

    async def send(self, letter: Letter) -> Receipt:
        """Hand over one letter and say what became of it."""

    async def close(self) -> None:
        """Let go of the connection, politely and briefly. Never raises."""
