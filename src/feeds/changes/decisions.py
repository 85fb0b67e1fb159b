"""What the store has of items, and what a draft may turn out to be: the values (changes)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
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
    `earlier` the texts that it had before corrections.
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


@dataclass(frozen=True, slots=True)
class New:
    """Nobody has seen this item; it gets this id for ever."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A known item that is other now; `fields` names what (``title``, ``date``, ``summary``, ``link``).

    `earlier` and `cut` tell what of the draft does not count, as in `Same`.
    """

    item_id: str
    fields: tuple[str, ...]
    earlier: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Same:
    """A known item, nothing to do.

    `earlier`: something was so before a correction. `cut`: the text stops earlier than the item's.
    """

    item_id: str
    earlier: bool = False
    cut: bool = False


Decision = New | Changed | Same


class Wanted(NamedTuple):
    """What the store has to look for: by day, by title, by what items once were, by the office's ids."""

    days: set[date]
    title_keys: set[str]
    identities: set[str]
    office_keys: set[str]


def wanted(drafts: Iterable[tuple[str, Draft]]) -> Wanted:
    """What these drafts may turn out to be; each comes with the name of its bulletin."""
    each = list(drafts)
    return Wanted(
        {draft.date_on for _, draft in each},
        {title_key(draft.title) for _, draft in each},
        {identity(draft.date_on, draft.title) for _, draft in each},
        {key for source, draft in each if (key := office_key(source, draft))},
    )
