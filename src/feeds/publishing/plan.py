"""What is to be written next in a public folder: first what is new, then what is left to do, in parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from feeds.model import FeedKey, Kind, Vocabulary
from feeds.publishing.catalogue import Catalogue
from feeds.publishing.files import Work
from feeds.publishing.marks import Mark
from feeds.store import Connection, publishing
from feeds.syndication.keys import ALL, ITEM_PREFIX, UNLABELLED, feed_key

# What is new waits for a part at most: a fraction of a second.
ITEMS_AT_ONCE = 250
FEEDS_AT_ONCE = 20


def everything(
    conn: Connection, mark: Mark, catalogue: Catalogue, vocabulary: Vocabulary, length: int
) -> tuple[Work, Mark]:
    """All anew: the front page with the newest items first, the rest in parts behind what is new."""
    feeds = all_feeds(conn, catalogue, vocabulary)
    front = catalogue.by_date(catalogue.feed(ALL, vocabulary), length)
    after = replace(mark, seq=catalogue.seq, feeds=feeds[1:], ranges=((0, catalogue.seq),))
    return Work(items=front, feeds=feeds[:1], site=True), after


def all_feeds(conn: Connection, catalogue: Catalogue, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Every feed that exists, by stem: of all news first, then those with items, those configured, and
    those ever published.
    """
    configured = [(kind, term.code) for kind in (Kind.REGION, Kind.TOPIC) for term in vocabulary.of(kind)]
    labelled = [(kind, code) for kind in Kind for code in catalogue.codes(kind)]
    keys = [FeedKey(kind=kind.value, code=code) for kind, code in (*labelled, *configured)]
    stems = [key.stem for key in (ALL, UNLABELLED, *keys)] + sorted(publishing.remembered(conn))
    return tuple(dict.fromkeys(current(stem, vocabulary) for stem in stems))


def next_work(
    conn: Connection,
    mark: Mark,
    vocabulary: Vocabulary,
    *,
    news_only: bool = False,
    cores: int = 1,
    langs: int = 1,
) -> tuple[Work, Mark] | None:
    """What to write now, and the mark when that is done; None if there is nothing left, or nothing new.

    With two `cores` a part is larger: it takes no longer, and the disk is waited for less often. In `langs`
    languages each item has as many pages, so a part has fewer items.
    """
    head = publishing.latest_change(conn)
    changed = publishing.changes_between(conn, mark.seq, head, ITEMS_AT_ONCE + 1)
    if len(changed) > ITEMS_AT_ONCE:
        mark = _put_off(conn, mark, head, vocabulary)
    elif changed:
        return _news(changed, vocabulary), replace(mark, seq=head)
    elif news_only:
        return None
    if mark.feeds:
        few = max(1, FEEDS_AT_ONCE * cores // langs)
        some, left = mark.feeds[:few], mark.feeds[few:]
        return Work(feeds=some, site=ALL.stem in some), replace(mark, feeds=left)
    if mark.ranges:
        return _left(conn, mark, max(1, ITEMS_AT_ONCE * cores // langs))
    return None


def _news(changed: Iterable[str], vocabulary: Vocabulary) -> Work:
    # The front page and the list of feeds carry counts: any feed's change touches them.
    feeds = _touched(changed, vocabulary)
    return Work(items=_ids(changed), feeds=feeds, site=bool(feeds))


def _put_off(conn: Connection, mark: Mark, head: int, vocabulary: Vocabulary) -> Mark:
    """Very much is new, as after an import: its feeds come first, its pages in parts."""
    feeds = _touched(publishing.changed_feeds(conn, mark.seq, head), vocabulary)
    left = dict.fromkeys((*feeds, *mark.feeds))
    return replace(mark, seq=head, feeds=tuple(left), ranges=((mark.seq, head), *mark.ranges))


def _left(conn: Connection, mark: Mark, at_once: int) -> tuple[Work, Mark]:
    """Item pages of what is left, those that changed last first."""
    (after, until), *rest = mark.ranges
    found = publishing.changes_between(conn, after, until, at_once)
    if len(found) == at_once:
        rest.insert(0, (after, min(found.values()) - 1))
    return Work(items=_ids(found)), replace(mark, ranges=tuple(rest))


def _ids(keys: Iterable[str]) -> list[str]:
    return [key.removeprefix(ITEM_PREFIX) for key in keys if key.startswith(ITEM_PREFIX)]


def _touched(changed: Iterable[str], vocabulary: Vocabulary) -> list[str]:
    """The feeds among these keys, that of all news first, and the regions around the countries and regions
    among them: their feeds hold the same items.
    """
    stems = [current(key, vocabulary) for key in changed if not key.startswith(ITEM_PREFIX)]
    keys = [feed_key(stem) for stem in stems]
    countries = {key.code for key in keys if key.kind == Kind.COUNTRY.value}
    named = {key.code for key in keys if key.kind == Kind.REGION.value}
    around = [
        FeedKey(kind=Kind.REGION.value, code=term.code).stem
        for term in vocabulary.of(Kind.REGION)
        if countries.intersection(term.members) or named.intersection(vocabulary.within(term.code))
    ]
    return sorted({*stems, *around}, key=lambda stem: (stem != ALL.stem, stem))


def current(stem: str, vocabulary: Vocabulary) -> str:
    """A topic's key of today, for one that changed or was published under a slug that it had before."""
    if not stem.startswith(f"{Kind.TOPIC.value}/"):
        return stem
    return FeedKey(kind=Kind.TOPIC.value, code=vocabulary.current(Kind.TOPIC, feed_key(stem).code)).stem
