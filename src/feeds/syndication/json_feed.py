"""A feed as JSON Feed 1.1 (https://jsonfeed.org/version/1.1).

Ids are the Atom ids. Titles are plain text by definition, so nothing is escaped.
"""

from __future__ import annotations

import json

from feeds.model import Item
from feeds.syndication.source import (
    FeedSource,
    categories,
    content_html,
    content_text,
    excerpt,
    external_url,
    feed_url,
    instant,
    item_url,
    page_url,
    published_at,
    words,
)

VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(feed: FeedSource) -> bytes:
    """The feed as a JSON document in UTF-8, one property a line."""
    document: dict[str, object] = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": page_url(feed.site, feed.key),
        "feed_url": feed_url(feed.site, feed.key, "json"),
        "description": feed.subtitle or feed.title,
        "language": feed.lang,
        "authors": [{"name": feed.author}],
        "items": [_item(feed, item) for item in feed.items],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _item(feed: FeedSource, item: Item) -> dict[str, object]:
    written: dict[str, object] = {
        "id": item.atom_id,
        "url": item_url(feed.site, item),
        "title": item.title,
        "summary": excerpt(words(item)),
        "content_html": content_html(item),
        "content_text": content_text(item),
        "date_published": instant(published_at(item)),
        "date_modified": instant(item.updated_at),
        "language": item.lang,
        "tags": [category.label for category in categories(feed, item)],
    }
    outside = external_url(item)
    return written | {"external_url": outside} if outside else written
