"""One bulletin taken in with few words, as the commands and the ingest pass do it."""

from __future__ import annotations

from datetime import datetime

from feeds.app.parts import Parts
from feeds.intake.acceptance import Accepted, accept, accept_where_it_lies
from feeds.intake.examining import examine


def accept_one(
    parts: Parts,
    name: str,
    data: bytes,
    now: datetime,
    notify: str = "default",
    *,
    filed: bool = False,
) -> Accepted:
    """Accept one file, from the inbox or (`filed`) where it lies."""
    take_in = accept_where_it_lies if filed else accept
    file = examine(parts.ingest_rules, name, data)
    (accepted,) = take_in(parts.store, parts.ingest_rules, [file], now, notify)
    assert accepted is not None
    return accepted
