"""When digests fall due and when a letter is tried again.

Owns cadence + zone + now -> periods (P7), and the retry delays. Reads no
clock and throws no dice: `now` and `jitter` come in. Knows nothing of
subscribers, databases or the scheduler that wakes the passes. All instants
going in must be aware; all coming out are UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from feeds.model import Audience, Cadence, Period

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
# Early tries are short because greylisting servers say yes after minutes; then
# RFC 5321 4.5.4.1: back off to hours, and give up after 4 to 5 days at the earliest.
_FIRST_DELAYS = tuple(timedelta(minutes=m) for m in (5, 15, 30, 60, 120))
_LATER_DELAY = timedelta(hours=4)
_GIVE_UP_AFTER = timedelta(days=5)
_JITTER_SHARE = 0.1
# "localtime" is whatever this host is set to, "Factory" a placeholder: neither is anyone's zone.
_NO_ZONES = frozenset({"localtime", "Factory"})


@dataclass(frozen=True, slots=True)
class Late:
    """A period that fell due too long ago: mark it as passed; its items go into the next."""

    period: Period


def valid_zone(name: str) -> bool:
    """Whether this is an IANA zone's name as written there (``America/Panama``)."""
    return name in _zone_names()


def wall_clock(at: datetime, zone: str) -> datetime:
    """What the clocks of `zone` show at an instant; those of UTC if this machine lacks the zone."""
    try:
        return _aware(at).astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return at.astimezone(UTC)


@lru_cache(maxsize=1)
def zones_by_place() -> tuple[str, ...]:
    """The zones a person may choose from: one for each place that the time zone database lists."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return (*sorted(row[2] for row in rows if valid_zone(row[2])), "UTC")


@lru_cache(maxsize=8192)
def local_instant(day: date, hour: int, zone: str, minute: int = 0) -> datetime:
    """The instant at which the clock of `zone` first shows `hour` (and `minute`) on `day`, in UTC.

    An hour that is skipped gives the next valid instant (the one at which the
    clock springs), an hour that is repeated the first of the two.
    """
    wall = datetime.combine(day, time(hour, minute))
    tz = ZoneInfo(zone)
    first = wall.replace(tzinfo=tz).astimezone(UTC)
    if first.astimezone(tz).replace(tzinfo=None) == wall:
        return first
    # In a gap PEP 495 reads fold=1 with the offset after it, which lies before the spring.
    return _spring(wall.replace(tzinfo=tz, fold=1).astimezone(UTC), first, tz)


def due_period(cadence: Cadence, zone: str, hour: int, weekday: int, now: datetime) -> Period:
    """The newest daily or weekly period whose due instant is not after `now`.

    `weekday` (1 = Monday … 7 = Sunday) is used by weekly ones only.
    """
    return next(p for p in _falling(cadence, zone, hour, weekday, now) if p.due_at <= now)


def next_due(cadence: Cadence, zone: str, hour: int, weekday: int, now: datetime) -> datetime:
    """The first due instant after `now`."""
    return _coming(cadence, zone, hour, weekday, now).due_at


def current_period(audience: Audience, now: datetime) -> Period:
    """The period that is under way and falls due next, for composing it early.

    Composed twice, it has the same key, and when its hour comes `due` gives None.
    """
    return _coming(audience.cadence, audience.zone, audience.hour, audience.weekday, now)


def immediate_period(newest: datetime) -> Period:
    """The period of an immediate digest, named by the instant of its newest item.

    Keys have a fixed width, so that they compare like the instants.
    """
    at = _aware(newest).astimezone(UTC)
    return Period(key=at.isoformat(timespec="microseconds").replace("+00:00", "Z"), due_at=at)


def apart(now: datetime, gap: timedelta) -> datetime | None:
    """Before when no further immediate mail is made for those who get one now; None: no gap is kept."""
    return _aware(now) + gap if gap > timedelta() else None


def due(
    audience: Audience, last_period: str | None, now: datetime, max_late: timedelta
) -> Period | Late | None:
    """What a daily or weekly audience is to get now.

    None while the newest period is not newer than `last_period`, the key of
    the last one composed or passed: so a clock set back repeats nothing, and
    after any sleep there is one digest at most. Late when it fell due more
    than `max_late` ago. An audience without a last period takes the newest:
    give a new audience ``due_period(...).key`` of its first moment.
    """
    newest = due_period(audience.cadence, audience.zone, audience.hour, audience.weekday, now)
    if last_period is not None and newest.key <= last_period:
        return None
    return Late(newest) if now - newest.due_at > max_late else newest


def retry_delay(tries: int, jitter: float) -> timedelta | None:
    """How long to wait after `tries` failed tries (1 or more), or None to give up.

    5, 15, 30, 60 and 120 minutes, then each 4 hours until 5 days are over
    (RFC 5321 4.5.4.1). `jitter` from 0 to 1 moves the delay from -10 % to
    +10 %, so that letters deferred together don't come back together.
    """
    if not 0 <= jitter <= 1:
        raise ValueError(f"jitter is a share from 0 to 1, not {jitter}")
    at_first = len(_FIRST_DELAYS)
    before = max(tries, 1) - 1
    if before < at_first:
        delay = _FIRST_DELAYS[before]
    else:
        delay = _LATER_DELAY
        waited = sum(_FIRST_DELAYS, timedelta()) + _LATER_DELAY * (before - at_first)
        if waited >= _GIVE_UP_AFTER:
            return None
    return delay * (1 + _JITTER_SHARE * (2 * jitter - 1))


def zone_data(zones: Sequence[str], year: int) -> str:
    """What the time zone data of this machine says of these zones, in one word: another one means that
    instants reckoned before may lie elsewhere. It covers this year and the next."""
    made = hashlib.sha256()
    for zone in zones:
        try:
            tz = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            continue
        noon = datetime(year, 1, 1, 12, tzinfo=UTC)
        offsets = [(noon + n * _DAY).astimezone(tz).utcoffset() for n in range(731)]
        made.update(f"{zone} {offsets}".encode())
    return f"{year}/{made.hexdigest()[:16]}"


def _coming(cadence: Cadence, zone: str, hour: int, weekday: int, now: datetime) -> Period:
    # Two steps ahead is always enough: a day on, or one more where a zone skipped a whole date.
    ahead = now + 8 * _DAY if cadence.days else now + 2 * _step(cadence)
    later = [p for p in _falling(cadence, zone, hour, weekday, ahead) if p.due_at > now]
    return min(later, key=lambda p: p.due_at)


def _falling(cadence: Cadence, zone: str, hour: int, weekday: int, now: datetime) -> Iterator[Period]:
    """Periods round `now`, newest first, from one that may lie ahead to one that is surely due."""
    step = _step(cadence)
    # One day ahead of the date on the wall: a clock set back over midnight has seen tomorrow.
    day = _aware(now).astimezone(ZoneInfo(zone)).date() + _DAY
    if cadence is Cadence.WEEKLY:
        day -= timedelta(days=(day.isoweekday() - weekday) % 7)
    for back in range(18 if cadence.days else 5):
        on = day - back * step
        if cadence.days and on.isoweekday() not in cadence.days:
            continue
        yield Period(key=_key(cadence, on), due_at=local_instant(on, hour, zone))


def _step(cadence: Cadence) -> timedelta:
    if cadence is Cadence.IMMEDIATE:
        raise ValueError("immediate digests follow the items, not the clock: immediate_period")
    return _WEEK if cadence is Cadence.WEEKLY else _DAY


def _key(cadence: Cadence, on: date) -> str:
    year, week, _ = on.isocalendar()
    return f"{year:04}-W{week:02}" if cadence is Cadence.WEEKLY else on.isoformat()


def _spring(before: datetime, after: datetime, tz: ZoneInfo) -> datetime:
    """The first whole second in (before, after] with the offset that holds at `after`."""
    offset = after.astimezone(tz).utcoffset()
    seconds = int((after - before).total_seconds())
    low, high = 0, seconds
    while high - low > 1:
        middle = (low + high) // 2
        sprung = (before + timedelta(seconds=middle)).astimezone(tz).utcoffset() == offset
        low, high = (low, middle) if sprung else (middle, high)
    return before + timedelta(seconds=high)


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant needs its offset from UTC")
    return at


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_ZONES
