"""HTML becomes rows: blocks of text, with headings, links, and the boxes that hold one item each.

Owns what is text on a saved web page and what is its frame. Nothing is run,
nothing is fetched, and depth and size are bounded. Must not know the rules of
layouts: it only says what the structure says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from lxml import etree, html

from feeds.errors import BulletinError
from feeds.model import Fault
from feeds.reading.clean import shown
from feeds.reading.faults import N_
from feeds.reading.markup.articles import article_of, holds_the_text, is_unjudged, judged, kept_rows
from feeds.reading.markup.frames import is_frame, take_more, take_out
from feeds.reading.markup.hidden import take_hidden
from feeds.reading.markup.page_head import PageHead, head_of, joined
from feeds.reading.markup.phrases import INLINE, Phrase
from feeds.reading.markup.sections import take_sections
from feeds.reading.markup.tables import is_data_table
from feeds.reading.page import LINK_ALONE, Context, Mark, Rows, Span
from feeds.reading.text import dates
from feeds.reading.text.private import LONGEST_PRIVATE, is_private_line
from feeds.richtext import Place, is_own_business, public_link

MOST_DEPTH = 200
TOO_DEEP = N_("its elements are too many levels deep")
# The parser compares each attribute of an element with all others.
_LONG_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]{0,20})\b[^<>]{4000,}>?")
_BLOCKS = frozenset(
    "html body p div section article main header li ul ol dl dt dd table thead tbody tr td th caption "
    "h1 h2 h3 h4 h5 h6 figure figcaption blockquote pre hr address details summary center fieldset".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_PLACES = frozenset("ul ol li blockquote table tr td th".split())
_TABLE = frozenset("table tr td th".split())
_BOXES = frozenset("body div section article main header li tr dl table ul ol td".split())
_POSTED = re.compile(
    r"(?:posted(?: on)?|published(?: on)?|(?:last )?updated(?: on)?|date|fecha(?: de publicación)?"
    r"|publicado(?: el| em)?|actualizado(?: el)?|publié le|mis à jour le|le|data)\s?:?\s+",
    re.IGNORECASE,
)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_SAYS_SOMETHING = re.compile(r">[^<]{0,200}[^\W_]")
_WORDLY = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class OneArticle:
    """The one article of a page: its title, its day if that is known, and the rows of its text.

    `unjudged`: which rows these are, a library that is not installed would tell better.
    """

    title: str
    day: date | None
    rows: frozenset[int]
    unjudged: bool = False


@dataclass(slots=True)
class Structure:
    """The rows of a page, the date rows with the boxes round each (inner first), and what its head says.

    `article` is there where the page holds one article.
    """

    rows: Rows = field(default_factory=Rows)
    spans: list[Span] = field(default_factory=list)
    days: dict[int, tuple[int, ...]] = field(default_factory=dict)
    context: Context = field(default_factory=Context)
    article: OneArticle | None = None


def structure_of(text: str, *, saved: bool = True) -> Structure:
    """The structure of an HTML text; an empty one if there is nothing in it.

    `saved`: it is a page of a site, which has menus, comments and the like round its text.
    BulletinError (`form-broken`) if all that it says is too deep.
    """
    tree = _parsed(text)
    if tree is None:
        if _SAYS_SOMETHING.search(text):
            raise BulletinError(Fault(code="form-broken", detail=TOO_DEEP))
        return Structure()
    held = list(tree.iter())  # the walks below are faster when no element has to be made for each anew
    hidden = take_hidden(tree)
    head = head_of(tree)
    main = _main(tree)
    taken = [*(take_out(main) if saved else []), *take_more(main)]
    article = article_of(main, head) if saved else None
    walk = _Walk(head.base, {article.heading, article.text} if article else set())
    walk.through(main)
    del held
    if walk.too_deep and not walk.found.rows:
        raise BulletinError(Fault(code="form-broken", detail=TOO_DEEP))
    found = walk.found
    if saved:
        take_sections(found.rows, found.days)
    found.rows.left_out += [*hidden, *((rule, line) for rule, line, _ in taken)]
    found.rows.passed += [words for _, _, words in taken]
    found.context = Context(date_on=head.day, title=head.title, link=head.link, lang=head.lang)
    if article and article.heading in walk.seen:
        found.article = _one_article(main, walk, article.title, walk.seen[article.heading][0],
                                     walk.seen.get(article.text), head)  # fmt: skip
    return found


def _one_article(
    main: html.HtmlElement,
    walk: _Walk,
    title: str,
    row: int,
    inside: tuple[int, int] | None,
    head: PageHead,
) -> OneArticle | None:
    """The rows of the page's article; None if there would be none."""
    rows = walk.found.rows
    inside = inside if inside and holds_the_text(rows, row, inside) else None
    kept, beside = kept_rows(rows, row, inside)
    known = inside is not None
    unjudged = is_unjudged(kept, rows, known=known)
    kept = judged(kept, rows, main, known=known)
    return OneArticle(title, head.day or beside, frozenset(kept), unjudged) if kept else None


def words(text: str) -> list[str]:
    """The shown lines of a piece of HTML."""
    return [row for row in structure_of(text, saved=False).rows.text if row]


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
    """One walk through the tree, without recursion. `seen`: the rows of the elements to watch."""

    def __init__(self, base: str | None, watched: set[html.HtmlElement | None]) -> None:
        self.found = Structure()
        self.too_deep = False
        self.seen: dict[html.HtmlElement | None, tuple[int, int]] = {}
        self._base = base
        self._watched = watched
        self._open: list[int] = []
        self._places: list[Place] = []
        self._count = 0
        self._filled = 0
        self._phrase = Phrase()
        self._level = 0
        self._line = 1
        self._link: str | None = None
        self._linked: list[str] = []
        self._in_link = 0
        self._private = False
        self._foot = 0

    def through(self, tree: html.HtmlElement) -> None:
        walker = etree.iterwalk(tree, events=("start", "end"))
        depth = 0
        skipped: object = None
        for event, node in walker:
            if event == "start":
                depth += 1
                if not isinstance(node.tag, str) or is_frame(node) or depth > MOST_DEPTH:
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
        self._leave_foot_out()

    def _start(self, node: html.HtmlElement) -> None:
        tag = node.tag
        if tag in _BLOCKS or _is_day(node):
            self._flush()
        if tag in _BOXES:
            self._open.append(len(self.found.spans))
            parent = self._open[-2] if len(self._open) > 1 else -1
            first = len(self.found.rows) + 1
            self.found.spans.append(Span(first, 0, tag, parent, tag in ("article", "main")))
        if node in self._watched:
            self.seen[node] = (self._next_row(), 0)
        self._enter(node)
        if not self._phrase:
            self._line = node.sourceline or self._line
        self._say(_iso_day(node) or node.text)

    def _next_row(self) -> int:
        rows = len(self.found.rows)
        return rows + 2 if rows else 1

    def _enter(self, node: html.HtmlElement) -> None:
        """What an element says of the words in it."""
        tag = node.tag
        if tag in _HEADINGS:
            self._level = int(tag[1:])
        elif tag == "br":
            self._phrase.end_line(broken=True)
        elif tag == "a":
            self._in_link += 1
            address = joined(self._base, node.get("href") or "")
            self._private = self._private or is_own_business(address)
            link = public_link(address)
            self._link = self._link or (link if link and link[:4].lower() == "http" else None)
            self._phrase.open("a", link)
        elif tag in INLINE:
            self._phrase.open(INLINE[tag])
        elif tag in _PLACES and (tag not in _TABLE or is_data_table(node, self._places)):
            start = (node.get("start") or "") if tag == "ol" else ""
            self._places.append(self._place(f'ol start="{start}"' if start.isdecimal() else tag))

    def _place(self, tag: str) -> Place:
        self._count += 1
        return Place(tag, self._count)

    def _end(self, node: html.HtmlElement) -> None:
        tag = node.tag
        if tag == "a":
            self._in_link -= 1
            self._phrase.close("a")
        elif tag in INLINE:
            self._phrase.close(INLINE[tag])
        if tag in _BLOCKS or _is_day(node):
            self._flush()
        if tag in _BOXES:
            self.found.spans[self._open.pop()].last = len(self.found.rows)
        if tag in _HEADINGS:
            self._level = 0
        if tag in _PLACES and self._places and self._places[-1].tag.partition(" ")[0] == tag:
            self._places.pop()
        if node in self._watched:
            self.seen[node] = (self.seen[node][0], len(self.found.rows))

    def _say(self, text: str | None) -> None:
        if text:
            self._phrase.say(text.replace("\n", " ").replace("\r", " "))
            if self._in_link:
                self._linked.append(text)

    def _flush(self) -> None:
        """The text since the last block begins is a block of its own."""
        if not self._phrase:
            self._link, self._linked, self._private = None, [], False
            return
        taken = [(words, line.markup) for line in self._phrase.take() if (words := shown(line.words))]
        lines, markup = [words for words, _ in taken], [written for _, written in taken]
        linked = shown(" ".join(self._linked))
        link, self._link, self._linked = self._link, None, []
        private, self._private = self._private, False
        whole = " ".join(lines)
        if not lines or _POSTED.fullmatch(whole + " "):
            return
        rows = self.found.rows
        if (private and len(whole) <= LONGEST_PRIVATE) or is_private_line(whole):
            rows.left_out.append(("private-line", self._line))
            rows.passed.append(whole)
            self._foot = len(rows) + 1
            return
        alone = bool(link) and whole == linked
        mark = Mark(self._level or (LINK_ALONE if alone else 0), link if self._level or alone else None)
        posted = _POSTED.match(whole)
        if posted and dates.parse(whole[posted.end() :]):
            lines = [whole[posted.end() :]]
            markup = lines
        way = self._way()
        if self._level:
            self._foot = 0
        rows.block(lines, [self._line] * len(lines), mark if mark.heading else None, (markup, way))
        for row, line in enumerate(lines, len(rows) - len(lines) + 1):
            if isinstance(dates.parse(line), date | dates.NotADay):
                self.found.days[row] = tuple(reversed(self._open))
                self._foot = 0

    def _way(self) -> tuple[Place, ...]:
        """The places of a block; the first one of an entry or a cell needs none of its own."""
        if self._level:
            return (*self._places, self._place("h3" if self._level < 4 else "h4"))
        inmost = self._places[-1] if self._places else None
        if inmost and inmost.tag in ("li", "td", "th") and inmost.number > self._filled:
            self._filled = inmost.number
            return tuple(self._places)
        return (*self._places, self._place("p"))

    def _leave_foot_out(self) -> None:
        """What follows the last private line, if no item does: addresses, rights, more of the like."""
        rows = self.found.rows
        if not self._foot or self._foot == 1:
            return
        for row in range(self._foot, len(rows) + 1):
            if rows.text[row - 1]:
                rows.left_out.append(("private-line", rows.numbers[row - 1]))
                rows.clear(row)


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
