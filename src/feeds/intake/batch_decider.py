"""What becomes of the files of a part, given what is stored: decisions as values (pure).

Several files are decided one after the other, as if each had its own transaction.
Must not know the database: what is known and how items are loaded is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from feeds import changes
from feeds.intake.examining import Examined, IngestRules, Read
from feeds.intake.file_decider import FileDecider
from feeds.intake.stored_items import Load, StoredItems
from feeds.intake.writes import Writes
from feeds.model import BulletinReceipt, Fault, Outcome, ReceiptLine
from feeds.reading import BLOCKING, NOTES, dates_ahead

LoadKnown = Callable[[changes.Wanted], Iterable[changes.Known]]


@dataclass(slots=True)
class Decided:
    """A file with its receipt and its rows."""

    file: Examined
    receipt: BulletinReceipt
    writes: Writes


class BatchDecider:
    """Decides about files in turn. What an earlier one brings is known to the later ones."""

    def __init__(
        self,
        rules: IngestRules,
        files: Sequence[Examined],
        instants: Iterable[datetime],
        now: datetime,
        notify: str,
        *,
        known: LoadKnown,
        load: Load,
    ) -> None:
        """`known` finds what the drafts may turn out to be, `load` loads items; `instants` grow, and are as
        many as there are drafts.
        """
        self._rules = rules
        self._now = now
        self._mailed = notify != "none"
        self._mailable_from = {"all": date.min, "none": date.max}.get(notify, (now - rules.max_age).date())
        every = [(file.name, seen.draft) for file in files for seen in file.drafts]
        self._candidates = changes.Candidates(known(changes.wanted(every, [file.sha256 for file in files])))
        self.stored = StoredItems(load, self._candidates.spoken_of(every))
        self._instants = iter(instants)

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
        decider = FileDecider(self._rules, self._candidates, self.stored, self._mailable_from, file)
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


def _fault_line(fault: Fault) -> ReceiptLine:
    kinds = {Outcome.FAULTY: BLOCKING, Outcome.NOTE: NOTES}
    outcome = next((outcome for outcome, codes in kinds.items() if fault.code in codes), Outcome.WARNING)
    return ReceiptLine(outcome=outcome, line=fault.line, fault=fault)
