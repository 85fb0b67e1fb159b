"""Members who are told something else than the rest of their audience.

They had some of it before (P4), are owed corrections of what they had, or are owed more because they came
from another audience. Each different mail is a digest of its own; equal ones are one, whoever they are for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feeds import digest as digests_rule
from feeds.composing.looking import Looked
from feeds.composing.news import News
from feeds.composing.telling import Teller, Telling
from feeds.model import Correction, Digest
from feeds.store import Connection, queueing


class Stale(Exception):  # noqa: N818 (it is caught and answered, not shown as an error)
    """What was read before this transaction has changed: the pass begins anew."""


@dataclass(slots=True)
class Others:
    """Of one audience: who gets another digest, or none, and who stands where the audience stands now."""

    digests: list[tuple[Telling, list[int]]] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    caught_up: list[int] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How many members do not get what the others get."""
        return len(self.left_out)


@dataclass(slots=True)
class _Member:
    from_at: datetime | None = None
    had: dict[str, datetime] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)


class Variants:
    """Finds them for a batch of audiences: two queries, however many they are."""

    def __init__(
        self,
        conn: Connection,
        news: News,
        teller: Teller,
        ids: Sequence[int],
        *,
        within: tuple[int, int] | None = None,
        since: datetime | None = None,
    ) -> None:
        self._conn, self._news, self._teller = conn, news, teller
        self._members: defaultdict[int, defaultdict[int, _Member]] = defaultdict(lambda: defaultdict(_Member))
        for audience_id, subscriber_id, from_at in queueing.owed(conn, ids, within, since):
            if from_at < news.since_at:
                raise Stale
            self._members[audience_id][subscriber_id].from_at = from_at
        for each in queueing.had(conn, ids, news.item_ids, news.floor, within, since):
            member = self._members[each.audience_id][each.subscriber_id]
            if each.change:
                member.told[each.item_id] = each.change
            else:
                member.had[each.item_id] = each.until_at

    def of(self, looked: Looked, start_at: datetime) -> Others:
        """Those of an audience that stood at `start_at`."""
        found = Others()
        groups: dict[str, tuple[Telling | None, list[int]]] = {}
        made: dict[object, Telling | None] = {}
        main = looked.main.variant if looked.main else ""
        for number, member in self._members.get(looked.row.id, {}).items():
            if member.from_at is not None:
                found.caught_up.append(number)
            key, told = self._key(looked, start_at, member)
            if key not in made:
                made[key] = self._telling(looked, key, told)
            telling = made[key]
            variant = telling.variant if telling else ""
            if variant != main:
                groups.setdefault(variant, (telling, []))[1].append(number)
                found.left_out.append(number)
        found.digests = [(telling, numbers) for telling, numbers in groups.values() if telling is not None]
        return found

    def _key(
        self, looked: Looked, start_at: datetime, member: _Member
    ) -> tuple[tuple[datetime, int, tuple[tuple[str, int], ...]], Sequence[Correction]]:
        """What decides what a member is told: since when, which items, which corrections."""
        since_at = min(member.from_at or start_at, start_at)
        mask = self._news.mask(looked.row.filters, since_at, member.had)
        for item_id in member.had:
            mask &= ~self._news.bit(item_id)
        owed = digests_rule.owed(self._news.corrections(self._conn, since_at), member.had, member.told)
        return (since_at, mask, tuple((each.item.id, each.n) for each in owed)), owed

    def _telling(
        self, looked: Looked, key: tuple[datetime, int, object], owed: Sequence[Correction]
    ) -> Telling | None:
        since_at, mask, _ = key
        period = looked.period
        assert period is not None
        empty = Digest(
            audience=looked.audience,
            period=period,
            since_at=since_at,
            until_at=self._news.until_at,
            groups=(),
        )
        news = self._news.digest(looked.audience, period, mask, since_at)
        digest = digests_rule.for_member(news, empty, (), owed)
        return None if digest is None else self._teller.telling(digest)
