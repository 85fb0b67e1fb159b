"""What lies in held/: whether a file that was put there was taken away by somebody.

Owns the mark by which the folder itself is known, and the rule when a file that is not there counts as taken
away: only for the host that put it there, in the folder that it was put into. A disk that is not mounted,
another machine's folder of the same name or a folder that was made anew look just like it. Must not know the
database, nor what is done about it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from feeds.durable import write_whole

MARK = ".held-by-feeds"
_MARK_MODE = 0o660
_LONGEST_MARK = 64
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR})


class Standing(StrEnum):
    """What is seen of a held file.

    `LIES`: it is there. `GONE`: it is not, and its folder is. `REPLACED`: other bytes lie under its name.
    `UNKNOWN`: whoever looks cannot tell.
    """

    LIES = "lies"
    GONE = "gone"
    REPLACED = "replaced"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """Where held files lie: a host, and there a folder, known by its device and the mark in it."""

    host: str
    device: int
    mark: str

    def text(self) -> str:
        """As it is stored: ``mark/device/host``."""
        return f"{self.mark}/{self.device}/{self.host}"


def read_place(text: str) -> Place | None:
    """The place of a stored text; None for one where no file was put."""
    mark, _, rest = text.partition("/")
    device, _, host = rest.partition("/")
    return Place(host, int(device), mark) if mark and host and device.isdigit() else None


def judged(wanted: Place | None, here: Place | None, digest: str, found: str | None) -> Standing:
    """What is known of a file with `digest` that was put into the place `wanted`.

    `here` is the place that is looked at, None if that is not there; `found` the digest of what lies there,
    None if nothing does. A file that lies where it is looked for was not taken away, whoever looks.
    """
    if found == digest:
        return Standing.LIES
    if wanted is None or here != wanted:
        return Standing.UNKNOWN
    return Standing.GONE if found is None else Standing.REPLACED


class HeldFolder:
    """One held/ folder as this host sees it. Not for two threads at once."""

    def __init__(self, root: Path, host: str, max_bytes: int) -> None:
        self.root = root
        self.host = host
        self._max_bytes = max_bytes
        self._digests: dict[str, tuple[tuple[int, ...], str]] = {}

    def marked(self) -> Place | None:
        """The place, which gets its mark if it has none. None if it cannot have one."""
        if (here := self.here()) is not None:
            return here
        with suppress(OSError):
            write_whole(self.root / MARK, secrets.token_urlsafe(12).encode(), mode=_MARK_MODE)
        return self.here()

    def here(self) -> Place | None:
        """The place, if the folder is there with a mark in it."""
        try:
            device = self.root.stat().st_dev
            with (self.root / MARK).open("rb") as file:
                mark = file.read(_LONGEST_MARK).decode("ascii", "replace").strip()
        except OSError:
            return None
        return Place(self.host, device, mark.replace("/", "")) if mark else None

    def standing(self, wanted: Place | None, name: str, digest: str) -> Standing:
        """What is seen of a file with this digest that was put there under `name`."""
        before = self.here()
        try:
            found = self._digest(name)
        except OSError:
            return Standing.UNKNOWN
        # The folder has to be there before and after: what is unmounted in between was not taken away.
        return judged(wanted, before if before == self.here() else None, digest, found)

    def is_another(self, name: str, digest: str) -> bool:
        """Whether a file lies there under this name whose bytes are other ones."""
        try:
            found = self._digest(name)
        except OSError:
            return False
        return found is not None and found != digest

    def _digest(self, name: str) -> str | None:
        path = self.root / name
        try:
            seen = os.lstat(path)
        except OSError as error:
            self._digests.pop(name, None)
            if error.errno in _GONE:
                return None
            raise
        state = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
        kept = self._digests.get(name)
        if kept is None or kept[0] != state:
            usual = stat.S_ISREG(seen.st_mode) and seen.st_size <= self._max_bytes
            data = path.read_bytes() if usual else b""
            kept = self._digests[name] = (state, hashlib.sha256(data).hexdigest())
        return kept[1]
