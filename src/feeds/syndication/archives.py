"""What makes a feed paged by months: RFC 5005 section 4, as links and one mark that feedgen does not know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from feedgen.ext.base import BaseExtension
from lxml import etree

from feeds.model import FeedKey

HISTORY = "http://purl.org/syndication/history/1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """Where a document stands among those of its feed; addresses are absolute, empty for what is not there.

    `current` is empty for the feed itself, whose `previous` is the latest of its archive documents.
    """

    current: str = ""
    previous: str = ""
    following: str = ""

    def links(self) -> Iterator[tuple[str, str]]:
        """Relations and addresses, in a fixed order."""
        named = (("current", self.current), ("prev-archive", self.previous), ("next-archive", self.following))
        return ((rel, url) for rel, url in named if url)


def archive_key(key: FeedKey, month: str) -> FeedKey:
    """The archive document of a feed for a month such as ``2021-09``: ``country/pa/archive/2021-09``."""
    within = f"{key.code}/" if key.code else ""
    return FeedKey(kind=key.kind, code=f"{within}archive/{month}")


def history(place: Archived) -> type[BaseExtension]:
    """An extension of feedgen that writes these links, and that a document is an archive's."""

    class History(BaseExtension):
        def extend_ns(self) -> dict[str, str]:
            return {"fh": HISTORY} if place.current else {}

        def extend_atom(self, feed: etree._Element) -> etree._Element:
            for rel, url in place.links():
                etree.SubElement(feed, "link", rel=rel, href=url, type="application/atom+xml")
            if place.current:
                etree.SubElement(feed, f"{{{HISTORY}}}archive")
            return feed

    return History
