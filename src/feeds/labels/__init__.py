"""Labelling: an item's words -> countries, regions and topics with evidence (floor 1, pure).

`build` makes a `Labeller` and the `Vocabulary` from two parsed TOML files;
`language` guesses a text's language. docs/labels.md tells the rules.
"""

from feeds.labels.labeller import Labeller, build
from feeds.labels.languages import language

__all__ = ["Labeller", "build", "language"]
