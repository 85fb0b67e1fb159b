"""The whole archive of a feed, by months, in the feed's own order: documents for machines, pages for people.

Made when somebody asks, from the same catalogue and fragments as the feeds of filters, and kept like them
while nothing changes: a site of ten years has ten thousand of them, most of which nobody reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pyroaring import BitMap

from feeds.errors import FeedsError
from feeds.model import FeedKey, Kind, Vocabulary
from feeds.pages.archives import Month, MonthPage
from feeds.publishing.catalogue import Catalogue
from feeds.publishing.editions import feed_id, feed_source
from feeds.publishing.filtered import PAGE, Answer, Filtered
from feeds.store import Connection, items
from feeds.syndication import FORMS
from feeds.syndication.archives import Archived, archive_key
from feeds.syndication.keys import ALL

ATOM = "atom"
PAGE_ITEMS = 50
MOST_URLS = 50_000
"""Of a site map (sitemaps.org)."""


class NoSuchMonthError(FeedsError):
    """The feed is not there, or has no items in that month, or fewer pages."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An address of a site map, and when what stands there last changed."""

    path: str
    changed_at: datetime | None


class Archives:
    """Answers for months; shares the memory of `Filtered`."""

    def __init__(self, filtered: Filtered) -> None:
        self._filtered = filtered

    def document(self, key: FeedKey, month: str, lang: str) -> Answer:
        """The Atom document of a feed's month. May raise NoSuchMonthError."""
        return self._filtered.kept(
            (key.stem, ATOM, f"{month}/{lang}"),
            lambda conn, all_: self._document(conn, all_, key, month, lang),
        )

    def page(self, key: FeedKey, month: str, number: int, lang: str) -> Answer:
        """A page of a feed's month. May raise NoSuchMonthError."""
        name = (key.stem, PAGE, f"{month}/{lang}/{number}")
        return self._filtered.kept(name, lambda conn, all_: self._page(conn, all_, key, month, number, lang))

    def months(self, key: FeedKey, lang: str) -> Answer:
        """The page that lists all months of a feed. May raise NoSuchMonthError."""
        return self._filtered.kept(
            (key.stem, PAGE, f"months/{lang}"), lambda _, all_: self._months(all_, key, lang)
        )

    def map_of_month(self, month: str) -> list[Listed]:
        """The pages of all items of a month, for a site map. May raise NoSuchMonthError."""

        def run(_: Connection, catalogue: Catalogue) -> list[Listed]:
            among = self._in_month(catalogue, ALL, month)[0]
            ids = catalogue.newest(among, MOST_URLS)
            return [Listed(f"/items/{each}/", catalogue.changed_at(each)) for each in ids]

        return self._filtered.look(run)

    def months_of_site(self) -> list[str]:
        """The months that have items, the latest first."""

        def run(_: Connection, catalogue: Catalogue) -> list[str]:
            return [month for month, _ in catalogue.months(catalogue.feed(ALL, self._vocabulary))]

        return self._filtered.look(run)

    def map_of_site(self) -> list[Listed]:
        """The pages of feeds that have news."""

        def run(_: Connection, catalogue: Catalogue) -> list[Listed]:
            keys = [
                ALL,
                *[FeedKey(kind=kind.value, code=code) for kind in Kind for code in catalogue.codes(kind)],
            ]
            return [
                Listed(key.page, catalogue.updated_at(catalogue.feed(key, self._vocabulary))) for key in keys
            ]

        return self._filtered.look(run)

    @property
    def _vocabulary(self) -> Vocabulary:
        return self._filtered.vocabulary

    def _in_month(self, catalogue: Catalogue, key: FeedKey, month: str) -> tuple[BitMap, list[str]]:
        """The items of a feed's month, withdrawn ones too, and all months of the feed, the latest first."""
        among = catalogue.feed(key, self._vocabulary)
        months = [each for each, _ in catalogue.months(among)]
        if month not in months:
            raise NoSuchMonthError(f"there is nothing in {month}")
        return catalogue.in_month(among, month), months

    def _document(
        self, conn: Connection, catalogue: Catalogue, key: FeedKey, month: str, lang: str
    ) -> Answer:
        among, months = self._in_month(catalogue, key, month)
        ids = catalogue.newest(among, len(among))
        gone = catalogue.taken_back(among, len(among))
        by_id = items.by_ids(conn, gone)
        updated_at = catalogue.updated_at(among)
        press = self._filtered.press
        source = replace(
            feed_source(press, key, updated_at, lang),
            key=archive_key(key, month),
            feed_id=feed_id(press, key.stem, lang),
            withdrawn=[by_id[each] for each in gone],
            archived=self._place(key, month, months, lang),
        )
        entries = [each.entries[ATOM] for each in self._filtered.shown(conn, ids, ATOM, lang)]
        data = FORMS[ATOM].joined(source, entries)
        return Answer(data, updated_at or press.site.created_at, catalogue.seq)

    def _place(self, key: FeedKey, month: str, months: Sequence[str], lang: str) -> Archived:
        site, at = self._filtered.press.site, months.index(month)
        earlier, later = months[at + 1 : at + 2], months[max(at - 1, 0) : at]
        return Archived(
            current=site.url(key.path(ATOM), lang),
            previous=site.url(archive_key(key, earlier[0]).path(ATOM), lang) if earlier else "",
            following=site.url(archive_key(key, later[0]).path(ATOM), lang) if later else "",
        )

    def _page(
        self, conn: Connection, catalogue: Catalogue, key: FeedKey, month: str, number: int, lang: str
    ) -> Answer:
        among, months = self._in_month(catalogue, key, month)
        total, at = catalogue.count(among), months.index(month)
        if not 1 <= number <= max(1, -(-total // PAGE_ITEMS)):
            raise NoSuchMonthError(f"{month} has no page {number}")
        ids = catalogue.by_date(among, number * PAGE_ITEMS)[(number - 1) * PAGE_ITEMS :]
        cards = [each.card for each in self._filtered.shown(conn, ids, PAGE, lang)]
        shown = MonthPage(
            key=key, month=month, number=number, pages=max(1, -(-total // PAGE_ITEMS)), total=total,
            earlier=_first(months[at + 1 :]), later=_first(months[max(at - 1, 0) : at]),
        )  # fmt: skip
        data = self._filtered.press.pages.speaking(lang).month(shown, cards)
        return Answer(
            data, catalogue.updated_at(among) or self._filtered.press.site.created_at, catalogue.seq
        )

    def _months(self, catalogue: Catalogue, key: FeedKey, lang: str) -> Answer:
        among = catalogue.feed(key, self._vocabulary)
        months = [Month(month, count) for month, count in catalogue.months(among)]
        if not months:
            raise NoSuchMonthError("there is nothing yet")
        data = self._filtered.press.pages.speaking(lang).months(key, months)
        return Answer(
            data, catalogue.updated_at(among) or self._filtered.press.site.created_at, catalogue.seq
        )


def _first(months: Sequence[str]) -> str:
    return months[0] if months else ""
