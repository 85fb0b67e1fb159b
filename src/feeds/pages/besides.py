"""What stands beside a feed's news and an item's text: where else to go from here (pure).

What is told of other items is given: who keeps it knows when it changes (`publishing.relating`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from feeds.filters import fold, to_query
from feeds.i18n import own_name
from feeds.model import FeedKey, Item, Kind, Neighbour, SiteInfo, Version, Vocabulary
from feeds.pages.archives import Month, archive_path
from feeds.pages.frame import Tongue
from feeds.pages.lists import Lists, first_feed
from feeds.pages.names import KINDS
from feeds.pages.sides import SHOWN, Panel, Sides, addable, both, others, together
from feeds.pages.views import Entry, Link
from feeds.templating import Environment, one_line


class Besides(Lists):
    """Writes the ways on."""

    def __init__(self, environment: Environment, site: SiteInfo, vocabulary: Vocabulary) -> None:
        super().__init__(environment, site, vocabulary)
        # As many as there are pairs of a place and a topic that items have: some thousand.
        self._subject_links: dict[tuple[str, FeedKey, FeedKey], Link] = {}

    def _panels(self, key: FeedKey, sides: Sides) -> list[Panel]:
        """The lists beside a feed's news."""
        name, t = self.heading(key), self._t
        by_country = t.gettext("%(name)s, by country") % {"name": name}
        if key.kind == Kind.COUNTRY.value:
            by_country = t.gettext("Often in the same news")
        by_topic = t.gettext("%(name)s, by topic") % {"name": name}
        if key.kind == Kind.TOPIC.value:
            by_topic = t.gettext("Topics in the same news")
        named = (("by-topic", by_topic, Kind.TOPIC), ("by-country", by_country, Kind.COUNTRY))
        panels = [self._panel(key, *each, sides) for each in named]
        return [panel for panel in panels if panel.rows]

    def _panel(self, key: FeedKey, name: str, heading: str, kind: Kind, sides: Sides) -> Panel:
        counts = others(sides.topics if kind is Kind.TOPIC else sides.countries, key, kind)
        rows = [
            (
                self._vocabulary.name(kind, code, self._t.lang),
                self.home(together(key, kind, code)),
                count,
            )
            for code, count in counts
        ]
        return Panel(id=name, heading=heading, rows=rows[:SHOWN], folded=rows[SHOWN:])

    def _combine(self, key: FeedKey, sides: Sides) -> dict[str, Any] | None:
        """A form that adds a condition to a country, region or topic."""
        if key.kind not in KINDS:
            return None
        kind, codes = addable(key, sides, self._vocabulary)
        named = [(code, self._vocabulary.name(kind, code, self._t.lang)) for code in codes]
        return {
            "kept": (key.kind, key.code), "field": kind.value,
            "choices": sorted(named, key=lambda pair: fold(pair[1])),
        }  # fmt: skip

    def _month(self, key: FeedKey, each: Month) -> tuple[str, str, str, str]:
        """The short name of a month, its address, its name for who hears the page, its count."""
        return (
            self._t.month_alone(each.first),
            self.home(archive_path(key, each.month)),
            self._t.month(each.first),
            self._t.number(each.items),
        )

    def _month_beside(self, key: FeedKey, each: Month, newest: Month) -> tuple[str, str, str, str]:
        """The same in a list that no year stands over: it is left out where it is that of the newest."""
        name, url, whole, number = self._month(key, each)
        year = each.first.year
        return name if year == newest.first.year else f"{name} {year}", url, whole, number

    def _beside(self, keys: Sequence[FeedKey], beside: Mapping[int, Neighbour]) -> dict[str, Any]:
        """The items before and after this one, None at the ends, and in whose news they are."""
        key = first_feed(keys)
        older, newer = (self._neighbour(beside.get(place)) for place in (0, 1))
        return {"name": self.heading(key), "url": self.home(key.page), "older": older, "newer": newer}

    def _others(self, beside: Mapping[int, Neighbour]) -> list[Entry]:
        """Other items on the subject."""
        return [entry for place in sorted(beside) if place > 1 and (entry := self._neighbour(beside[place]))]

    def _neighbour(self, other: Neighbour | None) -> Entry | None:
        """An item as another one's page tells it: its headline and its day."""
        if other is None:
            return None
        return Entry(
            title=one_line(other.title), url=self.home(f"/items/{other.id}/"), lang=other.lang, summary="",
            labels=(), iso=other.date_on.isoformat(), date=self._t.date(other.date_on),
        )  # fmt: skip

    def _subjects(self, keys: Sequence[FeedKey]) -> list[Link]:
        """Where more on the same subject is: its first place together with each topic."""
        places = [key for key in keys if key.kind != Kind.TOPIC.value]
        topics = [key for key in keys if key.kind == Kind.TOPIC.value]
        return [self._subject(place, topic) for place in places[:1] for topic in topics]

    def _subject(self, place: FeedKey, topic: FeedKey) -> Link:
        kept = (self._t.lang, place, topic)
        found = self._subject_links.get(kept)
        if found is None:
            key = FeedKey(kind="filter", code=to_query(both(place, Kind.TOPIC, topic.code)))
            found = self._subject_links[kept] = Link(self.heading(key), self.home(key.page))
        return found

    def _versions(self, versions: Sequence[Version]) -> list[tuple[str, str, str]]:
        """An item in other languages: the language, its own name for itself, and the address, in that
        language where the site has it.
        """
        return [(each.lang, own_name(each.lang), self._version_url(each)) for each in versions]

    def _version_url(self, each: Version) -> str:
        return f"{self._root}{self._site.below(each.lang)}/items/{each.id}/"

    def _tongues_of(self, item: Item, versions: Sequence[Version]) -> Sequence[Tongue]:
        """The page of an item in each language of the site; where another item says it in that language,
        that one.
        """
        by_lang = {each.lang: each.id for each in reversed(versions)} | {item.lang: item.id}
        tongues = self.tongues(f"/items/{item.id}/")
        return [
            each if each.current else self._tongue(each, f"/items/{by_lang.get(each.lang, item.id)}/")
            for each in tongues
        ]

    def _tongue(self, tongue: Tongue, path: str) -> Tongue:
        below = self._root + self._site.below(tongue.lang)
        return replace(tongue, url=below + path, absolute=self._site.url(path, tongue.lang))
