"""What makes a filter or an audience the same as another one: hashes, as texts are too long for an index."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from feeds.model import Audience


def audience_key(wanted: Audience, texts: Sequence[str]) -> str:
    """What makes an audience the same as another one; `texts` are sorted and without repeats."""
    when = [wanted.cadence.value, wanted.lang, wanted.zone, wanted.hour, wanted.weekday]
    return _hash(json.dumps([*when, *texts]))


def filter_key(text: str) -> str:
    """What makes a filter the same as another one."""
    return _hash(text)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
