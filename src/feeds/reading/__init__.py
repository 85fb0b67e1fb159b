"""Reading: the bytes of a bulletin become drafts and faults (floor 1, pure).

The walk: bytes -> form (forms: text, Markdown, HTML, mail, documents) -> page of rows
-> date lines (heads) -> layout -> cuts -> drafts. Another form of bulletin gets a module
that makes a page; what stands after it stays. Knows nothing of folders, labels, the store
or the clock.
"""

from feeds.reading.costs import may_be_costly
from feeds.reading.faults import BLOCKING, NOTES, REJECTING, WARNINGS, explain
from feeds.reading.reader import ReadingOptions, read
from feeds.reading.text.dates import DateOrder
from feeds.reading.timing import dates_ahead, timely

__all__ = [
    "BLOCKING",
    "NOTES",
    "REJECTING",
    "WARNINGS",
    "DateOrder",
    "ReadingOptions",
    "dates_ahead",
    "explain",
    "may_be_costly",
    "read",
    "timely",
]
