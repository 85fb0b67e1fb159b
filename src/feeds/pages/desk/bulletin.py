"""One bulletin at the desk: what was read, who gets it, when it goes, what may be done with it (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feeds import schedule
from feeds.filters.members import Pace, Reached
from feeds.model import Act, Fault, Item, Kind, Label, Outcome, Vocabulary
from feeds.pages.desk.frame import HOME, Seen
from feeds.pages.desk.lines import Line, Role
from feeds.pages.desk.listing import ListingPages, Row, heading_of, state_of
from feeds.pages.explained import Explained, explained
from feeds.reading import explain
from feeds.templating import one_line

SOON_MINUTES = 10
_MOST_TICKS = 40
# Code, name, and whether it is ticked.
Tick = tuple[str, str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """A line of the audit trail; `store.audit.Line` is one."""

    at: datetime
    who: str
    way: str
    act: Act
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """An item of a bulletin. `reached`: who gets it; `told`: who would be told of a change."""

    number: int
    item: Item
    outcome: Outcome
    why: str = ""
    reached: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A bulletin laid open. `lines` is empty where its text cannot be shown; `written_anew`: `text` was made
    of what was read of a document or a mail; `reach`: None while that is counted. `told`: how many people get
    to know if all its items are withdrawn, `told_gone` if the withdrawn ones stand again; `embargo_at`: it
    does not go out before, whatever its head says.
    """

    row: Row
    items: Sequence[OpenItem]
    lines: Sequence[Line] = ()
    faults: Sequence[tuple[int | None, str, str]] = ()
    reach: Reached | None = None
    trail: Sequence[Deed] = ()
    text: str = ""
    before: str = ""
    told: int = 0
    told_gone: int = 0
    embargo_at: datetime | None = None
    written_anew: bool = False


@dataclass(frozen=True, slots=True)
class When:
    """What stands in the form that says when: a choice, a day and an hour in their zone."""

    choice: str = "now"
    day: str = ""
    hour: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)


def moment_of(when: When, now: datetime, zone: str) -> datetime | None:
    """The instant that a form says; None for one that is no time, or not to come."""
    try:
        wall = datetime.fromisoformat(f"{when.day.strip()}T{when.hour.strip()}")
    except ValueError:
        return None
    if wall.tzinfo is not None:
        return None
    at = schedule.local_instant(wall.date(), wall.hour, zone, wall.minute)
    return at if at > now else None


class BulletinPages(ListingPages):
    """One bulletin."""

    def bulletin(
        self,
        opened: Opened,
        seen: Seen,
        when: When | None = None,
        said: str = "",
        faults: Mapping[str, str] | None = None,
        typed: str = "",
    ) -> bytes:
        """Everything about one bulletin, and what may be done with it now."""
        row, t = opened.row, self._t
        state = state_of(row.receipt)
        here = f"{HOME}bulletins/{row.id}/"
        heading = heading_of(row.name, row.receipt, t.gettext(", and %(num)s more"))
        embargo = opened.embargo_at if opened.embargo_at and opened.embargo_at > seen.now else None
        wrong = {**(when.faults if when else {}), **(faults or {})}
        return self.desk(
            "bulletin.html",
            heading,
            seen,
            said=said,
            faults=wrong,
            state=state,
            action=self.href(f"{here}do"),
            url=self.href(here),
            shown=self.shown(row, seen),
            when=when or self._when(seen, embargo),
            soon=SOON_MINUTES,
            zone_name=seen.staff.zone,
            told=self.people(opened.told),
            gone=self._gone(opened),
            told_gone=self.people(opened.told_gone),
            standing=sum(each.item.withdrawn_at is None for each in opened.items),
            embargo=self.hour(embargo, seen) if embargo else "",
            items=[self._item(each, here, state) for each in opened.items],
            text=typed or opened.text,
            written_anew=opened.written_anew,
            before=opened.before,
            lines=[self._line(each) for each in opened.lines],
            faulty=opened.faults,
            counted=self._counted(opened),
            counted_readers=opened.reach is not None,
            reach=self.reach_rows(opened.reach),
            trail_rows=self.trail(opened.trail, seen),
            reached=self.people(opened.reach.total) if opened.reach else "",
            at_once=opened.reach.by_pace[Pace.AT_ONCE] if opened.reach else 0,
        )

    def done(self, code: str) -> str:
        """What was just done, in a sentence; nothing for a code that is none."""
        t = self._t
        return {
            "mended": t.gettext("The text was mended. Look once more at what is read now."),
            "labelled": t.gettext("The labels were changed."),
            "changed-meanwhile": t.gettext("Nothing was changed: somebody else has changed it meanwhile."),
            "not-held": t.gettext("Nothing was changed: it is not held any more."),
            "released": t.gettext("It is released and goes out within seconds."),
            "under-embargo": t.gettext(
                "It is released, but its embargo holds: nobody outside sees it before."
            ),
            "scheduled": t.gettext("The time is set. Nobody outside sees it before."),
            "taken-back": t.gettext("It is taken back. Nobody got it."),
            "withdrawn": t.gettext("Withdrawn. Those who got it are told in their next email."),
            "restored": t.gettext("Restored. Those who were told of the withdrawal are told once."),
            "corrected": t.gettext("Corrected. Those who got it are told in their next email."),
            "relabelled": t.gettext("The labels were changed. Nobody is mailed about that."),
            "came-in": t.gettext("It was read and waits. Nobody outside sees it until you release it."),
            "mailed": t.gettext("A test email is on its way to you."),
        }.get(code, "")

    def no_time(self) -> str:
        """For a day and an hour that cannot be taken."""
        return self._t.gettext("Please give a day and an hour that are still to come.")

    def no_reason(self) -> str:
        """For a withdrawal without a word."""
        return self._t.gettext("Please say why, in a few words: readers see it.")

    def fault_words(self, faults: Sequence[Fault]) -> str:
        """What is wrong with a text, in one line."""
        return " ".join(" ".join(explain(fault, self._t.gettext)) for fault in faults)

    def choose_labels(self, item: Item, action: str, back: str, seen: Seen, told: str = "") -> bytes:
        """The form with the labels of one item."""
        t = self._t
        return self.desk(
            "labels.html",
            t.gettext("Labels"),
            seen,
            action=self.href(action),
            back=self.href(back),
            title_of=one_line(item.title),
            lang=item.lang,
            told=told,
            groups=self.groups(item),
        )

    def groups(self, item: Item) -> list[tuple[str, str, list[Tick], list[Tick]]]:
        """Countries, topics and regions as ticks: (name of the field, heading, those that are shown, those
        that are folded away where there are very many)."""
        t, ticks = self._t, ticked(self._vocabulary, item, self._t.lang)
        names = {
            Kind.TOPIC: t.gettext("Topics"),
            Kind.COUNTRY: t.gettext("Countries"),
            Kind.REGION: t.gettext("Regions"),
        }
        found = []
        for kind, name in names.items():
            rows = ticks[kind.value]
            shown = len(rows) if len(rows) <= _MOST_TICKS else sum(on for _, _, on in rows)
            found.append((kind.value, name, rows[:shown], rows[shown:]))
        return found

    def people(self, number: int) -> str:
        """``1 reader``, ``1,260 readers``."""
        t = self._t
        return t.ngettext("%(num)s reader", "%(num)s readers", number) % {"num": t.number(number)}

    def reach_rows(self, reach: Reached | None) -> list[tuple[str, str]]:
        """How many get it when."""
        if reach is None:
            return []
        t = self._t
        names = {
            Pace.AT_ONCE: t.gettext("At once, when it goes out"),
            Pace.DAILY: t.gettext("In the next daily email"),
            Pace.WEEKLY: t.gettext("In the next weekly email"),
            Pace.OTHERWISE: t.gettext("On days of their own, or once items have gathered"),
        }
        return [(names[pace], t.number(number)) for pace, number in reach.by_pace.items() if number]

    def trail(self, deeds: Sequence[Deed], seen: Seen) -> list[tuple[str, str, str, str]]:
        """Who did what, oldest first: (machine's time, hour, what, in whose words)."""
        return [
            (each.at.isoformat(), self.hour(each.at, seen), self._deed(each), one_line(each.reason))
            for each in sorted(deeds, key=lambda one: one.at)
        ]

    def _deed(self, deed: Deed) -> str:
        t = self._t
        what = {
            Act.CAME_IN: t.gettext("Came in"),
            Act.MENDED: t.gettext("Text mended"),
            Act.CHOSEN: t.gettext("Labels chosen"),
            Act.SCHEDULED: t.gettext("Time chosen"),
            Act.RELEASED: t.gettext("Released"),
            Act.TAKEN_BACK: t.gettext("Taken back"),
            Act.CORRECTED: t.gettext("Corrected"),
            Act.RELABELLED: t.gettext("Labels changed"),
            Act.WITHDRAWN: t.gettext("Withdrawn"),
            Act.RESTORED: t.gettext("Restored"),
            Act.EMBARGOED: t.gettext("Embargo set"),
            Act.EMBARGO_LIFTED: t.gettext("Embargo lifted"),
        }.get(deed.act, deed.act.value)
        ways = {
            "desk": t.gettext("at the desk"),
            "folder": t.gettext("by the folder"),
            "command line": t.gettext("by command"),
            "link": t.gettext("by a link of the receipt"),
            "clock": t.gettext("by itself, at its time"),
        }
        way = ways.get(deed.way, deed.way)
        return f"{what}, {deed.who}, {way}" if deed.who else f"{what}, {way}"

    def _when(self, seen: Seen, embargo: datetime | None) -> When:
        """Not now: whoever presses without looking has time to take it back. A full hour that is to come, or
        that of the embargo."""
        if embargo:
            wall = schedule.wall_clock(embargo, seen.staff.zone)
            return When("at", wall.date().isoformat(), f"{wall:%H:%M}")
        wall = schedule.wall_clock(seen.now, seen.staff.zone)
        hour = (wall.hour + 2) % 24
        day = wall.date() if hour > wall.hour else wall.date() + timedelta(days=1)
        return When("soon", day.isoformat(), f"{hour:02}:00")

    def _gone(self, opened: Opened) -> int:
        return sum(each.item.withdrawn_at is not None for each in opened.items)

    def _item(self, each: OpenItem, here: str, state: str) -> dict[str, object]:
        item, t = each.item, self._t
        ends = f"{HOME}items/{item.id}/"
        return {
            "number": each.number,
            "title": one_line(item.title),
            "lang": item.lang,
            "date": t.date(item.date_on),
            "outcome": each.outcome.value,
            "why": each.why,
            "reached": t.number(each.reached),
            "labels": [self.reason(label, item) for label in item.labels],
            "withdrawn": item.withdrawn_at is not None,
            "url": self.href(ends) if state == "done" else "",
            "page": self.href(f"{here}preview/{each.number}/page"),
            "entry": self.href(f"{here}preview/{each.number}/entry"),
            "relabel": self.href(f"{here}labels/{each.number}"),
        }

    def reason(self, label: Label, item: Item) -> Explained:
        """A label with the words that gave it."""
        return explained(label, item, self._vocabulary, self._t)

    def _line(self, line: Line) -> dict[str, object]:
        t = self._t
        words = {
            Role.DATE: t.gettext("Date"),
            Role.TITLE: t.gettext("Headline"),
            Role.TEXT: t.gettext("Text"),
            Role.LEFT: t.gettext("Not published"),
            Role.BLANK: "",
        }[line.role]
        if line.item and line.role is Role.TITLE:
            words = t.gettext("Headline, item %(number)s") % {"number": line.item}
        faults = [" ".join(explain(fault, t.gettext)) for fault in line.faults]
        return {
            "number": line.number,
            "text": line.text[:600],
            "role": line.role.value,
            "words": words,
            "faults": faults,
        }

    def _counted(self, opened: Opened) -> str:
        t = self._t
        items = t.ngettext("%(num)s item", "%(num)s items", len(opened.items)) % {"num": len(opened.items)}
        lines = t.ngettext("%(num)s line", "%(num)s lines", len(opened.lines)) % {"num": len(opened.lines)}
        return ", ".join(part for part in (lines if opened.lines else "", items) if part)


def ticked(vocabulary: Vocabulary, item: Item, lang: str) -> dict[str, list[Tick]]:
    """Countries, regions and topics as ticks: (code, name, on); what is on stands first, then by name."""
    found = {}
    for kind in Kind:
        on = set(item.codes(kind))
        terms = [term for term in vocabulary.of(kind) if term.code in on or not term.retired]
        rows = [(term.code, vocabulary.name(kind, term.code, lang), term.code in on) for term in terms]
        found[kind.value] = sorted(rows, key=lambda row: (not row[2], row[1].casefold()))
    return found
