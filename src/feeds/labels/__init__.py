"""Labelling: an item's words -> countries, regions and topics with evidence (floor 1, pure).

`build` makes a `Labeller` and the `Vocabulary` from two parsed TOML files;
`language` guesses a text's language; `label_draft`, `with_given` and `relabelled` let
what people say win. docs/labels.md tells the rules.
"""

from feeds.labels.labeller import Labeller, build
from feeds.labels.languages import language
from feeds.labels.renaming import current_labels
from feeds.labels.stated import label_draft, relabelled, with_given

__all__ = ["Labeller", "build", "current_labels", "label_draft", "language", "relabelled", "with_given"]
