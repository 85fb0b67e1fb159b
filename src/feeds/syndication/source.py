"""What every format says about a feed and its items, worked out once.

Owns the input (`FeedSource`), the URLs, and the plain-text and HTML forms of
an item. Must not know any one format, feedgen or lxml.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from urllib.parse import quote, urlsplit

from feeds import richtext
from feeds.model import FeedKey, Item, Kind, SiteInfo, Vocabulary
from feeds.syndication.archives import Archived

ATOM = "application/atom+xml"
RSS = "application/rss+xml"
JSON = "application/feed+json"

# A constant: with a version in it every upgrade would change every feed's bytes and ETag.
GENERATOR = "bulletin-feeds"

_REFERENCE = re.compile(r"&(#?\w+)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_WORD_JOINER = "\N{WORD JOINER}"

EXCERPT = 400
"""Length of an excerpt in characters, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSource:
    """One feed to be written.

    `feed_id` is its tag: URI, independent of where the site stands (P1).
    `items` are already chosen, limited and in order, the newest first.
    `updated_at` is the instant of the last change; never "now" (P3).
    `withdrawn` are items that the office took back, the latest first; only
    Atom has words for them, in the other formats they are just not there.
    `archived` leads to the documents of its months (Atom only).
    """

    key: FeedKey
    feed_id: str
    title: str
    subtitle: str
    lang: str
    site: SiteInfo
    vocabulary: Vocabulary
    updated_at: datetime
    items: Sequence[Item]
    withdrawn: Sequence[Item] = ()
    archived: Archived = field(default_factory=Archived)

    @property
    def author(self) -> str:
        """Who speaks in the feed."""
        return author(self.site)

    def of(self, items: Sequence[Item]) -> FeedSource:
        """The same feed with these items, none of them withdrawn."""
        return replace(self, items=items, withdrawn=())


@dataclass(frozen=True, slots=True)
class Category:
    """A label as feeds carry it: stable code, IRI of its vocabulary, name for people."""

    term: str
    scheme: str
    label: str


def author(site: SiteInfo) -> str:
    """The publisher's name, else the site's."""
    return site.publisher or site.name


def feed_url(site: SiteInfo, key: FeedKey, extension: str, lang: str) -> str:
    """Where a feed in a language is served, e.g. ``https://feeds.example.org/es/feeds/country/pa.atom``."""
    return site.url(key.path(extension), lang)


def page_url(site: SiteInfo, key: FeedKey, lang: str) -> str:
    """The HTML twin of a feed in a language."""
    return site.url(key.page, lang)


def item_url(site: SiteInfo, item: Item, lang: str) -> str:
    """The page of one item in a language."""
    return site.url(f"/items/{item.id}/", lang)


def external_url(item: Item) -> str | None:
    """The item's own link as an ASCII URI (RFC 3986), or None if it is no web address.

    Bulletins are untrusted: ``javascript:`` and the like never reach a reader, nor do addresses that are
    one receiver's own.
    """
    if item.link is None or richtext.is_private_link(item.link):
        return None
    link = quote(item.link.strip(), safe=";/?:@&=+$.-_!~*'(),#%")
    parts = urlsplit(link)
    return link if parts.scheme.lower() in ("http", "https") and parts.netloc else None


def categories(feed: FeedSource, item: Item) -> tuple[Category, ...]:
    """What the item is about, countries first; labels that it only mentions are left out.

    The schemes are the same in every language: they name a vocabulary, and lead to no page.
    """
    return tuple(
        Category(code, f"{feed.site.base_url}/{kind.value}/", feed.vocabulary.name(kind, code, feed.lang))
        for kind in Kind
        for code in item.codes(kind)
    )


def published_at(item: Item) -> datetime:
    """Noon UTC of the bulletin's date, or the moment of acceptance if that came earlier: never in the future.

    Bulletins tell no time of day. Midnight would show as the day before in every
    reader west of Greenwich; noon is the same day nearly everywhere. An item of
    this morning must not be dated later than it was seen, nor one dated ahead.
    """
    noon = datetime.combine(item.date_on, time(12), tzinfo=UTC)
    return min(noon, item.accepted_at)


def instant(at: datetime) -> str:
    """RFC 3339 in UTC; milliseconds where there are any, so that neighbours stay apart.

    Raises ValueError for a naive instant, which would be read in the host's zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"naive instant: {at}")
    precision = "milliseconds" if at.microsecond else "seconds"
    return at.astimezone(UTC).isoformat(timespec=precision).removesuffix("+00:00") + "Z"


def words(item: Item) -> str:
    """What there is to read: the summary, else the title.

    RFC 4287 4.1.1.1 advises content that is not empty, and JSON Feed demands it.
    """
    return item.summary if item.summary.strip() else item.title


def content_html(item: Item) -> str:
    """All of an item as safe HTML, fit to stand in a ``<div>`` (T1): with its form, if it has one."""
    return richtext.as_html(item.body, words(item))


def content_text(item: Item) -> str:
    """All of an item as plain text, in which lists and addresses can be read."""
    return richtext.shown_text(item.body, words(item))


def excerpt(text: str, limit: int = EXCERPT) -> str:
    """The beginning of a text on one line, at most `limit` characters, cut between words.

    Not just the first paragraph: that is a bare dateline in some bulletins.
    """
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    if not line[limit - 1].isspace():
        # A text without spaces near the cut (a long URL, Chinese) is cut where it stands.
        at = cut.rfind(" ", limit // 2)
        cut = cut[:at] if at > 0 else cut
    return cut.rstrip() + "…"


def shielded(text: str) -> str:
    """The text with a word joiner, which nobody sees, wherever HTML would begin markup.

    RSS and OPML cannot say whether a title is text or HTML, and readers guess: some
    would swallow the ``<b>`` of a title, or run it.
    """
    return _TAG.sub("<" + _WORD_JOINER, _REFERENCE.sub(_shield, text))


def _shield(found: re.Match[str]) -> str:
    whole, name = found[0], found[1]
    # "R&D" and "AT&T" mean nothing in HTML and stay as they are.
    harmless = name.isalpha() and html.unescape(whole + ";") == whole + ";"
    return whole if harmless else "&" + _WORD_JOINER + name
