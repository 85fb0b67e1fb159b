"""The digest mail: subject, text part and HTML part of one audience and period (pure).

Owns: what the mail says. Must not know members; their links stay slots (`headers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from css_inline import CSSInliner

from feeds import richtext
from feeds.i18n import N_, Translator, translator
from feeds.letters.changes import MOST_CHANGES, ChangeCard, change_cards, counted, counted_shortly
from feeds.letters.days import local_day, period_words
from feeds.letters.fitting import MOST_CARDS, MOST_HEADLINES, Layout, fitted
from feeds.letters.headers import TOKEN_SLOT, assert_slots, unsubscribe_url
from feeds.model import Cadence, Digest, DigestEntry, DigestGroup, RenderedDigest, SiteInfo, Vocabulary
from feeds.templating import Environment, clip, one_line, render
from feeds.wording import all_label_names, describe, group_heading, reason_words, single_feed

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
    """One item as the mail shows it. `date` and `labels` are words, `because` may be empty.

    `summary` is the beginning of its text on one line, `text` and `html` the same with lists and links.
    """

    number: int
    title: str
    url: str
    lang: str
    date: str
    labels: str
    summary: str
    text: str
    html: str
    because: str


@dataclass(frozen=True, slots=True)
class Section:
    """Cards under one heading; an empty heading is not shown."""

    heading: str
    cards: tuple[Card, ...]


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
        changes = change_cards(digest.corrections, digest.audience, self._site, self._vocabulary, t)
        values = self._frame(digest, changes, t)
        total = len(digest.entries())
        layout = Layout(
            cards=min(total, MOST_CARDS),
            headlines=max(0, min(total - MOST_CARDS, MOST_HEADLINES)),
            notes=min(len(changes), MOST_CHANGES),
        )
        cards = self._cards(digest, t)

        def make(layout: Layout) -> str:
            values.update(self._items(digest, cards, layout, t), **_changed(changes, layout))
            return self._inliner.inline(self._part("body.html", values))

        html = fitted(layout, make)
        text = self._part("body.txt", values)
        return assert_slots(RenderedDigest(subject=values["subject"], text=text, html=html), self._site)

    def _part(self, name: str, values: dict[str, Any]) -> str:
        return render(self._environment, f"email/digest/{name}", values)

    def _frame(self, digest: Digest, changes: Sequence[ChangeCard], t: Translator) -> dict[str, Any]:
        """What the mail says around its items."""
        audience, site, entries = digest.audience, self._site, digest.entries()
        feed = single_feed(audience.filters)
        base = site.base_url
        wishes = [clip(describe(one, self._vocabulary, t), 300) for one in audience.filters]
        values: dict[str, Any] = {
            "t": t,
            "site": site,
            "count": len(entries),
            "heading": counted(len(entries), changes, t),
            "title": _title(digest, changes, t),
            "period": period_words(digest, t),
            "preheader": clip(_preheader(digest, changes), 100),
            "promise": t.gettext(_PROMISES[audience.cadence]),
            "wishes": wishes[:_FILTERS_SHOWN],
            "more_wishes": max(0, len(wishes) - _FILTERS_SHOWN),
            "web_url": base + (feed.page if feed else "/"),
            "feed_url": f"{base}/feeds/{feed.stem}.atom" if feed else "",
            "unsubscribe_url": unsubscribe_url(site, TOKEN_SLOT),
        }
        values.update(self._subject_values(digest, changes, t))
        values["subject"] = clip(self._part("subject.txt", values), _SUBJECT_LIMIT)
        return values

    def _subject_values(self, digest: Digest, changes: Sequence[ChangeCard], t: Translator) -> dict[str, Any]:
        """What the subject line is made of: the title of the only thing in the mail, or else
        how many there are, the first headings and the day."""
        titles = [one_line(entry.item.title) for entry in digest.entries()] + [one.tagged for one in changes]
        named = [group_heading(group, self._vocabulary, t) for group in digest.groups if group.kind]
        about = ", ".join(one_line(name) for name in named[:3]) + (" …" if len(named) > 3 else "")
        return {
            "only_title": titles[0] if len(titles) == 1 else "",
            "counts": counted_shortly(len(digest.entries()), changes, t),
            "about": about,
            "day": t.short_date(local_day(digest.audience, digest.period.due_at)),
        }

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
        html = richtext.shortened(richtext.as_html(item.body, item.summary), limit)
        return Card(
            number=number,
            title=one_line(item.title),
            url=f"{self._site.base_url}/items/{item.id}/",
            lang=item.lang,
            date=t.date(item.date_on),
            labels=all_label_names(item, self._vocabulary, t),
            summary=clip(item.summary, limit),
            text=richtext.plain(html),
            html=html,
            because=reason_words(entry.reason, self._vocabulary, t),
        )


def _title(digest: Digest, changes: Sequence[ChangeCard], t: Translator) -> str:
    """What kind of mail this is: nothing was "just published" where there are only changes."""
    if digest.audience.cadence is Cadence.IMMEDIATE and not digest.groups and changes:
        withdrawn = all(card.withdrawn for card in changes)
        return t.gettext("Just withdrawn") if withdrawn else t.gettext("Just corrected")
    return t.gettext(_TITLES[digest.audience.cadence])


def _preheader(digest: Digest, changes: Sequence[ChangeCard]) -> str:
    """The line that mail programs show beside the subject: titles, or of a single change what the
    subject does not say."""
    entries = digest.entries()
    if not entries and len(changes) == 1:
        return f"{changes[0].what} {changes[0].reason}"
    titles = [one_line(entry.item.title) for entry in entries[:6]]
    return " / ".join([*titles, *(one.tagged for one in changes[:6])])


def _changed(changes: Sequence[ChangeCard], layout: Layout) -> dict[str, Any]:
    """The changes split by `layout` into those shown, by kind, and the number of the rest."""
    shown = changes[: layout.notes]
    return {
        "changes": len(changes),
        "corrected": [card for card in shown if not card.withdrawn],
        "withdrawn": [card for card in shown if card.withdrawn],
        "more_changes": len(changes) - len(shown),
    }
