"""The frame of the press desk's pages: who is in, the way round, times in their zone (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feeds import schedule, timewords
from feeds.model import Staff
from feeds.pages.frame import Frame

HOME = "/desk/"
SHEET = "/desk/desk.css"


@dataclass(frozen=True, slots=True)
class Seen:
    """Who looks at a page, the token of their forms, and the instant of the look."""

    staff: Staff
    stamp: str
    now: datetime


class DeskFrame(Frame):
    """Pages that speak to somebody of the press office."""

    def desk(self, name: str, heading: str, seen: Seen, **values: Any) -> bytes:
        """One page of the desk; `seen` is who looks at it."""
        given = {
            "sheet": self.href(SHEET),
            "desk": self.href(HOME),
            "out": self.href(f"{HOME}out"),
            "who": seen.staff.address,
            "stamp": seen.stamp,
            "as_of": self.hour(seen.now, seen),
            "zone": self._zone(seen),
            "said": "",
            "faults": {},
            "here": HOME,
        }
        title = f"{heading} – {self._t.gettext('Press desk')} – {self._site.name}"
        return self.private(f"desk/{name}", heading, **{**given, "title": title, **values})

    def hour(self, at: datetime, seen: Seen) -> str:
        """``14:40`` where it is today in their zone, else ``27 November, 9:05``."""
        zone = seen.staff.zone
        wall = schedule.wall_clock(at, zone)
        if wall.date() == timewords.local_day(seen.now, zone):
            return f"{wall.hour}:{wall.minute:02}"
        return timewords.day_and_hour(at, zone, self._t)

    def _zone(self, seen: Seen) -> str:
        return self._t.gettext("%(city)s time") % {"city": self._t.city(seen.staff.zone)}

    def left(self, until: datetime, now: datetime) -> str:
        """``23 minutes left``, ``2 hours left``, ``3 days left``; begun ones count."""
        t, minutes = self._t, max(0, -(-int((until - now).total_seconds()) // 60))
        if minutes < 120:
            return t.ngettext("%(num)s minute left", "%(num)s minutes left", minutes) % {"num": minutes}
        hours = round(minutes / 60)
        if hours < 48:
            return t.ngettext("%(num)s hour left", "%(num)s hours left", hours) % {"num": hours}
        days = round(hours / 24)
        return t.ngettext("%(num)s day left", "%(num)s days left", days) % {"num": days}
