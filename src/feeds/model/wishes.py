"""What people want, and how often: filters, audiences, subscribers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cadence(StrEnum):
    """How often a subscription is mailed."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"


class SubscriberState(StrEnum):
    """Whether a subscriber gets mail (only `active` does).

    `PAUSED`: all that they want is paused. `COMPLAINED` and `BLOCKED` (by the operator) are not even asked
    whether they want mail again; of who is `ERASED` nothing but the number is left.
    """

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    BOUNCED = "bounced"
    LEFT = "left"
    COMPLAINED = "complained"
    BLOCKED = "blocked"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which items a person wants: ANY of the places AND ANY of the topics AND ANY of the words AND ALL of
    `all_words`, in one of the languages, and NOT any of `without` and the other ones that are not wanted.
    An empty part asks for nothing.

    Places are countries and regions together. A region takes the items of
    its member countries too, unless `members` is False. `mentions` also takes
    items that only mention a country. Both hold for the places that are not
    wanted as well. Tuples are sorted and without repeats: `filters.parse` and
    `filters.canonical` see to it.
    """

    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    mentions: bool = False
    members: bool = True
    all_words: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    not_countries: tuple[str, ...] = ()
    not_regions: tuple[str, ...] = ()
    not_topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an item is in a digest: what of the filters it matched."""

    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Everyone who asked for the same thing at the same time.

    `hour` (0-23) and `weekday` (1 = Monday … 7 = Sunday) are local to `zone`
    (IANA name). For cadences that do not use them they are 0, 0 and "UTC".
    """

    cadence: Cadence
    filters: tuple[Filter, ...]
    lang: str
    zone: str = "UTC"
    hour: int = 0
    weekday: int = 0
