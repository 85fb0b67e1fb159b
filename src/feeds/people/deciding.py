"""What follows from what somebody asks for, given what is known of their address: decisions (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from feeds.model import SubscriberState, Suppression, Wished
from feeds.people.rules import Limits

# So many filters can wait for one confirmation.
MAX_WISHES = 20
# And so many can somebody have.
MAX_HELD = 100

_NEVER = {Suppression.COMPLAINED, Suppression.BLOCKED}
_OUT = {SubscriberState.COMPLAINED, SubscriberState.BLOCKED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of an address that is asked for: its owner's state, suppressions, and mails before."""

    state: SubscriberState | None
    suppressed: frozenset[Suppression]
    mails_lately: int
    mails_in_all: int


def held_back(known: Known, limits: Limits) -> str:
    """Why this address gets no confirmation mail now; "" when it gets one (T9)."""
    if known.state in _OUT or known.suppressed & _NEVER:
        return "this address wants no mail at all"
    if known.mails_lately:
        return "it was sent one a short time ago"
    if known.mails_in_all >= limits.address_total:
        return "it was sent several and confirmed none"
    return ""


def comes_back(known: Known) -> bool:
    """Whether a confirmation is taken: not from who complained, or was blocked, since it was asked for."""
    return known.state not in _OUT and not known.suppressed & _NEVER


def joined(before: tuple[Wished, ...], more: tuple[Wished, ...]) -> tuple[Wished, ...]:
    """What waits for one confirmation when the same address asks again: both, what was asked last wins."""
    by_filter = {each.filter: each for each in (*before, *more)}
    return tuple(by_filter.values())[-MAX_WISHES:]
