"""Carrying over: stored labels of topics that were renamed or merged -> the slugs of today.

Publishing does it before it looks at what is stale, so that a feed is whole under its new
name from the first moment. Nobody is mailed: no instant of any item moves. Each rename is
kept, because the next configuration may name only the last slug; and what no rename leads to
a topic of today is told.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from feeds import filters
from feeds.labels import current_labels
from feeds.model import Kind, Vocabulary
from feeds.store import Connection, Store, items, labels, publishing, subscribers
from feeds.syndication.keys import feed_key, stale_keys

BATCH = 500
REMEDY = (
    "in topics.toml, name it under renamed_from of the topic that follows it, "
    "or give it a section with retired = true"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingTopic:
    """A slug that filters of so many subscribers, or a published feed, name and this site does not have."""

    slug: str
    subscribers: int
    published: bool


def missing_topics(conn: Connection, vocabulary: Vocabulary) -> list[MissingTopic]:
    """Topics that were taken out, or renamed without `renamed_from`, while people or feeds count on them."""
    wishes: dict[str, list[int]] = defaultdict(list)
    for filter_id, text in subscribers.wishes(conn).items():
        for slug in filters.parse(text).topics:
            wishes[slug].append(filter_id)
    keys = [feed_key(stem) for stem in publishing.remembered(conn)]
    published = {key.code for key in keys if key.kind == Kind.TOPIC.value}
    missing = [slug for slug in {*wishes, *published} if vocabulary.get(Kind.TOPIC, slug) is None]
    return [
        MissingTopic(
            slug=slug, subscribers=subscribers.count_of(conn, wishes[slug]), published=slug in published
        )
        for slug in sorted(missing)
    ]


def settle_renames(conn: Connection, vocabulary: Vocabulary) -> None:
    """Let the renames of this configuration be the ones that count, where an earlier one said otherwise."""
    labels.keep_renames(conn, vocabulary.renamed, replacing=True)
    labels.forget_renames(conn, [term.code for term in vocabulary.of(Kind.TOPIC)])


def carry_over(store: Store, vocabulary: Vocabulary, at: datetime) -> int:
    """How many items got the new slugs. Transactions are of bounded size; a killed one is just repeated."""
    _keep(store, vocabulary)
    carried = 0
    while _is_due(store, vocabulary):
        carried += store.transact(lambda conn: _some(conn, vocabulary, at))
    return carried


def _keep(store: Store, vocabulary: Vocabulary) -> None:
    """Only what is not kept yet: an older process that still runs does not undo what a newer one says."""
    if not vocabulary.renamed:
        return
    with store.read() as conn:
        new = vocabulary.renamed.keys() - labels.renames(conn).keys()
    if new:
        store.transact(lambda conn: labels.keep_renames(conn, vocabulary.renamed))


def _is_due(store: Store, vocabulary: Vocabulary) -> bool:
    """Looked up without a write transaction: publishing asks this at every tick."""
    if not vocabulary.renamed:
        return False
    with store.read() as conn:
        return bool(labels.items_with(conn, Kind.TOPIC, vocabulary.renamed, limit=1))


def _some(conn: Connection, vocabulary: Vocabulary, at: datetime) -> int:
    items.change_stored(conn)  # who edits items writes them back as they read them
    old = labels.items_with(conn, Kind.TOPIC, vocabulary.renamed, limit=BATCH)
    new = [replace(each, labels=current_labels(each.labels, vocabulary)) for each in old]
    labels.replace(conn, new)
    publishing.mark_stale(conn, {key for each in (*old, *new) for key in stale_keys(each)}, at)
    return len(new)
