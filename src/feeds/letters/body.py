"""The body of one digest mail, joined from pieces in the order in which the template has them (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from feeds.errors import MailError
from feeds.i18n import Translator
from feeds.letters.cards import SUMMARY, Card, Cards, Place
from feeds.letters.changes import MOST_CHANGES, ChangeCard, counts_at_the_end
from feeds.letters.digest import (
    CONTENTS_FROM,
    MOST_CARDS,
    MOST_HEADLINES,
    Listed,
    Section,
    count_words,
    lead_limit,
)
from feeds.letters.pieces import HTML, TEXT, Pieces
from feeds.model import Audience, Cadence, Digest, DigestGroup, Item, Kind
from feeds.templating import filled_in, filled_in_html, later
from feeds.wording import group_heading

_COUNT, _NUMBER, _FIRST, _REST, _WHY = map(later, ("count", "number", "first", "others", "why"))
_DUMMY = Card(number=1, title="", url="", lang="", meta="", text="", html="", included="")
_SLOT = re.compile("[\ufdd0-\ufdef]")
_Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Run:
    """Items next to each other under one heading; an empty heading is not shown."""

    group: DigestGroup
    heading: str
    place: Place
    pairs: list[Listed]


class BodyParts:
    """The pieces of one body."""

    def __init__(
        self,
        pieces: Pieces,
        digest: Digest,
        pairs: Sequence[Listed],
        changes: Sequence[ChangeCard],
        t: Translator,
    ) -> None:
        self._pieces, self._digest, self._t, self._changes = pieces, digest, t, changes
        self._lead, others = pairs[0], pairs[1:]
        self._total = len(pairs)
        cards = others[: MOST_CARDS - 1]
        headlines = others[len(cards) : len(cards) + MOST_HEADLINES]
        self._more = len(others) - len(cards) - len(headlines)
        self._headlines = len(headlines)
        self._cards, self._listed = self._runs(cards), self._runs(headlines)
        self._why = self._reasons()

    def _runs(self, pairs: Sequence[Listed]) -> list[_Run]:
        groups = self._digest.groups
        named = not (len(groups) == 1 and groups[0].kind is None)
        return [
            _Run(group, self._name(group) if named else "", _place(group), [*some])
            for group, some in groupby(pairs, key=lambda one: one[0])
        ]

    def _reasons(self) -> Callable[[Item, Place], str]:
        """Why an item is in this digest, where that is not plain."""
        if len(self._digest.audience.filters) < 2:
            return lambda _item, _place: ""
        letters = self._pieces.letters
        return Cards(self._digest.audience, letters.site, letters.vocabulary, self._t).included

    def _name(self, group: DigestGroup) -> str:
        return group_heading(group, self._pieces.letters.vocabulary, self._t)

    def html(self) -> Iterator[str]:
        """From the opening to what comes before the foot."""
        if self._changes:
            yield self._end(HTML)
        yield self._plain(HTML, "open", {})
        yield self._item(HTML, "lead", self._lead, _place(self._lead[0]))
        if self._total >= CONTENTS_FROM:
            yield from self._contents()
        for run in self._cards:
            if run.heading:
                count = count_words(len(run.group.entries), self._lead[0] is run.group, self._t)
                values = {"sections": [Section(run.heading, _COUNT, ())]}
                yield filled_in_html(self._plain(HTML, "group", values, run.heading), {"count": count})
            for n, each in enumerate(run.pairs):
                yield self._item(HTML, "other" if n else "first", each, run.place)
        if self._listed:
            yield self._plain(HTML, "headlines", _headlines("", self._headlines), self._headlines)
        for run in self._listed:
            yield self._plain(HTML, "listed", _headlines(run.heading), run.heading)
            for each in run.pairs:
                yield self._item(HTML, "headline", each, run.place)
            yield self._plain(HTML, "closed", _headlines(""))
        yield from self._last(HTML)

    def text(self) -> Iterator[str]:
        """The same of the text part."""
        if self._changes:
            yield self._end(TEXT)
        if self._total >= CONTENTS_FROM:
            yield self._contents_text()
        yield self._item(TEXT, "lead", self._lead, _place(self._lead[0]))
        number = 2
        for run in self._cards:
            if run.heading:
                yield self._plain(TEXT, "group", {"sections": [Section(run.heading, "", ())]}, run.heading)
            for each in run.pairs:
                yield self._numbered("card", each, run.place, number)
                number += 1
        if self._listed:
            yield self._plain(TEXT, "headlines", _headlines(""))
        for run in self._listed:
            yield self._plain(TEXT, "listed", _headlines(run.heading), run.heading)
            for each in run.pairs:
                yield self._numbered("headline", each, run.place, number)
                number += 1
        yield from self._last(TEXT)

    def _last(self, part: str) -> Iterator[str]:
        if self._more:
            yield self._plain(part, "more", {"more": self._more}, self._more)
        if not self._changes:
            return
        told = tuple((one.item.id, one.n) for one in self._digest.corrections)
        shown = self._changes[:MOST_CHANGES]
        values = {
            "changes": shown, "told": len(self._changes), "more_changes": len(self._changes) - len(shown),
        }  # fmt: skip
        yield self._plain(part, "changes", values, self._digest.audience.zone, told)

    def _end(self, part: str) -> str:
        said = counts_at_the_end(self._changes, self._t)
        return self._plain(part, "end", {"at_the_end": said}, said)

    def _plain(self, part: str, name: str, values: _Values, *what: Hashable) -> str:
        """A piece that is the same for all with the same `what`."""
        key = (part, self._t.lang, name, *what)
        known = self._pieces.find(key)
        if known is None:
            known = self._pieces.keep(key, self._pieces.make(part, self._t, name, values)[0])
        return known

    def _contents(self) -> Iterator[str]:
        yield self._plain(HTML, "contents", {"contents": [("x", 1)]})
        last = len(self._digest.groups) - 1
        for n, group in enumerate(self._digest.groups):
            name = self._name(group)
            entries = [(name, _NUMBER)] if n == last else [(name, _NUMBER), ("x", 1)]
            piece = self._plain(HTML, "entry", {"contents": entries}, name, n == last)
            yield filled_in_html(piece, {"number": str(len(group.entries))})
        yield self._plain(HTML, "entries", {"contents": [("x", 1)]})

    def _contents_text(self) -> str:
        """One sentence over all groups, wrapped when it is whole."""
        piece = self._plain(TEXT, "contents", {"contents": [(_FIRST, _REST)]})
        first, rest = ", ".join(
            f"{self._name(group)} {len(group.entries)}" for group in self._digest.groups
        ).rsplit(" ", 1)
        return filled_in(piece, {"first": first, "others": rest})

    def _item(self, part: str, name: str, pair: Listed, place: Place) -> str:
        """A piece about an item; what else of it is like that is made along with it."""
        item, leads = pair[1].item, name == "lead"
        at = Place() if leads else place
        why = self._why(item, at)
        what = (item.id, why != "", self._total == 1)
        known = self._pieces.find((part, self._t.lang, name, at.kind, at.code, *what))
        if known is None:
            # Under its topic a card says no reason, where the same item says one when it leads.
            together = place.kind is not Kind.TOPIC
            within = place if together else at
            for each, piece in self._made(part, pair, within, explained=why != "").items():
                if together or (each == "lead") == leads:
                    spot = Place() if each == "lead" else within
                    self._pieces.keep((part, self._t.lang, each, spot.kind, spot.code, *what), piece)
            known = self._pieces.find((part, self._t.lang, name, at.kind, at.code, *what))
            assert known is not None
        if not why:
            return known
        return (filled_in_html if part == HTML else filled_in)(known, {"why": why})

    def _numbered(self, name: str, pair: Listed, place: Place, number: int) -> str:
        """A piece of the text part; how it is wrapped depends on how wide its number is."""
        width = len(str(number))
        piece = self._item(TEXT, f"{name}{width}", pair, place)
        return piece.replace(str(10 ** (width - 1)), str(number), 1)

    def _made(self, part: str, pair: Listed, place: Place, *, explained: bool) -> dict[str, str]:
        """All pieces about an item in one place, of one rendering; `explained`: with a slot for why."""
        why = _WHY if explained else ""
        lead = self._card(pair, Place(), why, lead_limit(self._total))
        card = self._card(pair, place, why, SUMMARY)
        if part == HTML:
            values = {
                "lead": lead, "sections": [Section("", "", (card,)), Section("", "", (_DUMMY, card))],
            } | _headlines("", 1, card)  # fmt: skip
            found = self._pieces.cut(part, self._t, values)
            cards = [content for name, content in found if name == "card"]
            pieces = dict(found)
            return {
                "lead": pieces["lead"], "headline": pieces["headline"], "first": cards[0], "other": cards[2],
            }  # fmt: skip
        numbered = tuple(replace(card, number=10**width) for width in (0, 1))
        values = {"lead": lead, "sections": [Section("", "", numbered)]} | _headlines("", 2, *numbered)
        found = self._pieces.cut(part, self._t, values)
        cards = [content for name, content in found if name == "card"]
        headlines = [content for name, content in found if name == "headline"]
        made = {"lead": dict(found)["lead"]}
        made |= {f"card{n}": piece for n, piece in enumerate(cards, 1)}
        return made | {f"headline{n}": piece for n, piece in enumerate(headlines, 1)}

    def _card(self, pair: Listed, place: Place, why: str, limit: int) -> Card:
        letters = self._pieces.letters
        bare = Audience(cadence=Cadence.IMMEDIATE, filters=(), lang=self._t.lang)
        card = Cards(bare, letters.site, letters.vocabulary, self._t).card(1, pair[1], place, limit)
        no_slots(card.title, card.text, card.html)
        return replace(card, included=why)


def _place(group: DigestGroup) -> Place:
    return Place(kind=group.kind, code=group.code)


def no_slots(*parts: str) -> None:
    """MailError if an item holds what stands for a link, a word or a mark."""
    if any(_SLOT.search(part) for part in parts):
        raise MailError("an item holds what stands for a personal link")


def _headlines(heading: str, number: int = 1, *cards: Card) -> _Values:
    return {"headline_sections": [Section(heading, "", cards)], "headline_count": number}
