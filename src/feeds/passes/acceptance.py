"""Acceptance: one bulletin -> items with labels -> rows, in one transaction (P2).

Before the commit the file lies untouched where it was; after it everything
else is work that the database remembers. Reading and labelling happen before
the transaction begins, so that it stays short.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from feeds import changes
from feeds.errors import BulletinError, StoreError
from feeds.labels import Labeller, decided_labels, label_draft, stated_kinds
from feeds.model import (
    Bulletin,
    BulletinReceipt,
    Draft,
    Fault,
    Item,
    Label,
    Outcome,
    ReceiptLine,
    Vocabulary,
)
from feeds.passes.keys import stale_keys
from feeds.reading import BLOCKING, ReadingOptions, read
from feeds.store import Connection, Store, bulletins, history, items, publishing

# Reasons in receipts; the words for people are in letters.receipt.
EARLIER = "earlier wording"
WITHDRAWN = "withdrawn"
NOT_MAILED = "not mailed"
MAILED_NOW = "mailed now"


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRules:
    """What the configuration says about taking bulletins in.

    `tag` is the site's tag: prefix for new ids; `max_age` decides what is too
    old to be mailed; for `hold` a bulletin of the inbox can be taken back.
    """

    reading: ReadingOptions
    labeller: Labeller
    vocabulary: Vocabulary
    lang: str
    tag: str
    max_age: timedelta
    hold: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One draft with what was found out about it before the transaction."""

    draft: Draft
    lang: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A bulletin in the database, and what became of its items."""

    bulletin_id: int
    receipt: BulletinReceipt


def examine(rules: IngestRules, name: str, data: bytes) -> tuple[Bulletin, list[Read]]:
    """Read and label one file without touching anything. Raises BulletinError."""
    bulletin = read(name, data, rules.reading)
    drafts, faults = [], list(bulletin.faults)
    for draft in bulletin.drafts:
        item_id = changes.item_id(changes.identity(draft.date_on, draft.title))
        lang, labels, warnings = label_draft(rules.labeller, rules.vocabulary, draft, rules.lang, item_id)
        drafts.append(Read(draft=draft, lang=lang, labels=labels))
        faults += warnings
    return replace(bulletin, faults=tuple(faults)), drafts


def accept(
    store: Store,
    rules: IngestRules,
    name: str,
    data: bytes,
    now: datetime,
    notify: str = "default",
    *,
    filed: bool = False,
) -> Accepted:
    """Take one bulletin in. One transaction: its digest, items, labels and the work to do (P2).

    `notify` is ``default`` (items older than `max_age` are not mailed),
    ``all`` or ``none``. `filed`: the file stays where it is, there is nothing
    to move. A bulletin that was accepted but not filed when a process died
    gives the receipt it had. An unreadable one is recorded as rejected.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        bulletin, drafts = examine(rules, name, data)
    except BulletinError as error:
        return reject(store, name, [error.fault], now, sha256=sha256, size=len(data), filed=filed)
    if not drafts:
        return reject(store, name, bulletin.faults, now, sha256=sha256, size=len(data), filed=filed)

    def run(conn: Connection) -> Accepted:
        items.hold_announcements(conn)
        if not filed and (known := bulletins.unfiled(conn, name, sha256)):
            return Accepted(known.id, known.receipt)
        receipt, work = _decide(conn, rules, bulletin, drafts, now, notify)
        bulletin_id = bulletins.insert(
            conn, receipt, sha256=sha256, size=len(data), encoding=bulletin.encoding, notify=notify
        )
        work.write(conn, bulletin_id)
        if filed:
            bulletins.filed(conn, bulletin_id, name, now)
        return Accepted(bulletin_id, receipt)

    return store.transact(run)


def hold(
    store: Store, rules: IngestRules, name: str, data: bytes, now: datetime, notify: str = "default"
) -> Accepted:
    """Take a bulletin in for later: its receipt says what would be announced, and when.

    The bytes are kept in the database, so that the file may go its way.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        bulletin, drafts = examine(rules, name, data)
    except BulletinError as error:
        return reject(store, name, [error.fault], now, sha256=sha256, size=len(data))
    if not drafts:
        return reject(store, name, bulletin.faults, now, sha256=sha256, size=len(data))

    def run(conn: Connection) -> Accepted:
        items.hold_announcements(conn)
        if known := bulletins.unfiled(conn, name, sha256):
            return Accepted(known.id, known.receipt)
        preview, _ = _decide(conn, rules, bulletin, drafts, now, notify)
        receipt = replace(preview, held_until=now + rules.hold)
        return Accepted(
            bulletins.insert(
                conn,
                receipt,
                sha256=sha256,
                size=len(data),
                encoding=bulletin.encoding,
                notify=notify,
                content=data,
            ),
            receipt,
        )

    return store.transact(run)


def let_go(
    store: Store, rules: IngestRules, row: bulletins.BulletinRow, data: bytes, now: datetime
) -> Accepted | None:
    """Take a held bulletin in for good; None when another process did, or it was undone."""
    bulletin, drafts = examine(rules, row.name, data)

    def run(conn: Connection) -> Accepted | None:
        receipt, work = _decide(conn, rules, bulletin, drafts, now, row.notify)
        if not bulletins.let_go(conn, row.id, receipt):
            return None
        work.write(conn, row.id)
        return Accepted(row.id, receipt)

    return store.transact(run)


def reject(
    store: Store,
    name: str,
    faults: Sequence[Fault],
    now: datetime,
    *,
    sha256: str = "",
    size: int = 0,
    filed: bool = False,
) -> Accepted:
    """Record a file from which no item could be taken, with its faults."""
    lines = tuple(ReceiptLine(outcome=Outcome.FAULTY, line=fault.line, fault=fault) for fault in faults)
    receipt = BulletinReceipt(name=name, received_at=now, rejected=True, lines=lines)

    def run(conn: Connection) -> Accepted:
        items.hold_announcements(conn)
        if not filed and (known := bulletins.unfiled(conn, name, sha256)):
            return Accepted(known.id, known.receipt)
        bulletin_id = bulletins.insert(conn, receipt, sha256=sha256, size=size, encoding="", notify="default")
        if filed:
            bulletins.filed(conn, bulletin_id, name, now)
        return Accepted(bulletin_id, receipt)

    return store.transact(run)


@dataclass(slots=True)
class _Work:
    """The rows that one bulletin causes, and the lines of its receipt."""

    now: datetime
    rules: IngestRules
    mailable_from: date
    candidates: changes.Candidates
    stated: frozenset[str]
    source: str
    recaptured: bool
    new: dict[str, items.NewItem] = field(default_factory=dict)
    changed: dict[str, tuple[Item, tuple[str, ...]]] = field(default_factory=dict)
    announced: dict[str, datetime] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
    lines: list[ReceiptLine] = field(default_factory=list)

    def take(self, conn: Connection, seen: Read, at: datetime) -> None:
        """Decide about one draft; what stands earlier in the same file counts as known."""
        draft = seen.draft
        decision = self.candidates.decide(draft, self.stated, source=self.source, recaptured=self.recaptured)
        outcome, reason = Outcome.SAME, ""
        match decision:
            case changes.New(item_id):
                outcome = Outcome.NEW
                reason = "" if self._add(seen, item_id, at).mailable else NOT_MAILED
            case changes.Changed(item_id, fields):
                outcome, reason = self._change(conn, seen, item_id, fields, at)
            case changes.Same(_, earlier=True):
                reason = EARLIER
            case changes.Same(item_id):
                reason = self._announce_after_all(conn, item_id, at)
        self.lines.append(
            ReceiptLine(
                outcome=outcome, line=draft.line, title=draft.title, date_on=draft.date_on,
                item_id=decision.item_id, labels=seen.labels, reason=reason,
            )
        )  # fmt: skip

    def _add(self, seen: Read, item_id: str, at: datetime) -> Item:
        draft = seen.draft
        item = Item(
            id=item_id, atom_id=f"{self.rules.tag}item/{item_id}", date_on=draft.date_on, title=draft.title,
            summary=draft.summary, lang=seen.lang, accepted_at=at, updated_at=at, link=draft.link,
            mailable=draft.date_on >= self.mailable_from, labels=seen.labels, stated=stated_kinds(draft),
        )  # fmt: skip
        self.new[item_id] = items.NewItem(item=item, line=draft.line, original=draft.original)
        self.stale |= stale_keys(item)
        self.candidates.add(_known(item))
        return item

    def _announce_after_all(self, conn: Connection, item_id: str, at: datetime) -> str:
        """With `--notify`, an item that was known but never mailed becomes news now."""
        if self.mailable_from != date.min or item_id in self.new:
            return ""
        item = self._present(conn, item_id)
        if item.mailable or item.withdrawn_at is not None:
            return ""
        self.announced[item_id] = at
        return MAILED_NOW

    def _change(
        self, conn: Connection, seen: Read, item_id: str, fields: tuple[str, ...], at: datetime
    ) -> tuple[Outcome, str]:
        """The stored item with what the draft corrects; what was withdrawn stays withdrawn."""
        old = self._present(conn, item_id)
        if old.withdrawn_at is not None:
            return Outcome.SAME, WITHDRAWN
        item = _corrected(old, seen, fields)
        if history.is_labelled_by_hand(conn, item_id):
            item = replace(item, labels=old.labels)
        else:
            item = replace(item, labels=decided_labels(self.rules.labeller, item))
        if item_id in self.new:
            self.new[item_id] = replace(self.new[item_id], item=item)
        else:
            item = replace(item, updated_at=at)
            before = self.changed[item_id][1] if item_id in self.changed else ()
            self.changed[item_id] = (item, tuple(dict.fromkeys((*before, *fields))))
        self.stale |= stale_keys(old) | stale_keys(item)
        self.candidates.add(_known(item))
        return Outcome.CHANGED, ", ".join(fields)

    def _present(self, conn: Connection, item_id: str) -> Item:
        if item_id in self.new:
            return self.new[item_id].item
        if item_id in self.changed:
            return self.changed[item_id][0]
        if (stored := items.get(conn, item_id)) is None:
            raise StoreError(f"item {item_id} is known but not stored: run `feeds check`")
        return stored

    def write(self, conn: Connection, bulletin_id: int) -> None:
        """Everything in one go, inside the caller's transaction."""
        items.insert(conn, [replace(row, bulletin_id=bulletin_id) for row in self.new.values()])
        for item, fields in self.changed.values():
            history.revise(conn, item, item.updated_at, fields=fields)
        items.announce(conn, self.announced)
        if self.stale:
            publishing.mark_stale(conn, self.stale, self.now)


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


def _decide(
    conn: Connection,
    rules: IngestRules,
    bulletin: Bulletin,
    drafts: Sequence[Read],
    now: datetime,
    notify: str,
) -> tuple[BulletinReceipt, _Work]:
    """What becomes of each draft, given what is stored and what stands earlier in the same file."""
    instants = _instants(conn, [seen.draft for seen in drafts], now)
    days, titles, identities = changes.candidates_of(seen.draft for seen in drafts)
    oldest = {"all": date.min, "none": date.max}.get(notify, (now - rules.max_age).date())
    candidates = changes.Candidates(items.known(conn, days, titles, identities))
    work = _Work(
        now=now, rules=rules, mailable_from=oldest, candidates=candidates, stated=frozenset(identities),
        source=bulletin.name, recaptured=candidates.knows(identities),
    )  # fmt: skip
    for seen, at in zip(drafts, instants, strict=True):
        work.take(conn, seen, at)
    lines = [*work.lines, *map(_fault_line, bulletin.faults)]
    lines.sort(key=lambda line: line.line or 0)
    receipt = BulletinReceipt(
        name=bulletin.name, received_at=now, rejected=False, lines=tuple(lines), mailed=notify != "none"
    )
    return receipt, work


def _instants(conn: Connection, drafts: Sequence[Draft], now: datetime) -> list[datetime]:
    """One instant for each draft: the newest item, and the first in the file on its day, gets the latest."""
    order = sorted(range(len(drafts)), key=lambda n: (drafts[n].date_on, -n))
    instants = items.announce_instants(conn, len(drafts), now)
    given = dict(zip(order, instants, strict=True))
    return [given[n] for n in range(len(drafts))]


def _fault_line(fault: Fault) -> ReceiptLine:
    outcome = Outcome.FAULTY if fault.code in BLOCKING else Outcome.WARNING
    return ReceiptLine(outcome=outcome, line=fault.line, fault=fault)


def _known(item: Item) -> changes.Known:
    return changes.Known(item_id=item.id, date_on=item.date_on, title=item.title, summary=item.summary)
