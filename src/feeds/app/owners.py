"""Who holds a claim: names of processes, and which of them are surely dead.

A claim of a process that was killed need not wait for its lease when that
process ran on this machine and is gone. In doubt it counts as alive.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from pathlib import Path


def me() -> str:
    """``host/pid/start``: the start time tells a recycled process number apart."""
    return f"{socket.gethostname()}/{os.getpid()}/{_started(os.getpid())}"


def dead(owners: Sequence[str]) -> list[str]:
    """Those owners that ran on this machine and run no more."""
    return [owner for owner in owners if _is_dead(owner)]


def _is_dead(owner: str) -> bool:
    host, _, rest = owner.rpartition("/")[0].rpartition("/")
    started = owner.rpartition("/")[2]
    if host != socket.gethostname() or not rest.isdigit():
        return False
    now = _started(int(rest))
    return now == "" if started == "" else now != started


def _started(pid: int) -> str:
    """The start time of a process in clock ticks since boot, or '' when there is no such process."""
    try:
        # The name in parentheses may hold spaces; field 22 counts from after it (proc(5)).
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
