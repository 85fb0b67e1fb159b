"""What a process notices of its configuration and tells in its log (app)."""

from __future__ import annotations

from feeds import log
from feeds.app.parts import Parts
from feeds.passes.renaming import REMEDY, missing_topics

logger = log.get("configuration")


def tell_missing_topics(parts: Parts) -> None:
    """Warn of topics that subscribers or feeds count on and that this site does not have."""
    with parts.store.read() as conn:
        missing = missing_topics(conn, parts.vocabulary)
    for each in missing:
        logger.warning(
            "topic-missing", slug=each.slug, subscribers=each.subscribers, published=each.published,
            remedy=REMEDY,
        )  # fmt: skip
