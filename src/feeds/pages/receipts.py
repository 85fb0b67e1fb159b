"""Behind the links of a receipt's mail: one act of the office on one bulletin, asked once more (pure).

Owns: what these pages say. Each says how many people the act reaches before anybody presses its button.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feeds import richtext
from feeds.filters.members import Pace
from feeds.model import Item, Kind, Label, ReceiptAct
from feeds.pages.telling import TellingPages
from feeds.templating import clip, one_line
from feeds.timewords import instant_words, pace_words

MOST_ITEMS = 40
_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a page of one bulletin tells. `reach`: how many people will get its items, by pace, None while
    that is counted; `told`: how many are told of a withdrawal. `waits`: until somebody says so; else `until`,
    None where it is out. `embargo` holds whoever lets it go.
    """

    name: str
    token: str
    zone: str
    items: Sequence[Item]
    reach: Mapping[Pace, int] | None
    told: int = 0
    until: datetime | None = None
    waits: bool = False
    undone: bool = False
    embargo: datetime | None = None

    @property
    def out(self) -> bool:
        """Whether it is not held: readers see it, unless it was taken back."""
        return self.until is None and not self.waits

    @property
    def people(self) -> int:
        """Everybody who will get it, as far as that is counted."""
        return sum((self.reach or {}).values())


@dataclass(frozen=True, slots=True)
class Choice:
    """A label of an item, to be kept or taken away."""

    value: str
    name: str


@dataclass(frozen=True, slots=True)
class Story:
    """An item as the page shows it, with its words as readers see them."""

    id: str
    title: str
    lang: str
    meta: str
    text: str
    labels: tuple[Choice, ...]


class ReceiptPages(TellingPages):
    """Asks before something is done about a bulletin, and says what was done."""

    def look(self, facts: Facts) -> bytes:
        """How it will look, or looks, and who gets it. Nothing can be pressed."""
        heading = (
            self._t.gettext("As readers see it") if facts.out else self._t.gettext("As readers will see it")
        )
        return self._page(ReceiptAct.LOOK, facts, heading, "")

    def ask_release(self, facts: Facts) -> bytes:
        """What the Release link opens."""
        t = self._t
        button = t.ngettext("Release now to %(num)s person", "Release now to %(num)s people", facts.people)
        return self._page(
            ReceiptAct.RELEASE, facts, t.gettext("Release this now?"),
            button % {"num": t.number(facts.people)} if facts.reach is not None else t.gettext("Release now"),
            hint=t.gettext("It is public within seconds. Emails that were sent cannot be called back."),
        )  # fmt: skip

    def ask_take_back(self, facts: Facts) -> bytes:
        """What the Take back link opens."""
        t = self._t
        return self._page(
            ReceiptAct.TAKE_BACK, facts, t.gettext("Take this file back?"), t.gettext("Take it back"),
            hint=t.gettext("Nobody hears of it. The file moves to the folder “undone”."),
        )  # fmt: skip

    def ask_withdraw(self, facts: Facts) -> bytes:
        """What the Withdraw link opens: its items, a reason, and how many people are told."""
        t = self._t
        told = t.ngettext(
            "Their pages say that they were withdrawn. %(num)s person was sent one of them and is told.",
            "Their pages say that they were withdrawn. %(num)s people were sent one of them and are told.",
            facts.told,
        ) % {"num": t.number(facts.told)}
        nobody = t.gettext("Their pages say that they were withdrawn. Nobody was sent one of them so far.")
        return self._page(
            ReceiptAct.WITHDRAW, facts, t.gettext("Withdraw what came in with this file?"),
            t.gettext("Withdraw what is ticked"), hint=told if facts.told else nobody,
        )  # fmt: skip

    def ask_labels(self, facts: Facts, *, unknown: Sequence[str] = ()) -> bytes:
        """What the Fix labels link opens; `unknown` are words typed before that name nothing here."""
        t = self._t
        out = t.gettext("Pages and feeds follow within seconds. Nobody gets an email about it.")
        held = t.gettext("Who gets it follows its labels. It stays held: nobody outside sees it yet.")
        return self._page(
            ReceiptAct.LABELS, facts, t.gettext("Labels of this file’s items"), t.gettext("Save the labels"),
            hint=out if facts.out else held,
            unknown=[one_line(each) for each in unknown],
        )  # fmt: skip

    def done(self, act: ReceiptAct, facts: Facts) -> bytes:
        """After the button."""
        t = self._t
        words = {
            ReceiptAct.RELEASE: (t.gettext("Released"), t.gettext("It goes out within seconds.")),
            ReceiptAct.TAKE_BACK: (t.gettext("Taken back"), t.gettext("Nothing of it was announced.")),
            ReceiptAct.LABELS: (t.gettext("Labels saved"), t.gettext("Pages and feeds follow now.")),
            ReceiptAct.WITHDRAW: (
                t.gettext("Withdrawn"),
                t.gettext("Those who were sent it are told once, in their next email."),
            ),
        }  # fmt: skip
        heading, told = words[act]
        if act is ReceiptAct.RELEASE and facts.embargo is not None:
            told = self._embargoed(facts)
        elif act is ReceiptAct.LABELS and not facts.out and facts.reach is None:
            told = t.gettext("It stays held.")
        elif act is ReceiptAct.LABELS and not facts.out:
            told = t.ngettext(
                "It stays held; %(num)s person will get it.",
                "It stays held; %(num)s people will get it.",
                facts.people,
            ) % {"num": t.number(facts.people)}
        return self._tell(heading, f"{self._name(facts)}: {told}")

    def over(self, facts: Facts | None = None) -> bytes:
        """A link that was used, is too old, or was never ours; or one whose act makes no sense any more."""
        t = self._t
        told = (
            self._state(facts)
            if facts
            else t.gettext("It was used, is more than 7 days old, or was cut short. Nothing has changed.")
        )
        return self._tell(t.gettext("This link does nothing any more"), told)

    def _page(self, act: ReceiptAct, facts: Facts, heading: str, button: str, **values: Any) -> bytes:
        t = self._t
        return self.private(
            "receipt.html", heading, act=act.value, of=self._name(facts), state=self._state(facts),
            action=self.href(f"/receipt/{facts.token}"), button=button,
            stories=[self._story(each) for each in facts.items[:MOST_ITEMS]],
            more=max(0, len(facts.items) - MOST_ITEMS),
            counted=act is not ReceiptAct.WITHDRAW and not (act is ReceiptAct.LABELS and facts.out),
            uncounted=facts.reach is None, people=facts.people, number=t.number(facts.people),
            paces=[(t.number(n), pace_words(pace, t)) for pace, n in (facts.reach or {}).items() if n],
            **{"hint": "", "unknown": (), **values},
        )  # fmt: skip

    def _name(self, facts: Facts) -> str:
        return clip(one_line(facts.name), _NAME)

    def _state(self, facts: Facts) -> str:
        t = self._t
        if facts.waits:
            return t.gettext("It waits until somebody says so; nothing happens by itself.")
        if facts.undone:
            return t.gettext("It was taken back: nothing of it was announced.")
        if facts.until is None:
            return t.gettext("It is out.")
        if facts.embargo is not None:
            return self._embargoed(facts)
        when = instant_words(facts.until, facts.zone, t)
        return t.gettext("It goes out by itself: %(when)s.") % {"when": when}

    def _embargoed(self, facts: Facts) -> str:
        assert facts.embargo is not None
        when = instant_words(facts.embargo, facts.zone, self._t)
        return self._t.gettext("Its embargo holds until then: %(when)s.") % {"when": when}

    def _story(self, item: Item) -> Story:
        t = self._t
        return Story(
            id=item.id,
            title=one_line(item.title),
            lang=item.lang,
            meta=t.date(item.date_on),
            text=richtext.as_html(item.body, item.summary),
            labels=tuple(self._choice(each) for kind in Kind for each in item.labels if each.kind is kind),
        )

    def _choice(self, label: Label) -> Choice:
        name = self._vocabulary.name(label.kind, label.code, self._t.lang)
        return Choice(f"{label.kind.value}:{label.code}", name)
