"""A known item whose file states its labels anew: what is stated otherwise, and what it has then (labels)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from feeds.labels.given import in_order, kinds_given
from feeds.labels.renaming import current_labels
from feeds.labels.stated import stated_kinds
from feeds.model import Draft, Item, Kind, Label, Vocabulary


def restated_kinds(
    draft: Draft, found: Sequence[Label], item: Item, vocabulary: Vocabulary
) -> tuple[Kind, ...]:
    """The kinds of labels that a draft states otherwise than the item has them; `found` are the draft's.

    To state for the first time what was found in the words before is another statement, too: from
    then on it holds. A draft that states nothing of a kind takes nothing away.
    """
    has = current_labels(item.labels, vocabulary)
    closed = _closed(item)
    return tuple(
        kind
        for kind in stated_kinds(draft)
        if (said := codes(found, kind)) != codes(has, kind) or (said and kind not in closed)
    )


def codes(labels: Collection[Label], kind: Kind) -> set[str]:
    """The codes of one kind, in any strength."""
    return {label.code for label in labels if label.kind is kind}


def labels_after(
    found: Sequence[Label], item: Item, restated: Collection[Kind], *, reworded: bool
) -> tuple[Label, ...]:
    """The item's labels after a draft in which these were `found`.

    Of kinds that are `restated` they are the draft's. Others that a file stated stay; the rest
    follows the words, if those are other ones.
    """
    closed = _closed(item)
    anew = {kind for kind in Kind if kind in restated or (reworded and kind not in closed)}
    kept = [label for label in item.labels if label.kind not in anew]
    return in_order([*kept, *(label for label in found if label.kind in anew)])


def _closed(item: Item) -> set[Kind]:
    return {*item.stated, *kinds_given(item.labels)}
