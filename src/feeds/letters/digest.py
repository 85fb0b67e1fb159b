"""The digest mail: subject, text part and HTML part of one audience and period (pure).

Owns: what the mail says. Must not know members; their links stay slots (`links`), and so do the name that
one of them gave the subscription and the address of the digest's page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from css_inline import CSSInliner
from markupsafe import Markup

from feeds.i18n import Translator, translator
from feeds.letters import links
from feeds.letters.cards import LEAD_SUMMARY, SUMMARY, Card, Cards, Place, leading
from feeds.letters.changes import MOST_CHANGES, ChangeCard, change_cards, counts_at_the_end
from feeds.letters.days import period_words
from feeds.letters.fitting import Layout, fitted
from feeds.letters.footing import foot_values, heading_words
from feeds.letters.personal import privacy_url
from feeds.letters.subject import subject_line
from feeds.model import Cadence, Digest, DigestEntry, DigestGroup, RenderedDigest, SiteInfo, Vocabulary
from feeds.templating import Environment, clip, one_line, render
from feeds.wording import group_heading

CONTENTS_FROM = 8
MOST_CARDS, MOST_HEADLINES = 12, 36
_WHOLE_TEXT = 3000
PREHEADER = 150


@dataclass(frozen=True, slots=True)
class Section:
    """Cards under one heading, with how many there are in words; an empty heading is not shown."""

    heading: str
    count: str
    cards: tuple[Card, ...]


class DigestLetters:
    """Renders digests for one site; the CSS inliner and the templates are made once."""

    def __init__(self, environment: Environment, site: SiteInfo, vocabulary: Vocabulary) -> None:
        self._environment = environment
        self.site = site
        self.vocabulary = vocabulary
        self._inliner = CSSInliner(load_remote_stylesheets=False)

    def render(self, digest: Digest) -> RenderedDigest:
        """Subject, heading, text and HTML in the audience's language, the HTML within `HTML_BUDGET`."""
        return links.assert_slots(self._made(digest, {}, marked=False), self.site)

    def render_marked(self, digest: Digest, period: str) -> RenderedDigest:
        """The same with marks between the pieces (`joining`), and this in the place of the period."""
        return self._made(digest, {"period": period}, marked=True)

    def render_part(self, name: str, values: dict[str, Any]) -> str:
        """``body.txt`` or ``body.html`` for these values, with marks between the pieces."""
        if name == "body.txt":
            return self._part(name, values | {"mark": _mark_text})
        return self._inliner.inline(self._part(name, values | {"mark": _mark_html}))

    def privacy_url(self, lang: str) -> str:
        """Where the site says what it does with addresses."""
        return privacy_url(self.site, lang)

    def _made(self, digest: Digest, given: dict[str, Any], *, marked: bool) -> RenderedDigest:
        t = translator(digest.audience.lang)
        changes = change_cards(digest.corrections, digest.audience, self.site, self.vocabulary, t)
        pairs = listed(digest)
        values = self._frame(digest, pairs, changes, t) | given
        mark_text, mark_html = (_mark_text, _mark_html) if marked else (_no_mark, _no_mark)
        total = len(pairs)
        layout = Layout(
            cards=min(total, MOST_CARDS),
            headlines=max(0, min(total - MOST_CARDS, MOST_HEADLINES)),
            notes=min(len(changes), MOST_CHANGES),
        )

        def make(layout: Layout) -> str:
            values.update(self._items(digest, pairs, layout, t), **_changed(changes, layout))
            return self._inliner.inline(self._part("body.html", values | {"mark": mark_html}))

        html = fitted(layout, make)
        text = self._part("body.txt", values | {"mark": mark_text})
        heading = heading_words(digest.audience.filters, self.vocabulary, t)
        return RenderedDigest(subject=values["subject"], text=text, html=html, heading=heading)

    def _part(self, name: str, values: dict[str, Any]) -> str:
        return render(self._environment, f"email/digest/{name}", values)

    def _frame(
        self, digest: Digest, pairs: Sequence[Listed], changes: Sequence[ChangeCard], t: Translator
    ) -> dict[str, Any]:
        """What the mail says around its items."""
        titles = [one_line(entry.item.title) for _, entry in pairs]
        return {
            "t": t,
            "site": self.site.speaking(t.lang),
            "subject": subject_line(titles, len(titles), changes, t),
            "title": links.HEADING,
            "period": period_words(digest, t),
            "preheader": clip(preheader(titles, changes), PREHEADER),
            "total": len(titles),
            "alone": len(titles) == 1 and not changes and digest.audience.cadence is Cadence.IMMEDIATE,
            "at_the_end": counts_at_the_end(changes, t) if titles else "",
            "web_url": links.digest_url(self.site),
            "privacy_url": privacy_url(self.site, t.lang),
            **foot_values(digest.audience, self.site, self.vocabulary, t),
        }

    def _items(
        self, digest: Digest, pairs: Sequence[Listed], layout: Layout, t: Translator
    ) -> dict[str, Any]:
        """The items split by `layout` into the leading one, cards, headlines and the rest."""
        make = Cards(digest.audience, self.site, self.vocabulary, t)
        lead, others = (pairs[0], pairs[1:]) if pairs and layout.cards else (None, pairs)
        cards = others[: max(0, layout.cards - 1)]
        headlines = others[len(cards) : len(cards) + layout.headlines]
        return {
            "lead": make.card(1, lead[1], Place(), lead_limit(len(pairs))) if lead else None,
            "sections": list(self._sections(digest.groups, cards, lead, 2, make, t)),
            "headline_sections": list(
                self._sections(digest.groups, headlines, lead, 2 + len(cards), make, t)
            ),
            "headline_count": len(headlines),
            "contents": self._contents(digest.groups, t) if len(pairs) >= CONTENTS_FROM else [],
            "more": len(others) - len(cards) - len(headlines),
        }

    def _contents(self, groups: Sequence[DigestGroup], t: Translator) -> list[tuple[str, int]]:
        """The groups with how many items each has."""
        return [(group_heading(group, self.vocabulary, t), len(group.entries)) for group in groups]

    def _sections(
        self,
        groups: Sequence[DigestGroup],
        listed: Sequence[Listed],
        lead: Listed | None,
        number: int,
        make: Cards,
        t: Translator,
    ) -> Iterator[Section]:
        """Cards numbered from `number` under the digest's headings; "Other news" alone needs no heading."""
        for group, some in groupby(listed, key=lambda one: one[0]):
            entries = [entry for _, entry in some]
            place = Place(kind=group.kind, code=group.code)
            cards = tuple(make.card(number + n, entry, place, SUMMARY) for n, entry in enumerate(entries))
            number += len(cards)
            heading = "" if len(groups) == 1 and group.kind is None else self._heading(group, t)
            count = count_words(len(group.entries), lead is not None and lead[0] is group, t)
            yield Section(heading, count, cards)

    def _heading(self, group: DigestGroup, t: Translator) -> str:
        return group_heading(group, self.vocabulary, t)


def _no_mark(_: str) -> str:
    return ""


def _mark_text(name: str) -> str:
    return f"\ufdd9{name}\ufdd9"


def _mark_html(name: str) -> Markup:
    return Markup("<!--{}-->").format(_mark_text(name))


Listed = tuple[DigestGroup, DigestEntry]


def lead_limit(total: int) -> int:
    """How much of the leading item's text is shown in a mail of `total` items."""
    return _WHOLE_TEXT if total == 1 else LEAD_SUMMARY


def listed(digest: Digest) -> list[Listed]:
    """All entries with their groups, the leading one first, the others in reading order."""
    pairs = [(group, entry) for group in digest.groups for entry in group.entries]
    if not pairs:
        return []
    first = leading([entry for _, entry in pairs], digest.audience.lang)
    return sorted(pairs, key=lambda pair: pair[1] is not first)


def count_words(number: int, leads: bool, t: Translator) -> str:
    """``2 items``, or ``1 more`` where the item that leads the mail belongs here."""
    if leads:
        return t.ngettext("1 more", "%(num)s more", number - 1) % {"num": t.number(number - 1)}
    return t.ngettext("1 item", "%(num)s items", number) % {"num": t.number(number)}


def preheader(titles: Sequence[str], changes: Sequence[ChangeCard]) -> str:
    """What mail programs show beside the subject: changes first, then titles that the subject has not."""
    told = [one.tagged for one in changes] if titles else [one.tagged for one in changes[1:]]
    return " · ".join([*told[:3], *titles[1:6]])


def _changed(changes: Sequence[ChangeCard], layout: Layout) -> dict[str, Any]:
    """The changes split by `layout` into those shown and the number of the rest."""
    shown = changes[: layout.notes]
    return {"changes": shown, "told": len(changes), "more_changes": len(changes) - len(shown)}
