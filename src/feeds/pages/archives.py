"""Months of a feed, as pages tell of them (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from feeds.model import FeedKey


@dataclass(frozen=True, slots=True)
class Month:
    """A month such as ``2021-09`` and its number of items."""

    month: str
    items: int

    @property
    def first(self) -> date:
        """Its first day."""
        return first_day(self.month)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPage:
    """A page of a feed's month; `earlier` and `later` are the next months that have items, or empty."""

    key: FeedKey
    month: str
    number: int
    pages: int
    total: int
    earlier: str
    later: str


def first_day(month: str) -> date:
    """The first day of ``2021-09``."""
    return date.fromisoformat(f"{month}-01")


def archive_path(key: FeedKey, month: str = "", number: int = 1) -> str:
    """``/country/pa/archive/``, ``/country/pa/archive/2021-09/``, ``…?page=2``."""
    base = "/archive/" if key.kind == "all" else f"{key.page}archive/"
    suffix = f"?page={number}" if number > 1 else ""
    return f"{base}{month}/{suffix}" if month else base


def by_year(months: Sequence[Month]) -> list[tuple[str, list[Month]]]:
    """The months of each year, the latest year first, as given."""
    return [(year, list(some)) for year, some in groupby(months, key=lambda each: each.month[:4])]
