"""Items -> the bytes of Atom, RSS 2.0, JSON Feed 1.1 and OPML (pure).

Owns how an item and a feed look to feed readers; the only room that knows
feedgen and lxml. The same input gives the same bytes, always: there is no
clock in here. Knows nothing of files, HTTP, SQL or how items were chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from feeds.syndication.atom import atom
from feeds.syndication.entries import Told, told
from feeds.syndication.joined import Form, forms
from feeds.syndication.json_feed import json_feed
from feeds.syndication.opml import opml
from feeds.syndication.rss import rss
from feeds.syndication.source import ATOM, JSON, RSS, FeedSource, feed_url, item_url, page_url

__all__ = [
    "FORMATS",
    "FORMS",
    "FeedSource",
    "Form",
    "Format",
    "Told",
    "atom",
    "feed_url",
    "item_url",
    "json_feed",
    "opml",
    "page_url",
    "rss",
    "told",
]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a feed: ``atom``, its media type without charset, and the writer."""

    extension: str
    media_type: str
    write: Callable[[FeedSource], bytes]


FORMATS: dict[str, Format] = {
    "atom": Format("atom", ATOM, atom),
    "rss": Format("rss", RSS, rss),
    "json": Format("json", JSON, json_feed),
}
"""All formats by extension, in the order in which pages offer them."""

FORMS: dict[str, Form] = forms({name: form.write for name, form in FORMATS.items()})
"""How feeds of each format are joined from entries written before, by extension."""
