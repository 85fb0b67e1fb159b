"""What comes back to the bounce address: bytes of a mail -> what it says about one of our letters.

`reading` judges one mail (pure, bounded), `maildir`, `imap` and `mbox` are the boxes that they lie in.
Must not know whether a tag is genuine, nor what follows for anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from feeds.errors import FeedsError

# So much of a mail is read. What a server says stands before the letter that it gives back.
MOST_BYTES = 256 * 1024


class Kind(StrEnum):
    """What a mail that came back is."""

    HARD = "hard"
    """There is no such mailbox or domain."""
    SOFT = "soft"
    """Given up for now: full, out of order, or nobody says why."""
    POLICY = "policy"
    """Refused for who we are or what we sent: ours to mend, nobody's mailbox is at fault."""
    DELAYED = "delayed"
    """Not given up yet, or delivered: nothing follows."""
    COMPLAINT = "complaint"
    """Its reader said that it is spam."""
    LEAVE = "leave"
    """Its reader wants no more of these."""
    AUTOMATIC = "automatic"
    """Out of office, and other answers of machines."""
    OTHER = "other"
    """Anything else: a person's words, or what cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedMail:
    """What one mail says. `key` is the same for the same mail, however often it is read.

    `tags` (of letters) and `tokens` (of unsubscribe links) are what stands in it, genuine or not, the most
    likely first. `status` is an enhanced code such as ``5.1.1``, or empty; `reason` are the server's words,
    on one line, addresses masked. `message_id` is its own, or empty.
    """

    key: str
    kind: Kind
    tags: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    status: str = ""
    reason: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A mail in a box: its bytes, `MOST_BYTES` at most, and what to call once it was dealt with."""

    raw: bytes
    done: Callable[[], None]


class Box(Protocol):
    """Where mails lie that came back."""

    def unread(self, limit: int) -> Iterator[Unread]:
        """Up to `limit` mails that were not dealt with, oldest first. Raises BoxError."""


class BoxError(FeedsError):
    """A box cannot be read; the text says which, why, and what to look at."""
