"""Some files that change together: temporary files, a flush, the names, a flush."""

from __future__ import annotations

import os
import secrets
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

from feeds.site.compressed import COPIES
from feeds.site.disk import Disk
from feeds.site.folders import Folders, Names, read_file, split, written_at

TEMPORARIES = ".writing"


@dataclass(frozen=True, slots=True)
class Step:
    """One name to be changed: `temporary` becomes the file, or, if there is none, the file goes."""

    folder: Names
    name: str
    temporary: str = ""


class Part:
    """What `Site.part` gives. Steps are taken in the order in which they were asked for."""

    def __init__(self, folders: Folders, disk: Disk) -> None:
        self._folders = folders
        self._disk = disk
        self._steps: deque[Step] = deque()
        self._last: deque[Step] = deque()
        self._settled = False
        self._token = secrets.token_hex(8)
        self._count = count()

    def put(self, path: str, data: bytes, *, compressed: bool = False) -> bool:
        """Have `path` hold `data`; True if its bytes change.

        With `compressed`, copies for web servers stand beside it, of the same instant: that is how one knows
        that they belong to it. Raises ValueError for an unsafe path, OSError if the disk refuses or a folder
        on the way is a link.
        """
        names, name = split(path)
        folder = self._folders.enter(names, make=True)
        found = read_file(folder, name)
        changed = found is None or found[0] != data
        at_ns = time.time_ns() if found is None or changed else found[1]
        for ending, compress in COPIES.items() if compressed else ():
            if changed or written_at(folder, name + ending) != at_ns:
                self._steps.append(self._create(names, name + ending, compress(data), at_ns))
        if changed:  # after its copies, so that they are never older than it
            self._steps.append(self._create(names, name, data, at_ns))
        return changed

    def remove(self, path: str) -> bool:
        """Have no file at `path`, nor copies of it; True if there is one now."""
        names, name = split(path)
        try:
            folder = self._folders.enter(names)
        except (FileNotFoundError, NotADirectoryError):
            return False
        there = [each for each in (name, *map(name.__add__, COPIES)) if written_at(folder, each) is not None]
        self._steps += [Step(names, each) for each in there]
        return name in there

    def put_last(self, path: str, data: bytes) -> None:
        """Have `path` hold `data` once all other steps are on the disk: it tells that they are.

        Its own name may be lost with the power; then the file is as it was before.
        """
        names, name = split(path)
        self._folders.enter(names, make=True)
        self._last.append(self._create(names, name, data, time.time_ns()))

    def commit(self) -> None:
        """Take all steps; when this returns they are on the disk. After an error some may have been taken."""
        self.settle()
        self._change_all(self._last)

    def settle(self) -> None:
        """All steps but those put last: before `commit` takes them, another process may be waited for."""
        if self._settled or not (self._steps or self._last):
            return
        source = self._folders.enter((TEMPORARIES,), make=True)
        temporaries = [(source, step.temporary) for step in (*self._steps, *self._last) if step.temporary]
        self._disk.flush(self._folders.root, temporaries, [])
        touched = sorted({step.folder for step in self._steps} | self._folders.made)
        self._change_all(self._steps)
        self._folders.made.clear()
        self._disk.flush(self._folders.root, [], (self._folders.enter(names) for names in touched))
        self._settled = True

    def _change_all(self, steps: deque[Step]) -> None:
        while steps:
            self._change(steps[0])
            steps.popleft()

    def _change(self, step: Step) -> None:
        folder = self._folders.enter(step.folder)
        if step.temporary:
            source = self._folders.enter((TEMPORARIES,))
            self._disk.rename(source, step.temporary, folder, step.name)
        else:
            with suppress(FileNotFoundError):
                self._disk.unlink(folder, step.name)

    def _create(self, names: Names, name: str, data: bytes, at_ns: int) -> Step:
        self._settled = False
        step = Step(names, name, f"{self._token}{next(self._count):x}")
        source = self._folders.enter((TEMPORARIES,), make=True)
        try:
            self._disk.create(source, step.temporary, data, at_ns)
        except OSError:
            self._discard([step])
            raise
        return step

    def close(self) -> None:
        """Take away the temporary files of what was not committed."""
        self._discard([*self._steps, *self._last])
        self._steps.clear()
        self._last.clear()

    def _discard(self, steps: Iterable[Step]) -> None:
        for step in steps:
            if step.temporary:
                with suppress(FileNotFoundError):
                    os.unlink(step.temporary, dir_fd=self._folders.enter((TEMPORARIES,)))
