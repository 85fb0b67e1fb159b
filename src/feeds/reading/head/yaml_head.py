"""A head in YAML becomes entries.

Owns the only use of PyYAML. Its events are walked one by one, so that nothing unfolds: so much, so deep
and so many references at most. Values stay as they are written ("no" is Norwegian as well as false).
What is no YAML but plain enough to people ("title: Ferry: it starts") is read line by line. Must not know
what a name means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import yaml

from feeds.errors import BulletinError
from feeds.reading.head.entries import MOST_DEPTH, Entry, TooMuchError, broken, entries_of, too_much

MOST_EVENTS = 4_000
MOST_BRACKETS = 500
MOST_ALIASES = 20
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where there is one: fifteen times as fast
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
PAIR = re.compile(r"([\"']?)(?P<name>[^\W\d_][\w .-]{0,40}?)\1[ \t]*:(?:[ \t]+(.*)|$)")
_ITEM = re.compile(r"[ \t]*-(?:[ \t]+(.*))?")
_BLANK = re.compile(r"[ \t]*(?:#.*)?")
_COMMENT = re.compile(r"(?:^|[ \t])#.*")


class Names(NamedTuple):
    """Which names, in lower case, say something, and which of these must not be passed over."""

    known: Callable[[str], bool]
    needed: Callable[[str], bool]


_Node = str | list["_Node"] | dict[str, "_Node"]


class _Unread(Exception):  # noqa: N818 - it is caught here, and says nothing of the file yet
    """What the parser, or this reader, does not take."""


def read(lines: Sequence[str], number: int, names: Names) -> list[Entry]:
    """The entries of the lines of a head; `number` is the first one's in the file.

    BulletinError: `front-matter-too-much`, or `front-matter-broken` where something of the text would be
    lost that a needed name says.
    """
    _check_depth(lines, number)
    try:
        found = _Events("\n".join(lines)).pairs()
    except TooMuchError as error:
        at = min(int(str(error)), len(lines) - 1)
        raise too_much(number + at, lines[at]) from None
    except (_Unread, yaml.YAMLError, ValueError):
        return list(_line_by_line(lines, number, names))
    return [entry for name, value, at in found for entry in entries_of(name, value, number + at)]


def _check_depth(lines: Sequence[str], number: int) -> None:
    """The parser looks for the end of a list before it tells of its beginning."""
    opened = 0
    for at, line in enumerate(lines):
        opened += line.count("[") + line.count("{")
        if opened > MOST_BRACKETS:
            raise too_much(number + at, line)


class _Events:
    """The events of a text, counted."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self._anchors: dict[str, _Node] = {}
        self._idle = set[str]()  # names of texts that nothing has referred to yet
        self._count = self._aliases = self._line = 0

    def pairs(self) -> list[tuple[str, _Node, int]]:
        """Each name of the outermost mapping, its value and its line from 0."""
        event = self._next()
        while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            event = self._next()
        if not isinstance(event, yaml.MappingStartEvent):
            raise _Unread
        found = []
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            line = self._line
            name = self._node(event, 1)
            value = self._node(self._next(), 1)
            if isinstance(name, str):
                found.append((name, value, line))
        if not isinstance(self._next(), yaml.DocumentEndEvent) or self._idle:
            raise _Unread  # "&Co opens": words, not a name for others to refer to
        return found

    def _next(self) -> yaml.Event:
        event = next(self._events, None)
        if event is None:
            raise _Unread
        self._count += 1
        self._line = event.start_mark.line if event.start_mark else 0
        if self._count > MOST_EVENTS:
            raise TooMuchError(str(self._line))
        return event

    def _node(self, event: yaml.Event, depth: int) -> _Node:
        if depth > MOST_DEPTH:
            raise TooMuchError(str(self._line))
        if isinstance(event, yaml.AliasEvent):
            return self._referred(event)
        if (tag := getattr(event, "tag", None)) and not tag.startswith("tag:yaml.org,2002:"):
            raise _Unread  # "!Important news": a word, not a type
        node: _Node
        if isinstance(event, yaml.ScalarEvent):
            node = "" if not event.style and event.value in _NULLS else str(event.value)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(depth)
        else:
            node = self._mapping(depth)
        if anchor := getattr(event, "anchor", None):
            self._anchors[anchor] = node
            self._idle |= {anchor} if isinstance(node, str) else set()
        return node

    def _referred(self, event: yaml.AliasEvent) -> _Node:
        self._aliases += 1
        if self._aliases > MOST_ALIASES:
            raise TooMuchError(str(self._line))
        if event.anchor not in self._anchors:
            raise _Unread
        self._idle.discard(event.anchor)
        return self._anchors[event.anchor]

    def _sequence(self, depth: int) -> _Node:
        nodes: list[_Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            nodes.append(self._node(event, depth + 1))
        return nodes

    def _mapping(self, depth: int) -> _Node:
        nodes: dict[str, _Node] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            name = self._node(event, depth + 1)
            value = self._node(self._next(), depth + 1)
            nodes[name if isinstance(name, str) else ""] = value
        return nodes


class _Piece(NamedTuple):
    """A name, and its lines: the first one's place from 0, what stands behind the colon, the lines below."""

    name: str
    at: int
    first: str
    below: list[str]


def _line_by_line(lines: Sequence[str], number: int, names: Names) -> Iterator[Entry]:
    """The entries of a head that is no YAML as a whole: names that say nothing here are passed over."""
    for piece in _pieces(lines, number):
        if not names.known(piece.name.lower()):
            continue
        whole = lines[piece.at : piece.at + 1 + len(piece.below)]
        try:
            found = _Events("\n".join(whole)).pairs()
            if len(found) != 1:
                raise _Unread
            value = found[0][1]
        except (_Unread, TooMuchError, yaml.YAMLError, ValueError):
            try:
                value = _as_it_stands(piece, number)
            except BulletinError:
                if names.needed(piece.name.lower()):
                    raise
                continue
        yield from entries_of(piece.name, value, number + piece.at)


def _pieces(lines: Sequence[str], number: int) -> Iterator[_Piece]:
    piece: _Piece | None = None
    for at, line in enumerate(lines):
        if pair := PAIR.match(line):
            if piece:
                yield piece
            piece = _Piece(pair[2], at, (pair[3] or "").strip(), [])
        elif piece:
            piece.below.append(line)
        elif not _BLANK.fullmatch(line):
            raise broken(number + at, line)
    if piece:
        yield piece


def _as_it_stands(piece: _Piece, number: int) -> _Node:
    """What people see in lines that are no YAML: a text with a colon in it, a list with odd signs."""
    below = [(at, line) for at, line in enumerate(piece.below, 1) if not _BLANK.fullmatch(line)]
    if not piece.first and below and all(_ITEM.fullmatch(line) for _, line in below):
        return [_unquoted(_bare((_ITEM.fullmatch(line) or [""] * 2)[1] or "")) for _, line in below]
    for at, line in below:
        if line[:1] not in " \t":
            raise broken(number + piece.at + at, line)
    text = " ".join([piece.first, *(line.strip() for _, line in below)])
    if text.startswith("[") and _bare(text).endswith("]"):
        return [_unquoted(part) for part in _bare(text)[1:-1].split(",") if part.strip()]
    if (text.startswith("[") and "]" not in text) or (text.startswith("{") and "}" not in text):
        raise broken(number + piece.at, f"{piece.name}: {piece.first}")
    return _unquoted(_bare(text))


def _bare(words: str) -> str:
    """The words without the comment behind them."""
    return words if words.rstrip().endswith(('"', "'")) else _COMMENT.sub("", words).strip()


def _unquoted(words: str) -> str:
    words = words.strip()
    if len(words) > 1 and words[0] == words[-1] and words[0] in "\"'":
        if words[0] == "'":
            return words[1:-1].replace("''", "'")
        try:
            return str(json.loads(words, strict=False))
        except ValueError:
            return words[1:-1].replace('\\"', '"')
    return words
