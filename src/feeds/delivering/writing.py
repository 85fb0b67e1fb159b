"""Claimed rows -> parcels: the shared words of a digest with one member's links, or a notice as it stands."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime

from feeds.delivering.results import Claimed
from feeds.letters import NOTICE_HEADERS, Letters
from feeds.letters.links import CHANGE, PAUSE, PERSONAL, UNSUBSCRIBE
from feeds.mail import Parcel
from feeds.mail.message import stuffed, to_bytes
from feeds.mail.shared import SharedMail
from feeds.model import Letter
from feeds.store.deliveries import ClaimedDelivery
from feeds.store.notices import ClaimedNotice
from feeds.tokens import Tokens

# Stands for the token in headers, which cannot hold the slot of the bodies.
_HEADER_SLOT = "token-of-this-member"
_KEPT = 64
_NO_PAGE = "none"  # a digest that was stored before there were pages
_EPOCH = datetime.fromtimestamp(0, UTC)


# A letter in wire form and its date -> the same with its signatures before it.
Signing = Callable[[bytes, datetime], bytes]


class Writer:
    """Writes letters of one sender. It keeps the digests written last: a batch has many members of few."""

    def __init__(
        self,
        letters: Letters,
        tokens: Tokens,
        sender: str,
        sender_name: str,
        return_path: Callable[[Claimed], str] | None = None,
        signed: Signing | None = None,
    ) -> None:
        """`return_path`: the envelope sender of a letter, where what cannot be delivered comes back to."""
        self._signed = signed
        self._return_path = return_path or (lambda _: sender)
        self._letters = letters
        self._tokens = tokens
        self._sender = sender
        self._sender_name = sender_name
        self._shared: OrderedDict[tuple[int, str], SharedMail] = OrderedDict()

    def parcel(self, claimed: Claimed, date_at: datetime) -> Parcel:
        """The letter, ready for the wire. Raises MailError when it cannot be written."""
        wire = (
            self._digest(claimed, date_at)
            if isinstance(claimed, ClaimedDelivery)
            else self._notice(claimed, date_at)
        )
        if self._signed:
            wire = self._signed(wire, date_at)
        return Parcel(claimed.number, claimed.message_id, self._return_path(claimed), claimed.address, wire)

    def _digest(self, claimed: ClaimedDelivery, date_at: datetime) -> bytes:
        key = (claimed.digest_id, claimed.name)
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = self._prepared(claimed)
            if len(self._shared) > _KEPT:
                self._shared.popitem(last=False)
        ids = (claimed.subscriber_id, claimed.audience_id)
        token = self._tokens.unsubscribe(*ids)
        words = {
            UNSUBSCRIBE: token, _HEADER_SLOT: token, CHANGE: self._tokens.change(*ids),
            PAUSE: self._tokens.pause(*ids),
        }  # fmt: skip
        return shared.to(claimed.address, claimed.message_id, date_at, words)

    def _prepared(self, claimed: ClaimedDelivery) -> SharedMail:
        mail = self._letters.shared(claimed.rendered, page=claimed.page or _NO_PAGE, name=claimed.name)
        model = Letter(
            message_id="", sender=self._sender, sender_name=self._sender_name, recipient="",
            subject=mail.subject, text=mail.text, html=mail.html, date_at=_EPOCH,
            headers=self._letters.list_headers(_HEADER_SLOT),
        )  # fmt: skip
        return SharedMail(model, [*PERSONAL, _HEADER_SLOT])

    def _notice(self, claimed: ClaimedNotice, date_at: datetime) -> bytes:
        headers: tuple[tuple[str, str], ...] = NOTICE_HEADERS
        if claimed.subscriber_id is not None and claimed.audience_id is not None:
            token = self._tokens.unsubscribe(claimed.subscriber_id, claimed.audience_id)
            headers = self._letters.list_headers(token)
        letter = Letter(
            message_id=claimed.message_id, sender=self._sender, sender_name=self._sender_name,
            recipient=claimed.address, subject=claimed.subject, text=claimed.text, html=claimed.html,
            date_at=date_at, headers=headers,
        )  # fmt: skip
        return stuffed(to_bytes(letter))
