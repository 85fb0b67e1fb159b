"""Days and instants as heads write them: ``2026-12-01T06:00:00Z``, ``1 December 2026, 6 am America/Panama``.

Owns what stands behind the day: the hour and its zone. Without a zone the site's own holds. Must not know
the clock.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from feeds.reading.text import dates

LONGEST = 80
_HOUR = re.compile(
    r"(.+?)(?:[Tt]|,?\s+)(?:(?:at|à|às|as|a las?|um|alle|-|–|—|\|)\s+)?"
    r"([0-2]?[0-9])(?:[:.h]([0-5][0-9])(?::([0-5][0-9])(?:[.,][0-9]{1,9})?)?)?"
    r"\s?(?:([ap])\.?\s?m\b\.?|(h|hs|hrs|horas|uhr)\b)?\s*[\[(]?([A-Za-z0-9_/+:-]*)[\])]?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:utc|gmt)?([+-])([0-9]{1,2})(?::?([0-5][0-9]))?", re.IGNORECASE)
# Short names that one zone only has where bulletins are written; the others would be guesses.
_HOURS = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3,
    "msk": 3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "ast": -4, "brt": -3, "art": -3, "clt": -4, "cot": -5, "pet": -5, "jst": 9,
}  # fmt: skip


# Said in summer and winter alike, of a place whose clock changes.
_PLACES = {
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
}


class Stamp(NamedTuple):
    """The day that words name, and the instant (UTC) if they name an hour."""

    day: date
    at: datetime | None


def stamp(words: str, order: dates.DateOrder, zone: str) -> Stamp | None:
    """What shown words name, None if that is no day or an hour or a zone that is not known."""
    if len(words) > LONGEST:
        return None
    if isinstance(day := dates.parse(words.rstrip("."), order), date) and "T" not in words[5:]:
        return Stamp(day, None)
    found = _HOUR.fullmatch(words)
    if not found:
        return Stamp(day, None) if isinstance(day, date) else None
    day = dates.parse(found[1].rstrip(","), order)
    hour, half = int(found[2]), (found[5] or "").lower()
    if not isinstance(day, date) or hour > (12 if half else 23) or not (found[3] or half or found[6]):
        return None
    hour = hour % 12 + 12 * (half == "p") if half else hour
    place = _zone(found[7] or zone)
    clock = time(hour, int(found[3] or 0), int(found[4] or 0))
    return Stamp(day, _instant(day, clock, place)) if place else None


def instant(words: str, order: dates.DateOrder, zone: str) -> datetime | None:
    """The instant (UTC) that words name, a day alone its beginning; None if they name none."""
    found = stamp(" ".join(words.split()), order, zone)
    return found and (found.at or midnight(found.day, zone))


def midnight(day: date, zone: str) -> datetime:
    """The instant at which a day begins at the site."""
    return _instant(day, time(), _zone(zone) or UTC)


def _instant(day: date, clock: time, place: tzinfo) -> datetime:
    return datetime.combine(day, clock, place).astimezone(UTC)


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo | None:
    if (hours := _HOURS.get(name.lower())) is not None:
        return timezone(timedelta(hours=hours))
    if offset := _OFFSET.fullmatch(name):
        size = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(size if offset[1] == "+" else -size) if size < timedelta(hours=24) else None
    try:
        return ZoneInfo(_PLACES.get(name.lower(), name))
    except (LookupError, ValueError, OSError):
        return None
