"""What Atom and RSS share of feedgen: a generator that holds the feed's own data.

feedgen's `updated` and `lastBuildDate` are "now" unless told, and its
generator line carries its version: both would change bytes for no reason.
"""

from __future__ import annotations

from feedgen.ext.base import BaseEntryExtension
from feedgen.feed import FeedGenerator

from feeds.syndication.hub import hub_link, hub_of
from feeds.syndication.source import GENERATOR, FeedSource, feed_url, page_url


def generator(feed: FeedSource, extension: str, media_type: str) -> FeedGenerator:
    """A feedgen generator with all but the items; `extension` names the feed's own file."""
    made = FeedGenerator()
    made.id(feed.feed_id)
    made.title(feed.title)
    # RSS cannot do without a description.
    made.subtitle(feed.subtitle or feed.title)
    made.language(feed.lang)
    # Sets RSS's lastBuildDate too.
    made.updated(feed.updated_at)
    made.author({"name": feed.author})
    made.generator(GENERATOR)
    # RSS takes the last link as its channel's: the page comes last.
    own = {"href": feed_url(feed.site, feed.key, extension, feed.lang), "rel": "self", "type": media_type}
    page = {
        "href": page_url(feed.site, feed.key, feed.lang),
        "rel": "alternate",
        "type": "text/html",
        "hreflang": feed.lang,
    }
    made.link([own, page])
    if hub := hub_of(feed):
        made.register_extension("hub", hub_link(hub), BaseEntryExtension, atom=True, rss=True)
    return made
