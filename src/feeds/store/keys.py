"""What makes a filter or an audience the same as another one: hashes, as texts are too long for an index."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from feeds.model import Audience

_quoted = json.encoder.encode_basestring_ascii


def audience_key(wanted: Audience, texts: Sequence[str]) -> str:
    """What makes an audience the same as another one; `texts` are sorted and without repeats."""
    return key_after(audience_head(wanted), texts)


def audience_head(wanted: Audience) -> str:
    """How the keys of all audiences begin that differ in their filters alone."""
    when = [wanted.cadence.value, wanted.lang, wanted.zone, wanted.hour, wanted.weekday]
    return json.dumps(when)[:-1]


def key_after(head: str, texts: Sequence[str]) -> str:
    """The key of the audience with this head: very many are made when a list is taken in."""
    return _hash("".join([head, *[f", {_quoted(text)}" for text in texts], "]"]))


def filter_key(text: str) -> str:
    """What makes a filter the same as another one."""
    return _hash(text)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
