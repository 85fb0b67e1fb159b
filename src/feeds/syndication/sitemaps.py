"""What search engines are told: site maps (sitemaps.org 0.9) and robots.txt (RFC 9309)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from lxml import etree

from feeds.model import SiteInfo
from feeds.syndication.source import instant

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
# Nobody finds anything there, or without end.
_NOT_FOR_ROBOTS = (
    "/confirm/",
    "/preferences/",
    "/unsubscribe/",
    "/change/",
    "/digests/",
    "/private/",
    "/filter",
    "/search",
    "/find",
)


def sitemap_index(addresses: Sequence[str]) -> bytes:
    """A site map of site maps, by their absolute addresses."""
    root = etree.Element("sitemapindex", xmlns=NAMESPACE)
    for address in addresses:
        etree.SubElement(etree.SubElement(root, "sitemap"), "loc").text = address
    return _document(root)


def sitemap(pages: Iterable[tuple[str, datetime | None]]) -> bytes:
    """Absolute addresses of pages, at most 50,000, and when each last changed."""
    root = etree.Element("urlset", xmlns=NAMESPACE)
    for address, changed_at in pages:
        url = etree.SubElement(root, "url")
        etree.SubElement(url, "loc").text = address
        if changed_at is not None:
            etree.SubElement(url, "lastmod").text = instant(changed_at)
    return _document(root)


def robots(site: SiteInfo) -> bytes:
    """What robots leave alone in each language, and where the site map is."""
    paths = [site.below(lang) + path for lang in site.langs for path in _NOT_FOR_ROBOTS]
    closed = "".join(f"Disallow: {path}\n" for path in paths)
    return f"User-agent: *\n{closed}\nSitemap: {site.base_url}/sitemap.xml\n".encode()


def _document(root: etree._Element) -> bytes:
    made: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return made
