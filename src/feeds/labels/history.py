"""Topics that were renamed, merged or retired (labels, floor 1).

Owns: what topics.toml says of slugs that stand in old addresses and filters. `settings`
checks it; the web and the store ask here where an old slug leads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TopicHistory:
    """Old slug -> the slug of today (two old ones with one new one: merged), and the retired slugs."""

    renamed: Mapping[str, str]
    retired: frozenset[str]

    def today(self, slug: str) -> str:
        """The slug that stands for `slug` now: itself if nothing happened to it."""
        return self.renamed.get(slug, slug)


def topic_history(topics: Mapping[str, Any]) -> TopicHistory:
    """The history in a parsed topics.toml that `build` accepted.

    [topics.health]
    renamed_from = ["salud", "health-and-care"]   # their addresses lead here

    [topics.covid-19]
    retired = true    # no item gets it any more; its feed and its old items stay
    """
    tables = topics.get("topics", {})
    return TopicHistory(
        renamed={old: slug for slug, topic in tables.items() for old in topic.get("renamed_from", [])},
        retired=frozenset(slug for slug, topic in tables.items() if topic.get("retired") is True),
    )
