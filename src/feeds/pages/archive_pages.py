"""The reading pages of a site, with those of its archive (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from feeds.model import FeedKey, FeedListing, Kind
from feeds.pages.archives import Month, MonthPage, archive_path, by_year, first_day
from feeds.pages.directory import ORDER, Group, Listings, Row
from feeds.pages.lists import ALL
from feeds.pages.search_pages import SearchPages
from feeds.pages.views import Card, Link


class ArchivePages(SearchPages):
    """Writes them: a page of all months of a feed, and each month on pages of its own."""

    def directory(self, listings: Listings) -> bytes:
        """``/directory/``: every country, topic and region, with a box that finds one by its name."""
        heading = self._t.gettext("Countries and topics")
        rows = dict(listings)
        groups = [
            Group(
                id=kind.value,
                name=self.group_title(kind.value),
                rows=[self._row(each, kind) for each in rows.get(kind.value, ())],
            )
            for kind in ORDER
        ]
        title = f"{heading} – {self._site.name}"
        return self._page(
            "directory.html", "/directory/", title, heading, feed=ALL, heading=heading, groups=groups
        )

    def _row(self, listing: FeedListing, kind: Kind) -> Row:
        key = listing.key
        term = self._vocabulary.get(kind, key.code) if kind is Kind.TOPIC else None
        hint = term.descriptions.get(self._t.lang, "") if term else ""
        return Row(name=self.heading(key), url=self.home(key.page), items=listing.items, hint=hint)

    def months(self, key: FeedKey, months: Sequence[Month]) -> bytes:
        """``/country/pa/archive/``: every month that has news, by years."""
        heading = self._t.gettext("%(name)s by month") % {"name": self.heading(key)}
        years = [(year, [self._month(key, each) for each in some]) for year, some in by_year(months)]
        total = sum(each.items for each in months)
        return self._page(
            "archive.html", archive_path(key), f"{heading} – {self._site.name}", heading, feed=key,
            heading=heading, years=years, up=Link(self.heading(key), self.home(key.page)),
            total=self._t.number(total), since=self._t.month(months[-1].first),
        )  # fmt: skip

    def month(self, shown: MonthPage, cards: Sequence[Card]) -> bytes:
        """``/country/pa/archive/2021-09/``: the news of a month, by days."""
        key, t = shown.key, self._t
        when = t.month(first_day(shown.month))
        heading = f"{self.heading(key)}: {when}"
        return self._page(
            "month.html", archive_path(key, shown.month, shown.number), f"{heading} – {self._site.name}",
            heading, feed=key, heading=heading, shown=shown, days=self._days(cards, key.page),
            counted=t.ngettext("%(num)s item", "%(num)s items", shown.total) % {"num": t.number(shown.total)},
            up=Link(self.heading(key), self.home(key.page)),
            every=Link(t.gettext("All months"), self.home(archive_path(key))),
            newer=self._newer(shown), older=self._older(shown),
        )  # fmt: skip

    def _newer(self, shown: MonthPage) -> Link | None:
        if shown.number > 1:
            number = shown.number - 1
            return Link(self._numbered(number), self.home(archive_path(shown.key, shown.month, number)))
        if shown.later:
            when = self._t.month(first_day(shown.later))
            return Link(when, self.home(archive_path(shown.key, shown.later)))
        return None

    def _older(self, shown: MonthPage) -> Link | None:
        if shown.number < shown.pages:
            number = shown.number + 1
            return Link(self._numbered(number), self.home(archive_path(shown.key, shown.month, number)))
        if shown.earlier:
            when = self._t.month(first_day(shown.earlier))
            return Link(when, self.home(archive_path(shown.key, shown.earlier)))
        return None

    def _numbered(self, number: int) -> str:
        return self._t.gettext("page %(page)s") % {"page": self._t.number(number)}
