"""What the clock makes of a bulletin whose head names instants: before its time, or after it.

Owns that rule and the faults that tell of it. Pure: whoever calls brings the present. Must not know
how a head is read, nor what is done with a bulletin that is kept back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from feeds.errors import BulletinError
from feeds.model import Bulletin, Draft, Fault, Moment
from feeds.reading.faults import cut


def timely(bulletin: Bulletin, now: datetime) -> Bulletin:
    """The bulletin as it is at an instant: with `not_before` only if that is still to come, and told of.

    BulletinError (`expired`) if its time is over. An end that is to come is told of.
    """
    start, end = bulletin.not_before, bulletin.expires_at
    if end and end.at <= now:
        raise BulletinError(_fault("expired", end))
    told = [_fault("expires-later", end)] if end else []
    if start and start.at > now:
        told.append(_fault("embargoed", start))
    else:
        start = None
    if not told and start is bulletin.not_before:
        return bulletin
    return replace(bulletin, not_before=start, faults=(*told, *bulletin.faults))


def dates_ahead(drafts: Iterable[Draft], now: datetime, zone: str) -> list[Fault]:
    """What is dated tomorrow or later at the site stands first in its feeds until then, and is mailed now."""
    today = now.astimezone(ZoneInfo(zone)).date()
    late = [draft for draft in drafts if draft.date_on > today]
    return [Fault(code="date-ahead", line=draft.line, detail=draft.date_on.isoformat()) for draft in late]


def _fault(code: str, moment: Moment) -> Fault:
    return Fault(code=code, line=moment.line, detail=cut(moment.words))
