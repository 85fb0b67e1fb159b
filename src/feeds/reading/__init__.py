"""Reading: the bytes of a bulletin become drafts and faults (floor 1, pure).

The walk: bytes -> text (encoding) -> lines (lines) -> sections (dated) ->
drafts. Another form of bulletin gets a module beside `dated`; what stands
before it stays. Knows nothing of folders, labels, the store or the clock.
"""

from feeds.reading.dates import DateOrder
from feeds.reading.faults import BLOCKING, REJECTING, WARNINGS, explain
from feeds.reading.reader import ReadingOptions, read

__all__ = [
    "BLOCKING",
    "REJECTING",
    "WARNINGS",
    "DateOrder",
    "ReadingOptions",
    "explain",
    "read",
]
