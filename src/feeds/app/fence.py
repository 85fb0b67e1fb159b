"""One pass run so that whatever it raises ends that pass, never the loop (P9); how it went is noted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from feeds import log
from feeds.errors import FeedsError
from feeds.operating.passing import Passes

logger = log.get("running")

T = TypeVar("T")

SAY_AGAIN_S = 60.0
# What is shown to whoever runs the site; the others are small, or run once.
NOTED = frozenset({"ingest", "publish", "compose", "deliver", "sweep", "bounces", "alarms"})


class Fence:
    """Runs passes and tells why they failed; what stays so is told once a minute."""

    def __init__(self, passes: Passes, clock: Callable[[], float] = time.monotonic) -> None:
        self.passes = passes
        self._clock = clock
        self._failed: dict[str, tuple[str, float]] = {}

    async def run(self, name: str, work: Callable[[], T]) -> T | None:
        """Run one in a thread: what the pass gave, None if it failed."""
        return await self.task(name, lambda: asyncio.to_thread(work))

    async def task(
        self, name: str, work: Callable[[], Awaitable[T]], unwell: Callable[[T], str] = lambda _: ""
    ) -> T | None:
        """The same for one that is a task. `unwell`: why one that ended did not do what it should."""
        if name in NOTED:
            self.passes.begun(name)
        failed, found = "", None
        try:
            found = await work()
        except Exception as error:
            self.tell(name, error)
            failed = reason_of(error) or type(error).__name__
        else:
            self._failed.pop(name, None)
            failed = unwell(found)
        if name in NOTED:
            await asyncio.to_thread(self.passes.ended, name, failed)
        return found

    def tell(self, name: str, error: Exception) -> None:
        """Why a pass failed: in a line where a person can put it right, with a traceback where we must."""
        if not isinstance(error, FeedsError | OSError):
            logger.error("pass-failed", name=name, exc_info=error)
            return
        reason, at = reason_of(error), self._clock()
        before, told_at = self._failed.get(name, ("", float("-inf")))
        if before != reason or at - told_at >= SAY_AGAIN_S:
            self._failed[name] = (reason, at)
            logger.error("pass-failed", name=name, reason=reason)


def reason_of(error: Exception) -> str:
    """The sentence for an error that is a state of the machine, such as a full disk; else what it is."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) if isinstance(error, FeedsError | OSError) else type(error).__name__
