"""The inbox: the watched folder, seen, read and put in order.

Owns what counts as a bulletin file, when one has settled, how it is read
without being tricked, the way into done/, rejected/ and held/, and what is seen of
a held file. A look at the
folder is the truth, events only shorten the wait. Must not know what a bulletin
says, nor the database.
"""

from feeds.inbox.events import watch
from feeds.inbox.files import PASSING, read_regular
from feeds.inbox.folder import Inbox, Where
from feeds.inbox.held import Standing
from feeds.inbox.names import RECEIPT, is_ignored, receipt_name, shown_name
from feeds.inbox.settling import Seen, Sighting, settled
from feeds.inbox.strangers import leave_notes

__all__ = [
    "PASSING",
    "RECEIPT",
    "Inbox",
    "Seen",
    "Sighting",
    "Standing",
    "Where",
    "is_ignored",
    "leave_notes",
    "read_regular",
    "receipt_name",
    "settled",
    "shown_name",
    "watch",
]
