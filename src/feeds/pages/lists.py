"""Items in lists: cards, days, and how much weight each has (pure).

Owns: what a card says, that the newest item leads, and the names of feeds beside it. Must not know which page
a list stands on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import groupby
from urllib.parse import parse_qsl

from feeds.filters import from_query
from feeds.model import FeedKey, Item, Kind, SiteInfo, Strength, Vocabulary
from feeds.pages.frame import Frame
from feeds.pages.views import Card, Day, Entry, Link, kicked
from feeds.templating import Environment, clip, joined, macro, one_line, whole_sentences
from feeds.wording import describe

ALL = FeedKey(kind="all")
SUMMARY = 240
"""Characters of a summary in a list: some three lines."""
LEAD, BIG, BRIEF = "lead", "big", "brief"
_IN_FULL = 8
"""So many items after the leading one have their summary; of older ones the headline is enough."""
_MOST_PLACES = 4


class Lists(Frame):
    """Writes the lists of a site's pages."""

    def __init__(self, environment: Environment, site: SiteInfo, vocabulary: Vocabulary) -> None:
        super().__init__(environment, site, vocabulary)
        self._parts: dict[tuple[str, str], Callable[..., str]] = {}
        # As many as there are feeds.
        self._label_links: dict[tuple[str, FeedKey], Link] = {}

    def heading(self, key: FeedKey) -> str:
        """A feed's short name: ``Panama``."""
        if key.kind == "all":
            return self._t.gettext("All news")
        if key.kind == "unlabelled":
            return self._t.gettext("News without a country")
        if key.kind == "filter":
            told = describe(from_query(parse_qsl(key.code)), self._vocabulary, self._t)
            return clip(told[:1].upper() + told[1:], 200)
        if key.kind == "private":
            return self._t.gettext("Your news")
        return self._vocabulary.name(Kind(key.kind), key.code, self._t.lang)

    def card(self, item: Item) -> Card:
        """An item as it stands in lists: it depends on no page and may be kept."""
        return Card(self._entry(item), item.date_on)

    def _led(self, items: Sequence[Item | Card], here: str = "") -> tuple[str, list[Day]]:
        """The newest item, which leads a page, and the days of the others: the newer, the more weight."""
        if not items:
            return "", []
        cards = [self._as_card(each) for each in items]
        own, year = self.home(here), cards[0].date_on.year
        lead = self._rendered(cards[0], own, LEAD)
        if not lead:  # an operator's template knows no cards
            return "", self._days(cards, here)
        weighed = list(zip(cards[1:], _weights(cards[1:]), strict=True))
        by_date = groupby(weighed, key=lambda pair: pair[0].date_on)
        return lead, [self._day(on, list(group), own, year) for on, group in by_date]

    def _days(self, items: Iterable[Item | Card], here: str = "") -> list[Day]:
        """Days of a page, all items alike: `here` is its path."""
        cards = [(self._as_card(each), "") for each in items]
        by_date = groupby(cards, key=lambda pair: pair[0].date_on)
        return [self._day(on, list(group), self.home(here)) for on, group in by_date]

    def _as_card(self, each: Item | Card) -> Card:
        return each if isinstance(each, Card) else self.card(each)

    def _day(self, on: date, cards: Sequence[tuple[Card, str]], own: str, year: int = 0) -> Day:
        """`year` is the one that is left out, because it is that of the newest item."""
        entries = tuple(card.entry for card, _ in cards)
        html = joined([self._rendered(card, own, weight) for card, weight in cards])
        words = self._t.day_month(on) if on.year == year else self._t.date(on)
        return Day(on.isoformat(), words, entries, html)

    def _rendered(self, card: Card, own: str, weight: str = "") -> str:
        """The card on the page at `own`; empty where an operator's template knows no cards."""
        page = own if any(link.url == own for link in card.entry.labels) else ""
        which = f"{page} {weight}".strip()
        if which not in card.html:
            card.html[which] = self._part("card")(card.entry, page, weight)
        return card.html[which]

    def _part(self, name: str) -> Callable[..., str]:
        """A macro that pages share, in this language, to be called outside of any of them."""
        kept = (self._t.lang, name)
        if kept not in self._parts:
            values = {**self._always(), "here": "", "kicked": kicked}
            self._parts[kept] = macro(self._environment, "web/_parts.html", name, values)
        return self._parts[kept]

    def _entry(self, item: Item) -> Entry:
        return Entry(
            title=one_line(item.title),
            url=self.home(f"/items/{item.id}/"),
            lang=item.lang,
            summary=whole_sentences(item.summary, SUMMARY),
            iso=item.date_on.isoformat(),
            date=self._t.full_date(item.date_on),
            tongue=self._tongue_of(item),
            labels=tuple(self._few(self._labels(label_keys(item)), item)),
        )

    def _tongue_of(self, item: Item) -> str:
        """``In Spanish``, where an item is not in the language of the page."""
        said = self._t.other_language(item.lang)
        return said[:1].upper() + said[1:]

    def _few(self, labels: Sequence[Link], item: Item) -> list[Link]:
        """At most so many places; the others are on the item's page, and so is how many they are."""
        places = [label for label in labels if not label.topic]
        if len(places) <= _MOST_PLACES:
            return list(labels)
        more = len(places) - _MOST_PLACES
        told = self._t.ngettext("%(num)s more", "%(num)s more", more) % {"num": self._t.number(more)}
        link = Link(told, self.home(f"/items/{item.id}/"))
        rest = replace(link, html=self._piece("anchor")(link))
        return [*places[:_MOST_PLACES], rest, *(label for label in labels if label.topic)]

    def _labels(self, keys: Iterable[FeedKey]) -> list[Link]:
        return [self._label_link(key) for key in keys]

    def _label_link(self, key: FeedKey) -> Link:
        """A feed's page, as what is on it names it."""
        found = self._label_links.get((self._t.lang, key))
        if found is None:
            link = Link(self.heading(key), self.home(key.page), topic=key.kind == Kind.TOPIC.value)
            found = replace(link, html=self._piece("anchor")(link))
            if key.kind != "filter":
                self._label_links[self._t.lang, key] = found
        return found


def label_keys(item: Item) -> list[FeedKey]:
    """The feeds of what the item is about."""
    about = [(label.kind, label.code) for label in item.labels if label.strength is Strength.ABOUT]
    return [_label_key(of, code) for kind in Kind for of, code in about if of is kind]


def first_feed(keys: Sequence[FeedKey]) -> FeedKey:
    """Where somebody who reads an item goes on: in the news of its first label, or in all of them."""
    return keys[0] if keys else ALL


@lru_cache(maxsize=4096)
def _label_key(kind: Kind, code: str) -> FeedKey:
    return FeedKey(kind=kind.value, code=code)


def _weights(cards: Sequence[Card]) -> list[str]:
    """The first of each recent day is big, the others of these days plain, older ones brief."""
    weights, day = [], None
    for place, card in enumerate(cards):
        if place >= _IN_FULL:
            weights.append(BRIEF)
        else:
            weights.append(BIG if card.date_on != day else "")
        day = card.date_on
    return weights
