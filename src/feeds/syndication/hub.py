"""How a feed leads to its hub (W3C WebSub 4): links in its documents, and the header that says the same."""

from __future__ import annotations

from feedgen.ext.base import BaseExtension
from lxml import etree

from feeds.model import FeedKey
from feeds.syndication.source import FeedSource

_ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
# Feeds whose changes nobody is told of: one is made when asked for, the other is one person's own.
_UNTOLD = ("filter", "private")


def is_told(key: FeedKey) -> bool:
    """Whether a hub is told when the feed changes; an archive document has a feed that leads to the hub."""
    return key.kind not in _UNTOLD and "/archive/" not in f"/{key.code}"


def hub_of(feed: FeedSource) -> str:
    """The address of the feed's hub; empty if there is none."""
    return feed.site.hub if is_told(feed.key) else ""


def link_header(hub: str, topic: str) -> str:
    """The Link header of a feed at the address `topic` (RFC 8288)."""
    return f'<{hub}>; rel="hub", <{topic}>; rel="self"'


def hub_link(hub: str) -> type[BaseExtension]:
    """An extension of feedgen that writes the link to a hub; feedgen has it in Atom only, without order."""

    class HubLink(BaseExtension):
        def extend_atom(self, feed: etree._Element) -> etree._Element:
            etree.SubElement(feed, "link", rel="hub", href=hub)
            return feed

        def extend_rss(self, feed: etree._Element) -> etree._Element:
            channel = feed.find("channel")
            if channel is not None:
                etree.SubElement(channel, _ATOM_LINK, rel="hub", href=hub)
            return feed

    return HubLink
