"""What came in: bulletins with their drafts and faults, items, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from feeds.model.labels import Kind, Label, Strength

WAITS = datetime(9999, 12, 31, tzinfo=UTC)
"""Held until this instant is held until a person lets it go."""


class Outcome(StrEnum):
    """What became of one item of a bulletin; a `warning` is a fault that costs no item, a `note` only tells
    how something was read.
    """

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    FAULTY = "faulty"
    WARNING = "warning"
    NOTE = "note"


class ReceiptAct(StrEnum):
    """What a link in the receipt of a bulletin is for: each link for one of these."""

    LOOK = "look"
    RELEASE = "release"
    TAKE_BACK = "take-back"
    LABELS = "labels"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong in a bulletin and where.

    `code` is stable (``title-missing``); the words for people are looked up
    by it, so that a receipt can speak the office's language. `detail` is the
    offending text, cut short. `line` counts from 1; None means the whole file.
    """

    code: str
    line: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One item as read from a bulletin, before labels and identity.

    `summary` holds paragraphs separated by one blank line; `body` the same as HTML (`richtext`), empty where
    the text is plain. `line` is the item's
    first, of its date or its title, `end_line` its last non-blank line.
    `original` is the text as it stood in the file, for the archive. `countries`
    (ISO 3166-1 alpha-2, lower case) and `topics` (as written) are what the file
    says itself, None where it says nothing; `external_id` its own id,
    `translation_of` that of the item that it says in another language. `tags` are words of its
    head that may name a topic, country or region of the site. `link_said`: the office writes the
    link itself, it is not taken from what a page points to. `passed` are words round the item that
    this reading left out.
    """

    line: int
    end_line: int
    date_on: date
    title: str
    summary: str = ""
    body: str = ""
    lang: str | None = None
    link: str | None = None
    original: str = ""
    countries: tuple[str, ...] | None = None
    topics: tuple[str, ...] | None = None
    external_id: str | None = None
    translation_of: str | None = None
    tags: tuple[str, ...] = ()
    link_said: bool = False
    passed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Another item that says the same in another language."""

    id: str
    lang: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An item as it is told on the page of another one."""

    id: str
    title: str
    lang: str
    date_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An instant (UTC) that the head of a file names, its line and its words (``embargo: …``)."""

    at: datetime
    line: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """What one file said: its items in file order, and its faults.

    `not_before`: nothing of it may be shown earlier; `expires_at`: nor from then on. Both may be past.
    """

    name: str
    encoding: str
    drafts: tuple[Draft, ...] = ()
    faults: tuple[Fault, ...] = ()
    not_before: Moment | None = None
    expires_at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One dated piece of news as stored and published.

    `id` is the short public name (``/items/<id>/``); `atom_id` the tag: URI
    that never changes (P1). `updated_at` is the instant of acceptance or of
    the last real change, unique among items (RFC 4287 3.3). `stated` are the
    kinds of labels that the head of its bulletin named itself, be it none.
    `body` is the text with its form, as safe HTML (`richtext`); empty where the text is plain.
    `not_before` is the embargo that it waited for, if it did: the instant of its publication.
    """

    id: str
    atom_id: str
    date_on: date
    title: str
    summary: str
    lang: str
    accepted_at: datetime
    updated_at: datetime
    link: str | None = None
    mailable: bool = True
    labels: tuple[Label, ...] = ()
    withdrawn_at: datetime | None = None
    withdrawn_reason: str = ""
    stated: tuple[Kind, ...] = ()
    body: str = ""
    not_before: datetime | None = None

    def codes(self, kind: Kind, strength: Strength | None = Strength.ABOUT) -> tuple[str, ...]:
        """Codes of one kind in label order; `strength` None gives both strengths."""
        return tuple(
            label.code for label in self.labels if label.kind is kind and strength in (None, label.strength)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """What became of one item of a bulletin, for the press officer."""

    outcome: Outcome
    line: int | None
    title: str = ""
    date_on: date | None = None
    item_id: str | None = None
    labels: tuple[Label, ...] = ()
    reason: str = ""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinReceipt:
    """What became of a bulletin. `rejected` means that nothing was read.

    `held_until`: nothing of it is announced before, and till then it can be taken back; `undone_at`: it was.
    """

    name: str
    received_at: datetime
    rejected: bool
    lines: tuple[ReceiptLine, ...]
    mailed: bool = True
    held_until: datetime | None = None
    undone_at: datetime | None = None

    def count(self, outcome: Outcome) -> int:
        """How many lines have this outcome."""
        return sum(line.outcome is outcome for line in self.lines)
