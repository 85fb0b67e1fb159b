"""What goes out: periods, digests, deliveries, letters and their receipts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from feeds.model.bulletins import Item
from feeds.model.labels import Kind
from feeds.model.wishes import Audience, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What a digest covers: its unique key and the instant it fell due.

    Keys: ``2026-11-21`` (daily), ``2026-W47`` (weekly), the instant of the
    newest announced item (immediate).
    """

    key: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestEntry:
    """One item of a digest with the reason it is there."""

    item: Item
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestGroup:
    """Items under one heading; `kind` None is the group without a country."""

    kind: Kind | None
    code: str
    entries: tuple[DigestEntry, ...]


class ChangeKind(StrEnum):
    """What was done to an item after it was announced.

    `RESTORED`: a withdrawal was a mistake; those who were told of it are told. `RELABELLED` by hand: from
    then on nothing else changes its labels. `LABELLED_ANEW`: tables or overrides had changed.
    """

    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"
    RELABELLED = "relabelled"
    LABELLED_ANEW = "labelled-anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an item said before it was corrected."""

    title: str
    summary: str
    date_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """News of an item that the reader was sent before: corrected or withdrawn.

    `item` is as it stands now; `reason` is the office's, may be empty; `fields`
    names what changed (``title``, ``summary``, ``date``); `n` counts the item's
    changes from 1. `was` is what it said before the first of the changes that are told together.
    `undoes` is the number of the withdrawal that a restoring takes back, else 0.
    """

    item: Item
    kind: ChangeKind
    n: int
    fields: tuple[str, ...] = ()
    reason: str = ""
    was: Said | None = None
    undoes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One audience x one period: items, each once, grouped in reading order."""

    audience: Audience
    period: Period
    since_at: datetime
    until_at: datetime
    groups: tuple[DigestGroup, ...]
    corrections: tuple[Correction, ...] = ()

    def entries(self) -> tuple[DigestEntry, ...]:
        """All entries in reading order."""
        return tuple(entry for group in self.groups for entry in group.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedMail:
    """A mail in words: what its reader sees."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedDigest(RenderedMail):
    """A digest in words, shared by all its members.

    Personal links stand as slots (`letters.links`) until a letter is made, and so does what stands over
    it: `heading`, or the name that a member gave the subscription.
    """

    heading: str = ""


class NoticeKind(StrEnum):
    """What a letter is that is no digest: the receipt of a bulletin, to the office that dropped it, an alarm
    to the operator, or something that a person asked for."""

    RECEIPT = "receipt"
    ALARM = "alarm"
    CONFIRM = "confirm"
    WELCOME = "welcome"
    PREFERENCES = "preferences"
    MOVE = "move"
    MOVED = "moved"
    SIGN_IN = "sign-in"
    PREVIEW = "preview"


class DeliveryState(StrEnum):
    """Where a delivery or a notice stands; `queued` with tries > 0 is a deferred one."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    SUPPRESSED = "suppressed"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A finished mail to one person.

    `message_id` includes the angle brackets and is the same at every try
    (P4). `headers` are the extra header lines in order (List-*, …).
    """

    message_id: str
    sender: str
    sender_name: str
    recipient: str
    subject: str
    text: str
    html: str
    date_at: datetime
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """The server took the letter; `reply` is what it said."""

    reply: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now: try this recipient again later (4xx). `host`: that was said of all recipients at that host."""

    reason: str
    host: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Never for this recipient (5xx, or the address cannot be written).

    `gone`: the server said that there is no such mailbox or domain, and no letter will ever get there.
    """

    reason: str
    gone: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The answer was lost after the letter was handed over (P4's exception)."""

    reason: str


@dataclass(frozen=True, slots=True)
class HostAway:
    """The server cannot be reached or refuses us: nobody's letter, no try counted.

    `ours` is True when the fault lies in our configuration (login, sender).
    """

    reason: str
    ours: bool = False


Receipt = Sent | Deferred | Refused | Uncertain | HostAway
