"""Behind the Unsubscribe and Pause links of a mail: one question, one button, and less of it beside (pure).

Owns: what these pages say. They show only what this mail names; how much else there is, never what (T10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from urllib.parse import quote

from feeds import timewords
from feeds.model import Cadence, Filter
from feeds.pages.telling import Press, TellingPages
from feeds.pages.views import Link
from feeds.templating import one_line
from feeds.wording import describe

MONTHS = (1, 2, 3)


class Held(Protocol):
    """One subscription; `people.kept.Held` is one."""

    @property
    def id(self) -> int: ...
    @property
    def filter(self) -> Filter: ...
    @property
    def name(self) -> str: ...
    @property
    def cadence(self) -> Cadence: ...
    @property
    def paused_until(self) -> datetime | None: ...


class Offer(Protocol):
    """What a mail's link can end or pause; `people.leaving.Offer` is one."""

    @property
    def subscriptions(self) -> Sequence[Held]: ...
    @property
    def instead(self) -> Sequence[Held]: ...
    @property
    def rest(self) -> Sequence[Held]: ...
    @property
    def address_hint(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def hour(self) -> int: ...
    @property
    def weekday(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to tick or to choose."""

    value: str
    name: str
    on: bool = True


@dataclass(frozen=True, slots=True)
class Less:
    """A way to get less instead of nothing."""

    name: str
    hint: str
    do: str
    button: str


class LeavingPages(TellingPages):
    """Asks before something ends or pauses, and says what ended."""

    def ask_leave(self, token: str, change_token: str, offer: Offer, month_on: date) -> bytes:
        """What a mail's Unsubscribe link opens. `month_on`: when a pause of a month would end."""
        t = self._t
        here = [*offer.subscriptions, *offer.instead]
        told = t.gettext("Sent %(how)s to %(address)s.") % {
            "how": self._how(here, offer),
            "address": offer.address_hint,
        }
        return self._ask(
            token,
            "unsubscribe",
            change_token,
            offer,
            heading=t.gettext("Stop this email?"),
            told=told,
            which=t.gettext("It brings news of:"),
            do="leave",
            button=t.gettext("Unsubscribe"),
            less_heading=t.gettext("Or get less of it"),
            less=[*self._weekly(here, offer), self._month(month_on)],
        )

    def ask_pause(self, token: str, change_token: str, offer: Offer, ends: Sequence[date]) -> bytes:
        """What a mail's Pause link opens; `ends` are the days after one, two and three months."""
        t = self._t
        months = [
            Choice(
                str(n),
                t.ngettext("%(num)s month, until %(date)s", "%(num)s months, until %(date)s", n)
                % {"num": n, "date": t.date(on)},
                n == 1,
            )
            for n, on in zip(MONTHS, ends, strict=True)
        ]
        return self._ask(
            token,
            "pause",
            change_token,
            offer,
            heading=t.gettext("Pause this email?"),
            told=t.gettext("Nothing comes to %(address)s until then; after that it goes on by itself.")
            % {"address": offer.address_hint},
            which=t.gettext("It brings news of:"),
            do="pause",
            button=t.gettext("Pause"),
            less_heading=t.gettext("Or"),
            less=self._weekly([*offer.subscriptions, *offer.instead], offer),
            months=months,
        )

    def left(
        self, filters: Sequence[Filter], action: str, undo: str, *, everything: bool, unnamed: int = 0
    ) -> bytes:
        """After leaving; if nothing ended, it had been done before. `undo` takes it back, if it can.

        `unnamed`: so many more ended that are not for whoever holds a link of a mail to see.
        """
        t = self._t
        if not filters and not unnamed:
            told = t.gettext("These emails were stopped before. There is nothing more to do.")
        elif everything:
            told = t.gettext("You get no emails from us any more. Stopped just now:")
        else:
            told = t.gettext("From now on you get no emails with news of:")
        forms = []
        if undo:
            forms.append(
                Press(
                    action=action, do="back", button=t.gettext("It was a mistake: undo"), quiet=True,
                    hidden=[("undo", undo)], hint=t.gettext("Works for a day, once."),
                )
            )  # fmt: skip
        return self._tell(
            t.gettext("You are unsubscribed"),
            told,
            wishes=self._wishes(filters, unnamed),
            more=[t.gettext("The news stays open to everyone on this site and in its feeds.")],
            forms=forms,
            links=[self._news(), Link(t.gettext("Get news by email"), self.home("/subscribe"))],
        )

    def left_before(self, action: str, change: str, rest: int) -> bytes:
        """What this mail brought was stopped or changed before, and `rest` other subscriptions go on."""
        t = self._t
        others = t.ngettext(
            "%(num)s other subscription, in other emails.",
            "%(num)s other subscriptions, in other emails.",
            rest,
        )
        return self._tell(
            t.gettext("You do not get this email any more"),
            t.gettext("What it brought was stopped or changed before. You still have:"),
            more=[others % {"num": rest}],
            forms=[
                Press(action=action, do="all", button=t.gettext("Unsubscribe from everything"), quiet=True)
            ],
            links=[Link(t.gettext("See and change your emails"), change)],
        )

    def back(self) -> bytes:
        """After "it was a mistake". It does not say which: whoever was forwarded a mail may have pressed."""
        t = self._t
        return self._tell(
            t.gettext("Nothing has changed"), t.gettext("The emails come as before."), links=[self._news()]
        )

    def weekly(self, filters: Sequence[Filter], offer: Offer, unnamed: int = 0) -> bytes:
        """After "weekly instead"; `unnamed` as for `left`."""
        t = self._t
        when = timewords.promise_words(Cadence.WEEKLY, offer.hour, offer.weekday, offer.zone, t)
        return self._tell(
            t.gettext("You get one email a week"),
            t.gettext("It comes %(when)s, with news of:") % {"when": when},
            wishes=self._wishes(filters, unnamed),
            links=[self._news()],
        )

    def paused(self, filters: Sequence[Filter], until: date, unnamed: int = 0) -> bytes:
        """After a pause began; `unnamed` as for `left`."""
        t = self._t
        told = t.gettext("Nothing comes until %(date)s; then it goes on by itself. Paused:")
        return self._tell(
            t.gettext("Your emails are paused"),
            told % {"date": t.full_date(until)},
            wishes=self._wishes(filters, unnamed),
            more=[t.gettext("What was published meanwhile comes in one email on your return.")],
            links=[self._news()],
        )

    def unknown(self) -> bytes:
        """For a link that is not one of ours or was cut short on its way."""
        t = self._t
        return self._tell(
            t.gettext("This link does not work"),
            t.gettext(
                "Some mail programs cut long links. Open the link in the newest email that you have from us,"
                " or copy it whole into the address bar."
            ),
            more=self._contact_to_leave(),
            links=[Link(t.gettext("Change or stop your emails"), self.home("/preferences/"))],
        )

    def _ask(
        self,
        token: str,
        path: str,
        change_token: str,
        offer: Offer,
        *,
        heading: str,
        told: str,
        which: str,
        do: str,
        button: str,
        less_heading: str,
        less: Sequence[Less],
        months: Sequence[Choice] = (),
    ) -> bytes:
        t = self._t
        changed = t.gettext("What you changed to after this email")
        rest = len(offer.rest)
        others = t.ngettext(
            "%(num)s other subscription, in other emails.",
            "%(num)s other subscriptions, in other emails.",
            rest,
        )
        return self.private(
            "unsubscribe.html",
            heading,
            action=self.href(f"/{path}/{quote(token, safe='')}"),
            told=told,
            which=which,
            choices=[
                *(Choice(str(one.id), self._named(one)) for one in offer.subscriptions),
                *(Choice(str(one.id), changed) for one in offer.instead),
            ],
            do=do,
            button=button,
            pausing=bool(months),
            months=months,
            less_heading=less_heading,
            less=less,
            others=others % {"num": rest} if rest else "",
            change=self.href(f"/change/{quote(change_token, safe='')}"),
        )

    def _wishes(self, filters: Sequence[Filter], unnamed: int) -> list[str]:
        if not unnamed:
            return self._described(filters)
        more = self._t.ngettext(
            "%(num)s other subscription, which this email does not name",
            "%(num)s other subscriptions, which this email does not name",
            unnamed,
        )
        return [*self._described(filters), more % {"num": unnamed}]

    def _named(self, one: Held) -> str:
        told = one_line(describe(one.filter, self._vocabulary, self._t))
        return f"{one.name}: {told}" if one.name else told

    def _how(self, held: Sequence[Held], offer: Offer) -> str:
        paces = dict.fromkeys(one.cadence for one in held)
        return self._t.all_of([timewords.short_words(one, offer.weekday, self._t) for one in paces])

    def _weekly(self, held: Sequence[Held], offer: Offer) -> list[Less]:
        t = self._t
        if all(one.cadence is Cadence.WEEKLY for one in held):
            return []
        hint = t.gettext("One email on %(weekday)s, only in weeks with news")
        return [
            Less(
                t.gettext("Weekly instead"),
                hint % {"weekday": t.weekday(offer.weekday)},
                "weekly",
                t.gettext("Change to weekly"),
            )
        ]

    def _month(self, on: date) -> Less:
        t = self._t
        hint = t.gettext("Nothing until %(date)s, then as before") % {"date": t.date(on)}
        return Less(t.gettext("A pause of a month"), hint, "month", t.gettext("Pause for a month"))

    def _contact_to_leave(self) -> list[str]:
        if not self._site.contact:
            return []
        said = self._t.gettext(
            "If that does not help, write to %(contact)s and we will take you off the list."
        )
        return [said % {"contact": self._site.contact}]
