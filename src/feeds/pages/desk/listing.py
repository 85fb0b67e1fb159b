"""What came in, at the desk: what waits, what is held, what needs a look, and what is done (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from feeds.model import WAITS, BulletinReceipt, Outcome
from feeds.pages.desk.frame import HOME, DeskFrame, Seen
from feeds.templating import clip, one_line

_HEADING = 110
_ITEMS = (Outcome.NEW, Outcome.CHANGED, Outcome.SAME)
_LOOK = (Outcome.FAULTY, Outcome.WARNING)


class Row(Protocol):
    """A bulletin as it is stored; `store.bulletins.BulletinRow` is one."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def accepted_at(self) -> datetime: ...
    @property
    def receipt(self) -> BulletinReceipt: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A bulletin in a list. `state` is one of waits, held, rejected, undone, done; `sign` stands before the
    words."""

    id: int
    url: str
    heading: str
    name: str
    state: str
    sign: str
    words: str
    told: str
    came: str
    items: int
    bad: bool


def state_of(receipt: BulletinReceipt) -> str:
    """What became of a bulletin: ``waits``, ``held``, ``rejected``, ``undone`` or ``done``."""
    if receipt.undone_at:
        return "undone"
    if receipt.held_until is not None:
        return "waits" if receipt.held_until == WAITS else "held"
    return "rejected" if receipt.rejected else "done"


def heading_of(name: str, receipt: BulletinReceipt, more: str) -> str:
    """The first title and how many more there are, by `more`; the file's name if there is none."""
    titles = [one_line(line.title) for line in receipt.lines if line.outcome in _ITEMS and line.title]
    if not titles:
        return one_line(name)
    rest = more % {"num": len(titles) - 1} if len(titles) > 1 else ""
    return clip(titles[0], _HEADING - len(rest)) + rest


class ListingPages(DeskFrame):
    """The page on which a day at the desk begins."""

    def bulletins(
        self, open_: Sequence[Row], rows: Sequence[Row], seen: Seen, older: int | None, said: str = ""
    ) -> bytes:
        """`open_` waits for somebody, `rows` are the others, newest first; `older`: before which number the
        next ones stand, None if there are no more."""
        return self.desk(
            "bulletins.html",
            self._t.gettext("Bulletins"),
            seen,
            said=said,
            stand=self._stand(open_, seen),
            open=[self.shown(each, seen) for each in open_],
            rows=[self.shown(each, seen) for each in rows],
            older=self.href(f"{HOME}?before={older}") if older else "",
        )

    def shown(self, row: Row, seen: Seen) -> Shown:
        """One bulletin in words."""
        t, receipt = self._t, row.receipt
        state = state_of(receipt)
        sign, words = self._state(state)
        items = sum(line.outcome in _ITEMS for line in receipt.lines)
        return Shown(
            id=row.id,
            url=self.href(f"{HOME}bulletins/{row.id}/"),
            name=one_line(row.name),
            state=state,
            heading=heading_of(row.name, receipt, t.gettext(", and %(num)s more")),
            sign=sign,
            words=words,
            told=self.told(state, receipt, items, seen),
            came=self.hour(receipt.received_at, seen),
            items=items,
            bad=state == "rejected",
        )

    def _state(self, state: str) -> tuple[str, str]:
        t = self._t
        return {
            "waits": ("◷", t.gettext("Waits for you")),
            "held": ("◷", t.gettext("Held")),
            "rejected": ("!", t.gettext("Rejected")),
            "undone": ("↩", t.gettext("Taken back")),
            "done": ("✓", t.gettext("Done")),
        }[state]

    def told(self, state: str, receipt: BulletinReceipt, items: int, seen: Seen) -> str:
        """What happens by itself, and what must be looked at."""
        t = self._t
        parts = []
        if state == "held" and receipt.held_until:
            until = receipt.held_until
            said = t.gettext("until %(time)s – %(left)s. Then it goes out by itself.")
            parts.append(said % {"time": self.hour(until, seen), "left": self.left(until, seen.now)})
        elif state == "waits":
            parts.append(t.gettext("Nobody outside sees it until you release it."))
        elif state == "rejected":
            parts.append(t.gettext("Nothing was read from it, and nothing was sent."))
        if items and state in ("held", "waits"):
            parts.append(t.ngettext("%(num)s item", "%(num)s items", items) % {"num": items} + ".")
        if faults := sum(line.outcome in _LOOK for line in receipt.lines):
            said = t.ngettext("%(num)s line to look at.", "%(num)s lines to look at.", faults)
            parts.append(said % {"num": faults})
        return " ".join(parts)

    def _stand(self, rows: Iterable[Row], seen: Seen) -> str:
        """The first sentence of the day."""
        t = self._t
        states = [state_of(row.receipt) for row in rows]
        parts = []
        if waits := states.count("waits"):
            said = t.ngettext("%(num)s waits for you.", "%(num)s wait for you.", waits)
            parts.append(said % {"num": waits})
        if held := states.count("held"):
            first = min(
                row.receipt.held_until
                for row in rows
                if state_of(row.receipt) == "held" and row.receipt.held_until
            )
            said = t.ngettext(
                "%(num)s is held and goes out at %(time)s.",
                "%(num)s are held; the first goes out at %(time)s.",
                held,
            )
            parts.append(said % {"num": held, "time": self.hour(first, seen)})
        if rejected := states.count("rejected"):
            said = t.ngettext("%(num)s was rejected.", "%(num)s were rejected.", rejected)
            parts.append(said % {"num": rejected})
        return " ".join(parts) or t.gettext("Nothing waits for you.")
