"""A feed as RSS 2.0 (RSS Advisory Board's profile) by feedgen.

The guid of an item is its Atom id, so that a reader who changes formats finds
nothing new. No ttl: how long to cache is said once, by HTTP.
"""

from __future__ import annotations

import threading

from feedgen.entry import FeedEntry

from feeds.model import Item
from feeds.syndication.generator import generator
from feeds.syndication.source import (
    RSS,
    FeedSource,
    categories,
    content_html,
    item_url,
    published_at,
    shielded,
)

# feedgen sets the locale of the whole process for each date and puts back what it
# found; two threads at it leave the process in the wrong one.
_LOCALE = threading.Lock()


def rss(feed: FeedSource) -> bytes:
    """The feed as an RSS 2.0 document in UTF-8.

    Raises ValueError for naive instants and for characters that XML cannot hold.
    """
    made = generator(feed, "rss", RSS)
    made.title(shielded(feed.title))
    made.description(shielded(feed.subtitle or feed.title))
    for item in feed.items:
        _fill(made.add_entry(order="append"), feed, item)
    with _LOCALE:
        return made.rss_str(pretty=True)


def _fill(entry: FeedEntry, feed: FeedSource, item: Item) -> None:
    entry.guid(item.atom_id, permalink=False)
    entry.title(shielded(item.title))
    entry.link(href=item_url(feed.site, item, feed.lang))
    entry.content(content_html(item), type="html")
    entry.published(published_at(item))
    for category in categories(feed, item):
        entry.category(term=category.term, scheme=category.scheme, label=shielded(category.label))
