"""What the settings of an office mean for the reading of its files."""

from __future__ import annotations

from feeds.config import OfficeSection
from feeds.intake.examining import Doubtful


def doubtful_of(office: OfficeSection) -> Doubtful:
    """What becomes of a doubtful file. Where nobody is told that it waits, it would wait for ever."""
    if office.doubtful == "go":
        return Doubtful.GO
    return Doubtful.WAIT if office.receipts_to else Doubtful.LEAVE_OUT
