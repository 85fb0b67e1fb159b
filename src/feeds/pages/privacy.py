"""What is kept of those who get mail, and for how long, written from the real settings (pure).

Owns: these sentences. Numbers come in; none stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from feeds.i18n import Translator
from feeds.pages.frame import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyFacts:
    """The settings that the page tells. `sender` is the address that mails come from, `relay` the mail server
    that they are handed to (empty: this machine's own)."""

    sender: str
    relay: str
    unconfirmed: timedelta
    link: timedelta
    session: timedelta
    undo: timedelta
    limits: timedelta
    letters: timedelta
    bounces: timedelta


class PrivacyPages(Frame):
    """The privacy page."""

    def privacy(self, facts: PrivacyFacts) -> bytes:
        """``/privacy/``: who, what, why, how long, and what anybody can do about it."""
        t = self._t
        return self.private(
            "privacy.html",
            t.gettext("Privacy"),
            here="/privacy/",
            tongues=self.tongues("/privacy/"),
            told=t.gettext("Reading this site or its feeds leaves nothing with us. If you get our"
                           " emails, we keep"
                           " what follows, and nothing else."),
            parts=[
                self._who(facts), self._kept(), self._how_long(facts), self._not_done(), self._rights(),
            ],
        )  # fmt: skip

    def _who(self, facts: PrivacyFacts) -> tuple[str, list[str]]:
        t, site = self._t, self._site
        said = t.gettext("%(name)s sends the emails, from %(sender)s.") % {
            "name": site.publisher or site.name,
            "sender": facts.sender,
        }
        if site.contact:
            said += " " + t.gettext("Write to %(contact)s with any question.") % {"contact": site.contact}
        if facts.relay:
            said += " " + t.gettext("They leave by the mail server %(host)s.") % {"host": facts.relay}
        return t.gettext("Who"), [said]

    def _kept(self) -> tuple[str, list[str]]:
        t = self._t
        return t.gettext("What we keep"), [
            t.gettext("Your address, and the countries, topics and words you chose, how often,"
                      " language, hour and"
                      " time zone: to send you what you asked for."),
            t.gettext("When, on which page and from which network address you asked, with which words,"
                      " and when"
                      " you confirmed: as proof that you wanted it."),
            t.gettext("Which emails went to you, when, and what the receiving server answered: so that"
                      " nothing"
                      " comes twice."),
            t.gettext("That you have a private feed, if you made one; not its address, of which only a"
                      " keyed hash is kept."),
        ]  # fmt: skip

    def _how_long(self, facts: PrivacyFacts) -> tuple[str, list[str]]:
        t = self._t
        return t.gettext("How long"), [
            t.gettext("A request that nobody confirms is erased %(time)s after the link was mailed.")
            % {"time": span_words(facts.unconfirmed, t)},
            t.gettext("The link to your subscriptions works once, for %(link)s. It opens them for"
                      " %(session)s;"
                      " for that time a cookie is kept, the only one of this site.")
            % {"link": span_words(facts.link, t), "session": span_words(facts.session, t)},
            t.gettext("Leaving can be undone for %(time)s. Your choices and the proof stay until you"
                      " erase them.")
            % {"time": span_words(facts.undo, t)},
            t.gettext("What protects the forms from misuse is a code made from address and network, kept for"
                      " %(time)s.") % {"time": span_words(facts.limits, t)},
            t.gettext("Confirmations and links that we mailed are erased after %(time)s.")
            % {"time": span_words(facts.letters, t)},
            t.gettext("Which emails came back, and with which code, is kept for %(time)s: so that we stop"
                      " writing to mailboxes that are gone.") % {"time": span_words(facts.bounces, t)},
        ]  # fmt: skip

    def _not_done(self) -> tuple[str, list[str]]:
        t = self._t
        return t.gettext("What we do not do"), [
            t.gettext("No pictures, scripts or links in emails that report whether you open them."),
            t.gettext("No statistics about single readers, nothing loaded from other sites, nothing"
                      " sold or given away."),
            t.gettext("Our log shows addresses only as their first letter and their domain."),
        ]  # fmt: skip

    def _rights(self) -> tuple[str, list[str]]:
        t = self._t
        return t.gettext("What you can do"), [
            t.gettext("Stop or pause: with the links at the end of every email, at once."),
            t.gettext("See, change and download all that we keep, and erase it: by a link that we mail you."),
            t.gettext("When you erase everything, a code made from the address stays, from which nobody"
                      " can read"
                      " it, so that no old list brings it back. You yourself can come back at any time."),
        ]  # fmt: skip


def span_words(span: timedelta, t: Translator) -> str:
    """``48 hours``, ``30 days``, ``20 minutes``: in days from three days on."""
    minutes = int(span.total_seconds() // 60)
    if minutes % 1440 == 0 and minutes >= 3 * 1440:
        days = minutes // 1440
        return t.ngettext("%(num)s day", "%(num)s days", days) % {"num": days}
    if minutes % 60 == 0:
        hours = minutes // 60
        return t.ngettext("%(num)s hour", "%(num)s hours", hours) % {"num": hours}
    return t.ngettext("%(num)s minute", "%(num)s minutes", minutes) % {"num": minutes}
