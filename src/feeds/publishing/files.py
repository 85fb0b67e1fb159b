"""Some keys -> their files, in a part of the public folder.

Items are read together, however many there are; entries and cards come from memory. Nothing here reads the
clock: `updated` comes from the rows, so that a rebuild gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pyroaring import BitMap

from feeds.model import ChangeKind, FeedKey, FeedListing, Item, Kind, Vocabulary
from feeds.publishing.catalogue import Catalogue
from feeds.publishing.fragments import Fragment, make_fragments
from feeds.publishing.press import Press
from feeds.site import Part
from feeds.store import Connection, history, items
from feeds.syndication import FORMATS, FORMS, FeedSource, opml
from feeds.syndication.archives import Archived, archive_key
from feeds.syndication.keys import ALL, UNLABELLED, feed_key
from feeds.syndication.sitemaps import robots

MOVED = ".moved.map"
"""What moved, for web servers; not for the world, as no file is whose name begins so."""

PAGE_ITEMS = 20
"""Items on the page of a feed; what is older is in its archive."""


@dataclass(slots=True)
class PublishReport:
    """Paths below public/ whose bytes changed, and how many were looked at.

    `busy`: another process is publishing this folder. `superseded`: a newer one with another look does.
    `left`: there is more to write. `bulletins`: some of those whose items had changed.
    """

    written: list[str] = field(default_factory=list)
    looked_at: int = 0
    busy: bool = False
    superseded: bool = False
    left: bool = False
    bulletins: set[int] = field(default_factory=set)

    def add(self, other: PublishReport) -> None:
        """What another process wrote for the same part."""
        self.written += other.written
        self.looked_at += other.looked_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Item pages by id, feeds by stem, and whether the front page and the list of feeds go with them."""

    items: Sequence[str] = ()
    feeds: Sequence[str] = ()
    site: bool = False


@dataclass(frozen=True, slots=True)
class _Feed:
    """A feed, its items by id in both orders, and those withdrawn."""

    key: FeedKey
    among: BitMap
    newest: list[str]
    by_date: list[str]
    taken_back: list[str]


class Files:
    """Writes the files of some work. One is made for each part."""

    def __init__(
        self, conn: Connection, press: Press, catalogue: Catalogue, part: Part, report: PublishReport
    ) -> None:
        self._conn = conn
        self._press = press
        self._catalogue = catalogue
        self._part = part
        self._report = report
        self._read: dict[str, Item] = {}

    def write(self, work: Work) -> None:
        """Item pages first, so that no feed leads to a page that is not there yet."""
        self._load(work.items)
        self._items(work.items)
        feeds = [self._feed(feed_key(stem)) for stem in dict.fromkeys(work.feeds)]
        front = self._catalogue.by_date(self._everything, PAGE_ITEMS) if work.site else []
        self._load(item_id for feed in feeds for item_id in feed.taken_back)
        wanted = [item_id for feed in feeds for item_id in (*feed.newest, *feed.by_date)]
        fragments = self._press.memory.fragments.of([*front, *wanted], self._make)
        for feed in feeds:
            self._write_feed(feed, fragments)
        if work.site:
            self._write_site([fragments[item_id] for item_id in front])

    @property
    def _everything(self) -> BitMap:
        return self._catalogue.feed(ALL, self._press.vocabulary)

    def _load(self, item_ids: Iterable[str]) -> None:
        self._read |= items.by_ids(self._conn, [each for each in item_ids if each not in self._read])

    def _make(self, item_ids: Sequence[str]) -> dict[str, Fragment]:
        self._load(item_ids)
        found = [self._read[item_id] for item_id in item_ids]
        source = feed_source(self._press, ALL, [], None)
        return make_fragments(found, source, self._press.pages, self._press.formats)

    def _items(self, item_ids: Sequence[str]) -> None:
        """Their pages, or the notes that take their place: `gone.html` is answered with 410."""
        last = history.last_changes(self._conn, item_ids)
        for item_id in item_ids:
            if (item := self._read.get(item_id)) is None:
                continue
            page, note = f"items/{item.id}/index.html", f"items/{item.id}/gone.html"
            if item.withdrawn_at is None:
                self._put(page, self._press.pages.item(item, [last[item.id]] if item.id in last else []))
                if item.id in last and last[item.id].kind is ChangeKind.RESTORED:
                    self._part.remove(note)
            else:
                self._put(note, self._press.pages.gone(item))
                self._part.remove(page)

    def _feed(self, key: FeedKey) -> _Feed:
        known, length = self._catalogue, self._press.length
        among = known.feed(key, self._press.vocabulary)
        by_date = known.by_date(among, PAGE_ITEMS) if key != ALL else []
        return _Feed(key, among, known.newest(among, length), by_date, known.taken_back(among, length))

    def _write_feed(self, feed: _Feed, fragments: dict[str, Fragment]) -> None:
        key, pages = feed.key, self._press.pages
        addresses = addresses_of(key, self._press.vocabulary)
        self._write_formats(feed, addresses, fragments)
        for address in addresses[1:]:
            self._put(f"{address.stem}/index.html", pages.moved(key))
        if key != ALL:
            cards = [fragments[item_id].card for item_id in feed.by_date]
            total = self._catalogue.count(feed.among)
            page = pages.feed(key, pages.feed_title(key), pages.feed_description(key), cards, total)
            self._put(f"{key.stem}/index.html", page)

    def _write_formats(
        self, feed: _Feed, addresses: Sequence[FeedKey], fragments: dict[str, Fragment]
    ) -> None:
        withdrawn = [self._read[item_id] for item_id in feed.taken_back]
        source = feed_source(self._press, feed.key, [], self._catalogue.updated_at(feed.among))
        source = replace(source, withdrawn=withdrawn, archived=self._archived(feed))
        for name, form in FORMATS.items():
            paths = [f"feeds/{address.stem}.{form.extension}" for address in addresses]
            if name in self._press.formats:
                entries = [fragments[item_id].entries[name] for item_id in feed.newest]
                data = FORMS[name].joined(source, entries)
                for path in paths:
                    self._put(path, data)
            else:
                for path in paths:
                    self._part.remove(path)  # a format that was given up must not grow stale

    def _archived(self, feed: _Feed) -> Archived:
        """Where what a feed has no room for is to be found: its latest month."""
        if not feed.newest:
            return Archived()
        key = archive_key(feed.key, self._catalogue.month_of(feed.newest[0]))
        return Archived(previous=self._press.site.base_url + key.path("atom"))

    def _write_site(self, newest: Sequence[Fragment]) -> None:
        press, groups = self._press, self._listings()
        self._put("index.html", press.pages.index([each.card for each in newest], groups))
        with_news = [(kind, [row for row in rows if row.items or row.key == ALL]) for kind, rows in groups]
        titled = [(press.pages.group_title(kind), rows) for kind, rows in with_news]
        self._put("feeds.opml", opml(press.site, titled))
        self._put("directory/index.html", press.pages.directory(groups))
        self._put("style.css", press.style)
        self._put("robots.txt", robots(press.site.base_url))
        self._put("404.html", press.pages.not_found())
        if press.vocabulary.renamed:
            self._part.put(MOVED, moved_map(press.vocabulary, press.formats))
        else:
            self._part.remove(MOVED)

    def _listings(self) -> list[tuple[str, list[FeedListing]]]:
        """The directory of feeds: all news, countries with items by name, then every region and topic."""
        vocabulary, lang = self._press.vocabulary, self._press.site.languages[0]

        def row(key: FeedKey) -> FeedListing:
            count = self._catalogue.count(self._catalogue.feed(key, vocabulary))
            return FeedListing(key=key, title=self._press.pages.feed_title(key), items=count)

        def rows(kind: Kind, codes: Iterable[str]) -> list[FeedListing]:
            named = sorted(codes, key=lambda code: vocabulary.name(kind, code, lang).casefold())
            return [row(FeedKey(kind=kind.value, code=code)) for code in named]

        countries = self._catalogue.codes(Kind.COUNTRY)
        groups = [("all", [row(ALL), row(UNLABELLED)]), ("country", rows(Kind.COUNTRY, countries))]
        for kind in (Kind.REGION, Kind.TOPIC):
            groups.append((kind.value, rows(kind, [term.code for term in vocabulary.of(kind)])))
        return groups

    def _put(self, path: str, data: bytes) -> None:
        self._report.looked_at += 1
        if self._part.put(path, data, compressed=True):
            self._report.written.append(path)


def feed_source(
    press: Press, key: FeedKey, newest: Sequence[Item], updated_at: datetime | None
) -> FeedSource:
    """A feed with its words, in the site's first language. An empty feed is as old as the site."""
    return FeedSource(
        key=key,
        feed_id=f"{press.tag}feed/{key.stem}",
        title=press.pages.feed_title(key),
        subtitle=press.pages.feed_description(key),
        lang=press.site.languages[0],
        site=press.site,
        vocabulary=press.vocabulary,
        updated_at=updated_at or press.site.created_at,
        items=newest,
    )


def moved_map(vocabulary: Vocabulary, formats: Iterable[str]) -> bytes:
    """Where pages and feeds of renamed topics are today, for web servers: a line each, as nginx's map has
    them.
    """
    lines = []
    for old, new in sorted(vocabulary.renamed.items()):
        was, now = FeedKey(kind=Kind.TOPIC.value, code=old), FeedKey(kind=Kind.TOPIC.value, code=new)
        lines += [(was.page, now.page), *((was.path(form), now.path(form)) for form in formats)]
    return "".join(f"{here} {there};\n" for here, there in lines).encode()


def addresses_of(key: FeedKey, vocabulary: Vocabulary) -> list[FeedKey]:
    """Where a feed is to be found: its own address, then those that its topic had before."""
    former = vocabulary.formerly(Kind.TOPIC, key.code) if key.kind == Kind.TOPIC.value else ()
    return [key, *(FeedKey(kind=key.kind, code=code) for code in former)]
