"""A maildir: what lies in it unread; what was dealt with becomes a seen mail in `cur`."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from feeds import log
from feeds.mail.returned import MOST_BYTES, BoxError, Unread

logger = log.get("bounces")


class Maildir:
    """The maildir at this path. In `cur`, too, mails count that nobody has seen."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def unread(self, limit: int) -> Iterator[Unread]:
        """Up to `limit` mails, oldest first. Raises BoxError when this is no maildir of ours to read."""
        for path in sorted(self._waiting(), key=lambda each: each.name)[:limit]:
            try:
                raw = _whole(path)
            except FileNotFoundError:
                continue  # another process was quicker
            except OSError as error:
                logger.warning("bounce-unreadable", file=path.name, reason=error.strerror)
                continue
            yield Unread(raw, partial(self._seen, path))

    def _waiting(self) -> list[Path]:
        try:
            every = [path for name in ("new", "cur") for path in (self._folder / name).iterdir()]
        except OSError as error:
            why = f"bounces.maildir: {self._folder} cannot be read: {error.strerror}"
            raise BoxError(f"{why}; a maildir has the folders new, cur and tmp") from error
        return [each for each in every if not each.name.startswith(".") and "S" not in _flags(each.name)]

    def _seen(self, path: Path) -> None:
        name, _, _ = path.name.partition(":2,")
        flags = "".join(sorted({*_flags(path.name), "S"}))
        with suppress(FileNotFoundError):
            path.rename(self._folder / "cur" / f"{name}:2,{flags}")


def _flags(name: str) -> str:
    return name.rpartition(":2,")[2] if ":2," in name else ""


def _whole(path: Path) -> bytes:
    """The beginning of a plain file, never through a link, never waiting for a writer (T7)."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "it is no plain file")
        return file.read(MOST_BYTES)
