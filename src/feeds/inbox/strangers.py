"""Sub-folders of the inbox that nobody reads: what lies there gets a note beside it.

Owns where the note is and when it goes. Must not know what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from feeds.durable import write_whole
from feeds.inbox.files import holds
from feeds.inbox.names import RECEIPT

NOTE = f"not-read{RECEIPT}"
_MODE = 0o660


def leave_notes(root: Path, unread: Collection[str], note: Callable[[str], str]) -> None:
    """Put a note into each of these sub-folders, and take it out of all others.

    `note` gives its text for a folder's name. What cannot be written is left: the log says that such
    folders are there. A link to a folder elsewhere gets none.
    """
    for name in sorted(unread):
        folder = root / name
        raw = note(name).encode("utf-8", "backslashreplace")
        if not folder.is_symlink() and not holds(folder / NOTE, raw):
            with suppress(OSError):
                write_whole(folder / NOTE, raw, mode=_MODE)
    with suppress(OSError):
        for folder in [path for path in root.iterdir() if path.name not in unread and path.is_dir()]:
            if not folder.is_symlink():
                with suppress(OSError):
                    (folder / NOTE).unlink(missing_ok=True)
