"""Mail: a finished letter goes in, a receipt comes out.

Owns the wire form of a letter, addresses, the outbox folder and SMTP. It must
not know of digests, subscribers or the database: a transport is handed one
letter at a time and says what became of it.
"""

from __future__ import annotations

from typing import Protocol

from feeds.model import Letter, Receipt


class Transport(Protocol):
    """Where letters go. Every outcome is a receipt; only cancellation escapes.

    A letter that was cancelled in hand may or may not have arrived: the
    caller's own record has to say so (P4).
    """

    async def send(self, letter: Letter) -> Receipt:
        """Hand over one letter and say what became of it."""

    async def close(self) -> None:
        """Let go of the connection, politely and briefly. Never raises."""
