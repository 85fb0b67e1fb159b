"""When a file has settled: what was seen of a name, and for how long it stood still (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One name in the inbox at one look. `odd`: a link, FIFO, socket or device, never opened."""

    name: str
    size: int
    mtime_ns: int
    inode: int
    odd: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is remembered of a name between looks; `since` is on the caller's clock, in seconds."""

    size: int
    mtime_ns: int
    inode: int
    since: float


def settled(
    previous: Mapping[str, Seen],
    sightings: Sequence[Sighting],
    now: float,
    settle_s: float,
    *,
    wall: float | None = None,
) -> tuple[list[str], dict[str, Seen]]:
    """The names that stood still for `settle_s`, oldest first, and what to remember.

    `now` is any clock that only grows. `wall` (seconds since 1970) lets a file
    that was last written long before the first look pass at once; a date in the
    future does not. Each look's memory replaces the one before.
    """
    seen: dict[str, Seen] = {}
    ready: list[Sighting] = []
    for sight in sightings:
        before = previous.get(sight.name)
        if before and _state(before) == _state(sight):
            since = before.since
        else:
            old = before is None and wall is not None and wall - sight.mtime_ns / 1e9 >= settle_s
            since = now - settle_s if old else now
        seen[sight.name] = Seen(size=sight.size, mtime_ns=sight.mtime_ns, inode=sight.inode, since=since)
        if now - since >= settle_s:
            ready.append(sight)
    ready.sort(key=lambda sight: (sight.mtime_ns, sight.name))
    return [sight.name for sight in ready], seen


def _state(file: Sighting | Seen) -> tuple[int, int, int]:
    return file.size, file.mtime_ns, file.inode
