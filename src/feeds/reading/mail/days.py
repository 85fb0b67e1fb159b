"""The day that the letterhead of a mail names, as mail programs of several languages write it."""

from __future__ import annotations

import re
from datetime import date
from email.utils import parsedate_to_datetime

from feeds.reading.clean import shown
from feeds.reading.text import dates

_HOUR = re.compile(
    r"[,;]?\s*(?:\b(?:at|um|à|às|as|a las?|a la\(s\)|alle(?: ore)?|om|kl\.?)\s+)?"
    r"\b[0-9]{1,2}\s?[:.hH]\s?[0-9]{2}(?![0-9.]).*$"
)
_WEEKDAY = re.compile(r"[^\W\d]{2,13}(?:-feira)?\.?,?\s+(?=\S)")
_LONGEST = 120
_GERMAN = (
    "januar februar märz april mai juni juli august september oktober november dezember".split(),
    "january february march april may june july august september october november december".split(),
)


def day_of(words: str, order: dates.DateOrder = "dmy") -> date | None:
    """The day in ``Wed, Nov 25, 2026 at 9:12 AM`` and the like; None if it cannot be read."""
    words = shown(words)[:_LONGEST].strip("*_ ")
    other: dates.DateOrder = "mdy" if order == "dmy" else "dmy"
    plain = _HOUR.sub("", words).strip(" ,;.")
    for text in (plain, _WEEKDAY.sub("", plain, count=1), _in_english(_WEEKDAY.sub("", plain, count=1))):
        for one in (order, other):
            reading = dates.parse(text, one)
            if isinstance(reading, date):
                return reading
    try:
        return parsedate_to_datetime(words).date()
    except (ValueError, TypeError, OverflowError):
        return None


def _in_english(words: str) -> str:
    """German months in English, ``25. November 2026`` without its full stop."""
    words = re.sub(r"^([0-9]{1,2})\. ", r"\1 ", words.lower())
    for german, english in zip(*_GERMAN, strict=True):
        words = re.sub(rf"\b{german}\b", english, words)
    return words
