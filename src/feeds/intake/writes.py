"""The rows that one bulletin causes, as values: new items, changed ones, and what to remember of others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from feeds.model import ChangeKind, Item
from feeds.store import history, items, wordings


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """A stored item as a bulletin leaves it; `original` is the text that said so."""

    item: Item
    fields: tuple[str, ...]
    at: datetime
    original: str

    @property
    def kind(self) -> ChangeKind:
        """Other labels alone are no correction: they are nobody's mail."""
        return ChangeKind.LABELLED_ANEW if self.fields == ("labels",) else ChangeKind.CORRECTED

    def revised(self) -> history.Change:
        """The same for the store."""
        return history.Change(
            item=self.item, at=self.at, kind=self.kind, fields=self.fields, original=self.original,
            said=wordings.said(self.item.id, self.item),
        )  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Writes:
    """The rows that one bulletin causes, beside its own."""

    new: dict[str, items.NewItem] = field(default_factory=dict)
    changed: dict[str, Revised] = field(default_factory=dict)
    read_better: dict[str, Item] = field(default_factory=dict)
    announced: dict[str, datetime] = field(default_factory=dict)
    said: list[wordings.Said] = field(default_factory=list)
    office_keys: dict[str, str] = field(default_factory=dict)
    translations: dict[str, str] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
