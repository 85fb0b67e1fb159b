"""The receipt of a bulletin, for the press officer (pure).

Owns: what NAME.receipt.txt says. Must not know where it is written; the words
for faults belong to `reading.faults`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from feeds.i18n import N_, Translator, translator
from feeds.model import WAITS, BulletinReceipt, Fault, Kind, Label, Outcome, ReceiptLine, Strength, Vocabulary
from feeds.reading.faults import HELD_FILE_GONE, explain
from feeds.templating import Environment, one_line, render, wrapped
from feeds.timewords import instant_words
from feeds.wording import in_sentence

HEADINGS = {
    Outcome.NEW: N_("New"),
    Outcome.CHANGED: N_("Changed"),
    Outcome.SAME: N_("Already known, nothing to do"),
    Outcome.FAULTY: N_("Could not be read"),
    Outcome.WARNING: N_("Please check"),
    Outcome.NOTE: N_("How it was read"),
}
_REASONS = {
    "title": N_("the title is different"),
    "summary": N_("the summary is different"),
    "date": N_("the date is different"),
    "link": N_("the link is different"),
    "labels": N_("the labels that the file states are different"),
    "earlier wording": N_("an earlier wording of an item that was corrected since"),
    "earlier link": N_("its link is an earlier one and was left out; `feeds items correct` sets it"),
    "earlier labels": N_("its labels are earlier ones and were left out; `feeds items relabel` sets them"),
    "stops earlier": N_(
        "the text stops earlier here; the longer one stays, and “feeds items correct” shortens it"
    ),
    "chosen labels": N_("the labels that were chosen by hand stay (“feeds items relabel”)"),
    "withdrawn": N_("this item was withdrawn"),
    "not mailed": N_("too old to be mailed; it is on the site and in the feeds"),
    "mailed now": N_("not mailed before, so it is mailed now"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the receipt in words; empty strings are left out."""

    line: int | None
    title: str
    date: str
    labels: tuple[str, ...]
    reason: str
    what: str
    remedy: str


def receipt_text(
    environment: Environment, vocabulary: Vocabulary, receipt: BulletinReceipt, lang: str, zone: str = "UTC"
) -> str:
    """The receipt in the office's language, its instants in the office's time zone."""
    t = translator(lang)
    parts = [
        (t.gettext(heading), blocks)
        for outcome, heading in HEADINGS.items()
        if (blocks := [_block(row(one, vocabulary, t), t) for one in receipt.lines if one.outcome is outcome])
    ]
    values: dict[str, Any] = {
        "t": t,
        "name": one_line(receipt.name),
        "received": instant_words(receipt.received_at, zone, t),
        "rejected": receipt.rejected,
        "held": held_words(receipt, zone, t),
        "waits": receipt.held_until == WAITS,
        "gone": is_gone(receipt),
        "undone": instant_words(receipt.undone_at, zone, t) if receipt.undone_at else "",
        "summary": summary_line(receipt, t),
        "parts": parts,
        "announced": receipt.mailed or not receipt.count(Outcome.NEW),
    }
    return render(environment, "receipt/body.txt", values)


def held_words(receipt: BulletinReceipt, zone: str, t: Translator) -> str:
    """Until when it is held; empty where it is not, or waits for a person."""
    until = receipt.held_until
    return instant_words(until, zone, t) if until and until != WAITS else ""


def is_gone(receipt: BulletinReceipt) -> bool:
    """Whether it waits because nobody knows what became of its file."""
    return any(line.fault is not None and line.fault.code == HELD_FILE_GONE for line in receipt.lines)


def summary_line(receipt: BulletinReceipt, t: Translator) -> str:
    """``8 new, 1 changed, 2 already known, 1 could not be read``; what did not occur is left out."""
    new, changed = receipt.count(Outcome.NEW), receipt.count(Outcome.CHANGED)
    same, faulty = receipt.count(Outcome.SAME), receipt.count(Outcome.FAULTY)
    warned = receipt.count(Outcome.WARNING)
    parts = (
        new and t.ngettext("%(num)s new", "%(num)s new", new) % {"num": new},
        changed and t.ngettext("%(num)s changed", "%(num)s changed", changed) % {"num": changed},
        same and t.ngettext("%(num)s already known", "%(num)s already known", same) % {"num": same},
        faulty
        and t.ngettext("%(num)s could not be read", "%(num)s could not be read", faulty) % {"num": faulty},
        warned and t.ngettext("%(num)s to check", "%(num)s to check", warned) % {"num": warned},
    )
    return ", ".join(part for part in parts if part) or t.gettext("no items")


def row(line: ReceiptLine, vocabulary: Vocabulary, t: Translator) -> Row:
    """What became of one item, in words."""
    what, remedy = _fault_words(line.fault, t)
    return Row(
        line=line.line or (line.fault.line if line.fault else None),
        title=one_line(line.title),
        date=t.date(line.date_on) if line.date_on else "",
        labels=tuple(_label_lines(line.labels, vocabulary, t)),
        reason=_reason_words(line.reason, t),
        what=what,
        remedy=remedy,
    )


def _block(row: Row, t: Translator) -> str:
    """A row as text. Made here and not by the template: a receipt may have thousands."""
    place = t.gettext("Line %(line)s") % {"line": row.line} if row.line else ""
    where = ", ".join(part for part in (place, row.date) if part)
    texts = [where] if where and not row.what else []
    if row.title:
        texts.append(wrapped(row.title, 2))
    texts += [wrapped(label, 2, 4) for label in row.labels]
    if row.reason:
        texts.append(wrapped(row.reason, 2))
    if row.what:
        texts.append(wrapped(f"{where}: {row.what}" if where else row.what, 0, 2))
    if row.remedy:
        texts.append(wrapped(t.gettext("What to do: %(remedy)s") % {"remedy": row.remedy}, 2))
    return "\n".join(texts)


def _reason_words(reason: str, t: Translator) -> str:
    """Names of the changed fields (``title, summary``) as words; other reasons as they stand."""
    parts = (part.strip() for part in one_line(reason).split(","))
    return ", ".join(t.gettext(_REASONS.get(part, part)) for part in parts if part)


def _fault_words(fault: Fault | None, t: Translator) -> tuple[str, str]:
    if fault is None:
        return "", ""
    what, remedy = explain(fault, t.gettext)
    return one_line(what), one_line(remedy)


def _label_lines(labels: Sequence[Label], vocabulary: Vocabulary, t: Translator) -> list[str]:
    """``Countries: Panama, Honduras``: one line a kind, what is only mentioned last."""
    headed = (
        (t.gettext("Countries"), _names(labels, Kind.COUNTRY, Strength.ABOUT, vocabulary, t)),
        (t.gettext("Regions"), _names(labels, Kind.REGION, Strength.ABOUT, vocabulary, t)),
        (t.gettext("Topics"), _names(labels, Kind.TOPIC, Strength.ABOUT, vocabulary, t)),
        (t.gettext("Only mentioned"), _names(labels, None, Strength.MENTIONS, vocabulary, t)),
    )
    return [f"{heading}: {', '.join(names)}" for heading, names in headed if names]


def _names(
    labels: Sequence[Label], kind: Kind | None, strength: Strength, vocabulary: Vocabulary, t: Translator
) -> list[str]:
    chosen = [one for one in labels if kind in (None, one.kind) and one.strength is strength]
    names = ((one.kind, vocabulary.name(one.kind, one.code, t.lang)) for one in chosen)
    return [in_sentence(name) if kind_ is Kind.TOPIC else name for kind_, name in names]


def not_read_note(environment: Environment, name: str, folders: Sequence[str], lang: str) -> str:
    """What lies beside files of a sub-folder that is not read; `folders` are those that are."""
    t = translator(lang)
    values = {"t": t, "name": one_line(name), "folders": t.all_of([one_line(each) for each in folders])}
    return render(environment, "receipt/not_read.txt", values)
