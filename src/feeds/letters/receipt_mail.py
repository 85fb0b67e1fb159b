"""The mail that brings the receipt of a bulletin to the office (pure).

Owns: what this mail says, and in which order: is all well, what is wrong and
what to do, then the items with links to their pages. The words for single
lines are those of the file's receipt (`receipt`).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from css_inline import CSSInliner

from feeds import schedule
from feeds.filters.members import Pace, Reach, Reached
from feeds.i18n import N_, Translator, translator
from feeds.letters.fitting import MOST_CARDS, MOST_HEADLINES, Layout, fitted
from feeds.letters.links import receipt_url
from feeds.letters.receipt import HEADINGS, Row, held_words, is_gone, row, summary_line
from feeds.model import (
    WAITS,
    BulletinReceipt,
    Outcome,
    ReceiptAct,
    ReceiptLine,
    RenderedMail,
    SiteInfo,
    Vocabulary,
)
from feeds.templating import Environment, clip, one_line, render
from feeds.timewords import day_and_hour, instant_words, local_day, pace_words

MOST_FAULTS = 60
MOST_SHOWN = 12
MOST_NAMED = 3
_SUBJECT_LIMIT = 120
_NAME_IN_SUBJECT = 60
_TITLE_LIMIT = 250
_FILE_LINE = 160
_FAULTS = (Outcome.FAULTY, Outcome.WARNING)
_ITEMS = (Outcome.NEW, Outcome.CHANGED, Outcome.SAME)


class Verdict(StrEnum):
    """What the office wants to know first."""

    RECEIVED = "received"
    CHECK = "check"
    REJECTED = "rejected"
    HELD = "held"
    WAITS = "waits"
    UNDONE = "undone"


_VERDICTS = {
    Verdict.RECEIVED: N_("All is well"),
    Verdict.CHECK: N_("Please check"),
    Verdict.REJECTED: N_("Rejected"),
    Verdict.HELD: N_("Held"),
    Verdict.WAITS: N_("Waits for you"),
    Verdict.UNDONE: N_("Taken back"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item as the mail shows it. `url` is empty where there is no page; `meta` holds day and labels.
    `goes_to`: how many get it when, empty where that was not counted; `look`: what to look at.
    """

    title: str
    url: str
    meta: str
    reason: str
    goes_to: str = ""
    look: str = ""


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line of the file beside a fault; `wrong` is the one that the fault is about."""

    number: int
    text: str
    wrong: bool


@dataclass(frozen=True, slots=True)
class Place:
    """What is wrong, what to do, and the lines of the file around it, where they can be shown."""

    row: Row
    around: tuple[FileLine, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Items, or faults, with the same outcome; `headlines` come after `cards`, without their labels."""

    outcome: Outcome
    heading: str
    cards: Sequence[Entry | Place]
    headlines: Sequence[Entry] = ()


def needs_a_look(receipt: BulletinReceipt) -> bool:
    """Whether a receipt asks for something: a fault, something to check, a file that was rejected."""
    return receipt.rejected or any(line.outcome in _FAULTS for line in receipt.lines)


@dataclass(frozen=True, slots=True)
class Button:
    """A link of the mail that opens a page which asks once more; `first` stands out."""

    words: str
    url: str
    first: bool


_BUTTONS = {
    ReceiptAct.RELEASE: N_("Release now"),
    ReceiptAct.TAKE_BACK: N_("Take it back"),
    ReceiptAct.LABELS: N_("Fix labels"),
    ReceiptAct.WITHDRAW: N_("Withdraw"),
}


def acts_of(receipt: BulletinReceipt) -> tuple[ReceiptAct, ...]:
    """What can be done about a bulletin by the links of its receipt, the likeliest first."""
    if receipt.rejected or receipt.undone_at:
        return ()
    if receipt.held_until:
        return ReceiptAct.RELEASE, ReceiptAct.LOOK, ReceiptAct.LABELS, ReceiptAct.TAKE_BACK
    if receipt.count(Outcome.NEW):
        return ReceiptAct.LOOK, ReceiptAct.LABELS, ReceiptAct.WITHDRAW
    return ()


def button_words(act: ReceiptAct, receipt: BulletinReceipt, t: Translator) -> str:
    """What stands on the button of an act."""
    if act is ReceiptAct.LOOK:
        held = receipt.held_until is not None
        return t.gettext("See how it will look") if held else t.gettext("See it as readers do")
    if act is ReceiptAct.RELEASE and receipt.held_until == WAITS:
        return t.gettext("Let it go as it is")
    return t.gettext(_BUTTONS[act])


class ReceiptLetters:
    """Renders receipts for one site; the CSS inliner is made once."""

    def __init__(self, environment: Environment, site: SiteInfo, vocabulary: Vocabulary) -> None:
        self._environment = environment
        self._site = site
        self._vocabulary = vocabulary
        self._inliner = CSSInliner(load_remote_stylesheets=False)

    def render(
        self,
        receipt: BulletinReceipt,
        lang: str,
        setting: str,
        zone: str = "UTC",
        reach: Reach | None = None,
        text: str = "",
    ) -> RenderedMail:
        """Subject, text and HTML in the office's language and time zone, the HTML within
        `fitting.HTML_BUDGET`. `setting` is the key of the configuration that sends this mail, `reach` how
        many people get what the bulletin brings, `text` the file's, if it is one.
        """
        t = translator(lang)
        faults, lines = _of(receipt, _FAULTS), _of(receipt, _ITEMS)
        cards = len(_of(receipt, _ITEMS[:2]))  # what is known already needs no card
        layout = Layout(
            cards=min(cards, MOST_CARDS),
            headlines=min(len(lines) - min(cards, MOST_CARDS), MOST_HEADLINES),
            notes=min(len(faults), MOST_FAULTS),
        )
        values = self._frame(receipt, zone, t) | {
            "setting": setting,
            **_reached(reach.together if reach else None, t),
        }
        of_file = text.splitlines()
        rows = [
            Place(row(line, self._vocabulary, t), _around(line, of_file) if n < MOST_SHOWN else ())
            for n, line in enumerate(faults[:MOST_FAULTS])
        ]
        entries = [self._entry(line, receipt, reach, t) for line in lines[: layout.cards + MOST_HEADLINES]]

        def make(layout: Layout) -> str:
            shown = layout.cards + layout.headlines
            values.update(
                faults=_sections(receipt, faults, rows[: layout.notes], layout.notes, t),
                more_faults=len(faults) - layout.notes,
                sections=_sections(receipt, lines, entries[:shown], layout.cards, t),
                more=len(lines) - shown,
            )
            return self._inliner.inline(self._part("body.html", values))

        html = fitted(layout, make)
        return RenderedMail(subject=values["subject"], text=self._part("body.txt", values), html=html)

    def _part(self, name: str, values: dict[str, Any]) -> str:
        return render(self._environment, f"email/receipt/{name}", values)

    def _frame(self, receipt: BulletinReceipt, zone: str, t: Translator) -> dict[str, Any]:
        """What the mail says around faults and items."""
        verdict, name = _verdict(receipt), one_line(receipt.name)
        values: dict[str, Any] = {
            "t": t,
            "site": self._site.speaking(t.lang),
            "verdict": verdict.value,
            "status": t.gettext(_VERDICTS[verdict]),
            "name": name,
            "short_name": clip(name, _NAME_IN_SUBJECT),
            "argument": shlex.quote(name),
            "what": _what(receipt, verdict, self._vocabulary, t),
            "summary": summary_line(receipt, t),
            "received": instant_words(receipt.received_at, zone, t),
            "held": held_words(receipt, zone, t),
            "waits": receipt.held_until == WAITS,
            "gone": is_gone(receipt),
            "undone": instant_words(receipt.undone_at, zone, t) if receipt.undone_at else "",
            "held_until": _until(receipt, zone, t),
            "bringing": receipt.count(Outcome.NEW) + receipt.count(Outcome.CHANGED),
            "faulty": receipt.count(Outcome.FAULTY),
            "buttons": [
                Button(button_words(act, receipt, t), receipt_url(self._site, act), n == 0)
                for n, act in enumerate(acts_of(receipt))
            ],
            "preheader": clip(_preheader(receipt, self._vocabulary, t), 100),
        }
        wrong = [n for line in _of(receipt, (Outcome.FAULTY,)) if (n := _number(line))]
        named = len(wrong) <= MOST_NAMED and len(wrong) == receipt.count(Outcome.FAULTY)
        values["wrong_lines"] = t.all_of([str(n) for n in wrong]) if wrong and named else ""
        values["wrong_count"] = len(wrong)
        values["subject"] = clip(self._part("subject.txt", values), _SUBJECT_LIMIT)
        return values

    def _entry(
        self, line: ReceiptLine, receipt: BulletinReceipt, reach: Reach | None, t: Translator
    ) -> Entry:
        told = row(line, self._vocabulary, t)
        announced = line.outcome is not Outcome.NEW or not (receipt.held_until or receipt.undone_at)
        paged = line.item_id is not None and announced and line.reason != "withdrawn"
        return Entry(
            title=clip(told.title, _TITLE_LIMIT),
            url=self._site.url(f"/items/{line.item_id}/", t.lang) if paged else "",
            meta=" · ".join(filter(None, (told.date, *told.labels))),
            reason=told.reason,
            goes_to=_goes_to(reach.each.get(line.item_id or ""), t) if reach else "",
            look=_to_look_at(line, receipt, t),
        )


_SHORT = {
    Pace.AT_ONCE: N_("%(num)s at once"), Pace.DAILY: N_("%(num)s daily"), Pace.WEEKLY: N_("%(num)s weekly"),
    Pace.OTHERWISE: N_("%(num)s on days of their own"),
}  # fmt: skip


def _goes_to(reached: Reached | None, t: Translator) -> str:
    """``312 at once, 604 daily``; empty for what was not counted."""
    if reached is None:
        return ""
    paces = [t.gettext(_SHORT[pace]) % {"num": t.number(n)} for pace, n in reached.by_pace.items() if n]
    return ", ".join(paces) or t.gettext("nobody yet")


def _to_look_at(line: ReceiptLine, receipt: BulletinReceipt, t: Translator) -> str:
    """That an item has no labels, while that can be mended by this mail."""
    if line.labels or line.outcome is not Outcome.NEW or ReceiptAct.LABELS not in acts_of(receipt):
        return ""
    return t.gettext(
        "No country and no topic was recognised. Put them in by “Fix labels” above, or only those who follow "
        "everything get it."
    )


def _around(line: ReceiptLine, text: Sequence[str]) -> tuple[FileLine, ...]:
    """The line that is wrong, two before it and one after; of what is only to be looked at, that line."""
    number = _number(line)
    if not 0 < number <= len(text):
        return ()
    faulty = line.outcome is Outcome.FAULTY
    first, last = (max(1, number - 2), min(len(text), number + 1)) if faulty else (number, number)
    return tuple(
        FileLine(n, clip(one_line(text[n - 1]), _FILE_LINE), n == number) for n in range(first, last + 1)
    )


def _number(line: ReceiptLine) -> int:
    """The line of the file that it is about; 0 if it is about none."""
    return line.line or (line.fault.line if line.fault else None) or 0


def _until(receipt: BulletinReceipt, zone: str, t: Translator) -> str:
    """Until when it is held, short: with its day unless that is the one it came; empty where it is not."""
    until = receipt.held_until
    if not until or until == WAITS:
        return ""
    if local_day(until, zone) != local_day(receipt.received_at, zone):
        return t.gettext("until %(day)s") % {"day": day_and_hour(until, zone, t)}
    wall = schedule.wall_clock(until, zone)
    return t.until(wall.hour, wall.minute)


def _reached(reach: Reached | None, t: Translator) -> dict[str, Any]:
    """How many people get it, and when, in words; nothing where that was not counted."""
    if reach is None:
        return {"people": None}
    paces = [(t.number(n), pace_words(pace, t)) for pace, n in reach.by_pace.items() if n]
    return {"people": reach.total, "people_words": t.number(reach.total), "paces": paces}


def _of(receipt: BulletinReceipt, outcomes: Sequence[Outcome]) -> list[ReceiptLine]:
    """The lines with these outcomes, in their order."""
    return [line for outcome in outcomes for line in receipt.lines if line.outcome is outcome]


def _verdict(receipt: BulletinReceipt) -> Verdict:
    if receipt.rejected:
        return Verdict.REJECTED
    if receipt.undone_at:
        return Verdict.UNDONE
    if receipt.held_until == WAITS:
        return Verdict.WAITS
    if needs_a_look(receipt):
        return Verdict.CHECK
    return Verdict.HELD if receipt.held_until else Verdict.RECEIVED


def _what(receipt: BulletinReceipt, verdict: Verdict, vocabulary: Vocabulary, t: Translator) -> str:
    """The verdict's reason, short enough for a subject: what is wrong, or else what became of the items."""
    faulty, warned = receipt.count(Outcome.FAULTY), receipt.count(Outcome.WARNING)
    if verdict is Verdict.REJECTED:
        return (
            row(receipt.lines[0], vocabulary, t).what.rstrip(".") if receipt.lines else t.gettext("no items")
        )
    if not faulty:
        return summary_line(receipt, t)
    words = t.ngettext("1 item could not be read", "%(num)s items could not be read", faulty)
    told = [words % {"num": faulty}]
    if warned:
        told.append(t.ngettext("%(num)s to check", "%(num)s to check", warned) % {"num": warned})
    return ", ".join(told)


def _preheader(receipt: BulletinReceipt, vocabulary: Vocabulary, t: Translator) -> str:
    """The line that mail programs show beside the subject: the first fault, or else the titles."""
    if faults := _of(receipt, _FAULTS):
        first = row(faults[0], vocabulary, t)
        return first.remedy if receipt.rejected else first.what
    return " / ".join(one_line(line.title) for line in _of(receipt, _ITEMS)[:6])


def _sections(
    receipt: BulletinReceipt,
    lines: Sequence[ReceiptLine],
    shown: Sequence[Any],
    cards: int,
    t: Translator,
) -> list[Section]:
    """`shown`, the first of `lines` in words, under a heading for each outcome; the first `cards` in full."""
    return list(_split(receipt, list(zip(lines, shown, strict=False)), cards, t))


def _split(
    receipt: BulletinReceipt, pairs: Sequence[tuple[ReceiptLine, Any]], cards: int, t: Translator
) -> Iterator[Section]:
    for outcome, heading in HEADINGS.items():
        full = [words for line, words in pairs[:cards] if line.outcome is outcome]
        brief = [words for line, words in pairs[cards:] if line.outcome is outcome]
        if full or brief:
            yield Section(outcome, f"{t.gettext(heading)} ({receipt.count(outcome)})", full, brief)
