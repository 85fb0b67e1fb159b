"""The relabel pass: stored items -> the labels that tables and overrides give them today.

Shown first, applied when somebody says so. Nobody is mailed: no item is announced anew, no
correction is told, no instant moves; an item that is still to be mailed for the first time goes
out by its new labels. Each transaction takes a bounded number of items and decides by what is
stored then, so a killed pass is simply run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from feeds.labels import Labeller, Override, Overrides, current_labels, label_item
from feeds.model import Item, Kind, Label, Strength, Vocabulary
from feeds.passes.keys import ITEM_PREFIX, stale_keys
from feeds.passes.renaming import carry_over
from feeds.store import Connection, Store, history, items, labels, publishing

BATCH = 200

Batches = Sequence[Sequence[str]]
Watch = Callable[[Batches], Iterable[Sequence[str]]]
"""Gives the batches one by one, and may tell somebody how far it is."""

LabelKey = tuple[Kind, str, Strength]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An item as it is stored, and the labels that it gets.

    A changed strength is a label lost and one gained. Both are empty where only the evidence differs.
    """

    item: Item
    labels: tuple[Label, ...]

    @property
    def gained(self) -> tuple[LabelKey, ...]:
        """Labels that it has not yet, in their order."""
        return _less(self.labels, self.item.labels)

    @property
    def lost(self) -> tuple[LabelKey, ...]:
        """Labels that it will have no more, in their order."""
        return _less(self.item.labels, self.labels)

    @property
    def first_of_kind(self) -> bool:
        """Whether it gets a country or a topic and has none: the head of its bulletin may have said so."""
        had = {label.kind for label in self.item.labels}
        return any(kind not in had and kind is not Kind.REGION for kind, _, _ in self.gained)


def refused_before(store: Store) -> datetime | None:
    """Until when items came in whose heads may have said "none" of countries or topics unremembered."""
    with store.read() as conn:
        return publishing.heads_unknown_until(conn)


def _less(these: Iterable[Label], those: Iterable[Label]) -> tuple[LabelKey, ...]:
    left = {(label.kind, label.code, label.strength) for label in those}
    keys = ((label.kind, label.code, label.strength) for label in these)
    return tuple(key for key in keys if key not in left)


def _all_at_once(batches: Batches) -> Batches:
    return batches


def preview(
    store: Store, labeller: Labeller, vocabulary: Vocabulary, watch: Watch = _all_at_once
) -> Iterator[Change]:
    """What applying would change, item by item; nothing is written.

    A label under a former slug of a topic is no change: publishing carries it over.
    """
    for batch in watch(_batches(store)):
        with store.read() as conn:
            changes = _changes(conn, labeller, vocabulary, batch)
        yield from changes


def apply(
    store: Store, labeller: Labeller, vocabulary: Vocabulary, now: datetime, watch: Watch = _all_at_once
) -> int:
    """Give the items their labels of today, and mark what has to be published. How many items changed."""
    carry_over(store, vocabulary, now)
    changed = 0
    for batch in watch(_batches(store)):

        def run(conn: Connection, batch: Sequence[str] = batch) -> int:
            items.hold_announcements(conn)  # who edits an item meanwhile is waited for, or waits
            changes = _changes(conn, labeller, vocabulary, batch)
            _write(conn, changes, now)
            return len(changes)

        changed += store.transact(run)
    return changed


def unmet(store: Store, overrides: Overrides, watch: Watch = _all_at_once) -> list[Override]:
    """The decisions that speak of no stored item, in their order: mostly a slip in an id or a title."""
    left = {each.name for each in overrides.all}
    for batch in watch(_batches(store)) if left else ():
        with store.read() as conn:
            for item in items.by_ids(conn, batch).values():
                spoken = overrides.about(
                    item_id=item.id, date_on=item.date_on, title=item.title, summary=item.summary
                )
                left.difference_update(each.name for each, _ in spoken)
        if not left:
            break
    return [each for each in overrides.all if each.name in left]


def _batches(store: Store) -> Batches:
    with store.read() as conn:
        ids = items.ids(conn)
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]


def _changes(
    conn: Connection, labeller: Labeller, vocabulary: Vocabulary, batch: Sequence[str]
) -> list[Change]:
    """Those of a batch that change. What people chose by hand stays, and so does what was taken back."""
    by_hand = history.labelled_by_hand(conn, batch)
    changes = []
    for stored in items.by_ids(conn, batch).values():
        if stored.id in by_hand or stored.withdrawn_at is not None:
            continue
        item = replace(stored, labels=current_labels(stored.labels, vocabulary))
        found = label_item(labeller, item)
        if found != item.labels:
            changes.append(Change(item=item, labels=found))
    return changes


def _write(conn: Connection, changes: Sequence[Change], now: datetime) -> None:
    told = [each.item for each in changes if each.gained or each.lost]
    history.keep_labels(conn, told, now)
    labels.replace(conn, [replace(each.item, labels=each.labels) for each in changes])
    publishing.mark_stale(conn, {key for each in changes for key in _touched(each)}, now)


def _touched(change: Change) -> set[str]:
    """Feeds show what an item is about; its own page shows mentions and evidence too."""
    old, new = change.item, replace(change.item, labels=change.labels)
    if all(old.codes(kind) == new.codes(kind) for kind in Kind):
        return {ITEM_PREFIX + old.id}
    return stale_keys(old) | stale_keys(new)
