"""The digest mail: subject, text part and HTML part of one audience and period (floor 1b, pure).

Owns: what the mail says and how it stays under the size at which mail
programs clip it. Must not know members; their links stay slots (`headers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from css_inline import CSSInliner

from feeds.i18n import N_, Translator, translator
from feeds.letters.headers import TOKEN_SLOT, assert_slots, unsubscribe_url
from feeds.model import (
    Audience,
    Cadence,
    Digest,
    DigestEntry,
    DigestGroup,
    Kind,
    RenderedDigest,
    SiteInfo,
    Vocabulary,
)
from feeds.templating import Environment, clip, one_line, render
from feeds.wording import describe, group_heading, label_names, reason_words, single_feed

HTML_BUDGET = 85_000  # bytes; Gmail hides what lies beyond 102 kB, the unsubscribe link first
MOST_CARDS = 60
MOST_HEADLINES = 150
CONTENTS_FROM = 3
_SUBJECT_LIMIT = 120
_FILTERS_SHOWN = 10

_TITLES = {
    Cadence.IMMEDIATE: N_("Just published"),
    Cadence.DAILY: N_("Daily update"),
    Cadence.WEEKLY: N_("Weekly update"),
}
_PROMISES = {
    Cadence.IMMEDIATE: N_("You asked for an e-mail as soon as there is news of:"),
    Cadence.DAILY: N_("You asked for one e-mail a day with news of:"),
    Cadence.WEEKLY: N_("You asked for one e-mail a week with news of:"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One item as the mail shows it. `date` and `labels` are words, `because` may be empty."""

    number: int
    title: str
    url: str
    lang: str
    date: str
    labels: str
    summary: str
    because: str


@dataclass(frozen=True, slots=True)
class Section:
    """Cards under one heading; an empty heading is not shown."""

    heading: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How many items are shown as cards, how many as bare headlines after them."""

    cards: int
    headlines: int

    def smaller(self, size: int) -> Layout:
        """A layout that should fit when this one gave `size` bytes: fewer cards, or else fewer headlines.

        Reckoned in cards: a headline costs about a quarter of one, the frame
        about four, and a card that no longer fits becomes a headline.
        """
        one_card = size / (self.cards + self.headlines / 4 + 4)
        surplus = ceil((size - HTML_BUDGET) / one_card)
        if self.cards:
            becoming = min(surplus // 3, MOST_HEADLINES - self.headlines)
            gone = min(self.cards, surplus + becoming)
            return Layout(self.cards - gone, min(self.headlines + gone, MOST_HEADLINES))
        return Layout(0, max(0, self.headlines - 4 * surplus))


class DigestLetters:
    """Renders digests for one site; the CSS inliner and the templates are made once."""

    def __init__(self, environment: Environment, site: SiteInfo, vocabulary: Vocabulary) -> None:
        self._environment = environment
        self._site = site
        self._vocabulary = vocabulary
        self._inliner = CSSInliner(load_remote_stylesheets=False)

    def render(self, digest: Digest) -> RenderedDigest:
        """Subject, text and HTML in the audience's language, the HTML within `HTML_BUDGET`."""
        t = translator(digest.audience.lang)
        values = self._frame(digest, t)
        total = len(digest.entries())
        layout = Layout(min(total, MOST_CARDS), max(0, min(total - MOST_CARDS, MOST_HEADLINES)))
        cards = self._cards(digest, t)
        while True:
            values.update(self._items(digest, cards, layout, t))
            html = self._inliner.inline(self._part("body.html", values))
            size = len(html.encode())
            if size <= HTML_BUDGET or layout == Layout(0, 0):
                break
            layout = layout.smaller(size)
        text = self._part("body.txt", values)
        return assert_slots(RenderedDigest(subject=values["subject"], text=text, html=html), self._site)

    def _part(self, name: str, values: dict[str, Any]) -> str:
        return render(self._environment, f"email/digest/{name}", values)

    def _frame(self, digest: Digest, t: Translator) -> dict[str, Any]:
        """What the mail says around its items."""
        audience, site, entries = digest.audience, self._site, digest.entries()
        feed = single_feed(audience.filters)
        base = site.base_url
        wishes = [clip(describe(one, self._vocabulary, t), 300) for one in audience.filters]
        values: dict[str, Any] = {
            "t": t,
            "site": site,
            "count": len(entries),
            "title": t.gettext(_TITLES[audience.cadence]),
            "period": period_words(digest, t),
            "preheader": clip(" / ".join(one_line(entry.item.title) for entry in entries[:6]), 100),
            "promise": t.gettext(_PROMISES[audience.cadence]),
            "wishes": wishes[:_FILTERS_SHOWN],
            "more_wishes": max(0, len(wishes) - _FILTERS_SHOWN),
            "web_url": base + (feed.page if feed else "/"),
            "feed_url": f"{base}/feeds/{feed.stem}.atom" if feed else "",
            "unsubscribe_url": unsubscribe_url(site, TOKEN_SLOT),
        }
        values.update(self._subject_values(digest, t))
        values["subject"] = clip(self._part("subject.txt", values), _SUBJECT_LIMIT)
        return values

    def _subject_values(self, digest: Digest, t: Translator) -> dict[str, Any]:
        """What the subject line is made of: the only title, or the first headings and the day."""
        entries = digest.entries()
        named = [group_heading(group, self._vocabulary, t) for group in digest.groups if group.kind]
        about = ", ".join(one_line(name) for name in named[:3]) + (" …" if len(named) > 3 else "")
        day = t.short_date(_local_day(digest.audience, digest.period.due_at))
        only = one_line(entries[0].item.title) if len(entries) == 1 else ""
        return {"only_title": only, "about": about, "day": day}

    def _cards(self, digest: Digest, t: Translator) -> list[Card]:
        """As many items as a mail can ever show, in reading order."""
        entries = digest.entries()
        limit = 250 if len(entries) > 15 else 400
        shown = entries[: MOST_CARDS + MOST_HEADLINES]
        return [self._card(n, entry, limit, t) for n, entry in enumerate(shown, start=1)]

    def _items(self, digest: Digest, cards: Sequence[Card], layout: Layout, t: Translator) -> dict[str, Any]:
        """The items split by `layout` into cards, headlines and the rest."""
        total = len(digest.entries())
        shown = cards[: layout.cards]
        listed = cards[layout.cards : layout.cards + layout.headlines]
        return {
            "sections": self._sections(digest.groups, shown, t),
            "contents": shown if total >= CONTENTS_FROM else [],
            "headlines": listed,
            "more": total - len(shown) - len(listed),
        }

    def _sections(self, groups: Sequence[DigestGroup], cards: Sequence[Card], t: Translator) -> list[Section]:
        """Cards under the digest's headings; "Other news" alone needs no heading."""
        made, start = [], 0
        for group in groups:
            part = tuple(cards[start : start + len(group.entries)])
            start += len(group.entries)
            if part:
                alone = len(groups) == 1 and group.kind is None
                made.append(Section("" if alone else group_heading(group, self._vocabulary, t), part))
        return made

    def _card(self, number: int, entry: DigestEntry, limit: int, t: Translator) -> Card:
        item = entry.item
        kinds = (Kind.COUNTRY, Kind.REGION, Kind.TOPIC)
        named = [", ".join(label_names(item, kind, self._vocabulary, t)) for kind in kinds]
        return Card(
            number=number,
            title=one_line(item.title),
            url=f"{self._site.base_url}/items/{item.id}/",
            lang=item.lang,
            date=t.date(item.date_on),
            labels=" · ".join(filter(None, named)),
            summary=clip(item.summary, limit),
            because=reason_words(entry.reason, self._vocabulary, t),
        )


def period_words(digest: Digest, t: Translator) -> str:
    """``18 November 2026``; for a week, the days from the last digest to this one."""
    audience = digest.audience
    last = _local_day(audience, digest.period.due_at)
    if audience.cadence is not Cadence.WEEKLY:
        return t.date(last)
    # The first digest of an audience starts long ago: a range of years helps nobody.
    first = max(_local_day(audience, digest.since_at), last - timedelta(days=7))
    return t.day_range(first, last)


def _local_day(audience: Audience, at: datetime) -> date:
    """The day in the audience's zone; UTC's if this machine lacks the zone."""
    try:
        zone = ZoneInfo(audience.zone)
    except (ZoneInfoNotFoundError, ValueError):
        return at.astimezone(UTC).date()
    return at.astimezone(zone).date()
