"""The reading pages of a site, with those of filters and searches (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from feeds.filters import fold, to_query
from feeds.model import FeedKey, Filter, Item, Kind
from feeds.pages import SUMMARY, Pages
from feeds.pages.lists import ALL
from feeds.pages.searching import (
    Selection,
    chosen,
    counted,
    kept_fields,
    marked_summary,
    marked_title,
    page_line,
    searched_words,
    steps,
)
from feeds.pages.views import Card, Link
from feeds.pages.wishing import versions

Busy = Mapping[Kind, Sequence[str]]


class SearchPages(Pages):
    """Writes them, in the words of `searching`."""

    def filtered(self, found: Selection, shown: Sequence[Card | Item], busy: Busy) -> bytes:
        """``/filter?…``: some items of a filter, and how to follow it; those that are no cards have its words
        marked. `busy` are the codes of each kind that have news.
        """
        query = to_query(found.wanted)
        key = FeedKey(kind="filter", code=query)
        newer, older = steps(found)
        values = {
            "heading": self.heading(key),
            "counted": counted(found, self._t),
            "line": page_line(found, self._t),
            "found": found,
            "newer": newer,
            "older": older,
            "days": self._days(self._hits(shown, found.wanted), key.page),
            "followed": self._t.gettext("this selection"),
            "opml": key.path("opml"),
            **self._search_form(found.wanted, busy),
        }
        page = "" if found.page == 1 else f"&page={found.page}"
        told = self._t.gettext("As a page, in a feed or by email: the same news.")
        return self._page("search.html", key.page + page, self.feed_title(key), told, feed=key, **values)

    def search(self, busy: Busy) -> bytes:
        """``/search``: where to begin."""
        values = self._search_form(Filter(), busy)
        heading = self._t.gettext("Search")
        title = f"{heading} – {self._site.name}"
        return self._page(
            "search.html", "/search", title, heading, feed=ALL, found=None, heading=heading, **values
        )

    def _search_form(self, wanted: Filter, busy: Busy) -> dict[str, Any]:
        named = {
            kind.value: [Link(self._vocabulary.name(kind, code, self._t.lang), code) for code in codes]
            for kind, codes in busy.items()
        }
        return {
            "chosen": chosen(wanted, self._vocabulary, self._t),
            "kept": kept_fields(wanted),
            "versions": () if wanted.prefer else versions(self._site.langs, self._t),
            "terms": {kind: sorted(some, key=lambda link: fold(link.name)) for kind, some in named.items()},
        }

    def _hits(self, shown: Sequence[Card | Item], wanted: Filter) -> list[Card]:
        words = searched_words(wanted)
        return [each if isinstance(each, Card) else self._hit(each, words) for each in shown]

    def _hit(self, item: Item, words: Sequence[str]) -> Card:
        card = self.card(item)
        title, summary = marked_title(item, words), marked_summary(item, words, SUMMARY)
        return Card(replace(card.entry, title=title, summary=summary), card.date_on)
