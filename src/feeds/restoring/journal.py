"""The journal of departures: one line each, in a file that is in no backup.

Addresses and filters are there as hashes that only the site's key makes. The file is only appended to; lines
that are no lines of ours (the last one, after a loss of power) are passed over.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from feeds.store.departures import LEFT, TAKEN_BACK

_LINE = re.compile(r"(?P<at>\S+) (?P<what>-?[a-z]+) (?P<who>[0-9a-f]{64})(?: (?P<filter>[0-9a-f]{64}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One departure: `what` as in `store.departures`, `who` and `filter` as hashes ("": no filter)."""

    at: datetime
    what: str
    who: str
    filter: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.at.isoformat(), self.what, self.who, self.filter)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What holds of one address after all lines: when it left which filters, and since when it gets no mail,
    by reason."""

    left: Mapping[str, datetime]
    suppressed: Mapping[str, datetime]


def read_line(text: str) -> Line | None:
    """A line of the file; None if it is none of ours."""
    found = _LINE.fullmatch(text)
    if found is None or (found["filter"] is None) == (found["what"].removeprefix(TAKEN_BACK) == LEFT):
        return None
    try:
        at = datetime.fromisoformat(found["at"])
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return Line(at=at, what=found["what"], who=found["who"], filter=found["filter"] or "")


def gone(lines: Iterable[Line]) -> dict[str, Gone]:
    """What holds in the end, by the hash of the address: of each thing the last line counts."""
    left: dict[str, dict[str, datetime]] = {}
    suppressed: dict[str, dict[str, datetime]] = {}
    for line in sorted(lines, key=lambda each: each.at):
        what = line.what.removeprefix(TAKEN_BACK)
        held, key = (left, line.filter) if what == LEFT else (suppressed, what)
        of_them = held.setdefault(line.who, {})
        if line.what.startswith(TAKEN_BACK):
            of_them.pop(key, None)
        else:
            of_them[key] = line.at
    people = dict.fromkeys((*left, *suppressed))
    return {
        who: Gone(left=left.get(who, {}), suppressed=suppressed.get(who, {}))
        for who in people
        if left.get(who) or suppressed.get(who)
    }


class Journal:
    """The file at one path, which several processes may append to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: set[str] = set()
        self._read_to = 0

    def lines(self) -> list[Line]:
        """All that it holds; nothing if there is no such file. Raises OSError."""
        try:
            text = self.path.read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return []
        return [line for each in text.split("\n") if (line := read_line(each))]

    def add(self, lines: Iterable[Line]) -> int:
        """Append those that it lacks, so that they outlast a loss of power; how many. Raises OSError."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            ends_well = self._look(handle)
            new = [text for text in dict.fromkeys(map(str, lines)) if text not in self._seen]
            if new:
                whole = "".join(f"{text}\n" for text in new)
                _write(handle, (("" if ends_well else "\n") + whole).encode("ascii"))
                os.fsync(handle)
            return len(new)
        finally:
            os.close(handle)

    def _look(self, handle: int) -> bool:
        """Learn what was appended since; whether the file ends with a whole line."""
        size = os.fstat(handle).st_size
        if size < self._read_to:
            self._seen, self._read_to = set(), 0
        found = _read(handle, self._read_to, size)
        whole, newline, _ = found.rpartition(b"\n")
        self._seen.update(whole.decode("ascii", "replace").split("\n"))
        self._read_to += len(whole) + len(newline)
        return self._read_to == size


def _read(handle: int, start: int, end: int) -> bytes:
    parts = []
    while start < end and (part := os.pread(handle, end - start, start)):
        parts.append(part)
        start += len(part)
    return b"".join(parts)


def _write(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
