"""What composing needs besides the database: words, terms, names for ids, and how late is too late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from feeds import filters
from feeds.letters import Letters
from feeds.model import Vocabulary
from feeds.store import digests


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeRules:
    """`opaque` makes unguessable names for Message-IDs; `domain` is their right side."""

    letters: Letters
    vocabulary: Vocabulary
    max_late: timedelta
    domain: str
    opaque: Callable[[], str]


def current(row: digests.AudienceRow, vocabulary: Vocabulary) -> digests.AudienceRow:
    """The audience with topics by their slugs of today: two wishes that became one are told once."""
    wishes = tuple(dict.fromkeys(filters.current(each, vocabulary) for each in row.audience.filters))
    return replace(row, audience=replace(row.audience, filters=wishes))
