"""The operator's page: facts -> words and plots (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feeds import timewords
from feeds.i18n import N_
from feeds.model import Staff
from feeds.pages.frame import Frame
from feeds.pages.operator import plots
from feeds.pages.operator.plots import Plot
from feeds.pages.operator.views import Days, Loop, Next, Overview, Waiting

HOME, WHY, SHEET = "/operator/", "/operator/why", "/operator/operator.css"
# As many names as a line of topics shows.
NAMED = 12
LOOPS = {
    "ingest": N_("Take bulletins in"), "publish": N_("Publish"), "compose": N_("Compose digests"),
    "deliver": N_("Deliver mail"), "sweep": N_("End pauses, erase requests"),
    "bounces": N_("Read what comes back"), "alarms": N_("Look for trouble"),
}  # fmt: skip
STATES = {
    "active": N_("Readers"), "paused": N_("Paused"), "pending": N_("Not confirmed"), "left": N_("Left"),
    "bounced": N_("Mailbox gone"), "complained": N_("Complained"), "blocked": N_("Blocked"),
    "erased": N_("Erased"),
}  # fmt: skip
KINDS = {
    "hard": N_("No such mailbox"), "soft": N_("Given up for now"), "policy": N_("Refused for who we are"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """Who looks, with the token of their forms."""

    staff: Staff
    stamp: str


@dataclass(frozen=True, slots=True)
class LoopRow:
    """A pass in words; `bad` where it ended early."""

    name: str
    host: str
    state: str
    bad: bool
    when: str
    took: str
    next: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plot under its heading; `says` tells the same in words."""

    heading: str
    plot: Plot
    says: str
    low: str
    high: str
    first: str
    last: str


class OperatorPages(Frame):
    """Pages for whoever runs the site."""

    def overview(self, found: Overview, seen: Seen) -> bytes:
        """How it goes."""
        t, zone = self._t, seen.staff.zone
        return self._page(
            "overview.html", t.gettext("How it goes"), seen,
            as_of=self._moment(found.at, zone), zone=t.gettext("%(city)s time") % {"city": t.city(zone)},
            alarms=[(each.title, self._moment(each.since, zone)) for each in found.alarms],
            loops=[self._loop(each, found.at) for each in found.loops if each.name in LOOPS],
            facts=list(self._facts(found)), queue=list(self._queue(found)), hosts=found.hosts,
            nexts=[self._next(each, zone) for each in found.nexts],
            counted=self._moment(found.counted_at, zone) if found.counted_at else "",
            people=self._named(found.people, STATES), bounces=self._named(found.bounces, KINDS),
            drawings=[
                self._drawing(t.gettext("Readers"), found.growth, plots.line(found.growth)),
                self._drawing(t.gettext("Messages sent each day"), found.sent, plots.columns(found.sent)),
                self._drawing(t.gettext("Came back each day"), found.bounced, plots.columns(found.bounced)),
            ],
            topics=[
                (t.gettext("Readers, but no items"), self._list(found.topics.no_items)),
                (t.gettext("Items, but no readers"), self._list(found.topics.no_readers)),
                (t.gettext("In filters, but gone from this site"), self._list(found.topics.gone)),
            ],
        )  # fmt: skip

    def why(
        self, seen: Seen, address: str, item: str, sentence: str, facts: Sequence[str], fault: str
    ) -> bytes:
        """The answer to the operator's question, or what is wrong with it."""
        return self._page(
            "why.html", self._t.gettext("Why did she (not) get this?"), seen, address=address, item=item,
            sentence=sentence, facts=facts, fault=fault,
        )  # fmt: skip

    def _page(self, name: str, heading: str, seen: Seen, **values: Any) -> bytes:
        given = {
            "sheet": self.href(SHEET), "operator": self.href(HOME), "out": self.href(f"{HOME}out"),
            "ask": self.href(WHY), "who": seen.staff.address, "stamp": seen.stamp, "address": "", "item": "",
            "fault": "", "here": HOME, "wide": plots.WIDTH, "tall": plots.HEIGHT,
        }  # fmt: skip
        title = f"{heading} – {self._t.gettext('Operator')} – {self._site.name}"
        return self.private(f"operator/{name}", heading, **{**given, "title": title, **values})

    def _facts(self, found: Overview) -> Iterator[tuple[str, str]]:
        t = self._t
        last = found.last_bulletin_at
        yield t.gettext("Last bulletin"), self._ago(last, found.at) if last else t.gettext("none yet")
        yield t.gettext("Held"), t.number(found.held)
        waiting = self._up_to(found.unpublished, found.most)
        since = found.unpublished_since
        late = f", {self._ago(since, found.at)}" if since else ""
        yield t.gettext("To publish"), f"{waiting}{late}"
        yield t.gettext("Items"), t.number(found.items)

    def _queue(self, found: Overview) -> Iterator[tuple[str, str, str, str]]:
        """Kind, waiting, in hand, when the first is due."""
        for name, queue in (("Digests", found.digests), ("Other messages", found.notices)):
            yield (
                self._t.gettext(_QUEUES[name]), self._up_to(queue.waiting, found.most),
                self._t.number(queue.in_hand), self._due(queue, found.at),
            )  # fmt: skip

    def _due(self, queue: Waiting, at: datetime) -> str:
        if queue.due_at is None:
            return "–"
        if queue.due_at <= at:
            return self._t.gettext("%(time)s late") % {
                "time": self._span((at - queue.due_at).total_seconds())
            }
        return self._t.gettext("in %(time)s") % {"time": self._span((queue.due_at - at).total_seconds())}

    def _loop(self, each: Loop, at: datetime) -> LoopRow:
        t = self._t
        state = t.gettext("runs") if each.ended_at is None else each.failed or t.gettext("well")
        when = self._ago(each.ended_at or each.began_at, at)
        due = each.next_at
        coming = (
            "–" if due is None else t.gettext("now") if due <= at else self._span((due - at).total_seconds())
        )
        return LoopRow(
            t.gettext(LOOPS[each.name]), each.host, state, bool(each.failed), when,
            self._span(each.took_ms / 1000), coming,
        )  # fmt: skip

    def _next(self, each: Next, zone: str) -> tuple[str, str, str, str]:
        return self._moment(each.due_at, zone), each.asks, each.cadence, self._t.number(each.members)

    def _named(self, counts: Mapping[str, int], names: Mapping[str, str]) -> list[tuple[str, str]]:
        return [(self._t.gettext(name), self._t.number(counts.get(key, 0))) for key, name in names.items()]

    def _list(self, found: Sequence[tuple[str, int]]) -> str:
        """``Health (12), Ports (3) and 4 more``."""
        t = self._t
        names = [f"{name} ({t.number(number)})" for name, number in found[:NAMED]]
        rest = max(0, len(found) - NAMED)
        if rest:
            names.append(t.ngettext("%(num)s more", "%(num)s more", rest) % {"num": t.number(rest)})
        return t.all_of(names) if names else t.gettext("none")

    def _drawing(self, heading: str, days: Days, plot: Plot) -> Drawing:
        t = self._t
        if plot.first is None or plot.last is None or not (plot.path or plot.bars):
            return Drawing(heading, plot, t.gettext("Not enough days yet."), "", "", "", "")
        first, last = t.short_date(plot.first), t.short_date(plot.last)
        says = t.gettext("From %(first)s to %(last)s: between %(low)s and %(high)s, at the end %(end)s.")
        lowest = min(value for _, value in days)
        values = {
            "first": first, "last": last, "low": t.number(lowest), "high": t.number(plot.high),
            "end": t.number(days[-1][1]),
        }  # fmt: skip
        return Drawing(heading, plot, says % values, t.number(plot.low), t.number(plot.high), first, last)

    def _up_to(self, number: int, most: int) -> str:
        """A number that counting stopped at is told as such."""
        told = self._t.number(number)
        return self._t.gettext("%(num)s or more") % {"num": told} if number >= most else told

    def _moment(self, at: datetime, zone: str) -> str:
        return timewords.day_and_hour(at, zone, self._t)

    def _ago(self, at: datetime, now: datetime) -> str:
        return self._t.gettext("%(time)s ago") % {"time": self._span(max(0.0, (now - at).total_seconds()))}

    def _span(self, seconds: float) -> str:
        """``40 ms``, ``12 s``, ``7 min``, ``5 h``, ``3 d``: symbols of units, which all languages share."""
        for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
            if seconds >= size * (2 if size > 1 else 1):
                return f"{self._t.number(int(seconds // size))} {unit}"
        return f"{int(seconds * 1000)} ms"


_QUEUES = {"Digests": N_("Digests"), "Other messages": N_("Other messages")}
