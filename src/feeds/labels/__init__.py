"""Labelling: an item's words -> countries, regions and topics with evidence (floor 1, pure).

`build` makes a `Labeller` and the `Vocabulary` from two parsed TOML files;
`language` guesses a text's language; `read_overrides` holds what people decided
instead, `difference` what a relabelling changes, `topic_history` where old slugs
lead. docs/labels.md tells the rules.
"""

from feeds.labels.history import TopicHistory, topic_history
from feeds.labels.labeller import Labeller, build
from feeds.labels.languages import language
from feeds.labels.overrides import PERSON, LabelChange, Override, Overrides, difference, read_overrides
from feeds.labels.stated import label_draft

__all__ = [
    "PERSON",
    "LabelChange",
    "Labeller",
    "Override",
    "Overrides",
    "TopicHistory",
    "build",
    "difference",
    "label_draft",
    "language",
    "read_overrides",
    "topic_history",
]
