"""HTML becomes rows: blocks of text, with headings, links, and the boxes that hold one item each.

Owns what is text on a saved web page and what is its frame. Nothing is run,
nothing is fetched, and depth and size are bounded. Must not know the rules of
layouts: it only says what the structure says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urljoin

from lxml import etree, html

from feeds.errors import BulletinError
from feeds.model import Fault
from feeds.reading.clean import shown
from feeds.reading.faults import N_
from feeds.reading.page import LINK_ALONE, Context, Mark, Rows, Span
from feeds.reading.text import dates
from feeds.reading.text.furniture import web_link

MOST_DEPTH = 200
TOO_DEEP = N_("its elements are too many levels deep")
# The parser compares each attribute of an element with all others.
_LONG_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]{0,20})\b[^<>]{4000,}>?")
_DROPPED = frozenset(
    "script style noscript template svg math iframe object embed audio video canvas form button select "
    "input textarea nav footer aside head frameset applet map dialog".split()
)
_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary", "menu", "dialog"})
_BLOCKS = frozenset(
    "html body p div section article main header li ul ol dl dt dd table thead tbody tr td th caption "
    "h1 h2 h3 h4 h5 h6 figure figcaption blockquote pre hr address details summary center fieldset".split()
)
_BOXES = frozenset("body div section article main header li tr dl table ul ol td".split())
_DATES = ("article:published_time", "date", "dc.date", "dcterms.date", "dcterms.created", "pubdate")
_POSTED = re.compile(
    r"(?:posted(?: on)?|published(?: on)?|(?:last )?updated(?: on)?|date|fecha(?: de publicación)?"
    r"|publicado(?: el| em)?|actualizado(?: el)?|publié le|mis à jour le|le|data)\s?:?\s+",
    re.IGNORECASE,
)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_LANG = re.compile(r"[A-Za-z]{2,3}(?![A-Za-z])")
_SAYS_SOMETHING = re.compile(r">[^<]{0,200}[^\W_]")
_WORDLY = re.compile(r"[^\W_]")


@dataclass(slots=True)
class Structure:
    """The rows of a page, the date rows with the boxes round each (inner first), and what its head says."""

    rows: Rows = field(default_factory=Rows)
    spans: list[Span] = field(default_factory=list)
    days: dict[int, tuple[int, ...]] = field(default_factory=dict)
    context: Context = field(default_factory=Context)


def structure_of(text: str) -> Structure:
    """The structure of an HTML text; an empty one if there is nothing in it.

    BulletinError (`form-broken`) if all that it says is too deep.
    """
    tree = _parsed(text)
    if tree is None:
        if _SAYS_SOMETHING.search(text):
            raise BulletinError(Fault(code="form-broken", detail=TOO_DEEP))
        return Structure()
    walk = _Walk(_base(tree))
    walk.through(_main(tree))
    if walk.too_deep and not walk.found.rows:
        raise BulletinError(Fault(code="form-broken", detail=TOO_DEEP))
    walk.found.context = _head(tree, walk.base)
    return walk.found


def words(text: str) -> list[str]:
    """The shown lines of a piece of HTML."""
    return [row for row in structure_of(text).rows.text if row]


def _parsed(text: str) -> html.HtmlElement | None:
    # Bytes with a stated encoding: a declaration inside the text is not believed.
    data = _LONG_TAG.sub(r"<\1>", text).encode("utf-8", "replace").replace(b"\0", b"")
    # huge_tree: up to 2,048 elements deep, and a longer text in one element; the file's size is bounded.
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        return html.document_fromstring(data, parser=parser)
    except etree.ParserError:
        return None  # nothing but comments and white space
    except etree.LxmlError:
        raise BulletinError(Fault(code="form-broken", detail=TOO_DEEP)) from None


def _main(tree: html.HtmlElement) -> html.HtmlElement:
    """The one part that a page says is its main one, else all of it."""
    mains = [node for node in tree.iter("main") if any(text.strip() for text in node.itertext())]
    return mains[0] if len(mains) == 1 else tree


class _Walk:
    """One walk through the tree, without recursion."""

    def __init__(self, base: str | None) -> None:
        self.base = base
        self.found = Structure()
        self.too_deep = False
        self._open: list[int] = []
        self._pieces: list[str] = []
        self._level = 0
        self._line = 1
        self._link: str | None = None
        self._linked: list[str] = []
        self._in_link = 0

    def through(self, tree: html.HtmlElement) -> None:
        walker = etree.iterwalk(tree, events=("start", "end"))
        depth = 0
        skipped: object = None
        for event, node in walker:
            if event == "start":
                depth += 1
                if not isinstance(node.tag, str) or _is_frame(node) or depth > MOST_DEPTH:
                    walker.skip_subtree()
                    self.too_deep = self.too_deep or depth > MOST_DEPTH
                    skipped = node
                    continue
                self._start(node)
            else:
                depth -= 1
                if node is skipped:
                    skipped = None
                else:
                    self._end(node)
                self._say(node.tail if node is not tree else None)
        self._flush()

    def _start(self, node: html.HtmlElement) -> None:
        tag = node.tag
        if tag in _BLOCKS or _is_day(node):
            self._flush()
        if tag in _BOXES:
            self._open.append(len(self.found.spans))
            parent = self._open[-2] if len(self._open) > 1 else -1
            first = len(self.found.rows) + 1
            self.found.spans.append(Span(first, 0, tag, parent, tag in ("article", "main")))
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self._level = int(tag[1])
        elif tag == "br":
            self._pieces.append("\n")
        elif tag == "a":
            self._in_link += 1
            self._link = self._link or self._address(node)
        if not self._pieces:
            self._line = node.sourceline or self._line
        self._say(_iso_day(node) or node.text)

    def _end(self, node: html.HtmlElement) -> None:
        tag = node.tag
        if tag == "a":
            self._in_link -= 1
        if tag in _BLOCKS or _is_day(node):
            self._flush()
        if tag in _BOXES:
            self.found.spans[self._open.pop()].last = len(self.found.rows)
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self._level = 0

    def _address(self, node: html.HtmlElement) -> str | None:
        href = (node.get("href") or "").strip()
        try:
            return web_link(urljoin(self.base, href) if self.base else href)
        except ValueError:
            return None

    def _say(self, text: str | None) -> None:
        if text:
            self._pieces.append(text.replace("\n", " ").replace("\r", " "))
            if self._in_link:
                self._linked.append(text)

    def _flush(self) -> None:
        """The text since the last block begins is a block of its own."""
        lines = [words for line in "".join(self._pieces).split("\n") if (words := shown(line))]
        linked = shown(" ".join(self._linked))
        link, self._link, self._pieces, self._linked = self._link, None, [], []
        whole = " ".join(lines)
        if not lines or _POSTED.fullmatch(whole + " "):
            return
        rows = self.found.rows
        alone = bool(link) and whole == linked
        mark = Mark(self._level or (LINK_ALONE if alone else 0), link if self._level or alone else None)
        posted = _POSTED.match(whole)
        if posted and dates.parse(whole[posted.end() :]):
            lines = [whole[posted.end() :]]
        rows.block(lines, [self._line] * len(lines), mark if mark.heading else None)
        for row, line in enumerate(lines, len(rows) - len(lines) + 1):
            if isinstance(dates.parse(line), date | dates.NotADay):
                self.found.days[row] = tuple(reversed(self._open))


def _is_frame(node: html.HtmlElement) -> bool:
    """What frames the content of a page and is none itself."""
    if node.tag in _DROPPED or node.get("hidden") is not None or node.get("aria-hidden") == "true":
        return True
    if (node.get("role") or "").lower() in _ROLES:
        return True
    return node.tag == "header" and not any(up.tag in ("article", "main") for up in node.iterancestors())


def _is_day(node: html.HtmlElement) -> bool:
    """Whether an element within a line is a date that stands by itself there."""
    if node.tag in _BLOCKS or len(node) or len(node.text or "") > 2 * dates.LONGEST:
        return False
    if not (_iso_day(node) or isinstance(dates.parse(shown(node.text or "")), date)):
        return False
    before = node.getprevious()
    parent = node.getparent()
    told = before.tail if before is not None else parent.text if parent is not None else ""
    bare = _POSTED.sub("", (told or "").strip() + " ")
    return not _WORDLY.search(bare) and not _WORDLY.search(node.tail or "")


def _iso_day(node: html.HtmlElement) -> str | None:
    """The day of `<time datetime>` whose own words ("3 days ago") are no date."""
    if node.tag != "time" or isinstance(dates.parse(shown(node.text or "")), date):
        return None
    found = _ISO.match((node.get("datetime") or "").strip())
    return found[0] if found else None


def _head(tree: html.HtmlElement, base: str | None) -> Context:
    """What the head of a page says of it: title, day, address, language."""
    said: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or "").lower()
        said.setdefault(name, shown(meta.get("content") or ""))
    name = next((node.text for node in tree.iter("title")), None)
    day = next((found[0] for key in _DATES if (found := _ISO.match(said.get(key, "")))), "")
    reading = dates.parse(day)
    lang = _LANG.match((tree.get("lang") or "").strip())
    return Context(
        date_on=reading if isinstance(reading, date) else None,
        title=said.get("og:title") or shown(name or "") or None,
        link=base,
        lang=lang[0].lower() if lang else None,
    )


def _base(tree: html.HtmlElement) -> str | None:
    """The address that a saved page had."""
    for node in _addresses(tree):
        if found := web_link(node):
            return found
    return None


def _addresses(tree: html.HtmlElement) -> Iterator[str]:
    yield from (node.get("href") or "" for node in tree.iter("link") if node.get("rel") == "canonical")
    yield from (node.get("content") or "" for node in tree.iter("meta") if node.get("property") == "og:url")
    yield from (node.get("href") or "" for node in tree.iter("base"))
