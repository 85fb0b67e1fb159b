"""Somebody's own subscriptions, behind the link that was mailed to them (pure).

Owns: what these pages say and offer. Every change is a form that posts; opening one changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from feeds import timewords
from feeds.i18n import own_name
from feeds.model import Cadence, FeedKey, Filter, SiteInfo, Vocabulary
from feeds.pages import leaving
from feeds.pages.amounts import Amount, Estimate, amount_words
from feeds.pages.asking import Busy, Faults, FormPages
from feeds.pages.choices import Typed, choice_form
from feeds.pages.privacy import span_words
from feeds.pages.views import FeedLinks, feed_links, feed_of
from feeds.templating import Environment, one_line


class Held(leaving.Held, Protocol):
    """One subscription with what came of it."""

    @property
    def created_at(self) -> datetime: ...
    @property
    def last_sent_at(self) -> datetime | None: ...
    @property
    def sent(self) -> int: ...
    @property
    def next_at(self) -> datetime | None: ...


class Person(Protocol):
    """Whose page it is; `people.kept.Person` is one."""

    @property
    def lang(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def hour(self) -> int: ...
    @property
    def weekday(self) -> int: ...
    @property
    def subscriptions(self) -> Sequence[Held]: ...
    @property
    def feed_made_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """One subscription as the page shows it; `buttons` are (what it does, its words), `url` is the page
    with the same news, `feeds` the feeds.
    """

    id: int
    name: str
    what: str
    how: str
    paused: str
    sent: str
    buttons: Sequence[tuple[str, str, str]]
    url: str
    feeds: FeedLinks


class MinePages(FormPages):
    """The page with one's subscriptions, and the forms behind it. `stamp` is the form's own token.

    `formats` are the extensions of the feeds that are published; Atom always is.
    """

    def __init__(
        self, environment: Environment, site: SiteInfo, vocabulary: Vocabulary, formats: Sequence[str]
    ) -> None:
        super().__init__(environment, site, vocabulary)
        self._formats = formats

    def ask_link(self, stamp: str, address: str = "", faults: Faults | None = None) -> bytes:
        """Where the link to one's subscriptions is asked for; nobody is signed in."""
        t = self._t
        return self.private(
            "link_wanted.html",
            t.gettext("Change or stop your emails"),
            here="/preferences/",
            tongues=self.tongues("/preferences/"),
            told=t.gettext("We mail you a link that opens your subscriptions."),
            action=self.home("/preferences/"),
            address=address,
            stamp=stamp,
            faults=faults or {},
        )

    def all(
        self,
        person: Person,
        amounts: Mapping[Filter, Amount],
        address: str,
        open_for: timedelta,
        stamp: str,
        said: str = "",
    ) -> bytes:
        """Everything somebody gets, each with its own buttons. `said`: what was just done.

        `amounts`: how much each of their filters brings, where that is known.
        """
        t = self._t
        count = len(person.subscriptions)
        whose = t.ngettext(
            "For %(address)s. You have %(num)s subscription.",
            "For %(address)s. You have %(num)s subscriptions.",
            count,
        ) % {"address": address, "num": count}
        return self.private(
            "preferences.html",
            t.gettext("Your emails"),
            action=self.href("/preferences/"),
            whose=whose,
            said=said,
            entries=[self._entry(one, person, amounts.get(one.filter)) for one in person.subscriptions],
            stamp=stamp,
            add_url=self.href("/preferences/?form=add"),
            settings_url=self.href("/preferences/?form=times"),
            address_url=self.href("/preferences/?form=address"),
            browse_url=self.home("/"),
            times=self._times(person),
            address=address,
            feed=self._private_feed(person),
            until=t.gettext("It closes by itself %(time)s after it was opened.")
            % {"time": span_words(open_for, t)},
        )

    def private_feed(self, secret: str, stamp: str) -> bytes:
        """The addresses of a private feed that was just made: they are shown now and never again."""
        key = FeedKey(kind="private", code=secret)
        return self.private(
            "private_feed.html",
            self._t.gettext("Your private feed"),
            action=self.href("/preferences/"),
            back=self.href("/preferences/"),
            feed=feed_links(key, "", self._site, self._site.langs[0], self._formats),
            stamp=stamp,
        )

    def subscription(
        self,
        typed: Typed,
        subscription: int | None,
        wanted: Filter | None,
        found: Estimate | None,
        busy: Busy,
        stamp: str,
        faults: Faults | None = None,
    ) -> bytes:
        """The form that adds a subscription (`subscription` None) or changes one."""
        t = self._t
        adding = subscription is None
        wish = self.filter_form(typed.filter, "", busy)
        return self.private(
            "subscription.html",
            t.gettext("Add a subscription") if adding else t.gettext("Change this subscription"),
            action=self.href("/preferences/"),
            subscription="" if subscription is None else subscription,
            do="add" if adding else "edit",
            button=t.gettext("Add it") if adding else t.gettext("Save"),
            form=choice_form(typed, wish, found, self._site, t),
            said=self.said(wanted, found),
            names=self.names(),
            stamp=stamp,
            faults=faults or {},
        )

    def times(self, typed: Typed, stamp: str, faults: Faults | None = None) -> bytes:
        """The form for hour, day, zone and language."""
        t = self._t
        heading, button = t.gettext("Hour, day and language"), t.gettext("Save")
        return self._settings("times", heading, "times", button, typed, stamp, faults=faults)

    def address(self, typed: Typed, stamp: str, faults: Faults | None = None) -> bytes:
        """The form for a new address."""
        t = self._t
        heading, button = t.gettext("Change the address"), t.gettext("Mail a link to it")
        return self._settings("address", heading, "move", button, typed, stamp, faults=faults)

    def pause(
        self,
        held: Sequence[Held],
        until: str,
        stamp: str,
        subscription: int | None,
        faults: Faults | None = None,
    ) -> bytes:
        """The form that asks until when to pause one subscription, or all."""
        t = self._t
        return self._settings(
            "until",
            t.gettext("Pause until when?"),
            "pause",
            t.gettext("Pause"),
            Typed(),
            stamp,
            told=self._described(held),
            subscription=subscription,
            until=until,
            faults=faults,
        )

    def sure(self, do: str, held: Sequence[Held], stamp: str, subscription: int | None = None) -> bytes:
        """Asks once more before something ends: ``leave`` or ``erase``."""
        t = self._t
        if do == "erase":
            heading, button = t.gettext("Erase everything?"), t.gettext("Erase everything")
            told = t.gettext(
                "All emails stop, and your address, what you chose and what was sent to you are erased."
                " This cannot be undone."
            )
        else:
            heading, button = t.gettext("Stop these emails?"), t.gettext("Unsubscribe")
            told = self._described(held)
        return self._settings(
            "sure", heading, do, button, Typed(), stamp, told=told, subscription=subscription
        )

    def _settings(
        self,
        kind: str,
        heading: str,
        do: str,
        button: str,
        typed: Typed,
        stamp: str,
        *,
        told: str = "",
        subscription: int | None = None,
        until: str = "",
        faults: Faults | None = None,
    ) -> bytes:
        return self.private(
            "settings.html",
            heading,
            kind=kind,
            told=told,
            action=self.href("/preferences/"),
            back=self.href("/preferences/"),
            do=do,
            button=button,
            form=choice_form(typed, None, None, self._site, self._t),
            until=until,
            subscription="" if subscription is None else subscription,
            stamp=stamp,
            faults=faults or {},
        )

    def _entry(self, one: Held, person: Person, amount: Amount | None) -> EntryView:
        t = self._t
        told = one_line(self.told(one.filter))
        key = feed_of(one.filter)
        how = timewords.choice_words(one.cadence, person.hour, person.weekday, t) + "."
        return EntryView(
            id=one.id,
            name=one.name or told[:1].upper() + told[1:],
            what=told if one.name else "",
            how=f"{how} {amount_words(amount, t)}" if amount else how,
            paused=self._paused(one, person),
            sent=self._sent(one, person),
            buttons=self._buttons(one),
            url=self.home(key.page),
            feeds=feed_links(key, "", self._site, self._t.lang, self._formats),
        )

    def _private_feed(self, person: Person) -> str:
        """What there is to say of the private feed; empty when there is none."""
        if person.feed_made_at is None:
            return ""
        said = self._t.gettext("It has an address since %(date)s, which was shown then.")
        return said % {"date": timewords.day_words(person.feed_made_at, person.zone, self._t)}

    def _buttons(self, one: Held) -> list[tuple[str, str, str]]:
        t = self._t
        first = (
            ("resume", t.gettext("Resume"), "") if one.paused_until else ("ask-pause", t.gettext("Pause"), "")
        )
        weekly = [] if one.cadence is Cadence.WEEKLY else [("weekly", t.gettext("Weekly instead"), "")]
        return [("change", t.gettext("Change"), ""), *weekly, first, ("ask-leave", t.gettext("Stop"), "")]

    def _paused(self, one: Held, person: Person) -> str:
        if one.paused_until is None:
            return ""
        said = self._t.gettext("until %(date)s; then it goes on by itself")
        return said % {"date": timewords.day_words(one.paused_until, person.zone, self._t)}

    def _sent(self, one: Held, person: Person) -> str:
        t = self._t
        if not one.sent or one.last_sent_at is None:
            parts = [t.gettext("Nothing sent so far")]
        else:
            said = t.ngettext(
                "Last sent %(date)s, %(num)s email so far",
                "Last sent %(date)s, %(num)s emails so far",
                one.sent,
            )
            day = t.date(timewords.local_day(one.last_sent_at, person.zone))
            parts = [said % {"date": day, "num": t.number(one.sent)}]
        if one.next_at is not None and one.paused_until is None:
            day = timewords.day_words(one.next_at, person.zone, t)
            parts.append(t.gettext("next on %(date)s, if there is news") % {"date": day})
        return " · ".join(parts)

    def _times(self, person: Person) -> str:
        t = self._t
        words = t.gettext("%(at)s, %(city)s time; weekly ones on %(weekday)s; in %(language)s.")
        return words % {
            "at": t.at(person.hour)[:1].upper() + t.at(person.hour)[1:],
            "city": t.city(person.zone),
            "weekday": t.weekday(person.weekday),
            "language": own_name(person.lang),
        }

    def _described(self, held: Sequence[Held]) -> str:
        return "; ".join(one.name or self.told(one.filter) for one in held)
