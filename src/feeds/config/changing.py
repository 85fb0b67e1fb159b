"""Which edited settings a running process may use at once, and which wait for its next start (config)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from feeds.config.sections import Sections

# What is asked for anew by each pass and each page. All else is held open by a process (sockets, folders,
# connections, keys) or stands in ids that are for ever.
AT_ONCE: dict[str, frozenset[str]] = {
    "site": frozenset({"name", "description", "publisher", "contact", "address"}),
    "inbox": frozenset({
        "language", "fallback_encoding", "date_order", "receipts_to", "receipts_when", "hold", "doubtful",
        "patterns", "max_bytes", "settle", "folders",
    }),
    "publish": frozenset({"length", "formats"}),
    "mail": frozenset({"from_name", "rate", "doubtful"}),
    "digest": frozenset({"zone", "hour", "weekday", "max_age", "page_days", "max_late"}),
    "web": frozenset({"hosts", "proxies"}),
}  # fmt: skip


def restart_for(running: Sections, found: Sections) -> list[str]:
    """The keys that were edited and count only after a restart, such as ``web.listen``, in order."""
    return sorted(
        f"{section}.{key}"
        for section, key, before, after in _keys(running, found)
        if before != after and key not in AT_ONCE.get(section, ())
    )


def sections_now(running: Sections, found: Sections) -> dict[str, Any]:
    """The sections that a running process uses from now on: what was found, but for what needs a restart."""
    kept: dict[str, dict[str, Any]] = {}
    for section, key, before, _ in _keys(running, found):
        if key not in AT_ONCE.get(section, ()):
            kept.setdefault(section, {})[key] = before
    return {
        section: getattr(found, section).model_copy(update=kept.get(section, {}))
        for section in Sections.model_fields
    }


def _keys(running: Sections, found: Sections) -> Iterator[tuple[str, str, Any, Any]]:
    for section in Sections.model_fields:
        before, after = getattr(running, section), getattr(found, section)
        for key in type(after).model_fields:
            yield section, key, getattr(before, key), getattr(after, key)
