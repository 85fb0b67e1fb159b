"""What people ask for by themselves: wishes with names, links that work once, and what mails tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from feeds.model.bulletins import Item
from feeds.model.wishes import Cadence, Filter


class LinkPurpose(StrEnum):
    """What whoever holds a secret link may do with it, and nothing else.

    `SESSION` is what a used preferences link becomes, `UNDO` takes back a leaving. `FEED` is the address of
    somebody's private feed: it works until it is taken back. `DESK` and `OPERATOR` let people of the house
    in, each with a session of its own.
    """

    CONFIRM = "confirm"
    MOVE = "move"
    PREFERENCES = "preferences"
    SESSION = "session"
    UNDO = "undo"
    FEED = "feed"
    DESK = "desk"
    DESK_SESSION = "desk-session"
    OPERATOR = "operator"
    OPERATOR_SESSION = "operator-session"


class Place(StrEnum):
    """Where people of the house sign in; its path has the same name."""

    DESK = "desk"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Somebody of the house, as the configuration names them. `office` is a folder of the inbox: they see
    its bulletins only; empty for whoever sees all.
    """

    address: str
    lang: str
    zone: str
    office: str = ""


class Suppression(StrEnum):
    """Why an address gets no mail unless its owner confirms anew (the first two) or at all (the others)."""

    BOUNCED = "bounced"
    ERASED = "erased"
    COMPLAINED = "complained"
    BLOCKED = "blocked"


class RequestKind(StrEnum):
    """What waits for a confirmation: filters for an address, or a new address for somebody known."""

    SIGNUP = "signup"
    MOVE = "move"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """A filter that somebody wants, how often, and what they call it (may be empty)."""

    filter: Filter
    cadence: Cadence
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Language of mails, and when daily and weekly ones come: zone, local hour, day (1 = Monday)."""

    lang: str
    zone: str
    hour: int
    weekday: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirming(Habits):
    """What a confirmation mail tells. `known`: the address gets mail already, this would add to it."""

    wishes: tuple[Wished, ...]
    address: str
    asked_at: datetime
    until_at: datetime
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcoming(Habits):
    """What a welcome mail tells: `first_at` is when the first mail can come, None for as it is published."""

    wishes: tuple[Wished, ...]
    confirmed_at: datetime
    first_at: datetime | None
    newest: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Linking:
    """What the mail with the link to one's preferences tells."""

    lang: str
    zone: str
    asked_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningIn(Linking):
    """What the mail tells that lets somebody of the house in."""

    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """What the mail to a new address tells: whoever presses its button gets all mail there."""

    lang: str
    zone: str
    address: str
    asked_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What the old address is told last. `address` is the new one, masked."""

    lang: str
    zone: str
    address: str
    moved_at: datetime
