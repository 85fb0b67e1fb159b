"""Somebody's session: the hour after the mailed link was used, on their own page."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from feeds import links
from feeds.i18n import Translator, translator
from feeds.mail.addresses import masked
from feeds.model import Cadence, Filter, LinkPurpose
from feeds.pages.choices import Typed, typed_pace
from feeds.pages.people import PeoplePages
from feeds.pages.wishing import typed_from
from feeds.people import opening
from feeds.people.kept import Held, Person
from feeds.web import people
from feeds.web.guessing import guarded_session
from feeds.web.people import PeopleParts


@dataclass(frozen=True)
class Session:
    """Somebody who is in: who, in their own language, with the token of their forms."""

    parts: PeopleParts
    person: Person
    pages: PeoplePages
    t: Translator
    stamp: str
    secret: str

    def held(self, subscription: int | None) -> list[Held]:
        """One subscription of theirs, or all; none for an id that is not theirs."""
        every = list(self.person.subscriptions)
        return every if subscription is None else [one for one in every if one.id == subscription]

    def typed(self, held: Held | None = None) -> Typed:
        """What stands in a form before anybody typed: their habits, and one subscription or none."""
        person = self.person
        fields = typed_from(held.filter if held else Filter(), self.parts.rules.vocabulary, self.t)
        cadence = held.cadence if held else Cadence.WEEKLY
        return Typed(
            filter=fields, **typed_pace(cadence), hour=str(person.hour), weekday=str(person.weekday),
            zone=person.zone, lang=person.lang, name=held.name if held else "",
        )  # fmt: skip

    def everything(self, said: str = "") -> Response:
        """The page of all that they have; `said` is the code of what was just done."""
        person, told = self.person, _said(said, self.t)
        amounts = self.parts.amounts([one.filter for one in person.subscriptions])
        open_for = links.LIVES[LinkPurpose.SESSION]
        return people.page(
            self.pages.mine.all(person, amounts, masked(person.address), open_for, self.stamp, told)
        )

    def back(self, said: str) -> Response:
        """To that page, by a redirect: nothing is done twice by going back."""
        return people.elsewhere(f"{self.parts.prefix}/preferences/?said={said}")


def session_of(parts: PeopleParts, cookie: str, client: str) -> Session | None:
    """Whose session it is. Raises Limited where a network tries too many that we never made (T11)."""
    now = parts.now()
    owner = guarded_session(
        parts, client, LinkPurpose.SESSION, cookie,
        lambda: opening.session(parts.store, parts.rules, cookie, now),
    )  # fmt: skip
    person = opening.person(parts.store, owner, now) if owner is not None else None
    if person is None:
        return None
    stamp = opening.form_secret(parts.rules, cookie, "preferences")
    return Session(parts, person, parts.speaking(person.lang), translator(person.lang), stamp, cookie)


def _said(code: str, t: Translator) -> str:
    """What was just done, in a sentence; nothing for a code that is none."""
    return {
        "added": t.gettext("The subscription was added."),
        "saved": t.gettext("The change was saved."),
        "weekly": t.gettext("It comes once a week from now on."),
        "paused": t.gettext("The pause has begun."),
        "resumed": t.gettext("The pause is over."),
        "feed-ended": t.gettext("The address of your private feed works no more."),
    }.get(code, "")
