"""What a process can say of its site at any moment: figures of the database, and the room on its disks."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from feeds.store import Store, figures
from feeds.store.figures import Figures


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of the file system that a folder lies on."""

    free: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The facts at one instant. `rooms` by the name of the folder, without those that cannot be asked."""

    at: datetime
    figures: Figures
    rooms: Mapping[str, Room]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """Measures a site. `published` gives the number of the last change in this host's folder; `folders` are
    those that must have room."""

    store: Store
    published: Callable[[], int]
    folders: Mapping[str, Path]
    now: Callable[[], datetime]

    def measure(self) -> Measured:
        """The facts now. Raises StoreError."""
        at, published = self.now(), self.published()
        with self.store.read() as conn:
            found = figures.figures(conn, published, at)
        return Measured(at=at, figures=found, rooms=rooms(self.folders))


def rooms(folders: Mapping[str, Path]) -> dict[str, Room]:
    """The room of each folder, or where it is to be made."""
    found = {}
    for name, folder in folders.items():
        there = next((path for path in (folder, *folder.parents) if path.exists()), None)
        try:
            usage = shutil.disk_usage(there) if there else None
        except OSError:
            continue
        if usage:
            found[name] = Room(free=usage.free, total=usage.total)
    return found
