"""Recipients' hosts that ask to be left alone for a while: their letters wait, all others go on (pure).

A reply of the 4xx kind is about one recipient (a full mailbox, greylisting), or says something of the whole
host: busy, not reachable, too many letters from us. After some of these in a row, none accepted between, the
host rests, each time twice as long. Its letters are meanwhile put off as if it had been asked, so that each
keeps to its own times and is given up in the end; what comes after the rest asks again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from feeds.delivering.results import Result
from feeds.model import Deferred, Sent

IN_A_ROW = 5
FIRST_S, LONGEST_S = 120.0, 3600.0
_MOST = 10_000  # hosts; far more than are ever in trouble at once


@dataclass(slots=True)
class _Trouble:
    row: int = 0
    pause_s: float = 0.0
    until: float = 0.0
    reason: str = ""


class Hosts:
    """What a process knows of them. `jitter` (0 to 1) makes a rest up to a tenth shorter or longer, so that
    several senders don't come back together; instants are seconds of any one clock."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._troubled: dict[str, _Trouble] = {}

    def note(self, address: str, result: Result, at: float) -> float:
        """What became of a letter to this address; the seconds that its host rests from now on, or 0."""
        if isinstance(result, Deferred):
            return self._put_off(_host(address), result.reason, at) if result.host else 0.0
        if self._troubled and isinstance(result, Sent):
            self._troubled.pop(_host(address), None)
        return 0.0

    def resting(self, address: str, at: float) -> str:
        """Why its host is not asked now, in plain words; empty when it is."""
        if not self._troubled:
            return ""
        known = self._troubled.get(_host(address))
        return f"not asked now, as it said: {known.reason}" if known and at < known.until else ""

    def _put_off(self, host: str, reason: str, at: float) -> float:
        if len(self._troubled) >= _MOST:
            self._troubled.clear()
        known = self._troubled.setdefault(host, _Trouble())
        known.row, known.reason = known.row + 1, reason
        if known.row < IN_A_ROW or at < known.until:  # what was on its way already says nothing new
            return 0.0
        known.pause_s = min(known.pause_s * 2, LONGEST_S) or FIRST_S
        spread_s = known.pause_s * (0.9 + 0.2 * self._jitter())
        known.until = at + spread_s
        return spread_s


def _host(address: str) -> str:
    return address.rpartition("@")[2].lower()
