"""What is wrong with a file so far, and what was left out of it.

Owns the limits on both: a file of a million date lines gives a thousand faults
and one that counts the rest. Must not know how a fault is found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from feeds.model import Fault
from feeds.reading.faults import BLOCKING, cut

MOST_FAULTS = 1_000


class Tally:
    """Collects the faults of one file. Lines count from 1, as in the file."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = list(faults)
        self._more = 0
        self._more_line: int | None = None
        self._left_out: Counter[str] = Counter()
        self._left_out_line: int | None = None
        self._answered = set[int]()

    def full(self) -> bool:
        """Whether further faults are only counted."""
        return len(self._faults) >= MOST_FAULTS

    def blocked(self) -> bool:
        """Whether some text of the file became no item."""
        return any(fault.code in BLOCKING for fault in self._faults)

    def add(self, code: str, line: int | None, detail: str) -> None:
        """Keep a fault, or count it once there are too many."""
        if len(self._faults) < MOST_FAULTS:
            self._faults.append(Fault(code=code, line=line, detail=cut(detail)))
        else:
            self.add_unlisted(line)

    def add_unlisted(self, line: int | None) -> None:
        """Count a fault that is one too many; only the first one's line is kept."""
        self._more += 1
        if self._more == 1:
            self._more_line = line

    def left_out(self, rule: str, line: int) -> None:
        """Note a line that a rule of `furniture` drops."""
        self._left_out[rule] += 1
        if self._left_out_line is None or line < self._left_out_line:
            self._left_out_line = line

    def answered(self, line: int) -> None:
        """A line that was understood after all: nobody need ask whether it is a date."""
        self._answered.add(line)

    def faults(self) -> tuple[Fault, ...]:
        """All that is to be told, by line."""
        told = [
            fault
            for fault in self._faults
            if fault.code != "date-like-line" or fault.line not in self._answered
        ]
        if self._left_out:
            counts = ", ".join(f"{rule} {count}" for rule, count in sorted(self._left_out.items()))
            told.append(Fault(code="lines-left-out", line=self._left_out_line, detail=counts))
        if self._more:
            told.append(Fault(code="too-many-faults", line=self._more_line, detail=str(self._more)))
        told.sort(key=lambda fault: fault.line or 0)
        return tuple(told)
