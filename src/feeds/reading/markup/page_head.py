"""What a web page says of itself beside its text: title, day, address, language, and that it is one article.

Owns the ways in which pages say it: elements of the head, JSON for search engines. The page's own
address is what it calls canonical, or what it gives for sharing; never one that it only points to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import html

from feeds.errors import BulletinError
from feeds.model import Fault
from feeds.reading.clean import shown
from feeds.reading.faults import cut
from feeds.reading.head import says_so_plainly
from feeds.reading.text import dates
from feeds.reading.text.furniture import web_link
from feeds.richtext import public_link

_DATES = ("article:published_time", "date", "dc.date", "dcterms.date", "dcterms.created", "pubdate",
          "datepublished", "parsely-pub-date", "sailthru.date")  # fmt: skip
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_LANG = re.compile(r"[A-Za-z]{2,3}(?![A-Za-z])")
_ARTICLES = frozenset(
    {"Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "Report", "PressRelease"}
)
_STATUS = re.compile(r"(?<![\w-])(?:post-)?status-(?:auto-draft|draft|private|pending|future|trash)(?![\w-])")
_MOST_JSON = 200_000
_MOST_MARKED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHead:
    """`base` resolves relative links, `link` is the page's own address; `is_article`: it says it is one."""

    title: str | None = None
    site: str = ""
    day: date | None = None
    link: str | None = None
    base: str | None = None
    lang: str | None = None
    is_article: bool = False


def head_of(tree: html.HtmlElement) -> PageHead:
    """All that a page says of itself. BulletinError: `not-for-publication`."""
    _refuse_drafts(tree)
    said: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        words = shown(meta.get("content") or "")
        if says_so_plainly(name, words):
            detail = cut(f"{name}: {words}")
            raise BulletinError(Fault(code="not-for-publication", line=meta.sourceline, detail=detail))
        said.setdefault(name, words)
    article = _told_article(tree)
    link = _own_address(tree, said)
    name = next((node.text for node in tree.iter("title")), None)
    lang = _LANG.match((tree.get("lang") or "").strip())
    return PageHead(
        title=said.get("og:title") or shown(name or "") or None,
        site=said.get("og:site_name", ""),
        day=_day(said, article) or _marked_day(tree),
        link=link,
        base=link or _based(tree),
        lang=lang[0].lower() if lang else None,
        is_article=said.get("og:type") == "article" or bool(article),
    )


def _refuse_drafts(tree: html.HtmlElement) -> None:
    """What an editor saved from her own view: WordPress marks each post with its status."""
    for node in tree.iter("article", "body", "main", "section", "div", "li"):
        if found := _STATUS.search(node.get("class") or ""):
            raise BulletinError(
                Fault(code="not-for-publication", line=node.sourceline, detail=found[0].strip())
            )


def _day(said: dict[str, str], article: dict[str, Any]) -> date | None:
    """The day of publication, as it is written there."""
    written = [said.get(key, "") for key in _DATES] + [str(article.get("datePublished") or "")]
    found = next((found[0] for words in written if (found := _ISO.match(words))), "")
    reading = dates.parse(found)
    return reading if isinstance(reading, date) else None


def _marked_day(tree: html.HtmlElement) -> date | None:
    """The day that an element in the text is marked as that of publication; None if there are several."""
    marked = islice((node for node in tree.iter() if node.get("itemprop") == "datePublished"), _MOST_MARKED)
    written = {(node.get("datetime") or node.get("content") or "")[:10] for node in marked}
    reading = dates.parse(written.pop()) if len(written) == 1 else None
    return reading if isinstance(reading, date) else None


def _own_address(tree: html.HtmlElement, said: dict[str, str]) -> str | None:
    canonical = (node.get("href") or "" for node in tree.iter("link") if node.get("rel") == "canonical")
    for address in (*canonical, said.get("og:url", "")):
        own = public_link(address) if web_link(address) else None
        if own and not _is_front_page(own):
            return own
    return None


def _is_front_page(address: str) -> bool:
    """Whether an address is a site's first page: many pages call that their own by mistake."""
    parts = urlsplit(address)
    return parts.path in ("", "/") and not parts.query


def _based(tree: html.HtmlElement) -> str | None:
    """What relative links of the page are relative to."""
    addresses = [node.get("href") or "" for node in tree.iter("base", "link") if _tells_place(node)]
    addresses += [node.get("content") or "" for node in tree.iter("meta") if node.get("property") == "og:url"]
    return next((found for address in addresses if (found := web_link(address))), None)


def _tells_place(node: html.HtmlElement) -> bool:
    return bool(node.tag == "base" or node.get("rel") == "canonical")


def joined(base: str | None, address: str) -> str:
    """An address of the page as a whole one, as far as that can be known."""
    address = address.strip()
    if not base or address.startswith(("https://", "http://")):
        return address
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def _told_article(tree: html.HtmlElement) -> dict[str, Any]:
    """What the page tells search engines of the one article on it; empty if there is none, or several."""
    found = [
        each
        for node in tree.iter("script")
        if (node.get("type") or "").strip().lower() == "application/ld+json"
        for each in _objects(node.text or "")
        if not _ARTICLES.isdisjoint(_types(each))
    ]
    return found[0] if len(found) == 1 else {}


def _types(each: dict[str, Any]) -> set[str]:
    types = each.get("@type")
    return {str(one) for one in types} if isinstance(types, list) else {str(types)}


def _objects(text: str) -> Iterator[dict[str, Any]]:
    if len(text) > _MOST_JSON:
        return
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return
    for each in told if isinstance(told, list) else [told]:
        if isinstance(each, dict):
            yield each
            graph = each.get("@graph")
            yield from (one for one in (graph if isinstance(graph, list) else []) if isinstance(one, dict))
