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
from feeds.store import Connection, Store, history, items, labels, publishing
from feeds.syndication.keys import ITEM_PREFIX, stale_keys

BATCH = 200

Batches = Sequence[Sequence[str]]
Watch = Callable[[Batches], Iterable[Sequence[str]]]
"""Gives the batches one by one, and may tell somebody how far it is."""

LabelKey = tuple[Kind, str, Strength]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvidence:
    """An item as it is stored, and its labels as they are, with other evidence or in another order."""

    item: Item
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An item as it is stored, and the labels that it gets: it gains some, loses some, or both.

    A changed strength is a label lost and one gained.
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


Outcome = Change | NewEvidence
"""What relabelling makes of an item on which it does not leave everything as it is."""


def _less(these: Iterable[Label], those: Iterable[Label]) -> tuple[LabelKey, ...]:
    left = {(label.kind, label.code, label.strength) for label in those}
    keys = ((label.kind, label.code, label.strength) for label in these)
    return tuple(key for key in keys if key not in left)


def _all_at_once(batches: Batches) -> Batches:
    return batches


def preview(
    store: Store, labeller: Labeller, vocabulary: Vocabulary, watch: Watch = _all_at_once
) -> Iterator[Outcome]:
    """What applying would change, item by item; nothing is written.

    A label under a former slug of a topic is no change: publishing carries it over.
    """
    for batch in watch(_batches(store)):
        with store.read() as conn:
            outcomes = _outcomes(conn, labeller, vocabulary, batch)
        yield from outcomes


def apply(
    store: Store, labeller: Labeller, vocabulary: Vocabulary, now: datetime, watch: Watch = _all_at_once
) -> int:
    """Give the items their labels of today, and mark what has to be published. How many items changed.

    Labels of renamed topics are carried over before (`publishing.renaming`), else they would go first.
    """
    changed = 0
    for batch in watch(_batches(store)):

        def run(conn: Connection, batch: Sequence[str] = batch) -> int:
            items.change_stored(conn)  # who edits an item meanwhile is waited for, or waits
            outcomes = _outcomes(conn, labeller, vocabulary, batch)
            _write(conn, outcomes, now)
            return len(outcomes)

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


def _outcomes(
    conn: Connection, labeller: Labeller, vocabulary: Vocabulary, batch: Sequence[str]
) -> list[Outcome]:
    """Those of a batch that change. What people chose by hand stays, and so does what was taken back."""
    by_hand = history.labelled_by_hand(conn, batch)
    outcomes: list[Outcome] = []
    for stored in items.by_ids(conn, batch).values():
        if stored.id in by_hand or stored.withdrawn_at is not None:
            continue
        item = replace(stored, labels=current_labels(stored.labels, vocabulary))
        found = label_item(labeller, item)
        if found != item.labels:
            change = Change(item=item, labels=found)
            only_evidence = NewEvidence(item=item, labels=found)
            outcomes.append(change if change.gained or change.lost else only_evidence)
    return outcomes


def _write(conn: Connection, outcomes: Sequence[Outcome], now: datetime) -> None:
    history.keep_labels(conn, [each.item for each in outcomes if isinstance(each, Change)], now)
    labels.replace(conn, [replace(each.item, labels=each.labels) for each in outcomes])
    publishing.mark_stale(conn, {key for each in outcomes for key in _touched(each)}, now)


def _touched(outcome: Outcome) -> set[str]:
    """Feeds show what an item is about; its own page shows mentions and evidence too."""
    old, new = outcome.item, replace(outcome.item, labels=outcome.labels)
    if all(old.codes(kind) == new.codes(kind) for kind in Kind):
        return {ITEM_PREFIX + old.id}
    return stale_keys(old) | stale_keys(new)
