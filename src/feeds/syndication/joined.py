"""Feeds from entries that were written before: a frame, and the entries joined into it.

An entry does not depend on the feed that it stands in, so each is written once and for all
feeds. The libraries still write both: an entry is cut out of a feed of its like, a frame is a
feed without entries. A test holds the joined feed equal, byte for byte, to one written whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from feeds.syndication.source import FeedSource

_EMPTY_ITEMS = b'"items": []'


@dataclass(frozen=True, slots=True)
class Form:
    """How documents of one form are taken apart and put together.

    `entry` matches one entry with the space before it; `end` is where entries stop in a feed without
    any, or, with `filled` given, what takes the place of `end` around the entries.
    """

    write: Callable[[FeedSource], bytes]
    entry: re.Pattern[bytes]
    end: bytes
    filled: tuple[bytes, bytes] | None = None
    between: bytes = b""

    def entries(self, feed: FeedSource) -> list[bytes]:
        """The entries of a feed, each ready to be joined into any feed of the same site."""
        head = self.write(feed.of(())).rpartition(self.end)[0]
        found = self.entry.findall(self.write(feed.of(feed.items)), len(head))
        if len(found) != len(feed.items):
            raise ValueError(f"{len(feed.items)} items, {len(found)} entries")
        return found

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
    atom, rss, json = (writers[name] for name in ("atom", "rss", "json"))
    return {
        # Text never begins a line with a tag: its "<" are escaped.
        "atom": Form(atom, re.compile(rb"^  <entry.*?^  </entry>\n", re.S | re.M), b"</feed>"),
        "rss": Form(rss, re.compile(rb"^    <item>.*?^    </item>\n", re.S | re.M), b"  </channel>"),
        # Nor does a string of JSON hold a line break.
        "json": Form(
            json,
            re.compile(rb"^  \{\n.*?^  \}", re.S | re.M),
            _EMPTY_ITEMS,
            (b'"items": [\n', b"\n ]"),
            b",\n",
        ),
    }
