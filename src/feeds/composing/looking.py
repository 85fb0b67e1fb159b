"""Which audiences are due, and what becomes of each that is looked at (P7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from feeds import log, schedule
from feeds.composing.news import News
from feeds.composing.rules import ComposeRules
from feeds.composing.telling import Teller, Telling
from feeds.model import Audience, Cadence, Period
from feeds.store.composing import DueRow, Mark

logger = log.get("compose")


@dataclass(frozen=True, slots=True)
class Looked:
    """An audience that was looked at. Without a period only its mark moves.

    `main` is what most of its members are told, None if there is no news for them.
    """

    row: DueRow
    audience: Audience
    mark: Mark
    period: Period | None
    main: Telling | None = None


class Looker:
    """Looks at audiences in one pass."""

    def __init__(
        self, rules: ComposeRules, news: News, teller: Teller, now: datetime, *, early: bool
    ) -> None:
        self._rules, self._news, self._teller, self._now, self._early = rules, news, teller, now, early
        self._times = lru_cache(10_000)(self._reckoned)
        self._last: tuple[object, Telling | None] = (None, None)

    def look(self, row: DueRow, texts: Mapping[int, str]) -> Looked:
        """What is to be done. `texts`: filters by id, those of this audience at least."""
        filters = self._rules.memory.wishes.read([texts[number] for number in row.filters])
        audience = Audience(
            cadence=row.cadence, filters=filters, lang=row.lang, zone=row.zone, hour=row.hour,
            weekday=row.weekday,
        )  # fmt: skip
        period, mark = self._due(row)
        if period is None:
            return Looked(row, audience, mark, None)
        mask = self._news.mask(row.filters, row.covered_at) if row.members else 0
        if mask and self._waits(row, mask, mark):
            return Looked(row, audience, replace(mark, covered_at=row.covered_at), None)
        looked = Looked(row, audience, mark, period)
        main = self._told(looked, mask) if mask else None
        if main is None or row.cadence is not Cadence.IMMEDIATE:
            return replace(looked, main=main)
        later = replace(mark, next_at=schedule.apart(self._now, self._rules.gap))
        return replace(looked, main=main, mark=later)

    def _waits(self, row: DueRow, mask: int, mark: Mark) -> bool:
        """Whether too few items have come together, and none would wait too long until the next look."""
        if row.cadence.gathers is None or self._early or mark.next_at is None:
            return False
        least, days = row.cadence.gathers
        oldest = self._news.wanted(mask & -mask)[0]
        return mask.bit_count() < least and oldest.accepted_at + timedelta(days=days) >= mark.next_at

    def _told(self, looked: Looked, mask: int) -> Telling | None:
        """Who has the same filters and language is told the same, whenever they are told it."""
        row, period = looked.row, looked.period
        assert period is not None
        # Of two cadences only a single item at once looks different.
        at_once = row.cadence is Cadence.IMMEDIATE
        key = (row.filters, row.lang, mask, at_once)
        if self._last[0] != key:
            digest = self._news.digest(looked.audience, period, mask, row.covered_at)
            self._last = (key, self._teller.telling(digest) if digest else None)
        return self._last[1]

    def _due(self, row: DueRow) -> tuple[Period | None, Mark]:
        until_at = max(row.covered_at, self._news.until_at)
        mark = Mark(row.id, row.covered_at, until_at, row.last_period, None)
        if row.cadence is Cadence.IMMEDIATE:
            period = self._immediate(row)
            return period, replace(mark, last_period=period.key)
        newest, next_at, running = self._times(row.cadence, row.zone, row.hour, row.weekday)
        stays = replace(mark, covered_at=row.covered_at, next_at=next_at)
        if self._early:
            if row.last_period and running.key <= row.last_period:
                return None, stays
            # Its date is that of the mail: today, although its hour is still to come.
            return replace(running, due_at=self._now), replace(mark, last_period=running.key, next_at=next_at)
        if row.last_period is not None and newest.key <= row.last_period:
            return None, stays
        if self._now - newest.due_at > self._rules.max_late:
            logger.warning("digest-late", audience=row.id, period=newest.key)
            return None, replace(stays, last_period=newest.key)
        return newest, replace(mark, last_period=newest.key, next_at=next_at)

    def _reckoned(
        self, cadence: Cadence, zone: str, hour: int, weekday: int
    ) -> tuple[Period, datetime, Period]:
        """The newest period that has fallen due, the next instant, and the period that is running."""
        bare = Audience(cadence=cadence, filters=(), lang="", zone=zone, hour=hour, weekday=weekday)
        return (
            schedule.due_period(cadence, zone, hour, weekday, self._now),
            schedule.next_due(cadence, zone, hour, weekday, self._now),
            schedule.current_period(bare, self._now),
        )

    def _immediate(self, row: DueRow) -> Period:
        if self._news.until_at > row.covered_at:
            return schedule.immediate_period(self._news.until_at)
        # Nothing new, but who came here from a daily or weekly digest does not wait for the next news to get
        # what was waiting there. The key is that of no announcement: each period is mailed once to a member.
        period = schedule.immediate_period(self._now)
        return replace(period, key=f"{period.key}+")
