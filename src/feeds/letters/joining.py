"""Digest mails put together from pieces that were rendered once, for very many audiences (pure).

A mail is a body, which all share who get the same items under the same headings, and a foot, which says
whose subscription it is. Both are kept as they are, with slots for what differs besides: period and promise
(`templating.later`), and those of `links`. Bodies are joined from pieces (`body`); a test holds what is
joined equal to what is rendered whole (`letters.digest`). Templates of an operator that lack the marks are
rendered whole, audience by audience.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from feeds.i18n import Translator, translator
from feeds.letters.body import BodyParts, no_slots
from feeds.letters.changes import change_cards
from feeds.letters.days import period_words
from feeds.letters.digest import PREHEADER, DigestLetters, Listed, listed, preheader
from feeds.letters.footing import FEEDS_SHOWN, FILTERS_SHOWN, feed_url, heading_words, promise
from feeds.letters.personal import subscribe_url
from feeds.letters.pieces import FOOT, HTML, TEXT, Pieces, cut, without_foot
from feeds.letters.subject import subject_line
from feeds.model import Audience, Cadence, Digest, Filter, RenderedDigest
from feeds.templating import clip, filled_in, filled_in_html, later, one_line
from feeds.wording import describe


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
class Wording:
    """What of a digest differs from audience to audience besides body and foot."""

    heading: str
    period: str
    promise: str


def put_together(subject: str, body: Passage, foot: Passage | None, wording: Wording) -> RenderedDigest:
    """The mail of an audience, as `Letters.digest` gives it. Without a foot, the body is whole already."""
    if foot is None:
        return RenderedDigest(subject=subject, text=body.text, html=body.html, heading=wording.heading)
    words = {"period": wording.period, "promise": wording.promise}
    return RenderedDigest(
        subject=subject,
        text=filled_in(body.text.replace(FOOT, foot.text), words),
        html=filled_in_html(body.html.replace(FOOT, foot.html), words),
        heading=wording.heading,
    )


class Joining:
    """Joins the mails of one pass: items must stay as they are while it lives. Not for several threads."""

    def __init__(self, letters: DigestLetters) -> None:
        self._letters = letters
        self._site, self._vocabulary = letters.site, letters.vocabulary
        self._pieces = Pieces(letters)
        self._wish = lru_cache(10_000)(self._wish_words)
        self._line = lru_cache(10_000)(one_line)

    def key(self, digest: Digest) -> Hashable:
        """What makes bodies the same; None if this one belongs to its audience alone."""
        audience = digest.audience
        if not self._pieces.frame(translator(audience.lang)).marked:
            return None
        changes = tuple((one.item.id, one.n) for one in digest.corrections)
        groups = tuple(
            (group.kind, group.code, tuple([entry.item.id for entry in group.entries]))
            for group in digest.groups
        )
        pairs = listed(digest)
        return (
            audience.lang, self._alone(digest, pairs), audience.zone if changes else "", changes, groups,
            pairs[0][1].item.id if pairs else "", audience.filters if len(audience.filters) > 1 else (),
        )  # fmt: skip

    def _alone(self, digest: Digest, pairs: Sequence[Listed]) -> bool:
        """A single item at once has a mail of its own kind."""
        at_once = digest.audience.cadence is Cadence.IMMEDIATE
        return len(pairs) == 1 and not digest.corrections and at_once

    def body(self, digest: Digest) -> Body | None:
        """The body; None if it must be rendered whole. MailError if an item smuggles a slot in."""
        t = translator(digest.audience.lang)
        frame, pairs = self._pieces.frame(t), listed(digest)
        if not frame.marked:
            return None
        if not pairs or not frame.joined or self._alone(digest, pairs):
            return self._rendered(digest)
        changes = change_cards(digest.corrections, digest.audience, self._site, self._vocabulary, t)
        titles = [self._line(entry.item.title) for _, entry in pairs[:6]]
        subject = subject_line(titles, len(pairs), changes, t)
        words = {"subject": subject, "preheader": clip(preheader(titles, changes), PREHEADER)}
        parts = BodyParts(self._pieces, digest, pairs, changes, t)
        text, html = frame.parts[TEXT], frame.parts[HTML]
        return Body(
            subject,
            Passage(
                "".join([text["top"], *parts.text(), text["rest"], FOOT, text["tail"]]),
                "".join(
                    [filled_in_html(html["top"], words), *parts.html(), html["rest"], FOOT, html["tail"]]
                ),
            ),
        )

    def _rendered(self, digest: Digest) -> Body | None:
        """A body that is not joined: rendered with its marks, and its foot cut out."""
        for entry in digest.entries():
            no_slots(entry.item.title, entry.item.summary, entry.item.body)
        made = self._letters.render_marked(digest, later("period"))
        return Body(made.subject, Passage(without_foot(cut(made.text)), without_foot(cut(made.html))))

    def wording(self, digest: Digest) -> Wording:
        """Heading, period and promise."""
        audience = digest.audience
        t = translator(audience.lang)
        return Wording(self.heading(audience), period_words(digest, t), promise(audience, t))

    def heading(self, audience: Audience) -> str:
        """What stands over the mail."""
        return heading_words(audience.filters, self._vocabulary, translator(audience.lang))

    def foot(self, audience: Audience) -> Passage:
        """The foot of an audience's mails, with the slot of its promise."""
        t = translator(audience.lang)
        wishes, feeds = audience.filters[:FILTERS_SHOWN], audience.filters[:FEEDS_SHOWN]
        more = len(audience.filters) - len(wishes)
        words = {f"wish{n}": self._wish(one, t.lang) for n, one in enumerate(wishes)}
        words |= {f"feed{n}": feed_url(one, self._site, t.lang) for n, one in enumerate(feeds)}
        words["subscribe"] = subscribe_url(self._site, audience.filters, t.lang)
        text, html = (self._foot_piece(part, t, len(wishes), more, len(feeds)) for part in (TEXT, HTML))
        return Passage(filled_in(text, words), filled_in_html(html, words))

    def _wish_words(self, wish: Filter, lang: str) -> str:
        return clip(describe(wish, self._vocabulary, translator(lang)), 300)

    def _foot_piece(self, part: str, t: Translator, wishes: int, more: int, feeds: int) -> str:
        key = (part, t.lang, "foot", wishes, more, feeds)
        known = self._pieces.find(key)
        if known is not None:
            return known
        values = {
            "wishes": [later(f"wish{n}") for n in range(wishes)], "more_wishes": more,
            "promise": later("promise"), "subscribe_url": later("subscribe"),
            "feed_urls": [later(f"feed{n}") for n in range(feeds)],
        }  # fmt: skip
        return self._pieces.keep(key, self._pieces.make(part, t, "foot", values)[0])
