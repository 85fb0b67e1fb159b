"""Labels that people gave: how their evidence says so, and the order of labels (labels, floor 1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from feeds.model import Evidence, Kind, Label

PERSON = "person"  # the rule in the evidence of a label that a person gave to this item
TAG = "tag"  # the rule of one that a tag in the head of its file names
OVERRIDE = "override"  # the rule of one that the overrides file gave

BY_A_PERSON = (Evidence(field="", start=0, end=0, words="", rule=PERSON),)
BY_A_TAG = (Evidence(field="", start=0, end=0, words="", rule=TAG),)
BY_THE_OVERRIDES = (Evidence(field="", start=0, end=0, words="", rule=OVERRIDE),)


def with_given(labels: Sequence[Label], given: Sequence[tuple[Kind, str]]) -> tuple[Label, ...]:
    """The labels after those that a person gave, kind by kind; the given have evidence without words."""
    return in_order([*(Label(kind=kind, code=code, evidence=BY_A_PERSON) for kind, code in given), *labels])


def kinds_given(labels: Iterable[Label]) -> set[Kind]:
    """The kinds of which a person gave a label."""
    return {label.kind for label in labels if any(one.rule == PERSON for one in label.evidence)}


def retired_labels(labels: Iterable[Label], retired: Collection[str]) -> list[Label]:
    """The labels of retired topics as an item's words once gave them, without what the overrides added:
    those are asked anew, and a decision that was taken out is gone.
    """
    topics = [label for label in labels if label.kind is Kind.TOPIC and label.code in retired]
    own = [(label, tuple(one for one in label.evidence if one.rule != OVERRIDE)) for label in topics]
    return [replace(label, evidence=found) for label, found in own if found or not label.evidence]


def in_order(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Countries, regions, topics; inside a kind as they come."""
    order = list(Kind)
    return tuple(sorted(labels, key=lambda label: order.index(label.kind)))
