"""How much work goes into one transaction, so that nobody else waits long for the database.

SQLite lets one writer in at a time, and who waits looks again after 25 ms at the latest: so transactions are
kept short, and between two of them there is a gap of that length.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

_WANTED_S = 0.07
_GAP_S = 0.027
_SHORT_S = 0.01
_LEAST, _MOST = 20, 4_000


class Pace:
    """How many members and audiences to take at once: as many as were done in the wanted time before.

    Audiences with more members than `parts_from` are not taken at once.
    """

    def __init__(self, parts_from: int = _MOST, size: int = 200) -> None:
        self.parts_from = parts_from
        self.size = size
        self.longest_s = 0.0
        self._ended = 0.0
        self._last_s = 0.0

    @contextmanager
    def measured(self, size: int) -> Iterator[None]:
        """Round a transaction over `size` members and audiences."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._ended = time.perf_counter()
            self._last_s = spent = self._ended - started
            self.longest_s = max(self.longest_s, spent)
            if size >= self.size // 2 or spent > _WANTED_S:
                wanted = size * _WANTED_S / max(spent, 0.001)
                self.size = int(min(max(wanted, _LEAST, self.size / 4), _MOST, 2 * self.size))

    def let_others(self) -> None:
        """Before the next transaction: whoever waits gets in."""
        left = self._ended + _GAP_S - time.perf_counter()
        if left > 0 and self._last_s > _SHORT_S:
            time.sleep(left)
