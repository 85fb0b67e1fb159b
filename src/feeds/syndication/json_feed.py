"""A feed as JSON Feed 1.1 (https://jsonfeed.org/version/1.1).

Ids are the Atom ids. Titles are plain text by definition, so nothing is escaped.
"""

from __future__ import annotations

import json

from feeds.model import Item
from feeds.syndication.entries import json_values, told
from feeds.syndication.hub import hub_of
from feeds.syndication.source import FeedSource, feed_url, page_url

VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(feed: FeedSource) -> bytes:
    """The feed as a JSON document in UTF-8, one property a line."""
    hub = hub_of(feed)
    document: dict[str, object] = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": page_url(feed.site, feed.key, feed.lang),
        "feed_url": feed_url(feed.site, feed.key, "json", feed.lang),
        "description": feed.subtitle or feed.title,
        "language": feed.lang,
        "authors": [{"name": feed.author}],
        **({"hubs": [{"type": "WebSub", "url": hub}]} if hub else {}),
        "items": [_item(feed, item) for item in feed.items],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _item(feed: FeedSource, item: Item) -> dict[str, object]:
    said = told(feed, item)
    tags = [category.label for category in said.categories]
    outside = {"external_url": said.outside} if said.outside else {}
    return {**json_values(said), "tags": tags, **outside}
