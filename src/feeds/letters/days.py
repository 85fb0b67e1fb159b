"""Days as the readers of a digest count them (pure).

Owns: an instant -> a day in the audience's zone, and the period of a digest in
words. Must not know what stands in the digest.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feeds import timewords
from feeds.i18n import Translator
from feeds.model import Audience, Cadence, Digest


def period_words(digest: Digest, t: Translator) -> str:
    """``Friday 27 November 2026``; at once with the hour; else the days since the last digest."""
    audience = digest.audience
    last = local_day(audience, digest.period.due_at)
    if audience.cadence is Cadence.IMMEDIATE:
        return _capital(timewords.moment_words(digest.period.due_at, audience.zone, t))
    if audience.cadence is Cadence.DAILY:
        return _capital(t.full_date(last))
    # The first digest of an audience starts long ago: a range of years helps nobody.
    most = audience.cadence.gathers[1] if audience.cadence.gathers else 7
    first = max(local_day(audience, digest.since_at), last - timedelta(days=most))
    return t.day_range(first, last)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def local_day(audience: Audience, at: datetime) -> date:
    """The day in the audience's zone; UTC's if this machine lacks the zone."""
    try:
        zone = ZoneInfo(audience.zone)
    except (ZoneInfoNotFoundError, ValueError):
        return at.astimezone(UTC).date()
    return at.astimezone(zone).date()
