"""What becomes of bulletins in doubt, by an office's settings."""

from __future__ import annotations

from feeds.config import OfficeSection
from feeds.intake.examining import Doubtful


def doubtful(office: OfficeSection) -> Doubtful:
    """What becomes of a doubtful file. Where nobody is told that it waits, it would wait for ever."""
    if office.doubtful == "go":
        return Doubtful.GO
    return Doubtful.WAIT if office.receipts_to else Doubtful.LEAVE_OUT
