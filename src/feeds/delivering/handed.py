"""Which claimed letters may have left: a file of each process, written just before a letter's text is sent.

A claim alone says nothing about the text. So a process notes the number of each letter right before its text
goes on the wire, in a small file in the state folder; of a process that died, letters that it had claimed and
not noted were seen by no server. The file costs no commit and no flush: what a process wrote outlives its
death in the memory of the kernel. It does not outlive a loss of power, nor is it seen on other hosts: so it
is believed only for a process that ran on this host since it was started and is surely dead, or for this one.
Without a file that can be believed, all that was claimed may have left.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote

from feeds import log

logger = log.get("deliver")

_TOO_LONG = 64 * 1024  # bytes after which what has its result is left out
_SUFFIX = ".handed"


class HandedOver:
    """The letters that this process handed over, and may not have the result of in the database yet.

    `folder` None: nothing is noted, and so all that is claimed when it dies is in doubt.
    """

    def __init__(self, folder: Path | None, owner: str) -> None:
        self._path = folder and _path(folder, owner)
        self._head = _head(owner)
        self._file: int | None = None
        self._size = 0
        self._stuck = False

    def begin(self, unrecorded: Iterable[str] = ()) -> None:
        """A new file with these numbers alone; without one where none can be made."""
        if self._path is None:
            return
        part = self._path.with_suffix(".tmp")
        raw = self._head + b"".join(map(_line, unrecorded))
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                _write(new, raw)
                part.replace(self._path)
            except OSError:
                os.close(new)
                raise
        except OSError as error:
            self._give_up(error)
            return
        self._close()
        self._file, self._size = new, len(raw)

    def note(self, number: str) -> bool:
        """Note that the text of this letter is about to be sent; False: it must not be.

        Where the note cannot be written, the file goes, so that nobody believes it; False when even that
        is not possible.
        """
        if self._file is not None:
            line = _line(number)
            try:
                _write(self._file, line)
            except OSError as error:
                self._give_up(error)
            self._size += len(line)
        return not self._stuck

    def trim(self, unrecorded: Iterable[str]) -> None:
        """Once what has its result is in the database: keep the file small."""
        if self._size > _TOO_LONG and self._file is not None:
            self.begin(unrecorded)

    def end(self, *, recorded: bool) -> None:
        """Nothing more is handed over. `recorded`: all have their results in the database; else it stays."""
        self._close()
        if recorded and self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _give_up(self, error: OSError) -> None:
        """From now on without a file."""
        logger.warning("hand-over-not-noted", reason=error.strerror or str(error))
        file, self._file = self._file, None
        try:
            if self._path is not None:
                self._path.unlink(missing_ok=True)
        except OSError:
            self._stuck = self._path is not None and os.path.lexists(self._path) and not _emptied(file)
        finally:
            if file is not None:
                os.close(file)

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file, self._size = None, 0


def noted(folder: Path | None, owner: str) -> frozenset[str] | None:
    """The numbers that a process noted; None when there is no whole file of it.

    A last line without its end was cut off by the death of its process, so the text was not sent.
    """
    if folder is None:
        return None
    try:
        raw = _path(folder, owner).read_bytes()
    except OSError:
        return None
    head = _head(owner)
    if not raw.startswith(head):
        return None
    return frozenset(raw[len(head) :].decode("ascii", "replace").split("\n")[:-1])


def forget(folder: Path | None, dead: Callable[[Sequence[str]], Sequence[str]]) -> None:
    """Remove the files of dead processes, when what they had in hand was taken back."""
    if folder is None:
        return
    with suppress(OSError):
        owners = [unquote(path.stem) for path in folder.glob(f"*{_SUFFIX}")]
        for owner in dead(owners):
            _path(folder, owner).unlink(missing_ok=True)


def _path(folder: Path, owner: str) -> Path:
    return folder / f"{quote(owner, safe='')}{_SUFFIX}"


def _head(owner: str) -> bytes:
    return f"handed over by {owner}\n".encode()


def _line(number: str) -> bytes:
    return number.encode("ascii") + b"\n"


def _write(file: int, raw: bytes) -> None:
    """All of it: a part would be a line that nobody ended."""
    while raw:
        raw = raw[os.write(file, raw) :]


def _emptied(file: int | None) -> bool:
    """Whether a file that cannot be removed says nothing any more: it has no head."""
    if file is None:
        return False
    try:
        os.ftruncate(file, 0)
    except OSError:
        return False
    return True
