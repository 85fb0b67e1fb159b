"""How much work something is, counted in calls: the same on every machine, however busy it is."""

from __future__ import annotations

from collections.abc import Callable
from cProfile import Profile


def calls(work: Callable[[], object]) -> int:
    """How many calls, of Python and of C functions, a piece of work makes."""
    counter = Profile()
    counter.runcall(work)
    return sum(entry.callcount for entry in counter.getstats())
