"""One item as the lines that it has in feeds, written without the libraries.

feedgen takes ten times as long for an entry, and a rebuild writes thousands. What stands here is what
feedgen and json write, byte for byte: a test with texts of every kind holds that, and frames are theirs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from feeds.model import Item
from feeds.syndication.source import (
    Category,
    FeedSource,
    categories,
    content_html,
    content_text,
    excerpt,
    external_url,
    instant,
    item_url,
    published_at,
    shielded,
    words,
)

# What lxml refuses, too (XML 1.0, 2.2), in UTF-8, which knows no surrogates.
_CONTROLS = bytes(sorted(set(range(32)) - set(b"\t\n\r")))
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())


@dataclass(frozen=True, slots=True)
class Told:
    """What every format says of an item, worked out once."""

    item: Item
    url: str
    outside: str | None
    published: datetime
    summary: str
    html: str
    categories: tuple[Category, ...]


def told(feed: FeedSource, item: Item) -> Told:
    """What any feed of this one's site says of an item."""
    return Told(
        item=item, url=item_url(feed.site, item, feed.lang), outside=external_url(item),
        published=published_at(item), summary=excerpt(words(item)), html=content_html(feed, item),
        categories=categories(feed, item),
    )  # fmt: skip


def atom_entry(feed: FeedSource, said: Told) -> bytes:
    """As `atom.atom` writes it. ValueError for a naive instant and what XML cannot hold."""
    item = said.item
    lang = f' xml:lang="{_value(item.lang)}"' if item.lang != feed.lang else ""
    labels = "".join(map(_atom_category, said.categories))
    outside = f'    <link rel="via" href="{_value(said.outside)}"/>\n' if said.outside else ""
    return _checked(
        f"  <entry{lang}>\n"
        f"    <id>{_text(item.atom_id)}</id>\n"
        f"    {_declared('title', item.title)}\n"
        f"    <updated>{instant(item.updated_at)}</updated>\n"
        f"    <author>\n      <name>{_text(feed.author)}</name>\n    </author>\n"
        f'    <content type="html">{_text(said.html)}</content>\n'
        f"    {_declared('summary', said.summary)}\n"
        f"{labels}"
        f"    <published>{instant(said.published)}</published>\n"
        f'    <link rel="alternate" type="text/html" hreflang="{_value(item.lang)}" '
        f'href="{_value(said.url)}"/>\n'
        f"{outside}"
        f"  </entry>\n"
    )


@lru_cache(maxsize=4096)
def _atom_category(each: Category) -> str:
    return (
        f'    <category term="{_value(each.term)}" scheme="{_value(each.scheme)}" '
        f'label="{_value(each.label)}"/>\n'
    )


def rss_entry(_: FeedSource, said: Told) -> bytes:
    """As `rss.rss` writes it. ValueError for what XML cannot hold."""
    labels = "".join(map(_rss_category, said.categories))
    return _checked(
        f"    <item>\n"
        f"      <title>{_text(shielded(said.item.title))}</title>\n"
        f"      <link>{_text(said.url)}</link>\n"
        f"      <description>{_text(said.html)}</description>\n"
        f'      <guid isPermaLink="false">{_text(said.item.atom_id)}</guid>\n'
        f"{labels}"
        f"      <pubDate>{format_datetime(said.published)}</pubDate>\n"
        f"    </item>\n"
    )


@lru_cache(maxsize=4096)
def _rss_category(each: Category) -> str:
    return f'      <category domain="{_value(each.scheme)}">{_text(shielded(each.label))}</category>\n'


def json_entry(_: FeedSource, said: Told) -> bytes:
    """As `json_feed.json_feed` writes it."""
    lines = [f'   "{name}": {_json(value)}' for name, value in json_values(said).items()]
    tags = ",\n".join(f"    {_json(each.label)}" for each in said.categories)
    lines.append(f'   "tags": [\n{tags}\n   ]' if tags else '   "tags": []')
    if said.outside:
        lines.append(f'   "external_url": {_json(said.outside)}')
    return ("  {\n" + ",\n".join(lines) + "\n  }").encode()


def json_values(said: Told) -> dict[str, str]:
    """What stands before the tags, in order."""
    item = said.item
    return {
        "id": item.atom_id,
        "url": said.url,
        "title": item.title,
        "summary": said.summary,
        "content_html": said.html,
        "content_text": content_text(item),
        "date_published": instant(said.published),
        "date_modified": instant(item.updated_at),
        "language": item.lang,
    }


ENTRIES: Mapping[str, Callable[[FeedSource, Told], bytes]] = {
    "atom": atom_entry, "rss": rss_entry, "json": json_entry,
}  # fmt: skip
"""By extension: one entry, with the space before it, ready to be joined into any feed of the same site."""

_json = json.JSONEncoder(ensure_ascii=False).encode


def _declared(name: str, text: str) -> str:
    """A text that says how it is to be read, as `atom` declares it."""
    if shielded(text) == text:
        return f'<{name} type="text">{_text(text)}</{name}>'
    # Escaped twice: as HTML first. Quotes stay.
    return f'<{name} type="html">{_text(_html(text))}</{name}>'


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text(text: str) -> str:
    """As libxml2 writes a text; replacing is far quicker than translating."""
    return _html(text).replace("\r", "&#13;")


def _value(text: str) -> str:
    return _text(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def _checked(entry: str) -> bytes:
    written = entry.encode()  # quicker than looking at each character
    odd = len(written.translate(None, _CONTROLS)) != len(written)
    if odd or any(each in written for each in _NO_CHARACTERS):
        raise ValueError("all strings must be fit for XML: no control characters")
    return written
