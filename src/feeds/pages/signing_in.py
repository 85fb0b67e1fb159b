"""Where people of the house sign in: the asking, the mailed link, the end of it (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from feeds.i18n import Translator
from feeds.model import Place
from feeds.pages.telling import Press, TellingPages
from feeds.pages.views import Link


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """A place in the words of a language."""

    name: str
    open: str


def place_words(place: Place, t: Translator) -> PlaceWords:
    """The names of a place."""
    if place is Place.DESK:
        return PlaceWords(t.gettext("Press desk"), t.gettext("Open the press desk"))
    return PlaceWords(t.gettext("Operator's pages"), t.gettext("Open the operator's pages"))


class SigningInPages(TellingPages):
    """Asks who somebody is, and says what came of it: the same to everybody."""

    def ask(
        self, place: Place, stamp: str, address: str = "", faults: Mapping[str, str] | None = None
    ) -> bytes:
        """Where the link is asked for; nobody is signed in."""
        path = f"/{place}/"
        return self.private(
            "sign_in.html", place_words(place, self._t).name, tongues=self.tongues(path),
            action=self.home(path), address=address, stamp=stamp, faults=faults or {},
        )  # fmt: skip

    def mailed(self, place: Place, address: str, sender: str) -> bytes:
        """After asking. The same whether this address may sign in or not."""
        t = self._t
        told = t.gettext("If %(address)s may sign in here, a link is on its way to it.")
        facts = [
            (t.gettext("Sent to"), address),
            (t.gettext("Sent from"), sender),
            (t.gettext("The link works for"), t.gettext("an hour, once")),
        ]
        return self.private(
            "check_mail.html", t.gettext("Check your mail"), told=told % {"address": address}, facts=facts,
            limits=t.gettext("Wait: we send three such links an hour to one address."),
            back=self.home(f"/{place}/"), read_url=self.href("/"),
        )  # fmt: skip

    def open(self, place: Place, token: str) -> bytes:
        """Behind the mailed link: its button uses it up."""
        words = place_words(place, self._t)
        press = Press(
            action=self.href(f"/sign-in/{place}/{quote(token, safe='')}"), do="open", button=words.open
        )
        told = self._t.gettext("The button lets you in, once, on this device.")
        return self._tell(words.name, told, forms=[press])

    def over(self, place: Place) -> bytes:
        """For a link that was used, is too old, or was never ours."""
        t = self._t
        told = t.gettext(
            "It was used already, or its time is over, or it was cut short on its way. Nothing has changed."
        )
        again = Link(t.gettext("Ask for a new link"), self.home(f"/{place}/"))
        return self._tell(t.gettext("This link does not work any more"), told, links=[again])

    def out(self, place: Place) -> bytes:
        """After signing out."""
        t = self._t
        told = t.gettext("Nobody can get in on this device now without a new link.")
        again = Link(t.gettext("Sign in again"), self.home(f"/{place}/"))
        return self._tell(t.gettext("You are signed out"), told, links=[again, self._news()])
