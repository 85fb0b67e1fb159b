"""The list of all feeds as OPML 2.0, for a reader's "import subscriptions".

Knows where a feed is served; which feeds there are is the caller's business.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from feeds.model import FeedListing, SiteInfo
from feeds.syndication.source import author, feed_url, page_url, shielded


def opml(site: SiteInfo, groups: Sequence[tuple[str, Sequence[FeedListing]]], lang: str = "") -> bytes:
    """The feeds in a language as an OPML 2.0 document, one folder for each titled group.

    A group whose title is empty stands at the top, outside any folder; an empty
    group is left out (OPML wants at least one feed in all). Without a date of its
    own: the same feeds, the same bytes.
    """
    lang = lang or site.languages[0]
    site = site.speaking(lang)
    document = etree.Element("opml", version="2.0")
    head = etree.SubElement(document, "head")
    etree.SubElement(head, "title").text = shielded(site.name)
    etree.SubElement(head, "ownerName").text = shielded(author(site))
    content = etree.SubElement(document, "body")
    for title, listings in groups:
        if listings:
            # A folder has nothing but its text: importers take any other attribute for a feed's.
            folder = etree.SubElement(content, "outline", text=shielded(title)) if title else content
            _outlines(folder, site, listings, lang)
    return etree.tostring(document, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _outlines(folder: etree._Element, site: SiteInfo, listings: Sequence[FeedListing], lang: str) -> None:
    for listing in listings:
        # "rss" is the type of every feed here, Atom too (OPML 2.0, subscription lists).
        attributes = {
            "type": "rss",
            "text": shielded(listing.title),
            "title": shielded(listing.title),
            "xmlUrl": feed_url(site, listing.key, "atom", lang),
            "htmlUrl": page_url(site, listing.key, lang),
            "language": lang,
        }
        etree.SubElement(folder, "outline", attributes)
