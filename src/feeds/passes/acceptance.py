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
from feeds.labels import Labeller, language
from feeds.model import Bulletin, BulletinReceipt, Draft, Fault, Item, Label, Outcome, ReceiptLine
from feeds.passes.publish import stale_keys
from feeds.reading import BLOCKING, ReadingOptions, read
from feeds.store import Connection, Store, bulletins, items, publishing


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRules:
    """What the configuration says about taking bulletins in.

    `tag` is the site's tag: prefix for new ids; `max_age` decides what is too
    old to be mailed.
    """

    reading: ReadingOptions
    labeller: Labeller
    lang: str
    tag: str
    max_age: timedelta


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
    return bulletin, [_labelled(rules, draft) for draft in bulletin.drafts]


def _labelled(rules: IngestRules, draft: Draft) -> Read:
    lang = draft.lang or language(draft.title, draft.summary, rules.lang)
    labels = rules.labeller.labels(draft.title, draft.summary, lang)
    return Read(draft=draft, lang=lang, labels=labels)


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
    known: dict[str, list[changes.Known]]
    new: list[items.NewItem] = field(default_factory=list)
    changed: list[tuple[Item, str, str]] = field(default_factory=list)
    stale: set[str] = field(default_factory=set)
    lines: list[ReceiptLine] = field(default_factory=list)

    def take(self, conn: Connection, seen: Read, at: datetime) -> None:
        """Decide about one draft; what stands earlier in the same file counts as known."""
        draft = seen.draft
        identity = changes.identity(draft.date_on, draft.title)
        rows = self.known.setdefault(identity, [])
        decision = changes.decide(draft, rows)
        outcome, reason = Outcome.SAME, ""
        match decision:
            case changes.New(item_id):
                outcome = Outcome.NEW
                rows.append(self._add(seen, identity, item_id, at))
            case changes.Changed(item_id, fields):
                outcome, reason = Outcome.CHANGED, ", ".join(fields)
                revised = self._change(conn, seen, item_id, reason, at)
                rows[:] = [revised if row.item_id == item_id else row for row in rows]
            case changes.Same():
                pass
        self.lines.append(
            ReceiptLine(
                outcome=outcome, line=draft.line, title=draft.title, date_on=draft.date_on,
                item_id=decision.item_id, labels=seen.labels, reason=reason,
            )
        )  # fmt: skip

    def _add(self, seen: Read, identity: str, item_id: str, at: datetime) -> changes.Known:
        draft = seen.draft
        item = Item(
            id=item_id, atom_id=f"{self.rules.tag}item/{item_id}", date_on=draft.date_on, title=draft.title,
            summary=draft.summary, lang=seen.lang, accepted_at=at, updated_at=at, link=draft.link,
            mailable=draft.date_on >= self.mailable_from, labels=seen.labels,
        )  # fmt: skip
        self.new.append(
            items.NewItem(
                item=item,
                identity=identity,
                fingerprint=_fingerprint(draft),
                line=draft.line,
                original=draft.original,
            )
        )
        self.stale |= stale_keys(item)
        return _known(item)

    def _change(self, conn: Connection, seen: Read, item_id: str, reason: str, at: datetime) -> changes.Known:
        """The stored item with the draft's words; twice changed in one file, the later words count."""
        draft = seen.draft
        pending = {row.item.id: row for row in self.new}
        old = pending[item_id].item if item_id in pending else items.get(conn, item_id)
        if old is None:
            raise StoreError(f"item {item_id} is known but not stored: run `feeds check`")
        item = replace(
            old, summary=draft.summary, lang=seen.lang, link=draft.link or old.link, labels=seen.labels
        )
        if item_id in pending:
            self.new = [
                replace(row, item=item, fingerprint=_fingerprint(draft)) if row.item.id == item_id else row
                for row in self.new
            ]
        else:
            item = replace(item, updated_at=at)
            self.changed = [row for row in self.changed if row[0].id != item_id]
            self.changed.append((item, _fingerprint(draft), reason))
        self.stale |= stale_keys(old) | stale_keys(item)
        return _known(item)

    def write(self, conn: Connection, bulletin_id: int) -> None:
        items.insert(conn, [replace(row, bulletin_id=bulletin_id) for row in self.new])
        for item, fingerprint, reason in self.changed:
            items.revise(conn, item, fingerprint, reason, item.updated_at)
        if self.stale:
            publishing.mark_stale(conn, self.stale, self.now)


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
    identities = {changes.identity(seen.draft.date_on, seen.draft.title) for seen in drafts}
    oldest = {"all": date.min, "none": date.max}.get(notify, (now - rules.max_age).date())
    work = _Work(now=now, rules=rules, mailable_from=oldest, known=items.known(conn, identities))
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


def _fingerprint(draft: Draft) -> str:
    return changes.fingerprint(draft.date_on, draft.title, draft.summary)


def _known(item: Item) -> changes.Known:
    return changes.Known(item_id=item.id, date_on=item.date_on, title=item.title, summary=item.summary)
