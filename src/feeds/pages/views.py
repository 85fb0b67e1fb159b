"""What templates are given: words and links, ready to show (pure).

Owns the shapes only; `Pages` fills them. Must not know templates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from feeds.filters import to_query
from feeds.model import FeedKey, Filter, SiteInfo
from feeds.pages.names import FORMATS
from feeds.templating import spaced
from feeds.wording import single_feed


class ListedMail(Protocol):
    """A caught mail in the outbox's list; `mail.outbox.CaughtMail` is one."""

    @property
    def name(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def date_at(self) -> datetime: ...
    @property
    def size(self) -> int: ...


class OpenMail(Protocol):
    """A caught mail laid open, headers decoded; `mail.outbox.OpenedMail` is one."""

    @property
    def headers(self) -> Sequence[tuple[str, str]]: ...
    @property
    def text(self) -> str: ...
    @property
    def source(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Link:
    """A name and where it leads; an empty `url` is only shown. `topic`: it names a topic, not a place.

    `html` is it as a link, where it stands on many pages.
    """

    name: str
    url: str = ""
    topic: bool = False
    html: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item in a list. `labels` lead to their pages; `tongue` names its language where that is another."""

    title: str
    url: str
    lang: str
    summary: str
    labels: tuple[Link, ...]
    iso: str = ""
    date: str = ""
    tongue: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One item in lists, made once for all pages, and its date.

    `html` is it as rendered, by the page that leaves a label of the item out, and, under the empty text,
    with all of them; filled when a page first shows it.
    """

    entry: Entry
    date_on: date
    html: dict[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Day:
    """The items of one date, newest day first in a list; `html` shows them, if it is given."""

    iso: str
    words: str
    entries: tuple[Entry, ...]
    html: str = ""


@dataclass(frozen=True, slots=True)
class FeedLinks:
    """One feed in its formats: (extension, format's name, media type, absolute URL).

    `head` is it in the heads of pages, `row` in a list of feeds.
    """

    title: str
    formats: tuple[tuple[str, str, str, str], ...]
    head: str = field(default="", compare=False)
    row: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Around:
    """What a page says of an item's labels alone. `labelled` and `rail` are its labels, and the ways on where
    no other items stand among them, as HTML.
    """

    labels: Sequence[Link]
    feeds: Sequence[tuple[str, str, FeedLinks]]
    by_mail: str
    subjects: Sequence[Link]
    labelled: str
    rail: str


def kicked(links: Iterable[Link], own: str = "") -> list[tuple[bool, str]]:
    """Labels for a template: whether they are topics, and their links; places first, without that of the
    page at `own`.
    """
    shown = [link for link in links if link.url != own]
    groups = [(topic, [link.html for link in shown if link.topic is topic]) for topic in (False, True)]
    return [(topic, spaced(group)) for topic, group in groups if group]


def feed_links(key: FeedKey, title: str, site: SiteInfo, lang: str, formats: Iterable[str]) -> FeedLinks:
    """A feed of a language in these formats, by extension; in Atom always."""
    offered = [form for form in FORMATS if form[0] in ("atom", *formats)]
    return FeedLinks(
        title, tuple((ext, name, media, site.url(key.path(ext), lang)) for ext, name, media in offered)
    )


def feed_of(wanted: Filter) -> FeedKey:
    """Under what a filter is to be had as a page and a feed: a published one where that holds the same."""
    return single_feed([wanted]) or FeedKey(kind="filter", code=to_query(wanted))
