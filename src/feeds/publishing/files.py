"""Some keys -> their files, in a part of the public folder.

Items are read together, however many there are; entries and cards come from memory. Nothing here reads the
clock: `updated` comes from the rows, so that a rebuild gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pyroaring import BitMap

from feeds.model import (
    ChangeKind,
    Correction,
    FeedKey,
    FeedListing,
    Item,
    Kind,
    Neighbour,
    SiteInfo,
    Version,
    Vocabulary,
)
from feeds.pages.archives import Month
from feeds.pages.sides import MONTHS, Sides
from feeds.publishing.catalogue import Catalogue
from feeds.publishing.editions import Edition, all_paths, editions, feed_source, given_up
from feeds.publishing.fragments import Fragment, make_fragments
from feeds.publishing.press import Press
from feeds.site import Part
from feeds.store import Connection, history, items, translations
from feeds.store.beside import neighbours
from feeds.syndication import FORMATS, FORMS, opml
from feeds.syndication.archives import Archived, archive_key
from feeds.syndication.keys import ALL, UNLABELLED, feed_key
from feeds.syndication.sitemaps import robots

MOVED = ".moved.map"
"""What moved, for web servers; not for the world, as no file is whose name begins so."""

PAGE_ITEMS = 20
"""Items on the page of a feed; what is older is in its archive."""
TOPICS, COUNTRIES = 30, 13
"""So many are counted beside it, its own included."""


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
    sides: Sides


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
        self._editions = editions(press)

    def write(self, work: Work) -> None:
        """Item pages first, so that no feed leads to a page that is not there yet."""
        self._read |= items.by_ids(self._conn, work.items)
        self._items(work.items)
        feeds = [self._feed(feed_key(stem)) for stem in dict.fromkeys(work.feeds)]
        front = self._catalogue.by_date(self._everything, PAGE_ITEMS) if work.site else []
        self._load(item_id for feed in feeds for item_id in feed.taken_back)
        for edition in self._editions:
            self._write_edition(edition, feeds, front, site=work.site)
        if work.site:
            self._write_site()
        self._remove_given_up(work)

    def _write_edition(
        self, edition: Edition, feeds: Sequence[_Feed], front: Sequence[str], *, site: bool
    ) -> None:
        """These feeds and, with `site`, the front page in one language."""
        wanted = [item_id for feed in feeds for item_id in (*feed.newest, *feed.by_date)]
        kept = self._press.memory.fragments(edition.lang)
        fragments = kept.of([*front, *wanted], lambda missing: self._make(edition, missing))
        for feed in feeds:
            self._write_feed(edition, feed, fragments)
        if site:
            self._write_front(edition, [fragments[item_id] for item_id in front])

    @property
    def _everything(self) -> BitMap:
        return self._catalogue.feed(ALL, self._press.vocabulary)

    def _load(self, item_ids: Iterable[str]) -> None:
        """What feeds and cards tell of items; only pages tell the evidence of labels, which costs most."""
        missing = [each for each in item_ids if each not in self._read]
        self._read |= items.by_ids(self._conn, missing, bare=True)

    def _make(self, edition: Edition, item_ids: Sequence[str]) -> dict[str, Fragment]:
        self._load(item_ids)
        found = [self._read[item_id] for item_id in item_ids]
        source = feed_source(self._press, ALL, None, edition.lang)
        last = history.last_changes(self._conn, item_ids)
        return make_fragments(found, source, edition.pages, self._press.formats, last)

    def _items(self, item_ids: Sequence[str]) -> None:
        """Their pages, or the notes that take their place: `gone.html` is answered with 410."""
        last = history.last_changes(self._conn, item_ids)
        versions = translations.versions(self._conn, item_ids)
        beside = neighbours(self._conn, item_ids)
        for item_id in item_ids:
            if (item := self._read.get(item_id)) is not None:
                for edition in self._editions:
                    told = last.get(item_id), versions.get(item_id, ()), beside.get(item_id, {})
                    self._item(edition, item, *told)

    def _item(
        self,
        edition: Edition,
        item: Item,
        last: Correction | None,
        versions: Sequence[Version],
        beside: Mapping[int, Neighbour],
    ) -> None:
        here = f"{edition.folder}items/{item.id}"
        page, note = f"{here}/index.html", f"{here}/gone.html"
        if item.withdrawn_at is None:
            self._put(page, edition.pages.item(item, [last] if last else [], versions, beside))
            if last and last.kind is ChangeKind.RESTORED:
                self._part.remove(note)
        else:
            self._put(note, edition.pages.gone(item))
            self._part.remove(page)

    def _feed(self, key: FeedKey) -> _Feed:
        known, length = self._catalogue, self._press.length
        among = known.feed(key, self._press.vocabulary)
        by_date = known.by_date(among, PAGE_ITEMS) if key != ALL else []
        newest, gone = known.newest(among, length), known.taken_back(among, length)
        return _Feed(key, among, newest, by_date, gone, self._sides(among) if key != ALL else Sides())

    def _sides(self, among: BitMap) -> Sides:
        """What stands beside the news of a page, from its own items alone: what is told of others would grow
        old.
        """
        known = self._catalogue
        return Sides(
            topics=known.shared(among, Kind.TOPIC, TOPICS),
            countries=known.shared(among, Kind.COUNTRY, COUNTRIES),
            months=[Month(*each) for each in known.months(among, MONTHS)],
        )

    def _write_feed(self, edition: Edition, feed: _Feed, fragments: dict[str, Fragment]) -> None:
        key, pages = feed.key, edition.pages
        addresses = addresses_of(key, self._press.vocabulary)
        self._write_formats(edition, feed, addresses, fragments)
        for address in addresses[1:]:
            self._put(f"{edition.folder}{address.stem}/index.html", pages.moved(key))
        if key != ALL:
            cards = [fragments[item_id].card for item_id in feed.by_date]
            total = self._catalogue.count(feed.among)
            page = pages.feed(
                key, pages.feed_title(key), pages.feed_description(key), cards, total, feed.sides
            )
            self._put(f"{edition.folder}{key.stem}/index.html", page)

    def _write_formats(
        self, edition: Edition, feed: _Feed, addresses: Sequence[FeedKey], fragments: dict[str, Fragment]
    ) -> None:
        withdrawn = [self._read[item_id] for item_id in feed.taken_back]
        source = feed_source(self._press, feed.key, self._catalogue.updated_at(feed.among), edition.lang)
        source = replace(source, withdrawn=withdrawn, archived=self._archived(feed, edition.lang))
        for name, form in FORMATS.items():
            paths = [f"{edition.folder}feeds/{address.stem}.{form.extension}" for address in addresses]
            if name in self._press.formats:
                entries = [fragments[item_id].entries[name] for item_id in feed.newest]
                data = FORMS[name].joined(source, entries)
                for path in paths:
                    self._put(path, data)
            else:
                for path in paths:
                    self._part.remove(path)  # a format that was given up must not grow stale

    def _archived(self, feed: _Feed, lang: str) -> Archived:
        """Where what a feed has no room for is to be found: its latest month."""
        if not feed.newest:
            return Archived()
        key = archive_key(feed.key, self._catalogue.month_of(feed.newest[0]))
        return Archived(previous=self._press.site.url(key.path("atom"), lang))

    def _write_front(self, edition: Edition, newest: Sequence[Fragment]) -> None:
        pages, groups, folder = edition.pages, self._listings(edition), edition.folder
        self._put(f"{folder}index.html", pages.index([each.card for each in newest], groups))
        with_news = [(kind, [row for row in rows if row.items or row.key == ALL]) for kind, rows in groups]
        titled = [(pages.group_title(kind), rows) for kind, rows in with_news]
        self._put(f"{folder}feeds.opml", opml(self._press.site, titled, edition.lang))
        self._put(f"{folder}directory/index.html", pages.directory(groups))
        self._put(f"{folder}404.html", pages.not_found())

    def _write_site(self) -> None:
        """What is the same in all languages."""
        press = self._press
        self._put("style.css", press.style)
        for name, data in press.assets.items():
            self._put(name, data)
        self._put("robots.txt", robots(press.site))
        if press.vocabulary.renamed:
            self._part.put(MOVED, moved_map(press.vocabulary, press.formats, press.site))
        else:
            self._part.remove(MOVED)

    def _remove_given_up(self, work: Work) -> None:
        """What the site does not have any more must not grow stale."""
        for lang in given_up(self._press):
            feeds = [each for stem in work.feeds for each in self._addresses(stem)]
            for path in all_paths(work.items, feeds, site=work.site):
                self._part.remove(f"{lang}/{path}")

    def _addresses(self, stem: str) -> list[FeedKey]:
        return addresses_of(feed_key(stem), self._press.vocabulary)

    def _listings(self, edition: Edition) -> list[tuple[str, list[FeedListing]]]:
        """The directory of feeds: all news, countries with items by name, then every region and topic."""
        vocabulary, lang = self._press.vocabulary, edition.lang

        def row(key: FeedKey) -> FeedListing:
            count = self._catalogue.count(self._catalogue.feed(key, vocabulary))
            return FeedListing(key=key, title=edition.pages.feed_title(key), items=count)

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


def moved_map(vocabulary: Vocabulary, formats: Iterable[str], site: SiteInfo) -> bytes:
    """Where pages and feeds of renamed topics are today, for web servers: a line each, as nginx's map has
    them.
    """
    lines = []
    for below in map(site.below, site.langs):
        for old, new in sorted(vocabulary.renamed.items()):
            was, now = FeedKey(kind=Kind.TOPIC.value, code=old), FeedKey(kind=Kind.TOPIC.value, code=new)
            pairs = [(was.page, now.page), *((was.path(form), now.path(form)) for form in formats)]
            lines += [(below + here, below + there) for here, there in pairs]
    return "".join(f"{here} {there};\n" for here, there in lines).encode()


def addresses_of(key: FeedKey, vocabulary: Vocabulary) -> list[FeedKey]:
    """Where a feed is to be found: its own address, then those that its topic had before."""
    former = vocabulary.formerly(Kind.TOPIC, key.code) if key.kind == Kind.TOPIC.value else ()
    return [key, *(FeedKey(kind=key.kind, code=code) for code in former)]
