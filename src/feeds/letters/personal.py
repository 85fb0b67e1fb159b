"""Mails about somebody's own subscriptions: confirm, welcome, the link to change them, a new address (pure).

Owns: what these mails say. Nothing that was typed by whoever asked stands in a mail that is not yet
confirmed: countries, regions and topics are told by our names, words only by their number (T9).
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from css_inline import CSSInliner

from feeds import timewords
from feeds.filters import everything, to_query
from feeds.i18n import Translator, translator
from feeds.letters import links
from feeds.letters.headers import unsubscribe_url
from feeds.model import (
    Confirming,
    Filter,
    Habits,
    Item,
    Kind,
    Linking,
    Moved,
    Moving,
    Place,
    RenderedMail,
    SigningIn,
    SiteInfo,
    Vocabulary,
    Welcoming,
    Wished,
)
from feeds.templating import Environment, clip, one_line, render
from feeds.wording import describe, label_names, single_feed

_SUBJECT = 80
_WISH = 300
_WIDTH = 72


@dataclass(frozen=True, slots=True)
class Headline:
    """One item of the start that a welcome mail may bring."""

    number: int
    title: str
    url: str
    lang: str
    meta: str


class PersonalLetters:
    """Writes these mails for one site; `sender` is the address they come from.."""

    def __init__(self, environment: Environment, site: SiteInfo, vocabulary: Vocabulary, sender: str) -> None:
        self._environment = environment
        self._site = site
        self._vocabulary = vocabulary
        self._sender = sender
        self._inliner = CSSInliner(load_remote_stylesheets=False)

    def confirm(self, asked: Confirming) -> RenderedMail:
        """Asks whether the owner of an address wants what was asked for with it."""
        t = translator(asked.lang)
        wishes = [replace(one, filter=_ours(one.filter)) for one in asked.wishes]
        facts = [
            *self._facts(wishes, asked, t, typed=any(_typed(one.filter) for one in asked.wishes)),
            (t.gettext("Language"), _tongue(t)),
            (t.gettext("To"), asked.address),
        ]
        values = {
            "known": asked.known,
            "subject": self._subject(t.gettext("Please confirm: %(what)s"), wishes, asked, t),
            "facts": facts,
            "url": links.confirm_url(self._site),
            "until": timewords.moment_words(asked.until_at, asked.zone, t),
            "asked": timewords.moment_words(asked.asked_at, asked.zone, t),
        }
        return self._mail("confirm", values, t)

    def welcome(self, confirmed: Welcoming) -> RenderedMail:
        """Says that it begins, when the first mail comes, and what came last, if that was wanted."""
        t = translator(confirmed.lang)
        told = [self._told(one.filter, t) for one in confirmed.wishes]
        first = timewords.day_words(confirmed.first_at, confirmed.zone, t) if confirmed.first_at else ""
        facts = self._facts(confirmed.wishes, confirmed, t)
        facts.append((t.gettext("First mail"), first or t.gettext("as soon as something fits")))
        values = {
            "subject": self._subject(
                t.gettext("You are subscribed: %(what)s"), confirmed.wishes, confirmed, t
            ),
            "title": self._title(confirmed.wishes, t),
            "facts": facts,
            "first": first,
            "sender": self._sender,
            "newest": [self._headline(n, item, t) for n, item in enumerate(confirmed.newest, start=1)],
            "all_url": self._all_url([one.filter for one in confirmed.wishes], t),
            "told": told,
            "confirmed": timewords.moment_words(confirmed.confirmed_at, confirmed.zone, t),
            "change_url": links.change_url(self._site),
            "pause_url": links.pause_url(self._site),
            "unsubscribe_url": unsubscribe_url(self._site, links.UNSUBSCRIBE),
            "subscribe_url": subscribe_url(self._site, [one.filter for one in confirmed.wishes], t.lang),
        }
        return self._mail("welcome", values, t)

    def preferences(self, asked: Linking) -> RenderedMail:
        """Brings the link that opens somebody's subscriptions once."""
        t = translator(asked.lang)
        values = {
            "subject": t.gettext("Your link to change, pause or end your subscriptions"),
            "url": links.preferences_url(self._site),
            **_times(asked.asked_at, asked.until_at, asked.zone, t),
        }
        return self._mail("preferences", values, t)

    def sign_in(self, asked: SigningIn) -> RenderedMail:
        """Brings the link that lets somebody of the house in, once."""
        t = translator(asked.lang)
        desk = asked.place is Place.DESK
        values = {
            "subject": t.gettext("Your link to the press desk")
            if desk
            else t.gettext("Your link to the operator's pages"),
            "button_words": t.gettext("Open the press desk")
            if desk
            else t.gettext("Open the operator's pages"),
            "url": links.sign_in_url(self._site, asked.place),
            **_times(asked.asked_at, asked.until_at, asked.zone, t),
        }
        return self._mail("sign_in", values, t)

    def moving(self, asked: Moving) -> RenderedMail:
        """Asks at a new address whether the mails shall come there."""
        t = translator(asked.lang)
        values = {
            "subject": t.gettext("Please confirm your new address"),
            "address": asked.address,
            "url": links.move_url(self._site),
            **_times(asked.asked_at, asked.until_at, asked.zone, t),
        }
        return self._mail("move", values, t)

    def moved(self, done: Moved) -> RenderedMail:
        """Tells the old address, as the last mail there, that the mails go to another one from now on."""
        t = translator(done.lang)
        values = {
            "subject": t.gettext("Your emails go to another address now"),
            "address": done.address,
            "moved": timewords.moment_words(done.moved_at, done.zone, t),
            "contact": self._site.contact,
        }
        return self._mail("moved", values, t)

    def _mail(self, kind: str, values: dict[str, Any], t: Translator) -> RenderedMail:
        given = {
            "t": t, "site": self._site.speaking(t.lang), "host": _host(self._site),
            "table": aligned(values.get("facts", ())),
            "privacy_url": privacy_url(self._site, t.lang), **values,
        }  # fmt: skip
        text = render(self._environment, f"email/{kind}/body.txt", given)
        html = self._inliner.inline(render(self._environment, f"email/{kind}/body.html", given))
        return RenderedMail(subject=str(values["subject"]), text=text, html=html)

    def _facts(
        self, wishes: Sequence[Wished], habits: Habits, t: Translator, *, typed: bool = False
    ) -> list[tuple[str, str]]:
        """What, and how often: one line each, or one for each wish where they differ."""
        what = [clip(self._told(one.filter, t), _WISH) for one in wishes]
        if typed:
            what[-1] += " " + t.gettext("(with the words that were typed)")
        paces = list(dict.fromkeys(one.cadence for one in wishes))
        often = [timewords.promise_words(pace, habits.hour, habits.weekday, habits.zone, t) for pace in paces]
        if len(paces) == 1:
            return [*((t.gettext("What"), one) for one in what), (t.gettext("How often"), often[0])]
        short = [timewords.short_words(one.cadence, habits.weekday, t) for one in wishes]
        return [(t.gettext("What"), f"{one} ({pace})") for one, pace in zip(what, short, strict=True)]

    def _subject(self, form: str, wishes: Sequence[Wished], habits: Habits, t: Translator) -> str:
        """The filter and how often, or how many there are."""
        if len(wishes) > 1:
            said = t.ngettext("%(num)s subscription", "%(num)s subscriptions", len(wishes))
            return form % {"what": said % {"num": len(wishes)}}
        pace = timewords.short_words(wishes[0].cadence, habits.weekday, t)
        room = _SUBJECT - len(form % {"what": ""}) - len(pace) - 2
        return form % {"what": f"{clip(self._told(wishes[0].filter, t), room)}, {pace}"}

    def _title(self, wishes: Sequence[Wished], t: Translator) -> str:
        return clip(self._told(wishes[0].filter, t), 90) if len(wishes) == 1 else ""

    def _told(self, wanted: Filter, t: Translator) -> str:
        return one_line(describe(wanted, self._vocabulary, t))

    def _all_url(self, filters: Sequence[Filter], t: Translator) -> str:
        """The page of all that fits; none where it would take several."""
        if len(filters) != 1:
            return ""
        feed = single_feed(filters)
        return self._site.url(feed.page if feed else f"/filter?{to_query(filters[0])}", t.lang)

    def _headline(self, number: int, item: Item, t: Translator) -> Headline:
        places = label_names(item, Kind.COUNTRY, self._vocabulary, t)
        meta = " · ".join(part for part in (t.date(item.date_on), t.all_of(places[:4])) if part)
        url = self._site.url(f"/items/{item.id}/", t.lang)
        return Headline(number, clip(item.title, 250), url, item.lang, meta)


def aligned(facts: Sequence[tuple[str, str]]) -> str:
    """Facts as two columns of the text part, names at the left."""
    width = max((len(name) for name, _ in facts), default=0) + 2
    lines = [
        textwrap.fill(
            value, _WIDTH, initial_indent=f"  {name:<{width}}", subsequent_indent=" " * (width + 2),
            break_long_words=False, break_on_hyphens=False,
        )
        for name, value in facts
    ]  # fmt: skip
    return "\n".join(lines)


def subscribe_url(site: SiteInfo, filters: Iterable[Filter], lang: str) -> str:
    """Where whoever got a mail forwarded asks for the same: the first filter, nobody's data."""
    first = next(iter(filters), Filter())
    query = "" if everything(first) else f"?{to_query(first)}"
    return site.url(f"/subscribe{query}", lang)


def privacy_url(site: SiteInfo, lang: str) -> str:
    """What the site keeps of whom, in a language."""
    return site.url("/privacy/", lang)


def _host(site: SiteInfo) -> str:
    return site.base_url.partition("://")[2]


def _typed(wanted: Filter) -> bool:
    return bool(wanted.words or wanted.all_words or wanted.without)


def _ours(wanted: Filter) -> Filter:
    """The filter without what somebody typed: only what has a name of ours."""
    return replace(wanted, words=(), all_words=(), without=())


def _tongue(t: Translator) -> str:
    return t.gettext("English")


def _times(asked_at: datetime, until_at: datetime, zone: str, t: Translator) -> dict[str, str]:
    return {
        "asked": timewords.moment_words(asked_at, zone, t),
        "until": timewords.moment_words(until_at, zone, t),
    }
