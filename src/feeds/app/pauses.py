"""How long a server that is away is left alone, and how threads share one interpreter."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from collections.abc import Awaitable, Callable

from feeds.delivering.deliver import DeliverReport

AWAY_FIRST_S, AWAY_MOST_S = 5.0, 300.0


def next_pause(before_s: float, report: DeliverReport | None) -> float:
    """Seconds until a server that was away is asked again, 0 when it is not away.

    `report` None: the pass itself failed. Twice as long each time, unless the
    server took a letter meanwhile: then it is a trouble that has just begun.
    """
    if report is not None and report.away is None:
        return 0.0
    fresh = report is not None and report.outcomes["sent"] > 0
    return AWAY_FIRST_S if fresh else longer(before_s)


def longer(before_s: float) -> float:
    """Seconds until a server that is away is asked again, when the last pause was `before_s`, 0 at first."""
    return min(before_s * 2, AWAY_MOST_S) or AWAY_FIRST_S


def spread(pause_s: float, jitter: float) -> float:
    """A pause that is up to a tenth shorter or longer: several senders don't come back to a server together.

    `jitter` from 0 to 1.
    """
    return pause_s * (0.9 + 0.2 * jitter)


def share_fairly() -> None:
    """Threads that wait for the interpreter get it ten times sooner than by Python's default.

    A commit gives it away at each statement; where the mail loop is busy, each time cost up to 5 ms. What
    was loaded stays: looking through it for garbage again and again took a tenth of the mail loop's time.
    """
    sys.setswitchinterval(0.0005)
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


async def tick(wake: asyncio.Event) -> None:
    """Wake a loop: what there is to do it sees by itself."""
    wake.set()


async def unless_ended(job: Callable[[], Awaitable[object]]) -> None:
    """A job that is cut off by the end is no fault."""
    with contextlib.suppress(asyncio.CancelledError):
        await job()
