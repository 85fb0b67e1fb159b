"""What the store has of items, and what a draft may turn out to be: the values (changes)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from feeds.changes.keys import identity, office_key, title_key
from feeds.model import Draft


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has of an item, in its present wording.

    `source` is the name of the bulletin that brought it. `wordings` are the
    fingerprints of all wordings it ever had, and the keys of earlier links and
    labels; `identities` what they were found by; the present ones need not be
    among them. `office_key` is that of the id that the office gave it,
    `earlier` the texts that it had before corrections. `former`: an earlier way of reading made its words;
    then `original` is what stood in its file, and `places` where: digests of files, and lines.
    """

    item_id: str
    date_on: date
    title: str
    summary: str
    wordings: frozenset[str] = frozenset()
    identities: frozenset[str] = frozenset()
    source: str = ""
    office_key: str = ""
    link: str | None = None
    earlier: tuple[str, ...] = ()
    former: bool = False
    original: str = ""
    places: tuple[tuple[str, int], ...] = ()


class Doubt(StrEnum):
    """Why a new item might be another one that is known; the values are codes of faults."""

    TITLE_AGAIN = "title-again"  # the file itself has another item of this day and title
    LIKE_ANOTHER = "like-another"  # one of this day and title, or with this text, was there before
    NOTICE_AGAIN = "notice-again"  # the same words stand under another day


@dataclass(frozen=True, slots=True)
class New:
    """Nobody has seen this item; it gets this id for ever. When in doubt there are two: `other` is the item
    that this one might be, `doubt` says why.
    """

    item_id: str
    doubt: Doubt | None = None
    other: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """A known item that is other now; `fields` names what (``title``, ``date``, ``summary``, ``link``).

    `earlier` and `cut` tell what of the draft does not count, as in `Same`. `replaced`: the text is another
    one altogether.
    """

    item_id: str
    fields: tuple[str, ...]
    earlier: bool = False
    cut: bool = False
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Same:
    """A known item, nothing to do.

    `earlier`: something was so before a correction. `cut`: the text stops earlier than the item's.
    `reread`: the item was read in an earlier way; `whole`: from a file of the same bytes.
    """

    item_id: str
    earlier: bool = False
    cut: bool = False
    reread: bool = False
    whole: bool = False


Decision = New | Changed | Same


# Under a day less than a week away words may be those of an item with another date.
MOST_DAYS = 6


class Wanted(NamedTuple):
    """What the store has to look for: by day, by title, by what items once were, by the office's ids.

    Titles count from `since` to `until`: a notice that comes every day for years is not looked up whole.
    """

    days: set[date]
    title_keys: set[str]
    identities: set[str]
    office_keys: set[str]
    since: date = date.min
    until: date = date.max
    digests: frozenset[str] = frozenset()


def wanted(drafts: Iterable[tuple[str, Draft]], digests: Iterable[str] = ()) -> Wanted:
    """What these drafts may turn out to be; each comes with the name of its bulletin. `digests` are those of
    their files.
    """
    each = list(drafts)
    days = [draft.date_on for _, draft in each]
    return Wanted(
        {draft.date_on for _, draft in each},
        {title_key(draft.title) for _, draft in each},
        {identity(draft.date_on, draft.title) for _, draft in each},
        {key for source, draft in each if (key := office_key(source, draft))},
        moved_day(min(days, default=date.min), -MOST_DAYS),
        moved_day(max(days, default=date.min), MOST_DAYS),
        frozenset(digests) - {""},
    )


def moved_day(day: date, days: int) -> date:
    """A day so many days away, as far as the calendar goes."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))
