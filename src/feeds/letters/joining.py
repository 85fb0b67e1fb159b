"""Digest mails put together from pieces that were rendered once, for very many audiences (pure).

A mail is a body, which all share who get the same items under the same headings, and a foot, which says whose
subscription it is. Both are kept as they are, with slots for what differs besides: period and promise
(`templating.later`), and those of `links`. A body is joined: each item's card, each heading is rendered once
and cut out at the template's marks. A test holds what is joined equal to what is rendered whole
(`letters.digest`). Templates of an operator that lack the marks are rendered whole, audience by audience.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import groupby
from typing import Any

from feeds.errors import MailError
from feeds.i18n import Translator, translator
from feeds.letters import links
from feeds.letters.cards import SUMMARY, Card, Cards, Place
from feeds.letters.changes import MOST_CHANGES, ChangeCard, change_cards, counts_at_the_end
from feeds.letters.days import period_words
from feeds.letters.digest import (
    CONTENTS_FROM,
    MOST_CARDS,
    MOST_HEADLINES,
    PREHEADER,
    DigestLetters,
    Listed,
    Section,
    count_words,
    lead_limit,
    listed,
    preheader,
)
from feeds.letters.footing import FEEDS_SHOWN, FILTERS_SHOWN, feed_url, foot_values, heading_words, promise
from feeds.letters.personal import subscribe_url
from feeds.letters.subject import subject_line
from feeds.model import Audience, Cadence, Digest, DigestGroup, Filter, RenderedDigest
from feeds.templating import clip, filled_in, filled_in_html, later, one_line
from feeds.wording import describe, group_heading

FOOT = later("foot")
_SUBJECT, _PREHEADER, _PERIOD, _PROMISE, _COUNT, _NUMBER = (
    later(name) for name in ("subject", "preheader", "period", "promise", "count", "number")
)
_MARK = re.compile("(?:<!--)?\ufdd9([a-z]+)\ufdd9(?:-->)?")
# In which order the pieces of a mail must come that is joined here.
_HTML_ORDER = (
    "top", "end", "open", "lead", "contents", "entry", "entries", "group", "card", "headlines", "listed",
    "headline", "closed", "more", "changes", "rest", "foot", "tail",
)  # fmt: skip
_TEXT_ORDER = (
    "top", "end", "contents", "lead", "group", "card", "headlines", "listed", "headline", "more", "changes",
    "rest", "foot", "tail",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Passage:
    """A body or a foot: both parts of it."""

    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Body:
    """What a mail says of its items: `passage` has the slots of foot, period and promise."""

    subject: str
    passage: Passage


@dataclass(frozen=True, slots=True)
class Said:
    """What of a digest differs from audience to audience besides body and foot."""

    heading: str
    period: str
    promise: str


def put_together(subject: str, body: Passage, foot: Passage | None, said: Said) -> RenderedDigest:
    """The mail of an audience, as `Letters.digest` gives it. Without a foot, the body is whole already."""
    if foot is None:
        return RenderedDigest(subject=subject, text=body.text, html=body.html, heading=said.heading)
    words = {"period": said.period, "promise": said.promise}
    return RenderedDigest(
        subject=subject,
        text=filled_in(body.text.replace(FOOT, foot.text), words),
        html=filled_in_html(body.html.replace(FOOT, foot.html), words),
        heading=said.heading,
    )


Pieces = list[tuple[str, str]]


class Joining:
    """Joins the mails of one pass: items must stay as they are while it lives. Not for several threads."""

    def __init__(self, letters: DigestLetters) -> None:
        self._letters = letters
        self._site, self._vocabulary = letters.site, letters.vocabulary
        self._pieces: dict[Hashable, str] = {}
        self._lines: dict[str, str] = {}
        self._frames: dict[str, _Frame] = {}
        self._feet: dict[Hashable, Passage] = {}
        self._wish = lru_cache(100_000)(self._wish_words)

    def key(self, digest: Digest) -> Hashable:
        """What makes bodies the same; None if this one belongs to its audience alone."""
        t = translator(digest.audience.lang)
        if not self._frame(t).marked:
            return None
        changes = tuple((one.item.id, one.n) for one in digest.corrections)
        several = len(digest.audience.filters) > 1
        return (
            t.lang,
            digest.audience.cadence is Cadence.IMMEDIATE and len(digest.entries()) == 1,
            digest.audience.zone if changes else "",
            changes,
            tuple(
                (group.kind, group.code, tuple([entry.item.id for entry in group.entries]))
                for group in digest.groups
            ),
            _weights(digest),
            digest.audience.filters if several else (),
        )

    def body(self, digest: Digest) -> Body | None:
        """The body; None if it must be rendered whole. MailError if an item smuggles a slot in."""
        t = translator(digest.audience.lang)
        frame = self._frame(t)
        if not frame.marked:
            return None
        pairs = listed(digest)
        alone = len(pairs) == 1 and not digest.corrections and digest.audience.cadence is Cadence.IMMEDIATE
        if alone or not pairs or not frame.joined:
            return self._rendered(digest)
        changes = change_cards(
            digest.corrections, digest.audience, self._site, self._vocabulary, t
        )  # of few digests
        titles = [self._line(entry.item.title) for _, entry in pairs[:6]]
        subject = subject_line(titles, len(pairs), changes, t)
        shown = clip(preheader(titles, changes), PREHEADER)
        parts = _Parts(self, digest, pairs, changes, t)
        html = (
            "".join(
                [filled_in_html(frame.html["top"], {"subject": subject, "preheader": shown}), *parts.html()]
            )
            + frame.html["rest"]
            + FOOT
            + frame.html["tail"]
        )
        text = "".join([frame.text["top"], *parts.text(), frame.text["rest"], FOOT, frame.text["tail"]])
        return Body(subject, Passage(text, html))

    def foot(self, audience: Audience) -> Passage:
        """The foot of an audience's mails, with the slot of its promise."""
        key = (audience.lang, audience.filters)
        known = self._feet.get(key)
        if known is None:
            if len(self._feet) > 20_000:
                self._feet.clear()
            known = self._feet[key] = self._foot(audience)
        return known

    def said(self, digest: Digest) -> Said:
        """Heading, period and promise."""
        audience = digest.audience
        t = translator(audience.lang)
        return Said(self.heading(audience), period_words(digest, t), promise(audience, t))

    def heading(self, audience: Audience) -> str:
        """What stands over the mail: not of very many filters, it is the same for few."""
        return heading_words(audience.filters, self._vocabulary, translator(audience.lang))

    def _foot(self, audience: Audience) -> Passage:
        t = translator(audience.lang)
        wishes, feeds = audience.filters[:FILTERS_SHOWN], audience.filters[:FEEDS_SHOWN]
        more = len(audience.filters) - len(wishes)
        frame = self._foot_frame(t, len(wishes), more, len(feeds))
        words = {f"wish{n}": self._wish(one, t.lang) for n, one in enumerate(wishes)}
        words |= {f"feed{n}": feed_url(one, self._site) for n, one in enumerate(feeds)}
        words["subscribe"] = subscribe_url(self._site, audience.filters, t.lang)
        return Passage(filled_in(frame.text, words), filled_in_html(frame.html, words))

    def _wish_words(self, wish: Filter, lang: str) -> str:
        return clip(describe(wish, self._vocabulary, translator(lang)), 300)

    def _foot_frame(self, t: Translator, wishes: int, more: int, feeds: int) -> Passage:
        key = ("foot", t.lang, wishes, more, feeds)
        values = {
            "wishes": [later(f"wish{n}") for n in range(wishes)],
            "more_wishes": more,
            "promise": _PROMISE,
            "subscribe_url": later("subscribe"),
            "feed_urls": [later(f"feed{n}") for n in range(feeds)],
        }
        return Passage(
            self.piece(("text", key), "body.txt", t, "foot", lambda: values),
            self.piece(("html", key), "body.html", t, "foot", lambda: values),
        )

    def _rendered(self, digest: Digest) -> Body | None:
        """A body that is not joined: rendered with its marks, and its foot cut out."""
        made = self._letters.render_marked(digest, _PERIOD)
        text, html = _cut(made.text), _cut(made.html)
        names = {"foot", "tail"}
        if not all(names <= {name for name, _ in pieces} for pieces in (text, html)):
            return None
        return Body(made.subject, Passage(_without_foot(text), _without_foot(html)))

    def _frame(self, t: Translator) -> _Frame:
        frame = self._frames.get(t.lang)
        if frame is None:
            frame = self._frames[t.lang] = self._framed(t)
        return frame

    def _framed(self, t: Translator) -> _Frame:
        text, html = (self._cut(part, t, {}) for part in ("body.txt", "body.html"))
        probe = _probe()
        in_order = all(
            _firsts(self._cut(part, t, probe)) == list(order)
            for part, order in (("body.txt", _TEXT_ORDER), ("body.html", _HTML_ORDER))
        )
        marked = all({"foot", "tail"} <= {name for name, _ in pieces} for pieces in (text, html))
        return _Frame(dict(text), dict(html), marked, marked and in_order)

    def _cut(self, part: str, t: Translator, values: dict[str, Any]) -> Pieces:
        return _cut(self._letters.render_part(part, self._values(t) | values))

    def _values(self, t: Translator) -> dict[str, Any]:
        bare = Audience(cadence=Cadence.IMMEDIATE, filters=(Filter(),), lang=t.lang)
        return {
            "t": t, "site": self._site, "subject": _SUBJECT, "title": links.HEADING, "period": _PERIOD,
            "preheader": _PREHEADER, "total": 2, "alone": False, "at_the_end": "",
            "web_url": links.digest_url(self._site), "privacy_url": self._letters.privacy_url(t.lang),
            **foot_values(bare, self._site, self._vocabulary, t),
            "lead": None, "sections": [], "headline_sections": [], "headline_count": 0, "contents": [],
            "more": 0, "changes": [], "told": 0, "more_changes": 0,
        }  # fmt: skip

    def piece(
        self, key: Hashable, part: str, t: Translator, name: str, make: Callable[[], dict[str, Any]],
        which: int = -1,
    ) -> str:  # fmt: skip
        """The piece of this name that a template gives for these values, the last one or the first; made
        once."""
        known = self._pieces.get(key)
        if known is None:
            found = [content for each, content in self._cut(part, t, make()) if each == name]
            known = self._pieces[key] = found[which]
        return known

    def _line(self, title: str) -> str:
        known = self._lines.get(title)
        if known is None:
            known = self._lines[title] = one_line(title)
        return known

    def cards(self, t: Translator) -> Cards:
        """Cards without a reason of their own."""
        bare = Audience(cadence=Cadence.IMMEDIATE, filters=(), lang=t.lang)
        return Cards(bare, self._site, self._vocabulary, t)

    def included(self, digest: Digest, t: Translator) -> Callable[[Any], str]:
        """Why an item is in this digest, where that is not plain."""
        if len(digest.audience.filters) < 2:
            return lambda _: ""
        return Cards(digest.audience, self._site, self._vocabulary, t).included

    def group_name(self, group: DigestGroup, t: Translator) -> str:
        """What stands over a group."""
        return group_heading(group, self._vocabulary, t)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands around the pieces, the same in all mails of a language. `marked`: the foot can be cut out;
    `joined`: all pieces can, and come in the order that is joined here."""

    text: dict[str, str]
    html: dict[str, str]
    marked: bool
    joined: bool


class _Parts:
    """The pieces of one body, in their order."""

    def __init__(
        self,
        joining: Joining,
        digest: Digest,
        pairs: Sequence[Listed],
        changes: Sequence[ChangeCard],
        t: Translator,
    ) -> None:
        self._joining, self._digest, self._t = joining, digest, t
        self._lead, others = pairs[0], pairs[1:]
        self._cards = others[: MOST_CARDS - 1]
        self._headlines = others[len(self._cards) : len(self._cards) + MOST_HEADLINES]
        self._more = len(others) - len(self._cards) - len(self._headlines)
        self._changes = changes[:MOST_CHANGES]
        self._all_changes = changes
        self._total = len(pairs)
        self._included = joining.included(digest, t)
        self._named = not (len(digest.groups) == 1 and digest.groups[0].kind is None)

    def html(self) -> Iterator[str]:
        """From the opening to what comes before the foot."""
        if self._changes:
            yield self._end("body.html", "html")
        yield self._plain("open", {})
        yield self._card(self._lead, Place(), "lead", first=False)
        if self._total >= CONTENTS_FROM:
            yield from self._contents()
        for group, some in groupby(self._cards, key=lambda one: one[0]):
            if self._named:
                yield self._group(group)
            place, first = Place(kind=group.kind, code=group.code), True
            for each in some:
                yield self._card(each, place, "card", first=first)
                first = False
        yield from self._headlines_html()
        if self._more:
            yield self._more_words("body.html", "html")
        if self._changes:
            yield self._changed("body.html", "html")

    def _headlines_html(self) -> Iterator[str]:
        if not self._headlines:
            return
        number = len(self._headlines)
        yield self._plain("headlines", _with_headlines(Section("", "", ()), number), number)
        for group, some in groupby(self._headlines, key=lambda one: one[0]):
            heading = self._joining.group_name(group, self._t) if self._named else ""
            yield self._plain("listed", _with_headlines(Section(heading, "", ()), 1), heading)
            for each in some:
                yield self._headline(each)
            yield self._plain("closed", _with_headlines(Section("", "", ()), 1))

    def text(self) -> Iterator[str]:
        """The same of the text part."""
        if self._changes:
            yield self._end("body.txt", "text")
        if self._total >= CONTENTS_FROM:
            yield self._contents_text()
        yield self._lead_text()
        number = 2
        for group, some in groupby(self._cards, key=lambda one: one[0]):
            if self._named:
                yield self._group_text(group)
            place = Place(kind=group.kind, code=group.code)
            for each in some:
                yield self._card_text(each, place, number)
                number += 1
        yield from self._headlines_texts(number)
        if self._more:
            yield self._more_words("body.txt", "text")
        if self._changes:
            yield self._changed("body.txt", "text")

    def _headlines_texts(self, number: int) -> Iterator[str]:
        if not self._headlines:
            return
        yield self._plain_text("headlines", _with_headlines(Section("", "", ()), 1))
        for group, some in groupby(self._headlines, key=lambda one: one[0]):
            heading = self._joining.group_name(group, self._t) if self._named else ""
            yield self._plain_text("listed", _with_headlines(Section(heading, "", ()), 1), heading)
            for each in some:
                yield self._headline_text(each, number)
                number += 1

    def _plain(self, name: str, values: dict[str, Any], *what: object) -> str:
        return self._joining.piece(
            ("html", self._t.lang, name, *what), "body.html", self._t, name, lambda: values
        )

    def _plain_text(self, name: str, values: dict[str, Any], *what: object) -> str:
        return self._joining.piece(
            ("text", self._t.lang, name, *what), "body.txt", self._t, name, lambda: values
        )

    def _end(self, part: str, kind: str) -> str:
        said = counts_at_the_end(self._all_changes, self._t)
        key = (kind, self._t.lang, "end", said)
        return self._joining.piece(key, part, self._t, "end", lambda: {"at_the_end": said})

    def _changed(self, part: str, kind: str) -> str:
        told = tuple((one.item.id, one.n) for one in self._digest.corrections)
        key = (kind, self._t.lang, "changes", self._digest.audience.zone, told)
        values = {
            "changes": self._changes, "told": len(self._all_changes),
            "more_changes": len(self._all_changes) - len(self._changes),
        }  # fmt: skip
        return self._joining.piece(key, part, self._t, "changes", lambda: values)

    def _more_words(self, part: str, kind: str) -> str:
        key = (kind, self._t.lang, "more", self._more)
        return self._joining.piece(key, part, self._t, "more", lambda: {"more": self._more})

    def _made(self, pair: Listed, place: Place, number: int, limit: int) -> Card:
        card = self._joining.cards(self._t).card(number, pair[1], place, limit)
        made = replace(card, included=self._included(pair[1].item))
        if any(
            slot in part for slot in links.SLOTS for part in (made.title, made.text, made.html, made.meta)
        ):
            raise MailError("an item holds what stands for a personal link")
        return made

    def _card(self, pair: Listed, place: Place, name: str, *, first: bool) -> str:
        item = pair[1].item
        why = self._included(item)
        key = ("html", self._t.lang, name, item.id, place.kind, place.code, first, why)

        def values() -> dict[str, Any]:
            if name == "lead":
                return {"lead": self._made(pair, place, 1, lead_limit(self._total))}
            card = self._made(pair, place, 1, SUMMARY)
            return {"sections": [Section("", "", (card,) if first else (card, card))]}

        return self._joining.piece((*key, self._total == 1), "body.html", self._t, name, values)

    def _lead_text(self) -> str:
        item = self._lead[1].item
        key = ("text", self._t.lang, "lead", item.id, self._included(item), self._total == 1)

        def values() -> dict[str, Any]:
            return {"lead": self._made(self._lead, Place(), 1, lead_limit(self._total))}

        return self._joining.piece(key, "body.txt", self._t, "lead", values)

    def _card_text(self, pair: Listed, place: Place, number: int) -> str:
        item, width = pair[1].item, len(str(number))
        key = ("text", self._t.lang, "card", item.id, place.kind, place.code, self._included(item), width)

        def values() -> dict[str, Any]:
            card = self._made(pair, place, 10 ** (width - 1), SUMMARY)
            return {"sections": [Section("", "", (card,))]}

        piece = self._joining.piece(key, "body.txt", self._t, "card", values)
        return piece.replace(str(10 ** (width - 1)), str(number), 1)

    def _headline(self, pair: Listed) -> str:
        item = pair[1].item
        key = ("html", self._t.lang, "headline", item.id)

        def values() -> dict[str, Any]:
            return _with_headlines(Section("", "", (self._made(pair, Place(), 1, SUMMARY),)), 1)

        return self._joining.piece(key, "body.html", self._t, "headline", values)

    def _headline_text(self, pair: Listed, number: int) -> str:
        item, width = pair[1].item, len(str(number))
        key = ("text", self._t.lang, "headline", item.id, width)

        def values() -> dict[str, Any]:
            return _with_headlines(
                Section("", "", (self._made(pair, Place(), 10 ** (width - 1), SUMMARY),)), 1
            )

        piece = self._joining.piece(key, "body.txt", self._t, "headline", values)
        return piece.replace(str(10 ** (width - 1)), str(number), 1)

    def _group(self, group: DigestGroup) -> str:
        heading = self._joining.group_name(group, self._t)
        values = {"sections": [Section(heading, _COUNT, ())]}
        piece = self._plain("group", values, heading)
        count = count_words(len(group.entries), self._lead[0] is group, self._t)
        return filled_in_html(piece, {"count": count})

    def _group_text(self, group: DigestGroup) -> str:
        heading = self._joining.group_name(group, self._t)
        return self._plain_text("group", {"sections": [Section(heading, "", ())]}, heading)

    def _contents(self) -> Iterator[str]:
        yield self._plain("contents", {"contents": [("x", 1)]})
        groups = self._digest.groups
        for number, group in enumerate(groups, 1):
            name, last = self._joining.group_name(group, self._t), number == len(groups)
            entries = [(name, _NUMBER)] if last else [(name, _NUMBER), ("x", 1)]
            piece = self._joining.piece(
                ("html", self._t.lang, "entry", name, last), "body.html", self._t, "entry",
                partial(dict[str, Any], contents=entries), 0,
            )  # fmt: skip
            yield filled_in_html(piece, {"number": str(len(group.entries))})
        yield self._plain("entries", {"contents": [("x", 1)]})

    def _contents_text(self) -> str:
        groups = [
            (self._joining.group_name(each, self._t), len(each.entries)) for each in self._digest.groups
        ]
        return self._plain_text("contents", {"contents": groups}, tuple(groups))


def _with_headlines(section: Section, number: int) -> dict[str, Any]:
    return {"headline_sections": [section], "headline_count": number}


def _weights(digest: Digest) -> Hashable:
    """What decides which item leads: it may differ between equal lists of items."""
    pairs = listed(digest)
    return pairs[0][1].item.id if pairs else ""


def _cut(rendered: str) -> Pieces:
    first, *rest = _MARK.split(rendered)
    return [("top", first), *zip(rest[::2], rest[1::2], strict=True)]


def _without_foot(pieces: Pieces) -> str:
    return "".join(FOOT if name == "foot" else content for name, content in pieces)


def _probe() -> dict[str, Any]:
    """Values with which a template shows each of its pieces."""
    card = Card(number=1, title="x", url="x", lang="", meta="x", text="x", html="x", included="x")
    change = ChangeCard(
        withdrawn=False, title="x", url="x", lang="", state="x", fields="x", passages=(), reason="x",
        meta="x", tagged="x",
    )  # fmt: skip
    section = Section("x", "x", (card, card))
    return {
        "at_the_end": "x", "lead": card, "sections": [section], "headline_sections": [section],
        "headline_count": 2, "contents": [("x", 1), ("x", 2)], "more": 1, "changes": [change], "told": 2,
        "more_changes": 1,
    }  # fmt: skip


def _firsts(pieces: Pieces) -> list[str]:
    return list(dict.fromkeys(name for name, _ in pieces))
