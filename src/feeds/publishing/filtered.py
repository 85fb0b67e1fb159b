"""The feed and the page of any filter, made when somebody asks and kept while nothing changes.

A filter is sets of the catalogue joined and taken away; words are looked for in the texts of what is left,
once, and after that only in what has changed. Feeds and pages are joined from the same fragments as those
that are published, so they show the same items. It has a memory of its own, because the publishing loop
may hang over its disk, and readers must not.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from pyroaring import BitMap

from feeds import filters
from feeds.errors import FeedsError
from feeds.model import FeedKey, FeedListing, Filter, Item, Kind, Vocabulary
from feeds.pages import Card
from feeds.pages.searching import COUNTED, Selection, searched_words
from feeds.pages.views import feed_of
from feeds.publishing.catalogue import Catalogue
from feeds.publishing.editions import feed_id, feed_source
from feeds.publishing.fragments import Fragment, Fragments, make_fragments
from feeds.publishing.labelled import labelled
from feeds.publishing.press import Memory, Press
from feeds.publishing.searching import Found, with_words
from feeds.publishing.standing import site_name
from feeds.store import Connection, Store, history, items, publishing
from feeds.syndication import FORMS, opml
from feeds.syndication.keys import ALL
from feeds.syndication.selection import feeds_of

T = TypeVar("T")

PAGE = "html"
KEPT_BYTES = 16 * 1024 * 1024
_KEPT_SETS = 2_000
_ALL_OF_THEM = 1 << 31
NEW_A_MINUTE = 600
"""So many filters with words that nobody asked for before are answered: a crawler makes no million."""


PAGE_ITEMS = 20
"""Items on a page of a filter; what is older stands on the next ones."""


class NoSuchPageError(FeedsError):
    """The filter has no items for a page of that number."""


class TooManyFiltersError(FeedsError):
    """More new filters a minute than are answered; ask again in a minute."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A feed or page as bytes. `version` tells apart what was made of other items."""

    data: bytes
    updated_at: datetime
    version: int


class _Allowance:
    """So many filters that nobody asked for before, in each minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._minute, self._new = 0.0, 0

    def take(self) -> None:
        """Use one up. Raises TooManyFiltersError."""
        now = self._clock()
        if now - self._minute >= 60:
            self._minute, self._new = now, 0
        self._new += 1
        if self._new > NEW_A_MINUTE:
            raise TooManyFiltersError("too many new filters in this minute; ask again in a minute")


@dataclass(slots=True)
class _Found:
    """The items of a filter as of a change."""

    seq: int
    among: BitMap


class Filtered:
    """Answers for filters; one is kept by a process. Safe to be asked from several threads."""

    def __init__(self, store: Store, press: Press, clock: Callable[[], float]) -> None:
        self._store = store
        self._press = press
        self._memory = Memory()
        self._lock = threading.Lock()
        self._found: OrderedDict[str, _Found] = OrderedDict()
        self._answers: OrderedDict[tuple[str, str, str], Answer] = OrderedDict()
        self._bytes = 0
        self._seq = 0
        forms = (PAGE, *press.formats)
        share = KEPT_BYTES // len(press.site.langs)
        self._fragments_in = {(form, lang): Fragments(share) for form in forms for lang in press.site.langs}
        # Readers of private feeds do not wait for what crawlers ask, nor the other way round.
        self._public, self._private = _Allowance(clock), _Allowance(clock)

    @property
    def vocabulary(self) -> Vocabulary:
        """The terms that filters may name."""
        return self._press.vocabulary

    @property
    def formats(self) -> Sequence[str]:
        """The formats in which feeds are to be had."""
        return self._press.formats

    @property
    def press(self) -> Press:
        """What pages and feeds are made with."""
        return self._press

    def look(self, work: Callable[[Connection, Catalogue], T]) -> T:
        """Whatever is to be known of the items as they stand."""
        with self._lock, self._store.read() as conn:
            return work(conn, self._catalogue(conn))

    def kept(self, key: tuple[str, str, str], make: Callable[[Connection, Catalogue], Answer]) -> Answer:
        """The answer known by this key, made anew where something has changed."""
        with self._lock, self._store.read() as conn:
            kept = self._answers.get(key)
            if kept is not None and kept.version == publishing.latest_change(conn):
                self._answers.move_to_end(key)
                return kept
            made = make(conn, self._catalogue(conn))
            self._keep(key, made)
            return made

    def warm(self) -> None:
        """Read what is needed, so that the first who asks does not wait for it."""
        with self._lock, self._store.read() as conn:
            catalogue = self._catalogue(conn)
            catalogue.standing.follow(conn, catalogue)

    def answer(self, wanted: Filter, form: str, lang: str, page: int = 1) -> Answer:
        """The feed in a format, or a page (`PAGE`), of a filter.

        May raise TooManyFiltersError and NoSuchPageError.
        """

        def make(conn: Connection, catalogue: Catalogue) -> Answer:
            if form == PAGE:
                return self._page(conn, catalogue, wanted, lang, page)
            among = self._among(conn, catalogue, wanted, self._public).among
            return self._answered(conn, catalogue, wanted, among, form, lang)

        return self.kept((filters.to_query(wanted), form, f"{lang}/{page}"), make)

    def outline(self, wanted: Filter, lang: str) -> Answer:
        """The feed of a filter and those of the labels that it asks for, as OPML, in a language."""
        pages, site = self._press.pages.speaking(lang), self._press.site
        groups = [
            (
                pages.group_title(kind) if kind else "",
                [FeedListing(key=key, title=pages.feed_title(key), items=0) for key in keys],
            )
            for kind, keys in feeds_of(wanted, feed_of(wanted))
        ]
        return Answer(opml(site, groups, lang), site.created_at, 0)

    def search_page(self, lang: str) -> bytes:
        """The page on which a search begins."""
        with self._lock, self._store.read() as conn:
            return self._press.pages.speaking(lang).search(_busy(self._catalogue(conn)))

    def private(self, wishes: Iterable[Filter], name: str, secret: str, form: str) -> Answer:
        """The feed of somebody's own filters, each item once; `name` tells it from others in its id.

        Not kept: it is asked for by one reader. May raise TooManyFiltersError.
        """
        key = FeedKey(kind="private", code=secret)
        with self._lock, self._store.read() as conn:
            catalogue = self._catalogue(conn)
            sets = [self._among(conn, catalogue, wanted, self._private).among for wanted in wishes]
            among = BitMap.union(BitMap(), *sets)
            lang = self._press.site.langs[0]
            made = self._feed(conn, catalogue, key, among, form, f"private/{name}", lang)
            updated_at = catalogue.updated_at(among) or self._press.site.created_at
            return Answer(made, updated_at, catalogue.seq)

    def matching(self, wanted: Filter) -> set[str]:
        """The ids of all items of a filter that are not withdrawn."""
        with self._lock, self._store.read() as conn:
            catalogue = self._catalogue(conn)
            among = self._among(conn, catalogue, wanted, self._public).among
            return {catalogue.ids[number] for number in among & catalogue.live}

    def dated_since(self, wishes: Iterable[Filter], first: date) -> tuple[dict[Filter, int], date | None]:
        """How many items of each filter are dated that day or later, and the day of the oldest item of all.

        Filters whose words would have to be looked for are left out, when too many were asked for just now.
        """
        counted = {}
        with self._lock, self._store.read() as conn:
            catalogue = self._catalogue(conn)
            for wanted in wishes:
                with suppress(TooManyFiltersError):
                    found = self._among(conn, catalogue, wanted, self._private)
                    counted[wanted] = catalogue.count_since(found.among, first)
            return counted, catalogue.oldest()

    def _catalogue(self, conn: Connection) -> Catalogue:
        name = site_name(conn, self._press.tag, self._press.site.created_at)
        before = self._seq
        catalogue = self._memory.up_to_date(conn, name)
        self._seq = catalogue.seq
        if before != catalogue.seq:
            changed = [catalogue.ids[n] for n in self._changed_since(conn, catalogue, before)]
            for kept in self._fragments_in.values():
                kept.drop(changed) if before else kept.clear()
        return catalogue

    # -- which

    def _among(
        self,
        conn: Connection,
        catalogue: Catalogue,
        wanted: Filter,
        allowance: _Allowance,
        most: int | None = None,
    ) -> Found:
        """The items of a filter, withdrawn ones too; with `most`, more than so many need not be found.

        Which of several versions counts can only be told of all that fit.
        """
        wanted = filters.current(wanted, self.vocabulary)
        found = self._fitting(conn, catalogue, wanted, allowance, None if wanted.prefer else most)
        if not wanted.prefer:
            return found
        return Found(catalogue.once(found.among, wanted.prefer), whole=True)

    def _fitting(
        self,
        conn: Connection,
        catalogue: Catalogue,
        wanted: Filter,
        allowance: _Allowance,
        most: int | None,
    ) -> Found:
        """The items that each by itself fit a filter of topics by their slugs of today."""
        placed = labelled(catalogue, wanted, self.vocabulary)
        if not _asks_words(wanted):
            return Found(placed, whole=True)
        key = filters.canonical(wanted)
        kept = self._found.get(key)
        if kept is None:
            allowance.take()
            found = with_words(conn, catalogue, wanted, placed, most)
        else:
            changed = self._changed_since(conn, catalogue, kept.seq)
            among = (kept.among & placed) - changed
            among |= with_words(conn, catalogue, wanted, placed & changed).among
            found = Found(among, whole=True)
        if found.whole:
            self._remember(key, _Found(catalogue.seq, found.among))
        return found

    def _remember(self, key: str, found: _Found) -> None:
        self._found[key] = found
        self._found.move_to_end(key)
        if len(self._found) > _KEPT_SETS:
            self._found.popitem(last=False)

    def _changed_since(self, conn: Connection, catalogue: Catalogue, seq: int) -> BitMap:
        if seq >= catalogue.seq:
            return BitMap()
        changed = publishing.changes_between(conn, seq, catalogue.seq, _ALL_OF_THEM)
        prefix = publishing.ITEM_PREFIX
        return catalogue.numbers(key.removeprefix(prefix) for key in changed if key.startswith(prefix))

    # -- made

    def _page(self, conn: Connection, catalogue: Catalogue, wanted: Filter, lang: str, page: int) -> Answer:
        most = max(COUNTED, page * PAGE_ITEMS)  # so that it is known whether there is a next page
        found = self._among(conn, catalogue, wanted, self._public, most)
        total = catalogue.count(found.among)
        selection = Selection(
            wanted=wanted, total=total, page=page, size=PAGE_ITEMS, more=not found.whole and total > COUNTED
        )
        if page > selection.pages:
            raise NoSuchPageError(f"there are {selection.pages} pages")
        ids = catalogue.by_date(found.among, selection.last)[selection.first - 1 :]
        shown: Sequence[Card | Item]
        if searched_words(wanted):
            by_id = items.by_ids(conn, ids, bare=True)
            shown = [by_id[item_id] for item_id in ids]
        else:
            shown = [each.card for each in self.shown(conn, ids, PAGE, lang)]
        data = self._press.pages.speaking(lang).filtered(selection, shown, _busy(catalogue))
        updated_at = catalogue.updated_at(found.among) or self._press.site.created_at
        return Answer(data, updated_at, catalogue.seq)

    def _answered(
        self, conn: Connection, catalogue: Catalogue, wanted: Filter, among: BitMap, form: str, lang: str
    ) -> Answer:
        key = FeedKey(kind="filter", code=filters.to_query(wanted))
        updated_at = catalogue.updated_at(among) or self._press.site.created_at
        data = self._feed(conn, catalogue, key, among, form, key.stem, lang)
        return Answer(data, updated_at, catalogue.seq)

    def _feed(
        self,
        conn: Connection,
        catalogue: Catalogue,
        key: FeedKey,
        among: BitMap,
        form: str,
        name: str,
        lang: str,
    ) -> bytes:
        """The feed of these items in a format and a language; `name` tells it from others in its id."""
        length = self._press.length
        shown = self.shown(conn, catalogue.newest(among, length), form, lang)
        withdrawn = items.by_ids(conn, gone := catalogue.taken_back(among, length))
        source = replace(
            feed_source(self._press, key, catalogue.updated_at(among), lang),
            feed_id=feed_id(self._press, name, lang),
            withdrawn=[withdrawn[each] for each in gone],
        )
        return FORMS[form].joined(source, [each.entries[form] for each in shown])

    def shown(self, conn: Connection, ids: Sequence[str], form: str, lang: str) -> list[Fragment]:
        """These items as they stand in feeds of a format, or on pages, in a language of the site; for who
        looks at the items anyway.
        """
        kept = self._fragments_in[form, lang]
        fragments = kept.of(ids, lambda missing: self._fragments(conn, missing, form, lang))
        return [fragments[item_id] for item_id in ids]

    def _fragments(
        self, conn: Connection, item_ids: Sequence[str], form: str, lang: str
    ) -> dict[str, Fragment]:
        """Only what is asked for: who follows a filter in one reader does not pay for three formats."""
        found = items.by_ids(conn, item_ids, bare=True)
        source = feed_source(self._press, ALL, None, lang)
        formats = () if form == PAGE else (form,)
        last = history.last_changes(conn, item_ids)
        pages = self._press.pages.speaking(lang)
        return make_fragments(list(found.values()), source, pages, formats, last, cards=form == PAGE)

    def _keep(self, key: tuple[str, str, str], made: Answer) -> None:
        if (old := self._answers.pop(key, None)) is not None:
            self._bytes -= len(old.data)
        self._answers[key] = made
        self._bytes += len(made.data)
        while self._bytes > KEPT_BYTES:
            self._bytes -= len(self._answers.popitem(last=False)[1].data)


def _busy(catalogue: Catalogue) -> dict[Kind, list[str]]:
    return {kind: catalogue.codes(kind) for kind in (Kind.COUNTRY, Kind.TOPIC)}


def _asks_words(wanted: Filter) -> bool:
    return bool(wanted.words or wanted.all_words or wanted.without)
