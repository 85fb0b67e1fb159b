"""Bytes -> files below the public folder, whole and only if they changed.

Owns the folder that any web server may serve. A reader sees the old bytes or
the new ones, never a part (P3), through `kill -9` and power loss too; several
processes may write at once (P8). Knows nothing of feeds, pages or URLs.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from feeds.durable import sync_folder

FILE_MODE = 0o644
FOLDER_MODE = 0o755

# A path names a file by parts like these and nothing else: no way up, no way out (T7).
_PART = re.compile(r"[a-z0-9._-]{1,200}")
_TEMPORARY = ".writing-"

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Site:
    """The public folder. Paths are relative: ``feeds/country/pa.atom``.

    Every folder on the way is opened in its parent, without following links,
    so that nothing outside the root is read or written. The root itself may be
    a link: the operator put it there.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, data: bytes) -> bool:
        """Make `path` hold `data`; True if its bytes changed.

        Missing folders are made. When it returns, the bytes are on the disk.
        Raises ValueError for an unsafe path, OSError if the disk refuses or a
        folder on the way is a link.
        """
        folders, name = _split(path)
        self._make_root()
        with self._folder(folders, make=True) as folder:
            if _read(folder, name) == data:
                return False
            _sweep(folder)
            _replace(folder, name, data)
            return True

    def read(self, path: str) -> bytes | None:
        """The bytes at `path`; None if there is no such file, or it is a link."""
        folders, name = _split(path)
        try:
            with self._folder(folders) as folder:
                return _read(folder, name)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def remove(self, path: str) -> bool:
        """Take the file away; True if there was one. Its folder stays."""
        folders, name = _split(path)
        try:
            with self._folder(folders) as folder:
                os.unlink(name, dir_fd=folder)
                os.fsync(folder)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other publishers of this folder waiting; a killed one lets go by itself."""
        self._make_root()
        with self._folder([]) as root:
            fcntl.flock(root, fcntl.LOCK_EX)
            yield

    def sweep(self) -> int:
        """Take away what killed processes left half-written; how many files that were."""
        if not self.root.is_dir():
            return 0
        # The real path, because a walk that follows no links would not enter a linked root.
        return sum(_sweep(folder) for _, _, _, folder in os.fwalk(self.root.resolve()))

    def _make_root(self) -> None:
        if not self.root.is_dir():
            self.root.mkdir(parents=True, exist_ok=True)
            self.root.chmod(FOLDER_MODE)
            sync_folder(self.root.parent)

    @contextmanager
    def _folder(self, names: list[str], *, make: bool = False) -> Iterator[int]:
        """A descriptor of the folder `names` below the root."""
        folder = os.open(self.root, _FOLDER & ~os.O_NOFOLLOW)
        try:
            for name in names:
                inner = _enter(folder, name, make=make)
                os.close(folder)
                folder = inner
            yield folder
        finally:
            os.close(folder)


def _split(path: str) -> tuple[list[str], str]:
    parts = path.split("/")
    if not all(_PART.fullmatch(part) and _is_plain(part) for part in parts):
        raise ValueError(f"unsafe path: {path!r}")
    return parts[:-1], parts[-1]


def _is_plain(part: str) -> bool:
    return part != "." and ".." not in part and not part.startswith(_TEMPORARY)


def _enter(folder: int, name: str, *, make: bool) -> int:
    if not make:
        return os.open(name, _FOLDER, dir_fd=folder)
    with suppress(FileExistsError):
        os.mkdir(name, FOLDER_MODE, dir_fd=folder)
        os.fsync(folder)
    inner = os.open(name, _FOLDER, dir_fd=folder)
    found = os.fstat(inner)
    # The umask must not lock the web server out; seen to each time, because a process
    # may have been killed between making the folder and opening it to others.
    if stat.S_IMODE(found.st_mode) != FOLDER_MODE and found.st_uid == os.geteuid():
        os.fchmod(inner, FOLDER_MODE)
    return inner


def _read(folder: int, name: str) -> bytes | None:
    try:
        # Looked at before it is opened: opening a pipe or a device can have effects.
        if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            return None
        descriptor = os.open(name, _READ, dir_fd=folder)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def _replace(folder: int, name: str, data: bytes) -> None:
    """Write beside the file, then rename over it: the rename is the one visible step."""
    with _temporary(folder) as (descriptor, temporary):
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(data)
        os.fchmod(descriptor, FILE_MODE)
        os.fsync(descriptor)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)


@contextmanager
def _temporary(folder: int) -> Iterator[tuple[int, str]]:
    """A new file, locked. The lock says that its writer lives; the kernel drops it when
    the writer dies, so that no sweep takes a living writer's file or leaves a dead one's."""
    descriptor, temporary = _create(folder)
    try:
        yield descriptor, temporary
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        raise
    finally:
        os.close(descriptor)


def _create(folder: int) -> tuple[int, str]:
    while True:
        temporary = _TEMPORARY + secrets.token_hex(8)
        descriptor = os.open(temporary, _CREATE, 0o600, dir_fd=folder)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor, temporary
        # Another process swept it before it was locked.
        os.close(descriptor)


def _sweep(folder: int) -> int:
    names = [name for name in os.listdir(folder) if name.startswith(_TEMPORARY)]
    return sum(_sweep_one(folder, name) for name in names)


def _sweep_one(folder: int, name: str) -> bool:
    try:
        descriptor = os.open(name, _READ, dir_fd=folder)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(name, dir_fd=folder)
    except (BlockingIOError, FileNotFoundError):
        return False
    finally:
        os.close(descriptor)
    return True
