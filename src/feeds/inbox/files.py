"""Reading single files without being tricked.

Owns how a file is opened: never through a link, never a device, never too much
of it. Must not know what lies where.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import time
from pathlib import Path
from typing import NoReturn

from feeds.errors import BulletinError
from feeds.inbox.names import shown_name
from feeds.model import Fault

# After these the file is left where it is: it is gone, or its writer came back.
_F_SETSIG = 10  # fcntl has no name for it
_RESERVED = 512
# A file of zeros that nobody has touched for so long will not be filled any more.
_COPIED_WITHIN_S = 600.0

PASSING = frozenset({"file-vanished", "file-changing"})


def read_regular(path: Path, *, max_bytes: int, device: int | None = None) -> bytes:
    """The bytes of a regular file of at most `max_bytes`, never through a link.

    Nothing else is even opened, so no FIFO can hold us up and no device is
    touched (threats T7, T8). `device`: the file must lie on this one. Raises
    BulletinError with file-not-regular, file-too-large, file-unreadable,
    file-vanished (gone) or file-changing (written to while it was read).
    """
    try:
        before = os.lstat(path)
        # A second name of a file elsewhere is a link too: its words are not the office's to publish.
        if not stat.S_ISREG(before.st_mode) or before.st_nlink > 1 or device not in (None, before.st_dev):
            fail("file-not-regular", path)
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        fail_on(error, path)
    try:
        return _bounded(handle, path, before, max_bytes)
    finally:
        os.close(handle)


def identity(found: os.stat_result) -> tuple[int, int, int, int]:
    """What changes when a file is replaced or written to."""
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _bounded(handle: int, path: Path, before: os.stat_result, max_bytes: int) -> bytes:
    opened = os.fstat(handle)
    if not stat.S_ISREG(opened.st_mode):
        fail("file-not-regular", path)
    if is_open_for_writing(handle):
        fail("file-changing", path)
    if identity(opened) != identity(before):
        fail("file-changing", path)
    if opened.st_size > max_bytes:
        fail("file-too-large", path, f"{opened.st_size} bytes, at most {max_bytes}")
    try:
        data = _read_up_to(handle, max_bytes + 1)
    except OSError as error:
        fail_on(error, path)
    if identity(os.fstat(handle)) != identity(before) or len(data) != opened.st_size:
        fail("file-changing", path)
    if has_reserved_room(data) and time.time() - opened.st_mtime < _COPIED_WITHIN_S:
        fail("file-changing", path)
    return data


def is_open_for_writing(handle: int) -> bool:
    """Whether somebody, on this machine, has the file open to write to it; False where that cannot be known.

    The kernel gives a lease on a file only while nobody writes to it (Linux, own files, local disks). Who
    opens the file in this instant waits for us to give it back, which we do at once.
    """
    try:
        # The signal by which the kernel asks for it back would end us; this one is passed over.
        fcntl.fcntl(handle, _F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    except AttributeError:  # not on Linux
        return False
    fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def has_reserved_room(data: bytes) -> bool:
    """Whether a file ends in nothing but zeros: its copy has taken the room and not yet filled it."""
    end = data[-_RESERVED:]
    return bool(end) and not end.strip(b"\0") and len(end) in (_RESERVED, len(data))


def _read_up_to(handle: int, most: int) -> bytes:
    parts: list[bytes] = []
    left = most
    while left > 0 and (part := os.read(handle, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def fail(code: str, path: Path, detail: str = "") -> NoReturn:
    raise BulletinError(Fault(code=code, detail=detail or shown_name(path.name)[:120]))


def fail_on(error: OSError, path: Path) -> NoReturn:
    match error.errno:
        case errno.ENOENT | errno.ESTALE:
            fail("file-vanished", path)
        case errno.ELOOP | errno.ENXIO | errno.EISDIR:
            fail("file-not-regular", path)
        case _:
            fail("file-unreadable", path, str(error.strerror))


def holds(path: Path, raw: bytes) -> bool:
    """Whether a file of ours has just these bytes."""
    try:
        with path.open("rb") as file:
            return file.read(len(raw) + 1) == raw
    except OSError:
        return False
