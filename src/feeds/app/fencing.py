"""Passes behind a fence: whatever one raises ends that pass, never the loop (P9); how it went is noted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from feeds import log
from feeds.errors import FeedsError
from feeds.operating.passing import Passes

logger = log.get("running")

T = TypeVar("T")

SAY_AGAIN_S = 60.0


@dataclass
class Fence:
    """Runs the passes of one process."""

    passes: Passes
    clock: Callable[[], float] = time.monotonic
    _failed: dict[str, tuple[str, float]] = field(default_factory=dict)

    async def thread(self, name: str, run: Callable[[], T]) -> T | None:
        """Run one pass in a thread; None when it failed."""
        return await self.task(name, lambda: asyncio.to_thread(run))

    async def task(
        self, name: str, run: Callable[[], Awaitable[T]], unwell: Callable[[T], str] = lambda _: ""
    ) -> T | None:
        """Run one pass; None when it failed. `unwell`: why one that ended did not do what it should."""
        self.passes.begun(name)
        failed, found = "", None
        try:
            found = await run()
        except FeedsError as error:
            failed = str(error)
            self._tell(name, failed)
        except Exception as error:
            failed = type(error).__name__
            logger.exception("pass-failed", name=name)
        else:
            self._failed.pop(name, None)
            failed = unwell(found)
        await asyncio.to_thread(self.passes.ended, name, failed)
        return found

    def _tell(self, name: str, reason: str) -> None:
        """Why a pass failed; what stays so is told once a minute, however often it is tried again."""
        at = self.clock()
        before, told_at = self._failed.get(name, ("", 0.0))
        if before == reason and at - told_at < SAY_AGAIN_S:
            return
        self._failed[name] = (reason, at)
        logger.error("pass-failed", name=name, reason=reason)
