"""Pages that say what was done, or that a link does not work, and where to go on (pure).

Owns: these sentences, and the few buttons that may follow them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from feeds import timewords
from feeds.model import Filter, Habits, Wished
from feeds.pages.frame import Frame
from feeds.pages.views import Link
from feeds.wording import describe


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A form with one button."""

    action: str
    do: str
    button: str
    hint: str = ""
    quiet: bool = False
    hidden: Sequence[tuple[str, str]] = ()


class TellingPages(Frame):
    """Says how something ended."""

    def confirmed(
        self, wishes: Sequence[Wished], habits: Habits, address_hint: str, *, before: bool
    ) -> bytes:
        """After confirming; `before`: it had been confirmed already."""
        t = self._t
        lines = [
            f"{describe(one.filter, self._vocabulary, t)}: "
            f"{timewords.promise_words(one.cadence, habits.hour, habits.weekday, habits.zone, t)}"
            for one in wishes
        ]
        told = t.gettext("You get at %(address)s from now on:") % {"address": address_hint}
        return self._tell(
            t.gettext("You were subscribed already") if before else t.gettext("You are subscribed"),
            told,
            wishes=lines,
            more=[t.gettext("Each email ends with links to change it, to pause it and to stop it.")],
            links=[self._news(), Link(t.gettext("Change or stop your emails"), self.home("/preferences/"))],
        )

    def link_over(self, again: str = "/subscribe") -> bytes:
        """For a link that was used, is too old, or was never ours."""
        t = self._t
        names = {
            "/subscribe": t.gettext("Get news by email"),
            "/preferences/": t.gettext("Ask for a new link"),
        }
        return self._tell(
            t.gettext("This link does not work any more"),
            t.gettext(
                "It was used already, or its time is over, or it was cut short on its way. Nothing has"
                " changed."
            ),
            links=[Link(names[again], self.home(again)), self._news()],
            more=self._contact(),
        )

    def open_link(self, token: str) -> bytes:
        """Behind the mailed link to one's own emails: its button uses it up."""
        t = self._t
        press = Press(
            action=self.href(f"/preferences/{quote(token, safe='')}"),
            do="open",
            button=t.gettext("Open my subscriptions"),
        )
        return self._tell(
            t.gettext("Your subscriptions"),
            t.gettext("The button opens them, once. Close the page when you have finished."),
            forms=[press],
        )

    def mail_link(self, token: str) -> bytes:
        """Behind the "Change" link of a digest: nobody's data, but a link to the owner's mailbox."""
        t = self._t
        press = Press(
            action=self.href(f"/change/{quote(token, safe='')}"),
            do="mail",
            button=t.gettext("Mail me the link"),
        )
        return self._tell(
            t.gettext("Change your emails"),
            t.gettext(
                "We mail a link to the address that got this email. It opens your subscriptions, once,"
                " for an hour."
            ),
            more=[t.gettext("So nobody to whom you forward an email can see or change what you chose.")],
            forms=[press],
        )

    def link_mailed(self, address_hint: str) -> bytes:
        """After asking for it from a digest."""
        t = self._t
        told = t.gettext("A link is on its way to %(address)s. It works once, for an hour.")
        return self._tell(
            t.gettext("Check your mail"), told % {"address": address_hint}, links=[self._news()]
        )

    def move(self, token: str, address_hint: str) -> bytes:
        """Behind the link in the mail to a new address."""
        t = self._t
        press = Press(
            action=self.href(f"/move/{quote(token, safe='')}"),
            do="move",
            button=t.gettext("Use this address"),
        )
        told = t.gettext("All emails that you chose come to %(address)s from now on.")
        return self._tell(t.gettext("Get your emails here?"), told % {"address": address_hint}, forms=[press])

    def moved(self, address_hint: str) -> bytes:
        """After the address has changed."""
        t = self._t
        told = t.gettext("All emails that you chose come to %(address)s now. We told the old address.")
        return self._tell(
            t.gettext("Your address has changed"), told % {"address": address_hint}, links=[self._news()]
        )

    def address_taken(self) -> bytes:
        """The new address gets mail of its own already: two people's choices are not thrown together."""
        t = self._t
        return self._tell(
            t.gettext("This address has subscriptions of its own"),
            t.gettext("Nothing has changed. Open the subscriptions of that address, add what you want there,"
                      " and stop those of the old one."),
            links=[Link(t.gettext("Ask for a new link"), self.home("/preferences/"))],
        )  # fmt: skip

    def move_asked(self, address: str) -> bytes:
        """After a new address was given."""
        t = self._t
        told = t.gettext("If %(address)s can get our emails, a link is on its way to it. Until you press the"
                         " button behind it, nothing changes.")  # fmt: skip
        return self._tell(
            t.gettext("Check the mail of the new address"),
            told % {"address": address},
            links=[Link(t.gettext("Back to your subscriptions"), self.home("/preferences/"))],
        )

    def erased(self) -> bytes:
        """After everything was erased."""
        t = self._t
        return self._tell(
            t.gettext("Everything is erased"),
            t.gettext(
                "Your address, what you chose and what was sent to you are gone. We keep only a code"
                " made from"
                " the address, from which nobody can read it, so that no list brings it back by mistake."
            ),
            links=[self._news(), Link(t.gettext("Get news by email"), self.home("/subscribe"))],
        )

    def closed(self) -> bytes:
        """After the page with one's subscriptions was closed."""
        t = self._t
        return self._tell(
            t.gettext("Closed"),
            t.gettext("Nobody can open your subscriptions on this device now without a new link."),
            links=[self._news()],
        )

    def _described(self, filters: Sequence[Filter]) -> list[str]:
        return list(dict.fromkeys(describe(one, self._vocabulary, self._t) for one in filters))

    def _news(self) -> Link:
        return Link(self._t.gettext("Read the latest news"), self.home("/"))

    def _contact(self) -> list[str]:
        if not self._site.contact:
            return []
        said = self._t.gettext("If that does not help, write to %(contact)s.")
        return [said % {"contact": self._site.contact}]

    def _tell(
        self,
        heading: str,
        told: str,
        *,
        wishes: Sequence[str] = (),
        more: Sequence[str] = (),
        forms: Sequence[Press] = (),
        links: Sequence[Link] = (),
    ) -> bytes:
        return self.private(
            "told.html", heading, told=told, wishes=wishes, more=more, forms=forms, links=links
        )
