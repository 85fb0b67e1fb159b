"""Bytes -> files below the public folder, whole and only if they changed.

Owns the folder that any web server may serve. A reader sees the old bytes or
the new ones, never a part (P3), through `kill -9` and power loss too. One process
at a time writes (`alone`); the others don't wait for it. Knows nothing of feeds,
pages or URLs.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from feeds.durable import sync_folder
from feeds.site.disk import FOLDER_MODE, Disk
from feeds.site.folders import Folders, opened_root, read_file, split
from feeds.site.part import TEMPORARIES, Part

__all__ = ["Disk", "Part", "Site"]


class Site:
    """The public folder. Paths are relative: ``feeds/country/pa.atom``.

    Every folder on the way is opened in its parent, without following links,
    so that nothing outside the root is read or written. The root itself may be
    a link: the operator put it there.
    """

    def __init__(self, root: Path, disk: Disk | None = None) -> None:
        self.root = root
        self._disk = disk or Disk()

    @contextmanager
    def part(self) -> Iterator[Part]:
        """Files that are changed together: seen only after `Part.commit`, and then on the disk.

        What is not committed leaves nothing behind.
        """
        self._make_root()
        with closing(Folders(self.root)) as folders, closing(Part(folders, self._disk)) as part:
            yield part

    def write(self, path: str, data: bytes, *, compressed: bool = False) -> bool:
        """Make `path` hold `data`, by itself; True if its bytes changed. As for `Part.put`."""
        split(path)  # before a folder is made
        with self.part() as part:
            changed = part.put(path, data, compressed=compressed)
            part.commit()
        return changed

    def read(self, path: str) -> bytes | None:
        """The bytes at `path`; None if there is no such file, or it is a link."""
        names, name = split(path)
        try:
            with closing(Folders(self.root)) as folders:
                found = read_file(folders.enter(names), name)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found[0] if found else None

    def remove(self, path: str) -> bool:
        """Take the file away, by itself; True if there was one. Its folder stays."""
        split(path)
        if not self.root.is_dir():
            return False
        with self.part() as part:
            there = part.remove(path)
            part.commit()
        return there

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether we are the one that may publish here; nobody waits, a killed process lets go by itself."""
        self._make_root()
        root = opened_root(self.root)
        try:
            fcntl.flock(root, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
        finally:
            os.close(root)

    def sweep(self) -> int:
        """Take away what killed processes left half-written; how many files that were. For who is `alone`."""
        if not self.root.is_dir():
            return 0
        with closing(Folders(self.root)) as folders, suppress(FileNotFoundError):
            folder = folders.enter((TEMPORARIES,))
            found = [each.name for each in os.scandir(folder)]
            for name in found:
                os.unlink(name, dir_fd=folder)
            return len(found)
        return 0

    def _make_root(self) -> None:
        if not self.root.is_dir():
            self.root.mkdir(parents=True, exist_ok=True)
            self.root.chmod(FOLDER_MODE)
            sync_folder(self.root.parent)
