"""The nouns of the system, as frozen values.

Every room speaks in these. They hold no behaviour beyond look-ups and
invariants, and know nothing of files, SQL, mail or the web.
Instants end in ``_at`` (always aware, UTC), dates in ``_on``.
"""

from feeds.model.bulletins import Bulletin, BulletinReceipt, Draft, Fault, Item, Moment, Outcome, ReceiptLine
from feeds.model.labels import Evidence, Kind, Label, Strength, Term, Vocabulary
from feeds.model.mail import (
    ChangeKind,
    Correction,
    Deferred,
    DeliveryState,
    Digest,
    DigestEntry,
    DigestGroup,
    HostAway,
    Letter,
    NoticeKind,
    Period,
    Receipt,
    Refused,
    RenderedDigest,
    RenderedMail,
    Sent,
    Uncertain,
)
from feeds.model.people import (
    Confirming,
    Habits,
    Linking,
    LinkPurpose,
    Moved,
    Moving,
    RequestKind,
    Suppression,
    Welcoming,
    Wished,
)
from feeds.model.sites import FeedKey, FeedListing, SiteInfo
from feeds.model.wishes import Audience, Cadence, Filter, Reason, SubscriberState

__all__ = [
    "Audience",
    "Bulletin",
    "BulletinReceipt",
    "Cadence",
    "ChangeKind",
    "Confirming",
    "Correction",
    "Deferred",
    "DeliveryState",
    "Digest",
    "DigestEntry",
    "DigestGroup",
    "Draft",
    "Evidence",
    "Fault",
    "FeedKey",
    "FeedListing",
    "Filter",
    "Habits",
    "HostAway",
    "Item",
    "Kind",
    "Label",
    "Letter",
    "LinkPurpose",
    "Linking",
    "Moment",
    "Moved",
    "Moving",
    "NoticeKind",
    "Outcome",
    "Period",
    "Reason",
    "Receipt",
    "ReceiptLine",
    "Refused",
    "RenderedDigest",
    "RenderedMail",
    "RequestKind",
    "Sent",
    "SiteInfo",
    "Strength",
    "SubscriberState",
    "Suppression",
    "Term",
    "Uncertain",
    "Vocabulary",
    "Welcoming",
    "Wished",
]
