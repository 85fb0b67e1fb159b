"""Files written whole, and names that outlast a loss of power. Knows only paths and bytes.

Owns how inbox and outbox write: temporary name in the same folder, fsync, rename. `site`
writes its own way: descriptors of folders, so that no path is looked up again after its walk
without links; a lock that tells living writers' files from dead ones'; modes whatever the umask.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_whole(path: Path, raw: bytes, *, mode: int) -> None:
    """The file with all its bytes, or the file as it was; `mode` less the umask.

    Raises OSError and leaves nothing behind when it cannot be written. A killed
    process may leave a hidden ``.….tmp``. When this returns the bytes are on the
    disk, the name is after `sync_folder`: that is the caller's, who may have
    more names to change in the same folder.
    """
    part = path.parent / f".{secrets.token_hex(8)}.tmp"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(handle)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make new and changed names in a folder outlast a loss of power."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
