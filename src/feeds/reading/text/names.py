"""The day in a file's name: ``2026-11-18-news.txt``, ``news_2026_11_18.txt``, ``20261118 news.txt``.

Owns which figures of a name are the day of the news. The stamp that a program put on a copy is none.
"""

from __future__ import annotations

import re
from datetime import date

_IN_NAME = re.compile(r"(?<![0-9])([0-9]{4})[-_.]([0-9]{2})[-_.]([0-9]{2})(?![0-9])")
_BEGINS_NAME = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?![0-9A-Za-z])")
# How Jekyll and its like name a post: its day, then a few words.
_POST = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-\S+\.(?:md|markdown|mdown|html?)$", re.IGNORECASE)
# As those do who keep folders in step: "summer (Ana's conflicted copy 2026-11-21)".
_STAMP = re.compile(
    r"[(\[][^()\[\]]{0,80}?(?:conflict|conflit|konflikt|autosave|recovered)[^()\[\]]{0,80}[)\]]"
    r"|[._-]sync-conflict-[0-9].*",
    re.IGNORECASE,
)
_YEARS = range(1900, 2200)


class DayOfName:
    """The day in the name of a file, None if it has none; `is_post`: the name is of the form of a post."""

    def __init__(self, name: str) -> None:
        own = name.rpartition("/")[2]
        self.day = day_in_name(own)
        self.is_post = self.day is not None and bool(_POST.match(own))


def day_in_name(name: str) -> date | None:
    """The day in a name. Year first only: nothing else is the same in every office."""
    name = _STAMP.sub("", name)
    match = _IN_NAME.search(name) or _BEGINS_NAME.match(name)
    if not match or int(match[1]) not in _YEARS:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
