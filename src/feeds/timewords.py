"""How often, at which hour and until when, as people say it (pure).

Owns: the words for cadences, hours and instants in a reader's own zone, the same in mails and
on pages. Must not know subscribers, filters or templates.
"""

from __future__ import annotations

from datetime import date, datetime

from feeds import schedule
from feeds.filters.members import Pace
from feeds.i18n import N_, Translator
from feeds.model import Cadence

_CHOICES = {
    Cadence.IMMEDIATE: N_("As it is published"),
    Cadence.DAILY: N_("Once a day, %(at)s"),
    Cadence.WEEKLY: N_("Once a week, on %(weekday)s %(at)s"),
}
_SHORT = {
    Cadence.IMMEDIATE: N_("as it is published"),
    Cadence.DAILY: N_("every day"),
    Cadence.WEEKLY: N_("every %(weekday)s"),
}
_PROMISES = {
    Cadence.IMMEDIATE: N_("as soon as we publish something that fits, at any hour"),
    Cadence.DAILY: N_("every day %(at)s, %(city)s time, when there is news"),
    Cadence.WEEKLY: N_("every %(weekday)s %(at)s, %(city)s time, when there is news"),
}


_PACES = {
    Pace.AT_ONCE: N_("at once"),
    Pace.DAILY: N_("in their next daily email"),
    Pace.WEEKLY: N_("in their next weekly email"),
    Pace.OTHERWISE: N_("on the days they chose, or when enough has come together"),
}


_ON_DAYS = (
    N_("On %(days)s, %(at)s"), N_("every %(days)s"),
    N_("every %(days)s %(at)s, %(city)s time, when there is news"),
)  # fmt: skip
_GATHERED = (
    N_("When %(items)s items have come together, after %(number)s days at the latest"),
    N_("when %(items)s items have come together"),
    N_("%(at)s, %(city)s time, once %(items)s items have come together, after %(number)s days at the latest"),
)


def choice_words(cadence: Cadence, hour: int, weekday: int, t: Translator) -> str:
    """A cadence as a choice: ``Once a week, on Monday at 7:00``."""
    return t.gettext(_said(cadence, 0)) % (_values(hour, weekday, "", t) | _numbers(cadence, t))


def short_words(cadence: Cadence, weekday: int, t: Translator) -> str:
    """A cadence inside a subject: ``every Monday``."""
    return t.gettext(_said(cadence, 1)) % (_values(0, weekday, "", t) | _numbers(cadence, t))


def promise_words(cadence: Cadence, hour: int, weekday: int, zone: str, t: Translator) -> str:
    """When mails come: ``every Monday at 7:00, Panama time, when there is news``."""
    return t.gettext(_said(cadence, 2)) % (_values(hour, weekday, zone, t) | _numbers(cadence, t))


def moment_words(at: datetime, zone: str, t: Translator) -> str:
    """An instant in somebody's zone: ``Monday 30 November 2026 at 10:28, Panama time``."""
    wall = schedule.wall_clock(at, zone)
    values = {
        "date": t.full_date(wall.date()),
        "at": t.at(wall.hour, wall.minute),
        "city": t.city(zone),
    }
    return t.gettext("%(date)s %(at)s, %(city)s time") % values


def instant_words(at: datetime, zone: str, t: Translator) -> str:
    """An instant in somebody's zone, short: ``28 November 2026, 10:38, Panama time``; ``…, 15:38 UTC``."""
    if zone == "UTC":
        return t.instant(at)
    wall = schedule.wall_clock(at, zone)
    values = {"date": t.date(wall.date()), "hour": f"{wall.hour}:{wall.minute:02}", "city": t.city(zone)}
    return t.gettext("%(date)s, %(hour)s, %(city)s time") % values


def pace_words(pace: Pace, t: Translator) -> str:
    """When people of a pace get what is new, inside a sentence."""
    return t.gettext(_PACES[pace])


def day_and_hour(at: datetime, zone: str, t: Translator) -> str:
    """An instant in somebody's zone, in a mail of these days: ``27 November, 11:40``."""
    wall = schedule.wall_clock(at, zone)
    return f"{t.day_month(wall.date())}, {wall.hour}:{wall.minute:02}"


def day_words(at: datetime, zone: str, t: Translator) -> str:
    """The day of an instant in somebody's zone: ``Monday 30 November 2026``."""
    return t.full_date(local_day(at, zone))


def local_day(at: datetime, zone: str) -> date:
    """The day that it is in a zone."""
    return schedule.wall_clock(at, zone).date()


def _said(cadence: Cadence, which: int) -> str:
    if cadence.days:
        return _ON_DAYS[which]
    return _GATHERED[which] if cadence.gathers else (_CHOICES, _SHORT, _PROMISES)[which][cadence]


def _numbers(cadence: Cadence, t: Translator) -> dict[str, str]:
    items, number = cadence.gathers or (0, 0)
    days = t.all_of([t.weekday(day) for day in cadence.days])
    return {"days": days, "items": t.number(items), "number": t.number(number)}


def _values(hour: int, weekday: int, zone: str, t: Translator) -> dict[str, str]:
    return {
        "at": t.at(hour),
        "weekday": t.weekday(weekday or 1),
        "city": t.city(zone) if zone else "",
    }
