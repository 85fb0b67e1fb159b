"""The mail that says that a person must act, and the one that says that all is well again (pure).

What is broken since when, what readers notice, the facts, commands in their order, what the system does
meanwhile, why this mail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from css_inline import CSSInliner

from feeds import timewords
from feeds.alarms import Alarm
from feeds.i18n import N_, Translator, translator
from feeds.letters.alarm_words import WORDS, Words
from feeds.letters.personal import aligned, privacy_url
from feeds.model import RenderedMail, SiteInfo
from feeds.templating import Environment, clip, one_line, render

_SUBJECT = 100
_REASON = 400
_FACTS = {
    "reason": N_("What it says"),
    "waiting": N_("Waiting"),
    "folder": N_("Folder"),
    "free": N_("Free"),
    "number": N_("How many"),
    "sent": N_("Sent that day"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, with the command for it, if there is one."""

    words: str
    command: str


class AlarmLetters:
    """Writes these mails for one site. `setting` is the key that names who gets them; instants are told in
    `zone`; `page`: the address of the operator's page, empty where it is off."""

    def __init__(self, environment: Environment, site: SiteInfo, zone: str, setting: str, page: str) -> None:
        self._environment = environment
        self._site = site
        self._zone = zone
        self._setting = setting
        self._page = page
        self._inliner = CSSInliner(load_remote_stylesheets=False)

    def raised(self, alarm: Alarm, host: str, lang: str) -> RenderedMail:
        """Somebody must act. `host` is the machine that saw it."""
        t = translator(lang)
        words, said = WORDS[alarm.trouble], _said(alarm, t)
        title = titled(alarm, t)
        steps = [Step(t.gettext(step), command) for step, command in words.steps]
        values = {
            "subject": clip(t.gettext("Alarm: %(what)s") % {"what": _lowered(title)}, _SUBJECT),
            "state": t.gettext("Alarm"), "bad": True, "title": title,
            "lead": t.gettext(words.lead) % said, "steps": steps, "ends": t.gettext(words.meanwhile),
            "facts": list(self._facts(alarm, words, host, t)),
        }  # fmt: skip
        return self._mail(values, t)

    def cleared(self, alarm: Alarm, until: datetime, host: str, lang: str) -> RenderedMail:
        """All is well again since `until`."""
        t = translator(lang)
        words = WORDS[alarm.trouble]
        well = t.gettext(words.well) % _said(alarm, t)
        facts = [
            (t.gettext("Began"), timewords.moment_words(alarm.since, self._zone, t)),
            (t.gettext("Ended"), timewords.moment_words(until, self._zone, t)),
            (t.gettext("Host"), host),
        ]
        values = {
            "subject": clip(t.gettext("Over: %(what)s") % {"what": _lowered(well)}, _SUBJECT),
            "state": t.gettext("Over"), "bad": False, "title": well,
            "lead": t.gettext("Nothing has to be done."), "steps": [], "ends": "", "facts": facts,
        }  # fmt: skip
        return self._mail(values, t)

    def _facts(self, alarm: Alarm, words: Words, host: str, t: Translator) -> Iterator[tuple[str, str]]:
        yield t.gettext("Since"), timewords.moment_words(alarm.since, self._zone, t)
        said = _said(alarm, t)
        for name, label in _FACTS.items():
            if alarm.values.get(name):
                yield t.gettext(label), one_line(str(said[name]))
        if words.readers:
            yield t.gettext("Readers notice"), t.gettext(words.readers)
        yield t.gettext("Host"), host

    def _mail(self, values: dict[str, Any], t: Translator) -> RenderedMail:
        given = {
            "t": t, "site": self._site.speaking(t.lang), "page": self._page,
            "table": aligned(values["facts"]),
            "setting": self._setting, "privacy_url": privacy_url(self._site, t.lang), **values,
            "steps": [(number, step) for number, step in enumerate(values["steps"], start=1)],
        }  # fmt: skip
        text = render(self._environment, "email/alarm/body.txt", given)
        html = self._inliner.inline(render(self._environment, "email/alarm/body.html", given))
        return RenderedMail(subject=str(values["subject"]), text=text, html=html)


def titled(alarm: Alarm, t: Translator) -> str:
    """What is broken, in one sentence."""
    return t.gettext(WORDS[alarm.trouble].title) % _said(alarm, t)


def _said(alarm: Alarm, t: Translator) -> Mapping[str, str]:
    """The values of an alarm as people read them."""
    found = {name: clip(one_line(value), _REASON) for name, value in alarm.values.items()}
    for name in ("waiting", "number", "sent", "days"):
        if name in found:
            found[name] = t.number(int(found[name]))
    for name in ("free", "total"):
        if name in found:
            found[name] = f"{t.number(int(found[name]) // 1_000_000)} MB"
    return found


def _lowered(title: str) -> str:
    """A sentence after a colon; what begins with a name or letters stays."""
    return title[:1].lower() + title[1:] if not title[1:2].isupper() else title
