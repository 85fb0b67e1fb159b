"""What becomes of each draft, given what is stored and what came before it: decisions as values.

Owns the rows that bulletins cause and the lines of their receipts. Several files
are decided in one transaction, one after the other, as if each had its own.
Whoever calls holds the announcements (`items.hold_announcements`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from feeds import changes
from feeds.intake.examining import Examined, IngestRules, Read
from feeds.intake.file_decider import FileDecider
from feeds.intake.receipts import tell_office
from feeds.intake.stored_items import StoredItems
from feeds.intake.writes import Writes
from feeds.model import BulletinReceipt, Fault, Outcome, ReceiptLine
from feeds.reading import BLOCKING, NOTES, dates_ahead
from feeds.store import Connection, bulletins, history, items, publishing, wordings


@dataclass(slots=True)
class Decided:
    """A file with its receipt and its rows; `bulletin_id` is 0 until it is written."""

    file: Examined
    receipt: BulletinReceipt
    writes: Writes
    bulletin_id: int = 0


class BatchDecider:
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
        self._conn = conn
        self._rules = rules
        self._now = now
        self._notify = notify
        self._stays = stays
        self._mailed = notify != "none"
        self._mailable_from = {"all": date.min, "none": date.max}.get(notify, (now - rules.max_age).date())
        every = [(file.name, seen.draft) for file in files for seen in file.drafts]
        self._candidates = changes.Candidates(
            wordings.known(conn, changes.wanted(every, [file.sha256 for file in files]))
        )
        self._stored = StoredItems(conn, self._candidates.spoken_of(every))
        self._instants = iter(items.announce_instants(conn, len(every), now))
        self._unwritten: list[Decided] = []

    def decide(self, file: Examined) -> Decided:
        """What becomes of a file; the files after it know what it brought."""
        if not file.drafts:
            lines = tuple(
                ReceiptLine(outcome=Outcome.FAULTY, line=one.line, fault=one) for one in file.faults
            )
            receipt = BulletinReceipt(
                name=file.name, received_at=self._now, rejected=True, lines=lines, mailed=self._mailed
            )
            return Decided(file, receipt, Writes())
        decider = FileDecider(self._rules, self._candidates, self._stored, self._mailable_from, file)
        for seen, at in zip(file.drafts, self._instants_of(file.drafts), strict=True):
            decider.take(seen, at)
        faults = [*file.faults, *decider.faults, *self._dates_ahead(file)]
        lines = tuple(sorted([*decider.lines, *map(_fault_line, faults)], key=lambda line: line.line or 0))
        receipt = BulletinReceipt(
            name=file.name, received_at=self._now, rejected=False, lines=lines, mailed=self._mailed
        )
        return Decided(file, receipt, decider.writes)

    def _dates_ahead(self, file: Examined) -> list[Fault]:
        return dates_ahead([seen.draft for seen in file.drafts], self._now, self._rules.reading.zone)

    def _instants_of(self, drafts: Sequence[Read]) -> list[datetime]:
        """One for each draft: the newest item, and the first in the file on its day, gets the latest."""
        order = sorted(range(len(drafts)), key=lambda n: (drafts[n].draft.date_on, -n))
        given = dict(zip(order, self._instants, strict=False))
        return [given[n] for n in range(len(drafts))]

    def keep(self, decided: Decided) -> None:
        """Have it written by `write`."""
        self._unwritten.append(decided)

    def write(self) -> None:
        """Write all that is kept, in one go."""
        kept, self._unwritten = self._unwritten, []
        conn = self._conn
        fresh = [one for one in kept if not one.bulletin_id]
        rows = [new_bulletin(one, self._notify, stays=self._stays) for one in fresh]
        for one, bulletin_id in zip(fresh, bulletins.insert(conn, rows), strict=True):
            one.bulletin_id = bulletin_id
        keyed = [(one.bulletin_id, row) for one in kept for row in one.writes.new.values()]
        items.insert(conn, [replace(row, bulletin_id=key) for key, row in keyed])
        for one in kept:
            for each in one.writes.changed.values():
                history.revise(
                    conn, each.item, each.at, kind=each.kind, fields=each.fields, original=each.original
                )
            items.read_better(conn, list(one.writes.read_better.values()))
            items.announce(conn, one.writes.announced)
            wordings.name(conn, one.writes.office_keys)
        wordings.remember(conn, [said for one in kept for said in one.writes.said])
        publishing.mark_stale(conn, {key for one in kept for key in one.writes.stale}, self._now)
        if not self._stays:  # who names a file sees its receipt at once
            told = [(one.bulletin_id, one.receipt) for one in kept]
            tell_office(conn, self._rules.mails, told, self._now)


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


def _fault_line(fault: Fault) -> ReceiptLine:
    kinds = {Outcome.FAULTY: BLOCKING, Outcome.NOTE: NOTES}
    outcome = next((outcome for outcome, codes in kinds.items() if fault.code in codes), Outcome.WARNING)
    return ReceiptLine(outcome=outcome, line=fault.line, fault=fault)
