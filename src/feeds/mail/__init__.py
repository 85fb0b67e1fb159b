"""Mail: finished letters go in, a receipt for each comes out.

Owns the wire form of a letter, addresses, the outbox folder and SMTP. It must
not know of digests, subscribers or the database: a transport takes parcels
from a hand that is held out to it and says what became of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from feeds.model import HostAway, Receipt

NOT_NOTED = "that a letter is handed over could not be noted"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A letter ready for the wire. `sender` and `recipient` are those of the envelope.

    `wire` is the whole letter with CRLF line ends and dots doubled (RFC 5321 4.5.2), without the end mark.
    """

    number: str
    message_id: str
    sender: str
    recipient: str
    wire: bytes


class Hand(Protocol):
    """Where a transport takes parcels from. Each that is taken is answered for once: `done` or `cut_off`."""

    async def more(self) -> bool:
        """Wait until there is something to `take`; False when there is nothing more for now."""

    def take(self) -> Parcel | None:
        """The next parcel, to be put on the wire at once; None when none is ready at this moment."""

    def hand_over(self, parcel: Parcel) -> bool:
        """Its text is sent right after this; False: it must not be, but it is to be answered for as ever."""

    def done(self, parcel: Parcel, receipt: Receipt) -> None:
        """What became of a parcel."""

    def cut_off(self, parcel: Parcel, *, in_doubt: bool) -> None:
        """The transport was cancelled over this parcel; `in_doubt`: it may have arrived (P4)."""


class Transport(Protocol):
    """Where letters go. Every outcome is a receipt; only cancellation escapes."""

    async def carry(self, hand: Hand) -> HostAway | None:
        """Hand letters over until `hand` has none for now; why that ended early, if it did.

        Connected first, taken then: while a server lets us wait, people may still leave (P6).
        """

    async def close(self) -> None:
        """Let go of the connection, politely and briefly. Never raises."""
