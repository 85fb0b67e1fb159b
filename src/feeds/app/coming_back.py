"""Wiring of what comes back: the envelope sender of letters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from feeds.delivering.results import Claimed
from feeds.mail.envelope import BounceAddress

if TYPE_CHECKING:
    from feeds.app.parts import Parts


def return_path(parts: Parts) -> Callable[[Claimed], str] | None:
    """The envelope sender of a letter, named by a tag of its own; None where no bounces are read."""
    if not parts.settings.bounces.address:
        return None
    address, tokens = BounceAddress(parts.settings.bounces.address), parts.tokens
    return lambda claimed: address.tagged(tokens.bounce(claimed.number))
