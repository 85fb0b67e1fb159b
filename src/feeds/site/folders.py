"""Safe paths, and folders opened in their parents without following a link."""

from __future__ import annotations

import os
import re
import stat
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path

from feeds.site.disk import FOLDER_MODE

# A path names a file by parts like these and nothing else: no way up, no way out (T7).
_PART = re.compile(r"[a-z0-9._-]{1,200}")
_OWN = ".writing"

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# So many folders stay open; a part of items has a folder for each.
_MOST_OPEN = 48

Names = tuple[str, ...]


def split(path: str) -> tuple[Names, str]:
    """The folders on the way to a file, and its name. Raises ValueError for an unsafe path."""
    parts = path.split("/")
    if not all(_PART.fullmatch(part) and _is_plain(part) for part in parts):
        raise ValueError(f"unsafe path: {path!r}")
    return tuple(parts[:-1]), parts[-1]


def _is_plain(part: str) -> bool:
    return part != "." and ".." not in part and not part.startswith(_OWN)


def opened_root(root: Path) -> int:
    """A descriptor of the root, which may be a link."""
    return os.open(root, _FOLDER & ~os.O_NOFOLLOW)


class Folders:
    """Descriptors of folders below a root. The last used ones stay open until `close`."""

    def __init__(self, root: Path) -> None:
        self.root = opened_root(root)
        self.made: set[Names] = set()
        self._open: OrderedDict[Names, int] = OrderedDict()

    def enter(self, names: Names, *, make: bool = False) -> int:
        """A descriptor of the folder, good until some others were entered; with `make` it is made.

        Raises OSError if it is not there or a folder on the way is a link.
        """
        if not names:
            return self.root
        if (known := self._open.get(names)) is not None:
            self._open.move_to_end(names)
            return known
        parent = self.enter(names[:-1], make=make)
        folder = self._make(parent, names) if make else os.open(names[-1], _FOLDER, dir_fd=parent)
        self._open[names] = folder
        if len(self._open) > _MOST_OPEN:
            os.close(self._open.popitem(last=False)[1])
        return folder

    def _make(self, parent: int, names: Names) -> int:
        with suppress(FileExistsError):
            os.mkdir(names[-1], FOLDER_MODE, dir_fd=parent)
            self.made.add(names[:-1])
        inner = os.open(names[-1], _FOLDER, dir_fd=parent)
        found = os.fstat(inner)
        # The umask must not lock the web server out; seen to each time, because a process
        # may have been killed between making the folder and opening it to others.
        if stat.S_IMODE(found.st_mode) != FOLDER_MODE and found.st_uid == os.geteuid():
            os.fchmod(inner, FOLDER_MODE)
        return inner

    def close(self) -> None:
        """Close them all."""
        for folder in (*self._open.values(), self.root):
            os.close(folder)
        self._open.clear()


def read_file(folder: int, name: str) -> tuple[bytes, int] | None:
    """The bytes of a file and when it was written, in nanoseconds; None if it is no plain file."""
    try:
        # Looked at before it is opened: opening a pipe or a device can have effects.
        if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            return None
        descriptor = os.open(name, _READ, dir_fd=folder)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(), os.fstat(descriptor).st_mtime_ns


def written_at(folder: int, name: str) -> int | None:
    """When a file was written, in nanoseconds; None if there is none."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime_ns
    except FileNotFoundError:
        return None
