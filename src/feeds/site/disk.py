"""The steps by which a public folder changes on the disk, each of them small enough to be killed between."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterable
from functools import cache

FILE_MODE = 0o644
FOLDER_MODE = 0o755

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


class Disk:
    """Writes, names and flushes. Folders are descriptors."""

    def create(self, folder: int, name: str, data: bytes, at_ns: int) -> None:
        """A new file, written at that nanosecond, for everybody to read whatever the umask."""
        descriptor = os.open(name, _CREATE, 0o600, dir_fd=folder)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fchmod(descriptor, FILE_MODE)
            os.utime(descriptor, ns=(at_ns, at_ns))
        finally:
            os.close(descriptor)

    def rename(self, source: int, temporary: str, folder: int, name: str) -> None:
        """The one visible step of a file."""
        os.rename(temporary, name, src_dir_fd=source, dst_dir_fd=folder)

    def unlink(self, folder: int, name: str) -> None:
        """Take a name away."""
        os.unlink(name, dir_fd=folder)

    def flush(self, root: int, files: Iterable[tuple[int, str]], folders: Iterable[int]) -> None:
        """Return when all that was done so far would outlast a loss of power.

        The whole file system at once where that can be asked for: a flush of each file of a part costs far
        more. `files` and `folders` are what there is to flush one by one elsewhere. Raises OSError.
        """
        if (syncfs := _syncfs()) is not None:
            syncfs(root)
            return
        for folder, name in files:
            descriptor = os.open(name, _READ, dir_fd=folder)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        for folder in folders:
            os.fsync(folder)


@cache
def _syncfs() -> Callable[[int], None] | None:
    """Linux's syncfs(2); None where there is none."""
    try:
        call = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError):
        return None

    def syncfs(descriptor: int) -> None:
        if call(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    return syncfs
