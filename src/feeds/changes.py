"""Is a draft a new item, a changed one, or one we know? (floor 1, pure)

Owns identity by content (P1): date and title, folded so that typography moves
nothing. Must not know the store: whoever calls brings the candidates that it
found by `identity` or `item_id`.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from feeds.model import Draft

_APART = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has of an item, in its present wording."""

    item_id: str
    date_on: date
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class New:
    """Nobody has seen this item; it gets this id for ever."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A known item whose words changed; `fields` names what (``summary``)."""

    item_id: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Same:
    """A known item, nothing to do."""

    item_id: str


Decision = New | Changed | Same


def identity(date_on: date, title: str) -> str:
    """What makes two captures one item: sha256 in hex of the day and the folded title."""
    return _digest(date_on.isoformat(), _folded(title))


def fingerprint(date_on: date, title: str, summary: str) -> str:
    """Moves when words of the item change, and not for quotes, dashes, case or spaces."""
    return _digest(date_on.isoformat(), _folded(title), _folded(summary))


def item_id(identity: str) -> str:
    """The public id: 16 characters ``a-z2-7``, the first 80 bits of an `identity`."""
    return base64.b32encode(bytes.fromhex(identity)[:10]).decode("ascii").lower()


def decide(draft: Draft, known: Sequence[Known]) -> Decision:
    """What a draft is beside the candidates of the store; two captures never make two items.

    A summary that only stops earlier than the stored one (a list page cuts it, with or
    without an ellipsis) is the same: we keep the longer text. An earlier wording of an item
    whose title was corrected since is the same too: an old capture undoes no correction.
    """
    key = identity(draft.date_on, draft.title)
    own_id = item_id(key)
    for candidate in known:
        if identity(candidate.date_on, candidate.title) == key:
            return _compare(draft, candidate)
    if any(candidate.item_id == own_id for candidate in known):
        return Same(own_id)
    return New(own_id)


def _compare(draft: Draft, known: Known) -> Changed | Same:
    # Folding leaves no ellipsis, so one test holds for "cut", "cut…" and "cut [...]".
    if _folded(known.summary).startswith(_folded(draft.summary)):
        return Same(known.item_id)
    return Changed(known.item_id, ("summary",))


def _folded(text: str) -> str:
    """NFKC, casefold, every run of characters other than letters and digits one space, stripped."""
    return _APART.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
