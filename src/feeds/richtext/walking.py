"""A body as plain text, and a body cut short: one walk over its tags.

Takes what `safe` or `from_plain` made; looks at each character a fixed number of times.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from feeds.richtext.links import readable_link

_TOKEN = re.compile(r"<(/?)([a-z0-9]+)((?:[^\">]|\"[^\"]*\")*)>")
_HREF = re.compile(r'href="([^"]*)"')
_START = re.compile(r'start="([0-9]+)"')
_BLOCKS = frozenset("p ul ol li blockquote pre table tbody tr td th h3 h4".split())
# An address that stands for itself counts as so many characters: nobody reads it to its end.
_ADDRESS_COUNTS = 25


class _Token(NamedTuple):
    """A tag (`name`, `closes`, `rest`) or the text between two (`name` empty, `text`)."""

    name: str
    closes: bool
    rest: str
    text: str


def _tokens(body: str) -> Iterator[_Token]:
    end = 0
    for found in _TOKEN.finditer(body):
        if found.start() > end:
            yield _Token("", False, "", html.unescape(body[end : found.start()]))
        yield _Token(found[2], bool(found[1]), found[3], "")
        end = found.end()
    if end < len(body):
        yield _Token("", False, "", html.unescape(body[end:]))


def plain(body: str, *, addresses: bool = True) -> str:
    """A body as text: paragraphs a blank line apart, ``- One``, ``1. One``, ``words (https://…)``.

    Without `addresses` the words alone.
    """
    return _Plain(addresses=addresses).through(body)


class _Plain:
    """The lines of a body so far, and where in it the walk is."""

    def __init__(self, *, addresses: bool) -> None:
        self._addresses = addresses
        self._lines: list[str] = []
        self._words: list[str] = []
        self._lists: list[int | None] = []
        self._quotes = 0
        self._marker = ""
        self._tight = False
        self._link = ""
        self._linked = 0

    def through(self, body: str) -> str:
        for token in _tokens(body):
            if not token.name:
                self._words.append(token.text)
            elif token.name == "br":
                self._words.append("\n")
            elif token.name == "a":
                self._anchor(token)
            elif token.name in _BLOCKS:
                self._block(token)
        self._flush()
        return "\n".join(self._lines)

    def _anchor(self, token: _Token) -> None:
        if not token.closes:
            found = _HREF.search(token.rest)
            self._link = html.unescape(found[1]) if found else ""
            self._linked = len(self._words)
        elif self._link and self._addresses:
            words = " ".join("".join(self._words[self._linked :]).split())
            if not says_its_address(words, self._link):
                self._words.append(f" ({readable_link(self._link)})" if words else self._link)
            self._link = ""

    def _block(self, token: _Token) -> None:
        if token.name in ("td", "th"):
            if not token.closes and any(word.strip() for word in self._words):
                self._words.append(" | ")
            return
        if not (token.name == "p" and self._in_cell()):
            self._flush()
        if token.name in ("ul", "ol"):
            self._list(token)
        elif token.name == "li":
            self._item(token)
        elif token.name == "blockquote":
            self._quotes += -1 if token.closes else 1
            self._tight = False
        elif token.name == "table":
            self._tight = False
        elif token.name == "tr":
            self._row = not token.closes

    _row = False

    def _in_cell(self) -> bool:
        return self._row

    def _list(self, token: _Token) -> None:
        if token.closes:
            del self._lists[-1:]
        else:
            start = _START.search(token.rest)
            first = int(start[1]) if start else 1
            self._lists.append(first if token.name == "ol" else None)
        if not self._lists:
            self._tight = False

    def _item(self, token: _Token) -> None:
        number = self._lists[-1] if self._lists else None
        if token.closes:
            self._marker = ""
            return
        self._marker = "- " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1

    def _flush(self) -> None:
        lines = [" ".join(line.split()) for line in "".join(self._words).split("\n")]
        self._words = []
        lines = [line for line in lines if line]
        if not lines:
            return
        if self._lines and not self._tight:
            self._lines.append(">" * self._quotes if self._quotes and self._lines[-1][:1] == ">" else "")
        depth = max(len(self._lists) - 1, 0)
        before = "> " * self._quotes + "  " * depth
        hang = "  " if self._lists else ""
        for at, line in enumerate(lines):
            mark = self._marker or hang if not at else " " * len(self._marker) or hang
            self._lines.append(before + mark + line)
        self._marker = ""
        self._tight = bool(self._lists) or self._row


def says_its_address(words: str, link: str) -> bool:
    """Whether the words of a link are its address, more or less: then it need not be said twice."""
    return _bare(words) == _bare(readable_link(link))


def _bare(address: str) -> str:
    return re.sub(r"^https?://(?:www\.)?", "", address.strip().lower()).rstrip("/.…")


def shortened(body: str, limit: int) -> str:
    """The beginning of a body, `limit` characters of text at most, cut between words, its tags closed."""
    made, opened, left, link = list[str](), list[str](), limit, ""
    for token in _tokens(body):
        if token.name:
            if left <= 0 and not token.closes:
                break
            made.append(_tag(token))
            left -= len(token.rest) // 10  # a mail has to carry its addresses, too
            link = _link_of(token) if token.name == "a" else link
            if token.closes:
                del opened[-1:]
            elif token.name != "br":
                opened.append(token.name)
            continue
        text = token.text
        cost = min(len(text), _ADDRESS_COUNTS) if link and says_its_address(text, link) else len(text)
        if cost > left:
            made.append(html.escape(_cut(text, max(left, 0)), quote=False))
            return _closed(_with_ellipsis(made), opened)
        made.append(html.escape(text, quote=False))
        left -= cost
    else:
        return "".join(made)
    return _closed(_with_ellipsis(made), opened)


def _with_ellipsis(made: list[str]) -> str:
    """The pieces with an ellipsis behind their last words, where something of the text is left out."""
    for at in range(len(made) - 1, -1, -1):
        if made[at].strip() and not made[at].startswith("<"):
            made[at] = made[at].rstrip(" \n,:.–-") + "…"
            break
    return "".join(made)


def _tag(token: _Token) -> str:
    return f"<{'/' if token.closes else ''}{token.name}{token.rest}>"


def _link_of(token: _Token) -> str:
    found = _HREF.search(token.rest)
    return html.unescape(found[1]) if found and not token.closes else ""


def _cut(text: str, limit: int) -> str:
    head = text[:limit]
    if len(text) > limit and not text[limit].isspace():
        head = head.rpartition(" ")[0] or ("" if limit < 30 else head)
    return head.rstrip(" ,;:.–-\n")


_EMPTY = re.compile(r"<(p|li|ul|ol|blockquote|td|tr|tbody|table|strong|em)>\s*</\1>")


def _closed(made: str, opened: list[str]) -> str:
    made += "".join(f"</{name}>" for name in reversed(opened))
    while (without := _EMPTY.sub("", made)) != made:
        made = without
    return made
