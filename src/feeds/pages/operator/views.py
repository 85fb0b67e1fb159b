"""What the operator's page shows: facts as they were measured, without words (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An alarm that is up, in words."""

    since: datetime
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """The last run of a pass on a host. `ended_at` None: it runs; `failed` says why it ended early;
    `next_at`: when it runs again, as far as is known."""

    name: str
    host: str
    began_at: datetime
    ended_at: datetime | None
    took_ms: int
    failed: str
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Letters that wait or are in hand, and when the first was or is due."""

    waiting: int
    in_hand: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHost:
    """Letters that wait for readers at one mail host; `deferred` of them were put off before."""

    host: str
    waiting: int
    deferred: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """When an audience is looked at next: what it asks for in words, how often, how many people."""

    due_at: datetime
    asks: str
    cadence: str
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """By name, with a number: topics with readers and no items, with items and no readers, and slugs that
    filters name and the site does not have, which match nothing."""

    no_items: Sequence[tuple[str, int]]
    no_readers: Sequence[tuple[str, int]]
    gone: Sequence[tuple[str, int]]


Days = Sequence[tuple[date, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything at `at`. `most`: where counting stops. `counted_at`: of when the hourly counts are.

    `people`: by state; `growth`: active readers day by day; `sent`, `bounced`: letters of each day.
    """

    at: datetime
    alarms: Sequence[Raised]
    loops: Sequence[Loop]
    last_bulletin_at: datetime | None
    held: int
    unpublished: int
    unpublished_since: datetime | None
    digests: Waiting
    notices: Waiting
    most: int
    hosts: Sequence[AtHost]
    nexts: Sequence[Next]
    counted_at: datetime | None
    items: int
    people: Mapping[str, int]
    growth: Days
    sent: Days
    bounced: Days
    bounces: Mapping[str, int]
    topics: Topics
