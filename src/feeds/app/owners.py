"""Who holds a claim: names of processes, and which of them are surely dead.

A claim of a process that was killed need not wait for its lease when that
process ran here and is gone. Host names don't tell machines apart (containers
often share one), so a name also says which boot of which kernel it was, and in
which namespace its process number counts. In doubt a process is alive.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")
_MADE_UP = f"x{secrets.token_hex(8)}"
_WORK = "+"  # stands in no name of a host, and in no number
# A process that ended but was not asked for yet by its parent: it sends nothing any more.
_ENDED = frozenset("ZX")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a process number means one process: host, boot and namespace. '' is not known."""

    host: str
    boot: str
    namespace: str

    @property
    def known(self) -> bool:
        return bool(self.host and self.boot and self.namespace)


def here() -> Place:
    """Where this process runs."""
    return Place(socket.gethostname(), _boot(), _namespace())


def me() -> str:
    """``host/boot/namespace/pid/start``: the start time tells a recycled process number apart; where nothing
    tells it, a word that this process made up.
    """
    place, pid = here(), os.getpid()
    return f"{place.host}/{place.boot}/{place.namespace}/{pid}/{_stat(pid)[1] or _MADE_UP}"


def for_work(owner: str, work: str) -> str:
    """The same process under another name, for work beside its own: what it has in hand stays apart."""
    return f"{owner}{_WORK}{work}"


def dead(owners: Sequence[str]) -> list[str]:
    """Those owners that ran here and run no more."""
    place = here()
    return [owner for owner in owners if _is_dead(owner, place)]


def _is_dead(owner: str, place: Place) -> bool:
    parts = owner.partition(_WORK)[0].rsplit("/", 4)
    if len(parts) != 5 or not place.known or Place(*parts[:3]) != place:
        return False
    pid, started = parts[3:]
    return pid.isdigit() and started.isdigit() and _is_gone(int(pid), started)


def _is_gone(pid: int, started: str) -> bool:
    state, now = _stat(pid)
    if not now:
        return not _exists(pid)
    return now != started or state in _ENDED


def _exists(pid: int) -> bool:
    """Whether there is such a process, also where /proc hides those of other users."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _stat(pid: int) -> tuple[str, str]:
    """State and start time (clock ticks since boot) of a process; '' and '' when they cannot be read."""
    try:
        # The name in parentheses may hold anything; field 3 comes after it, field 22 is the start (proc(5)).
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        after = fields.rpartition(")")[2].split()
        return after[0], after[19]
    except (OSError, IndexError):
        return "", ""


def _boot() -> str:
    try:
        return _BOOT.read_text(encoding="ascii").strip()[:8]
    except (OSError, ValueError):
        return ""


def _namespace() -> str:
    try:
        return str(_NAMESPACE.stat().st_ino)
    except OSError:
        return ""
