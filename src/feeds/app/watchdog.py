"""The last resort of a stop: ends the process when something hangs (P10).

Python waits at its end for every thread, and a thread that waits for a locked
database or writes thousands of files cannot be called back. All our work can be
killed at any instant, so that is what happens to it. Knows nothing of passes.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

from feeds import log

logger = log.get("running")

# Should even the last log line hang, in a pipe that nobody reads.
_LAST_WORDS_S = 0.5


class Watchdog:
    """Once let go, it ends the process with exit code 0 after `after_s`, unless called off before."""

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._others = set(threading.enumerate())
        self._timer: threading.Timer | None = None

    def let_go(self) -> None:
        """Start counting; a second call changes nothing."""
        if self._timer is None:
            self._timer = _timer(self._after_s, self._end)

    def call_off(self) -> None:
        """The process ends by itself now. Threads begun since this watchdog was made would
        keep it: while one of them lives, the watchdog goes on counting."""
        if self._timer is not None and not self._left():
            self._timer.cancel()

    def _left(self) -> list[str]:
        mine = set(threading.enumerate()) - self._others
        return sorted(thread.name for thread in mine if not thread.daemon)

    def _end(self) -> None:
        _timer(_LAST_WORDS_S, lambda: os._exit(0))
        logger.warning("stopping-late", threads=self._left())
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(0)


def _timer(seconds: float, work: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, work)
    timer.daemon = True
    timer.start()
    return timer
