"""Letters handed to a transport one by one, as the tests of transports want them."""

from __future__ import annotations

from feeds.mail import Parcel, Transport
from feeds.mail.message import stuffed, to_bytes
from feeds.model import HostAway, Letter, Receipt


class OneHand:
    """A hand with these parcels in it; it remembers what became of each, and whether it was in doubt."""

    def __init__(self, *parcels: Parcel) -> None:
        self.waiting = list(parcels)
        self.receipts: dict[str, Receipt] = {}
        self.doubts: dict[str, bool] = {}
        self.handed_over: list[str] = []

    async def more(self) -> bool:
        return bool(self.waiting)

    def take(self) -> Parcel | None:
        return self.waiting.pop(0) if self.waiting else None

    def hand_over(self, parcel: Parcel) -> bool:
        self.handed_over.append(parcel.number)
        return True

    def done(self, parcel: Parcel, receipt: Receipt) -> None:
        assert parcel.number not in self.receipts, "answered for twice"
        self.receipts[parcel.number] = receipt

    def cut_off(self, parcel: Parcel, *, in_doubt: bool) -> None:
        assert parcel.number not in self.receipts
        self.doubts[parcel.number] = in_doubt


def parcel(letter: Letter, number: str = "", sender: str = "") -> Parcel:
    """The letter in wire form, with its sender on the envelope."""
    wire = stuffed(to_bytes(letter))
    return Parcel(
        number or letter.message_id, letter.message_id, sender or letter.sender, letter.recipient, wire
    )


class OneByOne:
    """A transport that is handed one letter at a time."""

    def __init__(self, transport: Transport, sender: str = "") -> None:
        self.transport = transport
        self.sender = sender
        self.in_doubt = False

    async def send(self, letter: Letter) -> Receipt:
        one = parcel(letter, sender=self.sender)
        hand = OneHand(one)
        try:
            away = await self.transport.carry(hand)
        finally:
            self.in_doubt = hand.doubts.get(one.number, False)
        if one.number in hand.receipts:
            return hand.receipts[one.number]
        assert isinstance(away, HostAway), "a letter without a receipt"
        return away

    async def close(self) -> None:
        await self.transport.close()
