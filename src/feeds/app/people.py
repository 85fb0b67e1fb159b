"""Wiring of what people do by themselves: who writes their mails, what their pages work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feeds import links
from feeds.config import Settings
from feeds.letters.personal import PersonalLetters
from feeds.model import Filter, Item, LinkPurpose
from feeds.pages.people import people_pages
from feeds.pages.privacy import PrivacyFacts
from feeds.people.estimating import Amount, a_year_before, amount, estimate
from feeds.people.rules import PeopleRules
from feeds.people.sweeping import BOUNCES_KEPT, KEPT
from feeds.templating import environment
from feeds.web.edge import networks
from feeds.web.people import PeopleParts

if TYPE_CHECKING:
    from feeds.app.parts import Parts

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
SHOWN = 5


def rules_of(parts: Parts, now: Callable[[], datetime], message_id: Callable[[], str]) -> PeopleRules:
    """What the acts of people need from outside."""
    templates = environment([str(path) for path in parts.template_folders])
    sender = parts.settings.mail.sender

    def newest(filters: Sequence[Filter]) -> list[Item]:
        """The last items that one of these filters takes."""
        each = (estimate(parts.store, parts.vocabulary, wanted, now()).newest for wanted in filters)
        found = {item.id: item for items in each for item in items}
        newest_first = sorted(found.values(), key=lambda item: (item.date_on, item.updated_at), reverse=True)
        return newest_first[:SHOWN]

    return PeopleRules(
        mails=PersonalLetters(templates, parts.site, parts.vocabulary, sender), tokens=parts.tokens,
        vocabulary=parts.vocabulary, defaults=parts.joining_defaults, message_id=message_id, newest=newest,
    )  # fmt: skip


def amounts_of(
    parts: Parts, now: Callable[[], datetime]
) -> Callable[[Sequence[Filter]], Mapping[Filter, Amount]]:
    """How much filters bring, counted in memory: somebody may have a hundred."""

    def amounts(wishes: Sequence[Filter]) -> Mapping[Filter, Amount]:
        today = now().date()
        counted, oldest = parts.filtered.dated_since(wishes, a_year_before(today))
        return {wanted: amount(number, today, oldest) for wanted, number in counted.items()}

    return amounts


def web_parts_of(parts: Parts, now: Callable[[], datetime]) -> PeopleParts:
    """What the pages of those who get mail work with."""
    settings, base = parts.settings, urlsplit(parts.settings.site.base_url)
    templates = environment([str(path) for path in parts.template_folders])
    scripts = (folder / "web" / "zone.js" for folder in parts.template_folders)
    return PeopleParts(
        store=parts.store,
        rules=parts.people,
        pages=people_pages(templates, parts.site, parts.vocabulary, settings.publish.formats),
        langs=tuple(dict.fromkeys(settings.site.languages)),
        sender=settings.mail.sender,
        facts=_privacy_facts(settings),
        origins=frozenset({f"{base.scheme}://{base.netloc}", f"http://{settings.web.listen}"}),
        proxies=networks(settings.web.proxies),
        prefix=base.path,
        secure=base.scheme == "https",
        now=now,
        script=next(path for path in scripts if path.is_file()).read_bytes(),
        amounts=amounts_of(parts, now),
    )


def hosts_of(settings: Settings) -> frozenset[str]:
    """The names that the site answers to (T23): its own, this machine's, those configured."""
    listen = settings.web.listen.rpartition(":")[0].strip("[]")
    own = (urlsplit(settings.site.base_url).hostname or "").lower()
    return frozenset({own, listen, *_LOOPBACK, *settings.web.hosts})


def _privacy_facts(settings: Settings) -> PrivacyFacts:
    """The settings that the privacy page tells."""
    mail, lives = settings.mail, links.LIVES
    outside = mail.transport == "smtp" and mail.host not in _LOOPBACK
    return PrivacyFacts(
        sender=mail.sender, relay=mail.host if outside else "", unconfirmed=lives[LinkPurpose.CONFIRM],
        link=lives[LinkPurpose.PREFERENCES], session=lives[LinkPurpose.SESSION],
        undo=lives[LinkPurpose.UNDO], limits=KEPT, letters=KEPT, bounces=BOUNCES_KEPT,
    )  # fmt: skip
