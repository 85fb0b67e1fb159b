"""A saved page that holds one article: which of its rows are the article, and which only stand round it.

Owns that decision. What is known of a page comes first (its title, the part that it calls the
article's text); where the page says nothing of the kind, trafilatura judges which blocks are its main
text, if the extra `pages` is installed. Our own rows are kept: with their lines, links and form.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

from lxml import html

from feeds.reading.clean import shown
from feeds.reading.mail.days import day_of
from feeds.reading.markup.frames import is_frame
from feeds.reading.markup.page_head import PageHead
from feeds.reading.markup.sections import OFFERS
from feeds.reading.page import Rows

_TEXT_NAMES = frozenset(
    """
    entry-content article-body article-content article-text articlebody articletext article__body
    article__content article__text post-content post-body post__content post-text postcontent story-body
    story-content storybody story__body story-text td-post-content single-content news-content news-body
    news-text news-detail newsbody node-content field-name-body field--name-body body-content
    content-body content-text text-content main-text article-copy body-copy articlecopy entry__content
    post-entry press-release-body release-body cuerpo-noticia contenido-noticia texto-noticia
    cuerpo-nota nota-cuerpo conteudo-noticia texto-materia corps-article article-corps rich-text
    richtext wysiwyg
    """.split()
)
_BYLINE = re.compile(
    r"(?:by|written by|text by|por|escrito por|texto(?: de)?:?|redacci[oó]n:?|par|propos recueillis par|von"
    r"|autor(?:in|a)?:|author:|auteur ?:)\s+\S.{1,80}",
    re.IGNORECASE,
)
_AUTHORS_PAGE = re.compile(
    r"/(?:authors?|autor(?:es)?|auteurs?|by|people|staff|team|profiles?|contributors?|users?)/", re.I
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_BETWEEN = re.compile(r"\s[|•·–—/-]\s|\s\|\s?")
_BEFORE_DAY = re.compile(
    r"^(?:(?:first |last )?(?:posted|published|updated|modified|created|date|written)(?: on| at)?|on"
    r"|publicado|actualizado|fecha|publi[eé]|mis [aà] jour|le|el|em|am|vom"
    r"|ver[oö]ffentlicht(?: am)?|stand|data)\s?:?\s+",
    re.IGNORECASE,
)
_BY_WHOM = re.compile(
    r"^(?:[^\W\d_]{3,20} )?(?:by|por|par|von) [^\d:]{1,60}?(?:\s(?:on|el|le|em|am|vom)\s|,\s)(?=\S)",
    re.IGNORECASE,
)
_LONGEST_DATED = 100
_PROSE = 60
_ENDS = (".", "!", "?", "…", "”", '"', "»", ":")
_LETTERS = re.compile(r"[\W_]+")
# A shorter text is not enough for the library to tell it from what stands round it.
_TELLING = 800
_KEPT_AT_LEAST = 250
_ABOVE = 8


@dataclass(frozen=True, slots=True)
class Article:
    """Where on a page its one article is: its title, the part with its text, and the part round both."""

    title: str
    heading: html.HtmlElement
    text: html.HtmlElement | None
    whole: html.HtmlElement


def article_of(main: html.HtmlElement, head: PageHead) -> Article | None:
    """The one article of a page; None where it may hold several, or nothing says which it is."""
    heading = _title(main, head)
    if heading is None:
        return None
    texts = _texts(main)
    apart = [node for node in main.iter("article") if not _inside(node, "article")]
    own = [node for node in apart if heading in set(node.iter(heading.tag))]
    if len(texts) > 1 or (len(apart) > 1 and not head.is_article):
        return None
    if not texts and not head.is_article and not (len(apart) == 1 and own):
        return None
    text = texts[0] if texts else None
    whole = own[0] if own and (text is None or text in set(own[0].iter(text.tag))) else main
    return Article(_shown(heading), heading, text, whole)


def _title(main: html.HtmlElement, head: PageHead) -> html.HtmlElement | None:
    """The heading that the page gives as its title, else its only heading of the highest kind."""
    told = _folded(head.title or "")
    first = [node for node in main.iter("h1") if _shown(node)]
    for node in (*first, *main.iter("h2")):
        words = _folded(_shown(node))
        if words and (words == told or (len(words) > 15 and words in told)):
            return node
    return first[0] if len(first) == 1 and _folded(_shown(first[0])) != _folded(head.site) else None


def _texts(main: html.HtmlElement) -> list[html.HtmlElement]:
    """The outermost parts that say they hold an article's text, those without words left out."""
    found: list[html.HtmlElement] = []
    for node in main.iter("div", "section", "article", "main", "td"):
        names = (node.get("class") or "")[:400].lower().split()
        says = (node.get("itemprop") or "").lower() == "articlebody" or not _TEXT_NAMES.isdisjoint(names)
        if says and not any(up in found for up in node.iterancestors()) and _shown(node):
            found.append(node)
            if len(found) > 1:
                break
    return found


def _inside(node: html.HtmlElement, tag: str) -> bool:
    return any(up.tag == tag or is_frame(up) for up in node.iterancestors())


def _shown(node: html.HtmlElement) -> str:
    return shown(" ".join(node.itertext()))


def _folded(words: str) -> str:
    return _LETTERS.sub(" ", words.casefold()).strip()


def kept_rows(rows: Rows, title: int, inside: tuple[int, int] | None) -> tuple[set[int], date | None]:
    """The rows that are the article's text, and its day if one stands beside its title.

    `title` is the row of its title, `inside` bounds the part with the text, if that is known. Between title
    and text stand names, dates and buttons, and perhaps a sentence that leads in.
    """
    low, high = inside or (title + 1, len(rows))
    low = title + 1 if low <= title <= high else low
    text = next((row for row in range(low, high + 1) if _is_prose(rows.text[row - 1])), high + 1)
    beside = [*range(min(title, low), text), *range(title - 1, max(title - _ABOVE, 0), -1)]
    dated = {row: day for row in beside if (day := _day_beside(rows.text[row - 1]))}
    kept = {row for row in range(low, high + 1) if rows.text[row - 1]}
    above = {row for row in range(low, text) if row in dated or _is_by(rows, row)}
    named = _folded(rows.text[title - 1])
    above |= {row for row in range(low, text) if _folded(rows.text[row - 1]) == named}
    led = {row for row in range(title + 1, low) if _is_prose(rows.text[row - 1]) and not _is_by(rows, row)}
    by = {text} if text <= high and _is_by(rows, text) else set()
    return (kept - above - by - _offered(rows, text, high)) | led, next(iter(dated.values()), None)


def _day_beside(words: str) -> date | None:
    """The day in a short line beside a title: ``Posted on 8 January 2020, 3:24 am | By Ana``."""
    if not words or len(words) > _LONGEST_DATED or not _YEAR.search(words):
        return None
    parts = [part.strip() for part in _BETWEEN.split(words) if part.strip()]
    bare = (_BEFORE_DAY.sub("", _BY_WHOM.sub("", part), count=1) for part in parts)
    return next((day for part in bare if (day := day_of(part))), None)


def _offered(rows: Rows, first: int, last: int) -> set[int]:
    """Other stories that an article offers: a line that says so, and the links under it."""
    gone: set[int] = set()
    for row in range(first, last + 1):
        words = rows.text[row - 1]
        if not words:
            continue
        if OFFERS.fullmatch(words):
            gone.add(row)
            follows = row
            while follows < last and (not rows.text[follows] or _is_link(rows, follows + 1)):
                follows += 1
                gone.add(follows)
    return {row for row in gone if rows.text[row - 1]}


def _is_link(rows: Rows, row: int) -> bool:
    mark = rows.marks.get(row)
    return bool(mark and mark.link)


def _is_prose(words: str) -> bool:
    return len(words) >= _PROSE and words.rstrip().endswith(_ENDS)


def _is_by(rows: Rows, row: int) -> bool:
    """Whether a row names who wrote the article: so it says, or it is a link to an author's page."""
    words, mark = rows.text[row - 1], rows.marks.get(row)
    if mark and mark.link and _AUTHORS_PAGE.search(mark.link) and len(words) < _PROSE:
        return True
    return bool(_BYLINE.fullmatch(words)) and not words.endswith(".")


def holds_the_text(rows: Rows, title: int, inside: tuple[int, int]) -> bool:
    """Whether the part that seems to hold the text holds half of what reads like one below the title."""
    low, high = inside
    sizes = {
        row: len(rows.text[row - 1])
        for row in range(title + 1, len(rows) + 1)
        if _is_prose(rows.text[row - 1])
    }
    return 2 * sum(size for row, size in sizes.items() if low <= row <= high) >= sum(sizes.values())


def is_unjudged(kept: set[int], rows: Rows, *, known: bool) -> bool:
    """Whether the library would be asked what `kept` is worth, and is not installed."""
    size = _size(kept, rows)
    asked = size < _KEPT_AT_LEAST or size >= _TELLING
    return asked and not known and find_spec("trafilatura") is None


def judged(kept: set[int], rows: Rows, tree: html.HtmlElement, *, known: bool) -> set[int]:
    """The rows that the library, too, takes for the page's main text; `kept` where it cannot tell.

    `known`: the page itself says which part holds its text. It is not asked then, nor of a short text or one
    that is prose from end to end, unless it finds a long one where we found next to none. A row is in its
    text where all words that are neighbours in the row are so there.
    """
    size = _size(kept, rows)
    if size >= _KEPT_AT_LEAST and (known or size < _TELLING or _is_all_prose(kept, rows)):
        return kept
    told = _main_text(tree)
    if told is None:
        return kept
    main = _folded(told).split()
    pairs, single = set(pairwise(main)), set(main)
    telling = {
        row
        for row, words in enumerate(rows.text, 1)
        if (own := _folded(words).split()) and (pairs.issuperset(pairwise(own)) and own[0] in single)
    }
    if size < _KEPT_AT_LEAST:
        return telling if _size(telling, rows) >= _TELLING else kept
    return kept & telling if _size(kept & telling, rows) >= max(_KEPT_AT_LEAST, size // 4) else kept


def _is_all_prose(kept: set[int], rows: Rows) -> bool:
    """Whether all rows are whole sentences or headings: what stands round an article is neither."""
    return all(_is_prose(rows.text[row - 1]) or _is_heading(rows, row) for row in kept)


def _is_heading(rows: Rows, row: int) -> bool:
    mark = rows.marks.get(row)
    return bool(mark and mark.heading and not mark.link)


def _size(chosen: set[int], rows: Rows) -> int:
    return sum(len(rows.text[row - 1]) for row in chosen)


def _main_text(tree: html.HtmlElement) -> str | None:
    """What trafilatura takes for the main text; None where it is not installed, or finds none."""
    try:
        library: Any = importlib.import_module("trafilatura")
    except ImportError:
        return None
    found = library.bare_extraction(tree, fast=True, include_comments=False, with_metadata=False)
    return None if found is None else str(found.text or "")
