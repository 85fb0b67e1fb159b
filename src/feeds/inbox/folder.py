"""The inbox folder with its done/ and rejected/: look, take, file away.

Owns where a bulletin file lies and how it moves. Must not know what a bulletin
says, nor the database; clocks are the caller's.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from feeds.durable import sync_folder, write_whole
from feeds.inbox.files import fail, fail_on, holds, identity, read_regular
from feeds.inbox.held import HeldFolder, Standing, read_place
from feeds.inbox.names import is_ignored, numbered, receipt_name, shown_name
from feeds.inbox.settling import Sighting

Where = Literal["done", "rejected", "held", "undone"]

# So long after its last change a filed file is looked at, and so many of them.
_WATCHED_S = 3600.0
_MOST_WATCHED = 1_000

_RECEIPT_MODE = 0o660  # for the same people as the folders


class Inbox:
    """One inbox folder with its done/ and rejected/. Not for two threads at once."""

    def __init__(
        self,
        root: Path,
        *,
        settle_s: float = 2.0,
        patterns: Sequence[str] = ("*.txt",),
        max_bytes: int = 1_048_576,
        host: str = "",
    ) -> None:
        """`host` names this machine in the places of held files; without it nobody can take one away."""
        self.root = root
        self.held = HeldFolder(root / "held", host, max_bytes)
        self.settle_s = settle_s
        self.max_bytes = max_bytes
        self.trouble: str | None = None
        self.patterns = tuple(patterns)
        self._patterns = tuple(pattern.lower() for pattern in patterns)
        self._taken: dict[str, os.stat_result] = {}
        self._moved: set[Path] = set()
        self._filed_as: dict[tuple[Where, str], os.stat_result] = {}
        self._other = set[tuple[Where, str]]()  # of these, those that are not what was read
        self._try_to_prepare()

    def prepare(self) -> None:
        """Make the folders that are missing; those that are there keep their modes."""
        for folder in (self.root, self.root / "done", self.root / "rejected"):
            folder.mkdir(mode=0o770, parents=True, exist_ok=True)

    def look(self) -> list[Sighting]:
        """All names worth a thought, in one pass. A folder that cannot be read shows
        nothing and says why in `trouble`, which is None again when all is well."""
        try:
            with os.scandir(self.root) as scan:
                sightings = [sight for file in scan if (sight := self._sighting(file))]
        except FileNotFoundError:
            sightings = []
            self._try_to_prepare()
        except OSError as error:
            self.trouble = f"the inbox cannot be read: {error.strerror}"
            return []
        else:
            self.trouble = None
        names = {sight.name for sight in sightings}
        self._taken = {name: taken for name, taken in self._taken.items() if name in names}
        return sightings

    def waiting(self) -> list[str]:
        """Names of bulletin files that lie there now, settled or not, oldest first."""
        found = [sight for sight in self.look() if self.is_wanted(sight.name) and not sight.odd]
        return [sight.name for sight in sorted(found, key=lambda sight: (sight.mtime_ns, sight.name))]

    def take(self, name: str) -> bytes:
        """The bytes of one file that `look` named. Raises BulletinError as `read_regular`
        does, and with file-kind for a name that matches no pattern."""
        path = self._path(name)
        try:
            found = os.lstat(path)
            device = self.root.stat().st_dev
        except OSError as error:
            fail_on(error, path)
        self._taken[name] = found
        if stat.S_ISREG(found.st_mode) and not self.is_wanted(name):
            fail("file-kind", path)
        return read_regular(path, max_bytes=self.max_bytes, device=device)

    def unread_folders(self, read: Collection[str]) -> list[str]:
        """Names of sub-folders that hold what looks like bulletins and are neither `read` nor ours."""
        ours = {"done", "rejected", "held", "undone", *read}
        with suppress(OSError):
            folders = [
                path for path in sorted(self.root.iterdir()) if path.is_dir() and path.name not in ours
            ]
            return [path.name for path in folders if not is_ignored(path.name) and self._has_bulletins(path)]
        return []

    def _has_bulletins(self, folder: Path) -> bool:
        with suppress(OSError):
            return any(self.is_wanted(path.name) and not is_ignored(path.name) for path in folder.iterdir())
        return False

    def lies_as_taken(self, name: str) -> bool:
        """Whether the file still lies there just as `take` saw it: no other process has moved it on."""
        return self._is_as_taken(self._path(name), name)

    def is_wanted(self, name: str) -> bool:
        """Whether a name matches one of the patterns, in upper or lower case."""
        return any(fnmatchcase(name.lower(), pattern) for pattern in self._patterns)

    def file_away(self, name: str, where: Where, receipt: str) -> str:
        """Put a file with its receipt into done/ or rejected/; returns its name there.

        The receipt is written first, then the file moves, so that no file lies
        there unexplained; a second call after a crash at any point ends in the
        same state. Nothing is overwritten: the next free of ``a.txt``,
        ``a~2.txt`` … is taken. What is there must be what `take` saw (read or
        refused): if the file has been replaced or written to since, it is another
        bulletin, only the receipt is filed and the file stays. A file that is gone
        gets its receipt too. Raises OSError when the folder cannot be written; the
        file then lies where it was. Names outlast a loss of power after `sync`.
        """
        source, folder = self._path(name), self.root / where
        folder.mkdir(mode=0o770, parents=True, exist_ok=True)
        if where == "held":
            self.held.marked()
        text = receipt if receipt.endswith("\n") else receipt + "\n"
        raw = text.encode("utf-8", "backslashreplace")
        target = self._free_name(name, folder, raw, gone=not self._is_as_taken(source, name))
        slip = folder / receipt_name(target)
        if not holds(slip, raw):
            write_whole(slip, raw, mode=_RECEIPT_MODE)
        if self._is_as_taken(source, name):
            self._move(source, folder / target, name)
            if where != "held":  # whose bytes are looked at as long as they lie there
                self._filed_as[where, target] = self._taken[name]
        self._moved |= {folder, self.root}
        self._taken.pop(name, None)
        return target

    def place_of_held(self, name: str) -> str:
        """Where a file lies that was just put into held/; empty if it did not get there."""
        here = self.held.here()
        return here.text() if here and os.path.lexists(self.root / "held" / name) else ""

    def standing_of_held(self, shown: str, place: str, digest: str) -> Standing:
        """What is seen of a file with this digest that was put into held/ at `place`."""
        name = shown if os.path.lexists(self.root / "held" / shown) else self._filed("held", shown)
        return self.held.standing(read_place(place), name, digest)

    def refile(self, name: str, source: Where, where: Where, receipt: str, digest: str) -> str:
        """Move a held bulletin on to another folder with another receipt; returns its name there.

        The new receipt is written first; a second call after a crash ends in the same state. Only the file
        with this digest is moved: another one that has its name by now stays, with its own receipt.
        """
        name = self._filed(source, name)
        old, folder = self.root / source / name, self.root / where
        folder.mkdir(mode=0o770, parents=True, exist_ok=True)
        raw = (receipt.rstrip("\n") + "\n").encode("utf-8", "backslashreplace")
        strange = self.held.is_another(name, digest)
        target = self._free_name(name, folder, raw, gone=strange or not os.path.lexists(old))
        write_whole(folder / receipt_name(target), raw, mode=_RECEIPT_MODE)
        if not strange:
            with suppress(FileNotFoundError):
                old.rename(folder / target)
            (self.root / source / receipt_name(name)).unlink(missing_ok=True)
        self._moved |= {folder, old.parent}
        return target

    def put(self, name: str, where: Where, data: bytes, receipt: str) -> str:
        """Write a file that did not come by the folder, with its receipt; returns its name there.

        Its receipt is written first. Nothing is overwritten: the next free of ``a.txt``, ``a~2.txt`` … is
        taken. Raises OSError when the folder cannot be written.
        """
        folder = self.root / where
        folder.mkdir(mode=0o770, parents=True, exist_ok=True)
        raw = (receipt.rstrip("\n") + "\n").encode("utf-8", "backslashreplace")
        target = self._free_name(name, folder, raw, gone=False)
        self.rewrite(target, where, data, receipt)
        return target

    def rewrite(self, name: str, where: Where, data: bytes | None, receipt: str) -> None:
        """Put other bytes (None: leave it as it lies) and another receipt in place of those of a filed file;
        OSError as `put`.
        """
        folder, name = self.root / where, self._filed(where, name)
        raw = (receipt.rstrip("\n") + "\n").encode("utf-8", "backslashreplace")
        write_whole(folder / receipt_name(name), raw, mode=_RECEIPT_MODE)
        if data is not None:
            write_whole(folder / name, data, mode=_RECEIPT_MODE)
        self._moved |= {folder, self.root}

    def changed_since_filed(self, now: float) -> list[tuple[Where, str]]:
        """Files that were written to after they had been filed, each told of once.

        They are watched for an hour after what was read of them; `now` is in seconds since 1970.
        """
        changed = []
        for (where, name), before in list(self._filed_as.items()):
            try:
                found = os.lstat(self.root / where / name)
            except OSError:
                del self._filed_as[where, name]
                continue
            same_file = (found.st_dev, found.st_ino) == (before.st_dev, before.st_ino)
            if (same_file and identity(found) != identity(before)) or (where, name) in self._other:
                changed.append((where, name))
                self._other.discard((where, name))
            if changed[-1:] == [(where, name)] or now - before.st_mtime > _WATCHED_S:
                del self._filed_as[where, name]
        while len(self._filed_as) > _MOST_WATCHED:
            del self._filed_as[next(iter(self._filed_as))]
        return changed

    def watch_filed(self, where: Where, shown: str, sha256: str, since: float) -> None:
        """Watch a file that another process filed at `since` (in seconds since 1970), with its digest then.

        `changed_since_filed` tells of it if it has been written to since then, or will be.
        """
        name = shown if os.path.lexists(self.root / where / shown) else self._filed(where, shown)
        path = self.root / where / name
        with suppress(OSError):
            found = os.lstat(path)
            if (where, name) in self._filed_as or not stat.S_ISREG(found.st_mode):
                return
            self._filed_as[where, name] = found
            if found.st_mtime >= since and hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                self._other.add((where, name))

    def sync(self) -> None:
        """Make all moves so far outlast a loss of power."""
        while self._moved:
            sync_folder(self._moved.pop())

    def put_back(self, name: str, where: Where) -> str:
        """Move a filed bulletin into the inbox again, its old receipt gone; returns its name there.

        Nothing is overwritten. Raises FileNotFoundError when it does not lie there any more.
        """
        name = self._filed(where, name)
        source = self.root / where / name
        number = 1
        while os.path.lexists(target := self._path(numbered(name, number))):
            number += 1
        source.rename(target)
        (self.root / where / receipt_name(name)).unlink(missing_ok=True)
        return target.name

    def _filed(self, where: Where, shown: str) -> str:
        """The name on disk of a filed file whose `shown_name` is known; that itself if there is none."""
        shown = shown_name(shown)
        with suppress(OSError):
            for path in (self.root / where).iterdir():
                if shown_name(path.name) == shown:
                    return path.name
        return shown

    def _sighting(self, file: os.DirEntry[str]) -> Sighting | None:
        """What lies under a name; a folder only if it is called like a bulletin: then it gets an answer."""
        if is_ignored(file.name):
            return None
        try:
            found = file.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None
        if stat.S_ISDIR(found.st_mode) and not self.is_wanted(file.name):
            return None
        return Sighting(
            name=file.name,
            size=found.st_size,
            mtime_ns=found.st_mtime_ns,
            inode=found.st_ino,
            odd=not stat.S_ISREG(found.st_mode),
        )

    def _try_to_prepare(self) -> None:
        try:
            self.prepare()
            self.trouble = None
        except OSError as error:
            self.trouble = f"the inbox is gone and cannot be made: {error.strerror}"

    def _path(self, name: str) -> Path:
        if name in ("", ".", "..") or "/" in name or "\0" in name:
            raise ValueError("a name in the inbox has one part")
        return self.root / name

    def _is_as_taken(self, path: Path, name: str) -> bool:
        """Whether what lies there is what `take` saw: nothing unread is ever moved."""
        try:
            found = os.lstat(path)
        except FileNotFoundError:
            return False
        taken = self._taken.get(name)
        return taken is not None and identity(found) == identity(taken)

    def _free_name(self, name: str, folder: Path, raw: bytes, *, gone: bool) -> str:
        number = 1
        while True:
            target = numbered(name, number)
            slip = folder / receipt_name(target)
            mine = holds(slip, raw)
            # A receipt alone is that of a file which was replaced before it could be moved.
            if not os.path.lexists(folder / target) and (mine or not os.path.lexists(slip)):
                return target
            # An earlier call came to its end and was not remembered.
            if gone and mine:
                return target
            number += 1

    def _move(self, source: Path, target: Path, name: str) -> None:
        with suppress(FileNotFoundError):
            source.rename(target)
            # Replaced in the instant between: what was moved is unread, so back with it.
            if not self._is_as_taken(target, name) and not os.path.lexists(source):
                target.rename(source)
