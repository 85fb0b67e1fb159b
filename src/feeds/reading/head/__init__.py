"""The head of a file: what the press office, or the system that a text comes from, says of its item itself.

The walk: marks (fences: YAML, TOML, JSON, or lines of "Name: value") -> entries with their lines
-> what they mean (meaning), what is not for publication (withheld), instants (moments). Besides: several
heads in one text (blocks), and lines of a text that say what heads say (said_in_text).
"""

from feeds.reading.head.blocks import blocks_of
from feeds.reading.head.fences import Head, head_of
from feeds.reading.head.meaning import Setting
from feeds.reading.head.moments import instant
from feeds.reading.head.said_in_text import is_withheld_title, may_say, plainly_said, said_by
from feeds.reading.head.withheld import says_so_plainly

__all__ = [
    "Head",
    "Setting",
    "blocks_of",
    "head_of",
    "instant",
    "is_withheld_title",
    "may_say",
    "plainly_said",
    "said_by",
    "says_so_plainly",
]
