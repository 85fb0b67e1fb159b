"""One pass run so that whatever it raises ends that pass, never the loop (P9)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from feeds import log
from feeds.errors import FeedsError

logger = log.get("running")

T = TypeVar("T")

SAY_AGAIN_S = 60.0


class Fence:
    """Runs passes in threads and tells why they failed; what stays so is told once a minute."""

    def __init__(self) -> None:
        self._failed: dict[str, tuple[str, float]] = {}

    async def run(self, name: str, work: Callable[[], T]) -> T | None:
        """What the pass gave, None if it failed."""
        try:
            found = await asyncio.to_thread(work)
        except Exception as error:
            self.tell(name, error)
            return None
        self._failed.pop(name, None)
        return found

    def tell(self, name: str, error: Exception) -> None:
        """Why a pass failed: in a line where a person can put it right, with a traceback where we must."""
        if not isinstance(error, FeedsError | OSError):
            logger.error("pass-failed", name=name, exc_info=error)
            return
        reason, at = reason_of(error), time.monotonic()
        before, told_at = self._failed.get(name, ("", 0.0))
        if before != reason or at - told_at >= SAY_AGAIN_S:
            self._failed[name] = (reason, at)
            logger.error("pass-failed", name=name, reason=reason)


def reason_of(error: Exception) -> str:
    """The sentence for an error that is a state of the machine, such as a full disk."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
