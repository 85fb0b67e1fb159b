"""The head of a file: what the press office, or the system that a text comes from, says of its item itself.

The walk: marks (fences: YAML, TOML, JSON, or lines of "Name: value") -> entries with their lines
-> what they mean (meaning), what is not for publication (withheld), instants (moments).
"""

from feeds.reading.head.fences import Head, head_of
from feeds.reading.head.meaning import Setting

__all__ = ["Head", "Setting", "head_of"]
