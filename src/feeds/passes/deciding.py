"""What becomes of each draft, given what is stored and what came before it: decisions as values.

Owns the rows that bulletins cause and the lines of their receipts. Several files
are decided in one transaction, one after the other, as if each had its own.
Whoever calls holds the announcements (`items.hold_announcements`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from feeds import changes
from feeds.errors import StoreError
from feeds.labels import decided_labels, stated_kinds
from feeds.model import BulletinReceipt, Draft, Fault, Item, Outcome, ReceiptLine
from feeds.passes.examining import Examined, IngestRules, Read
from feeds.passes.keys import stale_keys
from feeds.passes.receipts import tell_office
from feeds.reading import BLOCKING, NOTES
from feeds.store import Connection, bulletins, history, items, publishing, wordings

# Reasons in receipts; the words for people are in letters.receipt.
EARLIER = "earlier wording"
WITHDRAWN = "withdrawn"
NOT_MAILED = "not mailed"
MAILED_NOW = "mailed now"

_AHEAD = timedelta(days=31)


@dataclass(slots=True, kw_only=True)
class Rows:
    """The rows that one bulletin causes, beside its own."""

    new: dict[str, items.NewItem] = field(default_factory=dict)
    changed: dict[str, tuple[Item, tuple[str, ...]]] = field(default_factory=dict)
    announced: dict[str, datetime] = field(default_factory=dict)
    said: list[tuple[str, Draft | Item]] = field(default_factory=list)
    office_keys: dict[str, str] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)

    def touches(self, item_id: str) -> bool:
        """Whether an item is new or other in these rows than in the store."""
        return item_id in self.new or item_id in self.changed


@dataclass(slots=True)
class Decided:
    """A file with its receipt and its rows; `bulletin_id` is known once it is written."""

    file: Examined
    receipt: BulletinReceipt
    rows: Rows
    bulletin_id: int | None = None


class Deciding:
    """Decides about files in turn. What an earlier one brings is known to the later ones."""

    def __init__(
        self,
        conn: Connection,
        rules: IngestRules,
        files: Sequence[Examined],
        now: datetime,
        notify: str,
        *,
        stays: bool = False,
    ) -> None:
        """`stays`: the files are not to be moved."""
        self.conn = conn
        self.rules = rules
        self.now = now
        self.notify = notify
        self._stays = stays
        self._mailed = notify != "none"
        self.mailable_from = {"all": date.min, "none": date.max}.get(notify, (now - rules.max_age).date())
        every = [(file.name, seen.draft) for file in files for seen in file.drafts]
        self.candidates = changes.Candidates(wordings.known(conn, changes.wanted(every)))
        self._instants = iter(items.announce_instants(conn, len(every), now))
        self._unwritten: list[Decided] = []

    def decide(self, file: Examined) -> Decided:
        """What becomes of a file; the files after it know what it brought once it is kept."""
        if not file.drafts:
            lines = tuple(
                ReceiptLine(outcome=Outcome.FAULTY, line=one.line, fault=one) for one in file.faults
            )
            receipt = BulletinReceipt(
                name=file.name, received_at=self.now, rejected=True, lines=lines, mailed=self._mailed
            )
            return Decided(file, receipt, Rows())
        turn = _Turn(self, file)
        for seen, at in zip(file.drafts, self._instants_of(file.drafts), strict=True):
            turn.take(seen, at)
        faults = [*file.faults, *_ahead(file.drafts, self.now.date())]
        lines = tuple(sorted([*turn.lines, *map(_fault_line, faults)], key=lambda line: line.line or 0))
        receipt = BulletinReceipt(
            name=file.name, received_at=self.now, rejected=False, lines=lines, mailed=self._mailed
        )
        return Decided(file, receipt, turn.rows)

    def _instants_of(self, drafts: Sequence[Read]) -> list[datetime]:
        """One for each draft: the newest item, and the first in the file on its day, gets the latest."""
        order = sorted(range(len(drafts)), key=lambda n: (drafts[n].draft.date_on, -n))
        given = dict(zip(order, self._instants, strict=False))
        return [given[n] for n in range(len(drafts))]

    def keep(self, decided: Decided) -> None:
        """Have it written, at the latest by `write`."""
        self._unwritten.append(decided)

    def write(self) -> None:
        """Write all that is kept, in one go."""
        kept, self._unwritten = self._unwritten, []
        conn = self.conn
        fresh = [one for one in kept if one.bulletin_id is None]
        rows = [new_bulletin(one, self.notify, stays=self._stays) for one in fresh]
        for one, bulletin_id in zip(fresh, bulletins.insert(conn, rows), strict=True):
            one.bulletin_id = bulletin_id
        keyed = [(one.bulletin_id or 0, row) for one in kept for row in one.rows.new.values()]
        items.insert(conn, [replace(row, bulletin_id=key) for key, row in keyed])
        for one in kept:
            for item, fields in one.rows.changed.values():
                history.revise(conn, item, item.updated_at, fields=fields)
            items.announce(conn, one.rows.announced)
            wordings.name(conn, one.rows.office_keys)
        wordings.remember(conn, [said for one in kept for said in one.rows.said])
        publishing.mark_stale(conn, {key for one in kept for key in one.rows.stale}, self.now)
        if not self._stays:  # who names a file sees its receipt at once
            told = [(one.bulletin_id or 0, one.receipt) for one in kept]
            tell_office(conn, self.rules.mails, told, self.now)

    def stored(self, item_id: str) -> Item:
        """An item as it stands now, whichever file brought it."""
        if any(one.rows.touches(item_id) for one in self._unwritten):
            self.write()
        if (item := items.get(self.conn, item_id)) is None:
            raise StoreError(f"item {item_id} is known but not stored: run `feeds check`")
        return item


def new_bulletin(
    decided: Decided, notify: str, *, stays: bool = False, content: bytes | None = None
) -> bulletins.NewBulletin:
    """The row of a file as it was read."""
    file = decided.file
    return bulletins.NewBulletin(
        receipt=decided.receipt,
        sha256=file.sha256,
        size=len(file.data),
        encoding=file.encoding,
        notify=notify if file.drafts else "default",
        content=content,
        stays=stays,
    )


class _Turn:
    """One file's drafts, in their order; what stands earlier in the same file counts as known."""

    def __init__(self, deciding: Deciding, file: Examined) -> None:
        self.rows = Rows()
        self.lines: list[ReceiptLine] = []
        self._deciding = deciding
        self._candidates = deciding.candidates
        self._source = file.name
        self._stated = changes.wanted((file.name, seen.draft) for seen in file.drafts).identities
        self._recaptured = deciding.candidates.knows(self._stated)

    def take(self, seen: Read, at: datetime) -> None:
        """Decide about one draft."""
        draft = seen.draft
        decision = self._candidates.decide(
            draft, self._stated, source=self._source, recaptured=self._recaptured
        )
        outcome, reason = Outcome.SAME, ""
        match decision:
            case changes.New(item_id):
                outcome = Outcome.NEW
                reason = "" if self._add(seen, item_id, at).mailable else NOT_MAILED
            case changes.Changed(item_id, fields):
                outcome, reason = self._change(seen, item_id, fields, at)
            case changes.Same(_, earlier=True):
                reason = EARLIER
            case changes.Same(item_id):
                reason = self._announce_after_all(item_id, at)
        self._remember(draft, decision)
        self.lines.append(
            ReceiptLine(
                outcome=outcome, line=draft.line, title=draft.title, date_on=draft.date_on,
                item_id=decision.item_id, labels=seen.labels, reason=reason,
            )
        )  # fmt: skip

    def _remember(self, draft: Draft, decision: changes.Decision) -> None:
        """These words, and the id that the office gave them, are the item's from now on."""
        item_id = decision.item_id
        if not isinstance(decision, changes.New) and self._candidates.hear(draft, item_id):
            self.rows.said.append((item_id, draft))
        key = changes.office_key(self._source, draft)
        if key and self._candidates.name(item_id, key):
            self.rows.office_keys[item_id] = key

    def _add(self, seen: Read, item_id: str, at: datetime) -> Item:
        draft = seen.draft
        item = Item(
            id=item_id, atom_id=f"{self._deciding.rules.tag}item/{item_id}", date_on=draft.date_on,
            title=draft.title, summary=draft.summary, lang=seen.lang, accepted_at=at, updated_at=at,
            link=draft.link, mailable=draft.date_on >= self._deciding.mailable_from, labels=seen.labels,
            stated=stated_kinds(draft),
        )  # fmt: skip
        self.rows.new[item_id] = items.NewItem(item=item, line=draft.line, original=draft.original)
        self._stands(item)
        return item

    def _stands(self, item: Item) -> None:
        """The item as it is now: on which pages, and for whatever comes next."""
        self.rows.stale |= stale_keys(item)
        self._candidates.add(
            changes.Known(item.id, item.date_on, item.title, item.summary, source=self._source)
        )

    def _announce_after_all(self, item_id: str, at: datetime) -> str:
        """With `--notify`, an item that was known but never mailed becomes news now."""
        if self._deciding.mailable_from != date.min or item_id in self.rows.new:
            return ""
        item = self._present(item_id)
        if item.mailable or item.withdrawn_at is not None:
            return ""
        self.rows.announced[item_id] = at
        return MAILED_NOW

    def _change(self, seen: Read, item_id: str, fields: tuple[str, ...], at: datetime) -> tuple[Outcome, str]:
        """The stored item with what the draft corrects; what was withdrawn stays withdrawn."""
        old = self._present(item_id)
        if old.withdrawn_at is not None:
            return Outcome.SAME, WITHDRAWN
        item = _corrected(old, seen, fields)
        if history.is_labelled_by_hand(self._deciding.conn, item_id):
            item = replace(item, labels=old.labels)
        else:
            item = replace(item, labels=decided_labels(self._deciding.rules.labeller, item))
        if item_id in self.rows.new:
            self.rows.said.append((item_id, old))  # no revision keeps it
            self.rows.new[item_id] = replace(self.rows.new[item_id], item=item)
        else:
            item = replace(item, updated_at=at)
            before = self.rows.changed[item_id][1] if item_id in self.rows.changed else ()
            self.rows.changed[item_id] = (item, tuple(dict.fromkeys((*before, *fields))))
        self.rows.stale |= stale_keys(old)
        self._stands(item)
        return Outcome.CHANGED, ", ".join(fields)

    def _present(self, item_id: str) -> Item:
        if item_id in self.rows.new:
            return self.rows.new[item_id].item
        if item_id in self.rows.changed:
            return self.rows.changed[item_id][0]
        return self._deciding.stored(item_id)


def _corrected(old: Item, seen: Read, fields: tuple[str, ...]) -> Item:
    """Only what the rule named changes: a text that merely stops earlier does not shorten ours."""
    draft = seen.draft
    reworded = "title" in fields or "summary" in fields
    return replace(
        old,
        title=draft.title if "title" in fields else old.title,
        date_on=draft.date_on if "date" in fields else old.date_on,
        summary=draft.summary if "summary" in fields else old.summary,
        link=draft.link or old.link,
        lang=seen.lang if reworded else old.lang,
        labels=seen.labels if reworded else old.labels,
        stated=stated_kinds(draft) if reworded else old.stated,
    )


def _ahead(drafts: Sequence[Read], today: date) -> list[Fault]:
    """An item dated far ahead would stand first in its feeds until then: mostly a slip of the year."""
    late = [seen.draft for seen in drafts if seen.draft.date_on > today + _AHEAD]
    return [Fault(code="date-ahead", line=draft.line, detail=draft.date_on.isoformat()) for draft in late]


def _fault_line(fault: Fault) -> ReceiptLine:
    kinds = {Outcome.FAULTY: BLOCKING, Outcome.NOTE: NOTES}
    outcome = next((outcome for outcome, codes in kinds.items() if fault.code in codes), Outcome.WARNING)
    return ReceiptLine(outcome=outcome, line=fault.line, fault=fault)
