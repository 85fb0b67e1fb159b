"""What composing needs besides the database: words, terms, names for ids, how late is too late, and how
far apart the mails of who gets them at once are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from feeds import filters
from feeds.composing.news import Wishes
from feeds.composing.pace import Pace
from feeds.letters import Letters
from feeds.model import Vocabulary
from feeds.store import digests


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeRules:
    """`opaque` makes unguessable names for Message-IDs; `domain` is their right side.

    `gap`: the least time between two immediate digests of an audience; what comes meanwhile is in the second.
    """

    letters: Letters
    vocabulary: Vocabulary
    max_late: timedelta
    domain: str
    opaque: Callable[[], str]
    gap: timedelta = timedelta()
    pace: Callable[[], Pace] = Pace
    memory: Memory = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "memory", Memory(Wishes(self.vocabulary)))


@dataclass(slots=True)
class Memory:
    """What one process keeps between passes."""

    wishes: Wishes
    zones_seen_on: date | None = None


def current(row: digests.AudienceRow, vocabulary: Vocabulary) -> digests.AudienceRow:
    """The audience with topics by their slugs of today: two wishes that became one are told once."""
    wishes = tuple(dict.fromkeys(filters.current(each, vocabulary) for each in row.audience.filters))
    return replace(row, audience=replace(row.audience, filters=wishes))
