"""One item of a digest as its mail shows it (pure).

Each thing is said once: the place in the heading of its group, other places as "also on …", the reason in
the foot of the mail, and at an item only where it came by another wish than the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feeds import richtext
from feeds.filters import match
from feeds.i18n import Translator
from feeds.model import Audience, DigestEntry, Item, Kind, SiteInfo, Vocabulary
from feeds.templating import clip, one_line
from feeds.wording import describe, label_names

SUMMARY, LEAD_SUMMARY = 320, 420
_TITLE = 250
_PLACES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One item. `meta` is its line of facts, `included` says why it is here where that is not plain.

    `text` and `html` are the beginning of what it says, with lists and links. `lang` is empty where it is
    the mail's own.
    """

    number: int
    title: str
    url: str
    lang: str
    meta: str
    text: str
    html: str
    included: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a card stands: under the heading of a country, region or topic, or nowhere (`kind` None)."""

    kind: Kind | None = None
    code: str = ""


class Cards:
    """Makes the cards of one digest: whose wishes, whose words."""

    def __init__(self, audience: Audience, site: SiteInfo, vocabulary: Vocabulary, t: Translator) -> None:
        self._audience = audience
        self._site = site
        self._vocabulary = vocabulary
        self._t = t

    def card(self, number: int, entry: DigestEntry, place: Place, limit: int = SUMMARY) -> Card:
        """The card of an entry under the heading `place`."""
        item = entry.item
        html = richtext.shortened(richtext.as_html(item.body, item.summary), limit)
        return Card(
            number=number,
            title=clip(item.title, _TITLE),
            url=self._site.url(f"/items/{item.id}/", self._t.lang),
            lang="" if item.lang == self._t.lang else item.lang,
            meta=self._meta(item, place),
            text=richtext.plain(html),
            html=html,
            included=self.included(item, place),
        )

    def _meta(self, item: Item, place: Place) -> str:
        """``27 November · also on Nicaragua · Health · in Spanish``."""
        t = self._t
        places = [
            *self._names(item, Kind.COUNTRY, place), *self._names(item, Kind.REGION, place),
        ]  # fmt: skip
        topics = [one_line(name) for name in self._names(item, Kind.TOPIC, place)]
        said = t.all_of(places[:_PLACES]) if len(places) <= _PLACES else ", ".join([*places[:_PLACES], "…"])
        if said and place.kind in (Kind.COUNTRY, Kind.REGION):
            said = t.gettext("also on %(places)s") % {"places": said}
        parts = [t.day_month(item.date_on), said, ", ".join(topics), t.other_language(item.lang)]
        return " · ".join(part for part in parts if part)

    def _names(self, item: Item, kind: Kind, place: Place) -> list[str]:
        """What the item is about of this kind, less the heading it stands under."""
        names = label_names(item, kind, self._vocabulary, self._t)
        if place.kind is not kind:
            return names
        return [name for name, code in zip(names, item.codes(kind), strict=True) if code != place.code]

    def included(self, item: Item, place: Place) -> str:
        """Which wish brought it, where that is not the first one that the foot of the mail tells, nor the
        topic it stands under."""
        wishes = self._audience.filters
        if len(wishes) < 2 or place.kind is Kind.TOPIC:
            return ""
        first = next((n for n, wish in enumerate(wishes) if match(wish, item, self._vocabulary)), 0)
        if first == 0:
            return ""
        told = describe(wishes[first], self._vocabulary, self._t)
        return self._t.gettext("Included because you follow %(what)s.") % {"what": clip(told, 160)}


def leading(entries: Sequence[DigestEntry], lang: str) -> DigestEntry:
    """The one that a mail in `lang` begins with, and whose title is its subject: in that language if there is
    one, most of what was asked for in it, then the newest."""

    def weight(entry: DigestEntry) -> tuple[bool, int, int, float]:
        reason = entry.reason
        asked = len(reason.countries) + len(reason.regions) + len(reason.topics) + len(reason.words)
        return (
            entry.item.lang == lang,
            asked,
            entry.item.date_on.toordinal(),
            entry.item.updated_at.timestamp(),
        )

    return max(entries, key=weight)
