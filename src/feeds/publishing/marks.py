"""How far a public folder has come, kept in the folder itself.

Each folder is right by itself, whoever else publishes: what it lacks are the changes above its mark.
A mark that is lost, of another site or ahead of the database counts as none: then all is written anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from feeds.site import Site

FILE = ".published.json"

Range = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """`seq` is the number of the last change that is published. `look` is a digest of templates and
    settings, brought by the process that was `started_at`; `at` is when the mark was moved.

    Left to do, behind what is new: `feeds`, and the item pages that changed last within `ranges` (above the
    first number, up to the second).
    """

    site: str
    seq: int
    look: str
    started_at: datetime
    at: datetime
    feeds: tuple[str, ...] = ()
    ranges: tuple[Range, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do up to `seq`."""
        return not (self.feeds or self.ranges)

    def to_bytes(self) -> bytes:
        """As it is kept."""
        values = asdict(self) | {"started_at": self.started_at.isoformat(), "at": self.at.isoformat()}
        return (json.dumps(values, indent=1) + "\n").encode()


def read(public: Site) -> Mark | None:
    """The folder's mark; None if there is none that can be read."""
    data = public.read(FILE)
    if data is None:
        return None
    try:
        return _mark(json.loads(data))
    except (ValueError, TypeError, KeyError):
        return None


def _mark(values: Mapping[str, Any]) -> Mark:
    return Mark(
        site=str(values["site"]),
        seq=int(values["seq"]),
        look=str(values["look"]),
        started_at=datetime.fromisoformat(values["started_at"]),
        at=datetime.fromisoformat(values["at"]),
        feeds=tuple(map(str, values["feeds"])),
        ranges=tuple((int(after), int(until)) for after, until in values["ranges"]),
    )
