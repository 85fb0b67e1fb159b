"""A feed as Atom 1.0 (RFC 4287) by feedgen, with its faults repaired.

feedgen 1.0 drops all of an item's link attributes but href, knows no xml:lang
on items, no type on titles, and six digits of a second; of withdrawn items
(RFC 6721) it knows nothing. An extension is its own way to put that right, so
nothing of it is patched.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from feeds.model import Item
from feeds.syndication.archives import history
from feeds.syndication.generator import generator
from feeds.syndication.source import (
    ATOM,
    FeedSource,
    categories,
    content_html,
    excerpt,
    external_url,
    instant,
    item_url,
    published_at,
    shielded,
    words,
)

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


class FeedRepair(BaseExtension):
    """Rewrites what feedgen wrote of the feed itself."""

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        """Called by feedgen after the feed's own elements and before the items."""
        for name in ("title", "subtitle"):
            _declare_text(_child(feed, name))
        _shorten_instant(_child(feed, "updated"))
        return feed


def tombstones(withdrawn: Sequence[Item]) -> type[BaseExtension]:
    """An extension that tells of these items that they were taken back (RFC 6721 3)."""

    class Tombstones(BaseExtension):
        def extend_ns(self) -> dict[str, str]:
            return {"at": TOMBSTONES}

        def extend_atom(self, feed: etree._Element) -> etree._Element:
            for item in withdrawn:
                _bury(feed, item)
            return feed

    return Tombstones


class EntryRepair(BaseEntryExtension):
    """Writes what feedgen cannot: links with all their attributes, and the language."""

    def __init__(self) -> None:
        self.lang = ""
        self.links: tuple[dict[str, str], ...] = ()

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        """Called by feedgen when an item has been written."""
        if self.lang:
            entry.set(XML_LANG, self.lang)
        for name in ("title", "summary"):
            _declare_text(_child(entry, name))
        for name in ("updated", "published"):
            _shorten_instant(_child(entry, name))
        for link in self.links:
            etree.SubElement(entry, "link", link)
        return entry


class AtomEntry(FeedEntry):
    """feedgen's item; feedgen hangs the extension on it under its registered name."""

    repair: EntryRepair


def atom(feed: FeedSource) -> bytes:
    """The feed as an Atom document in UTF-8.

    Raises ValueError for naive instants, for characters that XML cannot hold, and for
    a withdrawn item that does not say since when.
    """
    made = generator(feed, "atom", ATOM)
    made.register_extension("repair", FeedRepair, EntryRepair, atom=True, rss=False)
    if feed.withdrawn:
        # Declared only where it is used: the W3C validator warns of a namespace that it does not know.
        made.register_extension(
            "tombstones", tombstones(feed.withdrawn), BaseEntryExtension, atom=True, rss=False
        )
    if any(feed.archived.links()):
        made.register_extension("history", history(feed.archived), BaseEntryExtension, atom=True, rss=False)
    for item in feed.items:
        entry = AtomEntry()
        made.add_entry(entry, order="append")
        _fill(entry, feed, item)
    return made.atom_str(pretty=True)


def _fill(entry: AtomEntry, feed: FeedSource, item: Item) -> None:
    entry.id(item.atom_id)
    entry.title(item.title)
    entry.updated(item.updated_at)
    entry.published(published_at(item))
    entry.author({"name": feed.author})
    entry.summary(excerpt(words(item)))
    entry.content(content_html(item), type="html")
    for category in categories(feed, item):
        entry.category(term=category.term, scheme=category.scheme, label=category.label)
    entry.repair.lang = item.lang if item.lang != feed.lang else ""
    entry.repair.links = _links(feed, item)


def _bury(feed: etree._Element, item: Item) -> None:
    if item.withdrawn_at is None:
        raise ValueError(f"not withdrawn: {item.atom_id}")
    stone = etree.SubElement(
        feed, f"{{{TOMBSTONES}}}deleted-entry", ref=item.atom_id, when=instant(item.withdrawn_at)
    )
    if item.withdrawn_reason.strip():
        comment = etree.SubElement(stone, f"{{{TOMBSTONES}}}comment")
        comment.text = " ".join(item.withdrawn_reason.split())
        _declare_text(comment)


def _links(feed: FeedSource, item: Item) -> tuple[dict[str, str], ...]:
    page = {
        "rel": "alternate",
        "type": "text/html",
        "hreflang": item.lang,
        "href": item_url(feed.site, item, feed.lang),
    }
    outside = external_url(item)
    # "via", not "related": the office's own page is the source of the news (RFC 4287 4.2.7.2).
    return (page, {"rel": "via", "href": outside}) if outside else (page,)


def _child(parent: etree._Element, name: str) -> etree._Element:
    child = parent.find(name)
    if child is None:
        raise ValueError(f"feedgen wrote no {name}")
    return child


def _declare_text(element: etree._Element) -> None:
    """Say how the text is to be read (RFC 4287 3.1.1): as it is, or, where HTML would
    read it as something else, as HTML in which every such character is escaped.

    Not always as HTML: simple readers show a text's escapes as they stand.
    """
    text = element.text or ""
    markup = shielded(text) != text
    element.set("type", "html" if markup else "text")
    element.text = html.escape(text, quote=False) if markup else text


def _shorten_instant(element: etree._Element) -> None:
    """Milliseconds and Z instead of microseconds and an offset."""
    element.text = instant(datetime.fromisoformat(element.text or ""))
