"""An SMTP session that carries letters: MAIL, RCPT, DATA, the letter, its receipt, and the next one.

Where the server offers it, commands are pipelined (RFC 2920): the end of one letter and the envelope of
the next go out in one write, so that a letter costs one round trip. Elsewhere each command waits for its
answer. A letter is in doubt from the moment its text is written until its own final reply has come;
never is more than one in doubt. Must not know of queues or retries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from feeds.mail import NOT_NOTED, Hand, Parcel
from feeds.mail.addresses import is_writable
from feeds.mail.replies import Lost, Replies, Reply
from feeds.mail.verdicts import Stage, by_loss
from feeds.model import HostAway, Receipt, Uncertain

_START_INPUT_S = 120.0  # RFC 5321 4.5.3.2.4
_END = b".\r\n"
_RESET = b"RSET\r\n"
_STAGES = (Stage.SENDER, Stage.RECIPIENT, Stage.DATA)
_ACCEPTED = (b"250", b"250", b"354")  # an envelope that was taken: nearly all of them

Judge = Callable[[Stage, Reply, str], Receipt]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a session ended. `away`: no letters can go on; None: they can, on a new line if this one is gone.

    `unsent`: a letter that was taken in hand, but whose text was never written.
    """

    away: HostAway | None = None
    unsent: Parcel | None = None


class _Over(Exception):  # noqa: N818 - an early return, not an error
    """The line is of no more use; `away` if the next one would fare no better."""

    def __init__(self, away: HostAway | None = None) -> None:
        self.away = away


class Session:
    """One connection that is ready for MAIL. It is for one task, and is not used again once it has ended."""

    def __init__(
        self,
        replies: Replies,
        judge: Judge,
        *,
        pipelining: bool,
        timeout_s: float,
        data_timeout_s: float,
        most: int,
    ) -> None:
        self.carried = 0
        self._replies = replies
        self._judge = judge
        self._pipelining = pipelining
        self._timeout_s = timeout_s
        self._data_timeout_s = data_timeout_s
        self._most = most
        self._begun = 0
        self._sender: str | None = None  # the last one that was found writable
        # The letter whose text was written and whose answer has not come, and the one whose turn is next.
        self._written: Parcel | None = None
        self._open: Parcel | None = None

    @property
    def usable(self) -> bool:
        """Whether another letter can begin on it."""
        return self._replies.silent and self._begun < self._most

    async def carry(self, hand: Hand, first: Parcel | None = None) -> Ended:
        """Carry `first`, then what `hand` gives, until it has nothing for now or the line is worn out."""
        try:
            if first or (first := hand.take()):
                await self._carry(hand, first)
            return Ended()
        except _Over as over:
            self.close()
            return Ended(over.away, self._open)
        except BaseException:  # cancelled, or a fault of ours: the session is in an unknown state
            self.close()
            for parcel in (self._written, self._open):
                if parcel:
                    hand.cut_off(parcel, in_doubt=parcel is self._written)
            raise

    def close(self) -> None:
        """Free the socket now."""
        self._replies.close()

    async def quit(self, limit_s: float) -> None:
        """Say goodbye, wait a moment for the answer, free the socket."""
        try:
            if self._replies.silent:
                self._write(b"QUIT\r\n")
                await self._replies.next(limit_s)
        except Lost:
            pass
        finally:
            self.close()

    async def _carry(self, hand: Hand, parcel: Parcel) -> None:
        self._begin(parcel)
        while self._written or self._open:
            if self._written:
                await self._settle(hand, self._written)
            if self._open is None:
                if (following := self._following(hand)) is None:
                    return
                self._begin(following)
            else:
                await self._answer(hand, self._open)

    def _following(self, hand: Hand) -> Parcel | None:
        return hand.take() if self.usable else None

    def _begin(self, parcel: Parcel, before: Parcel | None = None) -> None:
        """Write the envelope of a letter, behind the text of the one before it."""
        self._begun += 1
        self._open = parcel
        head = (before.wire, _END) if before else ()
        if parcel.sender != self._sender and not is_writable(parcel.sender):
            self._write(b"".join(head))
            raise _Over(HostAway("the envelope sender is not an address that can be written", ours=True))
        self._sender = parcel.sender
        self._write(b"".join((*head, *_envelope(parcel)) if self._pipelining else head))

    def _write(self, data: bytes) -> None:
        if data:
            self._replies.line.write(data)

    async def _answer(self, hand: Hand, parcel: Parcel) -> None:
        """The answers to an envelope; then its text is written, or it is done with."""
        if self._pipelining and self._replies.begin_with(_ACCEPTED):
            self._hand_over(hand, parcel)
            return
        refusal, accepted = await self._envelope_answers(parcel)
        if refusal is None:
            self._hand_over(hand, parcel)
            return
        if isinstance(refusal, HostAway):
            # Servers hang up on idle clients, or after so many letters: that says nothing of the next line.
            raise _Over(None if self.carried and not refusal.ours else refusal)
        self._open = None
        hand.done(parcel, refusal)
        await self._reset(hand, accepted)

    async def _envelope_answers(self, parcel: Parcel) -> tuple[Receipt | None, bool]:
        """The verdict on the first command that was refused, or None; and whether DATA was accepted."""
        refusal: Receipt | None = None
        commands = _envelope(parcel)
        for stage, command in zip(_STAGES, commands, strict=True):
            if not self._pipelining:
                if refusal:
                    return refusal, False
                self._write(command)
            reply = await self._reply(stage)
            if isinstance(reply, HostAway):
                return refusal or reply, False
            good = reply.code == 354 if stage is Stage.DATA else 200 <= reply.code <= 299
            if good and stage is Stage.DATA:
                return refusal, True
            if not good and refusal is None:
                refusal = self._judge(stage, reply, parcel.recipient)
                if isinstance(refusal, HostAway):
                    return refusal, False
        return refusal, False

    def _hand_over(self, hand: Hand, parcel: Parcel) -> None:
        """Write the text, and with it the envelope of the next letter."""
        if not hand.hand_over(parcel):
            raise _Over(HostAway(NOT_NOTED, ours=True))
        following = self._following(hand) if self._pipelining else None
        self._written, self._open = parcel, None
        if following:
            self._begin(following, before=parcel)
        else:
            self._write(parcel.wire + _END)

    async def _settle(self, hand: Hand, parcel: Parcel) -> None:
        """The final reply to a letter."""
        try:
            reply = await self._replies.next(self._data_timeout_s)
        except Lost as lost:
            self._written = None
            hand.done(parcel, by_loss(Stage.END, str(lost)))
            raise _Over from None
        self._written = None
        receipt = self._judge(Stage.END, reply, parcel.recipient)
        hand.done(parcel, receipt)
        if isinstance(receipt, HostAway):
            raise _Over(receipt)
        if isinstance(receipt, Uncertain) or reply.code == 421:
            raise _Over
        self.carried += 1

    async def _reset(self, hand: Hand, accepted: bool) -> None:
        """Make the line ready for another letter after one that was refused."""
        if accepted:
            # The server wants a text although it took no recipient: a lone dot ends it (RFC 2920 3.1).
            self._write(_END)
            await self._goes_on()
        if not self.usable:
            raise _Over
        self._write(_RESET)
        if not 200 <= await self._goes_on() <= 299:
            raise _Over
        if following := self._following(hand):
            self._begin(following)

    async def _goes_on(self) -> int:
        """The code of a reply on which no letter depends."""
        try:
            return (await self._replies.next(self._timeout_s)).code
        except Lost:
            raise _Over from None

    async def _reply(self, stage: Stage) -> Reply | HostAway:
        """The answer to a command of an envelope: before any text was written nothing is in doubt."""
        limit = min(self._timeout_s, _START_INPUT_S) if stage is Stage.DATA else self._timeout_s
        try:
            return await self._replies.next(limit)
        except Lost as lost:
            return HostAway(f"{stage}: {lost}")


def _envelope(parcel: Parcel) -> tuple[bytes, bytes, bytes]:
    return (
        b"MAIL FROM:<" + parcel.sender.encode("ascii") + b">\r\n",
        b"RCPT TO:<" + parcel.recipient.encode("ascii") + b">\r\n",
        b"DATA\r\n",
    )
