"""Feeds from entries that were written before: a frame, and the entries joined into it.

An entry does not depend on the feed that it stands in, so each is written once and for all
feeds (`entries`). The libraries write the frame, a feed without entries. A test holds the joined
feed equal, byte for byte, to one that the libraries write whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from feeds.syndication.entries import ENTRIES, Told
from feeds.syndication.source import FeedSource


@dataclass(frozen=True, slots=True)
class Form:
    """How documents of one form are put together.

    `write` gives a whole one, `entry` one entry with the space before it; `end` is where entries stop in a
    feed without any, or, with `filled` given, what takes the place of `end` around the entries.
    """

    write: Callable[[FeedSource], bytes]
    entry: Callable[[FeedSource, Told], bytes]
    end: bytes
    filled: tuple[bytes, bytes] | None = None
    between: bytes = b""

    def joined(self, feed: FeedSource, entries: Sequence[bytes]) -> bytes:
        """The feed with these entries in place of its items."""
        frame = self.write(replace(feed, items=()))
        if not entries:
            return frame
        head, end, tail = frame.rpartition(self.end)
        before, after = self.filled or (b"", end)
        return b"".join((head, before, self.between.join(entries), after, tail))


def forms(writers: Mapping[str, Callable[[FeedSource], bytes]]) -> dict[str, Form]:
    """By extension, from what writes whole feeds."""
    atom, rss, json = ENTRIES["atom"], ENTRIES["rss"], ENTRIES["json"]
    return {
        "atom": Form(writers["atom"], atom, b"</feed>"),
        "rss": Form(writers["rss"], rss, b"  </channel>"),
        "json": Form(writers["json"], json, b'"items": []', (b'"items": [\n', b"\n ]"), b",\n"),
    }
