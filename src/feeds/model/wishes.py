"""What people want, and how often: filters, audiences, subscribers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Cadence(StrEnum):
    """How often a subscription is mailed.

    Besides these three there are chosen weekdays (``mon+wed+fri``) and so many items or days
    (``5-items-or-7-days``: once five have come together, and none waits longer than a week). They are made
    when they are read, the same text the same object; `feeds.cadences` reads what people write.
    """

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"

    @classmethod
    def _missing_(cls, value: object) -> Cadence | None:
        if not isinstance(value, str) or not (_days(value) or _GATHERS.fullmatch(value)):
            return None
        made = str.__new__(cls, value)
        made._name_, made._value_ = value.upper(), value
        return cls._value2member_map_.setdefault(value, made)  # type: ignore[return-value]

    @property
    def days(self) -> tuple[int, ...]:
        """The chosen weekdays, 1 for Monday; empty for other cadences."""
        return _days(self.value)

    @property
    def gathers(self) -> tuple[int, int] | None:
        """So many items or days; None for other cadences."""
        found = _GATHERS.fullmatch(self.value)
        return (int(found[1]), int(found[2])) if found else None


DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_GATHERS = re.compile(r"([2-9]|[1-9][0-9])-items-or-([2-9]|[1-5][0-9]|60)-days")


def _days(value: str) -> tuple[int, ...]:
    """Weekdays in their order, each once, not all seven."""
    names = value.split("+")
    if not set(names) <= set(DAY_NAMES):
        return ()
    numbers = tuple(DAY_NAMES.index(name) + 1 for name in names)
    return numbers if list(numbers) == sorted(set(numbers)) and len(numbers) < 7 else ()


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
    An empty part asks for nothing. With `prefer`, of items that are versions of one another only one is
    wanted: that in the first of these languages, which stand in the order of somebody's wishes.

    Places are countries and regions together. A region takes the items of
    its member countries too, unless `members` is False. `mentions` also takes
    items that only mention a country. Both hold for the places that are not
    wanted as well. Other tuples are sorted and without repeats: `filters.parse` and
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
    prefer: tuple[str, ...] = ()


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
