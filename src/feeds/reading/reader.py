"""One file's bytes become a Bulletin: the only door into this room.

Owns the order of the steps and what makes a whole file unusable. Opens no
file: whoever calls has the bytes already.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from feeds.errors import BulletinError
from feeds.model import Bulletin, Fault
from feeds.reading import forms
from feeds.reading.bulletin import drafts_of
from feeds.reading.head import Setting
from feeds.reading.text.dates import DateOrder
from feeds.reading.text.names import DayOfName

# One file is one transaction, which others have to wait for, and each item takes its room.
MOST_ITEMS = 15_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """How an office writes its bulletins.

    `max_bytes` bounds a file; `fallback_encoding` is tried when a file is not UTF-8; `zone` is the
    site's, for instants that name none; `date_order` decides ``03/04/2021``; `lang` (``en``) is
    given to every item, None leaves it to be found out. ValueError for an encoding that Python does not have.
    """

    max_bytes: int = 1_048_576
    fallback_encoding: str = "cp1252"
    date_order: DateOrder = "dmy"
    lang: str | None = None
    zone: str = "UTC"

    def __post_init__(self) -> None:
        """Fails at start rather than at the first odd file."""
        try:
            codecs.lookup(self.fallback_encoding)
        except LookupError:
            raise ValueError(f"unknown encoding: {self.fallback_encoding!r}") from None


DEFAULTS = ReadingOptions()


def read(name: str, data: bytes, options: ReadingOptions = DEFAULTS) -> Bulletin:
    """The items of a bulletin in file order, and its faults by line.

    BulletinError if nothing can be read: `file-empty`, `file-binary`, `file-too-large`,
    `items-too-many`, `no-items`, `not-for-publication` and what else refuses a whole file. A bulletin may
    hold faults alone, if it has dates but no good item.
    """
    if len(data) > options.max_bytes:
        size = f"{_mebibytes(len(data))} > {_mebibytes(options.max_bytes)}"
        raise BulletinError(Fault(code="file-too-large", detail=size))
    if not data:
        raise BulletinError(Fault(code="file-empty"))
    setting = Setting(options.date_order, options.zone)
    page = forms.page(name, data, options.fallback_encoding, setting)
    drafts, faults, until = drafts_of(page, setting, options.lang, DayOfName(name))
    if len(drafts) > MOST_ITEMS:
        raise BulletinError(Fault(code="items-too-many", detail=f"{MOST_ITEMS:,}"))
    context = page.context
    starts = [moment for moment in (context.not_before, until) if moment]
    return Bulletin(
        name=name,
        encoding=page.encoding,
        drafts=tuple(drafts),
        faults=faults,
        not_before=max(starts, key=lambda moment: moment.at, default=None),
        expires_at=context.expires_at,
    )


def _mebibytes(size: int) -> str:
    return f"{size / 1_048_576:.1f} MiB" if size >= 104_858 else f"{size} B"
