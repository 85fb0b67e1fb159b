"""The way to mail: sign up, check your mail, confirm (pure).

Owns: what these pages say. They say the same whether an address is known or not (T10): whatever
differs is told by mail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from feeds import timewords
from feeds.filters import everything, to_query
from feeds.model import Filter, Habits, Item, SiteInfo, Vocabulary, Wished
from feeds.pages.amounts import Estimate, amount_words, warning_words
from feeds.pages.choices import Typed, choice_form, plain_paces, with_own
from feeds.pages.frame import Frame
from feeds.pages.wishing import FilterForm, KnownNames, TypedFilter, filter_form
from feeds.templating import Environment, clip, one_line
from feeds.wording import describe

Busy = Mapping[tuple[str, str], int]
Faults = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """An item on a line of its own."""

    title: str
    url: str
    lang: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An estimate in words."""

    chosen: str
    amount: str
    warning: str
    newest: Sequence[Listed]


@dataclass(frozen=True, slots=True)
class ShownWish:
    """What stands in the fields of one filter on the confirming page; `cadence` as it was chosen or typed."""

    fields: TypedFilter
    filter: Filter
    on: bool
    cadence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WishedForm:
    """One filter on the confirming page: ticked, with its own fields folded away below. `paces` is empty for
    the only one: then how often is asked in a place of its own."""

    prefix: str
    name: str
    on: bool
    open: bool
    form: FilterForm
    paces: Sequence[tuple[str, str]]
    pace: str


class FormPages(Frame):
    """What pages with a filter to choose share. `busy` counts items by kind and code."""

    def __init__(self, environment: Environment, site: SiteInfo, vocabulary: Vocabulary) -> None:
        super().__init__(environment, site, vocabulary)
        self.known = KnownNames(vocabulary)

    def told(self, wanted: Filter) -> str:
        """A filter in words, on one line."""
        return one_line(describe(wanted, self._vocabulary, self._t))

    def said(self, wanted: Filter | None, found: Estimate | None) -> Said:
        """What is chosen now and what it will bring; None where the fields have faults."""
        t = self._t
        if wanted is None or found is None:
            chosen = t.gettext("See what is marked below; then the estimate follows.")
            return Said(chosen=chosen, amount="", warning="", newest=())
        chosen = t.gettext("Now chosen: %(what)s.") % {"what": self.told(wanted)}
        return Said(
            chosen=chosen,
            amount=amount_words(found, t),
            warning=warning_words(found, t),
            newest=[self._listed(item) for item in found.newest],
        )

    def filter_form(self, typed: TypedFilter, prefix: str, busy: Busy) -> FilterForm:
        """The fields of a filter."""
        return filter_form(typed, prefix, self._vocabulary, busy, self._site.languages, self._t)

    def names(self) -> list[str]:
        """Every name that can be typed, for a field that completes them."""
        return self.known.listed(self._t.lang)

    def _listed(self, item: Item) -> Listed:
        url = self.home(f"/items/{item.id}/")
        return Listed(clip(item.title, 200), url, item.lang, self._t.date(item.date_on))


class AskingPages(FormPages):
    """Sign up, check your mail, confirm."""

    def signup(
        self,
        typed: Typed,
        wanted: Filter | None,
        found: Estimate | None,
        busy: Busy,
        stamp: str,
        faults: Faults | None = None,
        *,
        guess: bool = False,
    ) -> bytes:
        """The form that asks for mail, filled in; `stamp` says when it was made. With `guess` the browser may
        put its own time zone in."""
        query = "" if wanted is None or everything(wanted) else f"?{to_query(wanted)}"
        wish = self.filter_form(typed.filter, "", busy)
        return self.private(
            "subscribe.html",
            self._t.gettext("Get news by email"),
            here="/subscribe",
            tongues=self.tongues(f"/subscribe{query}"),
            action=self.home("/subscribe"),
            form=choice_form(typed, wish, found, self._site, self._t),
            said=self.said(wanted, found),
            names=self.names(),
            faults=faults or {},
            stamp=stamp,
            guess=typed.zone if guess else "",
        )

    def check_mail(self, address: str, wish: Wished, habits: Habits, sender: str) -> bytes:
        """After asking: which address, what to press, what if nothing comes. The same for everybody (T10)."""
        t = self._t
        pace = timewords.promise_words(wish.cadence, habits.hour, habits.weekday, habits.zone, t)
        facts = [
            (t.gettext("You asked for"), f"{self.told(wish.filter)}, {pace}"),
            (t.gettext("Sent to"), address),
            (t.gettext("Sent from"), sender),
            (t.gettext("The link works for"), t.gettext("48 hours")),
        ]
        query = "" if everything(wish.filter) else f"?{to_query(wish.filter)}"
        told = t.gettext(
            "If %(address)s can get our emails, a link is on its way to it."
            " Press the button behind it, and they begin."
        )
        return self._check(told % {"address": address}, facts, self.home(f"/subscribe{query}"))

    def check_mail_for_link(self, address: str, sender: str) -> bytes:
        """After asking for the link to one's own emails. The same whether anybody gets mail there (T10)."""
        t = self._t
        told = t.gettext(
            "If %(address)s gets our emails, the link to change or stop them is on its way to it."
        )
        facts = [
            (t.gettext("Sent to"), address),
            (t.gettext("Sent from"), sender),
            (t.gettext("The link works for"), t.gettext("an hour, once")),
        ]
        return self._check(told % {"address": address}, facts, self.home("/preferences/"))

    def _check(self, told: str, facts: Sequence[tuple[str, str]], back: str) -> bytes:
        t = self._t
        limits = t.gettext(
            "Wait: to spare strangers, we send few such links to one address,"
            " and one for the same request a day."
        )
        return self.private(
            "check_mail.html",
            t.gettext("Check your mail"),
            told=told,
            facts=facts,
            limits=limits,
            back=back,
            read_url=self.home("/"),
        )

    def confirm(
        self,
        token: str,
        typed: Typed,
        wishes: Sequence[ShownWish],
        address_hint: str,
        until: datetime,
        busy: Busy,
        *,
        starter: bool,
        faults: Faults | None = None,
    ) -> bytes:
        """The page behind the confirming link: what was asked for, ticked, to be changed; one button."""
        t, told = self._t, faults or {}
        form = choice_form(typed, None, None, self._site, t)
        paces = plain_paces(form) if len(wishes) > 1 else []
        forms = [self._wished(f"w{n}-", one, paces, busy, told) for n, one in enumerate(wishes)]
        until_words = timewords.moment_words(until, typed.zone, t)
        return self.private(
            "confirm.html",
            t.gettext("Confirm your subscription"),
            action=self.href(f"/confirm/{quote(token, safe='')}"),
            wishes=forms,
            form=form,
            names=self.names(),
            address_hint=address_hint,
            starter=starter,
            until=t.gettext("The link works until %(until)s.") % {"until": until_words},
            faults=told,
        )

    def _wished(
        self, prefix: str, one: ShownWish, paces: Sequence[tuple[str, str]], busy: Busy, faults: Faults
    ) -> WishedForm:
        inside = (field for field in faults if field not in (f"{prefix}keep", f"{prefix}cadence"))
        return WishedForm(
            prefix=prefix,
            name=self.told(one.filter),
            on=one.on,
            open=any(field.startswith(prefix) for field in inside),
            form=self.filter_form(one.fields, prefix, busy),
            paces=with_own(paces, one.cadence, self._t) if paces else [],
            pace=one.cadence,
        )
