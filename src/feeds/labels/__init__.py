"""Labelling: an item's words -> countries, regions and topics with evidence (floor 1, pure).

`build` makes a `Labeller` and the `Vocabulary` from two parsed TOML files;
`language` guesses a text's language; `label_draft`, `label_item` and `with_given` let
what people say win. docs/labels.md tells the rules.
"""

from feeds.labels.choosing import chosen, read_choices
from feeds.labels.given import OVERRIDE, with_given
from feeds.labels.labeller import Labeller, build, build_vocabulary
from feeds.labels.languages import UNKNOWN, language
from feeds.labels.overrides import Override, Overrides
from feeds.labels.renaming import current_labels, with_kept
from feeds.labels.restated import codes, labels_after, restated_kinds
from feeds.labels.stated import decided_labels, label_draft, label_item, stated_kinds

__all__ = [
    "OVERRIDE",
    "UNKNOWN",
    "Labeller",
    "Override",
    "Overrides",
    "build",
    "build_vocabulary",
    "chosen",
    "codes",
    "current_labels",
    "decided_labels",
    "label_draft",
    "label_item",
    "labels_after",
    "language",
    "read_choices",
    "restated_kinds",
    "stated_kinds",
    "with_given",
    "with_kept",
]
