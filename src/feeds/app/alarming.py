"""Wiring of alarms: what is looked at, how often, who is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feeds.alarms import Limits, Trouble, judge
from feeds.app import PUBLISHING, coming_back, moving_back, operating, owners, relays, signing
from feeds.config import is_local
from feeds.delivering.deliver import DeliverReport, DeliverRules
from feeds.delivering.stranded import send_stranded
from feeds.letters.alarm import AlarmLetters
from feeds.mail.checks.findings import Level, findings
from feeds.mail.checks.resolving import Resolver
from feeds.operating import outside
from feeds.operating.alarming import AlarmMails, Plan, settle
from feeds.operating.looking import Seen, facts_of, of_the_day
from feeds.pages.operator.pages import HOME
from feeds.templating import environment

if TYPE_CHECKING:
    from feeds.app.parts import Parts

SITE_EVERY, DNS_EVERY = timedelta(minutes=15), timedelta(hours=6)


@dataclass
class Remembered:
    """What one kind of look found, and when. What is found twice running is believed: a network stumbles."""

    every: timedelta
    at: datetime | None = None
    found: Sequence[tuple[Trouble, str]] = ()
    believed: Sequence[tuple[Trouble, str]] = ()

    def again(self, now: datetime, look: Callable[[], Sequence[tuple[Trouble, str]]]) -> None:
        """Look once more, if it is time."""
        if self.at is not None and now - self.at < self.every:
            return
        before, self.found, self.at = {trouble for trouble, _ in self.found}, look(), now
        self.believed = [each for each in self.found if each[0] in before]


@dataclass
class Watchman:
    """Looks at the site from one process, again and again, and at what its roles have to do with."""

    parts: Parts
    now: Callable[[], datetime]
    roles: Sequence[str]
    _site: Remembered = field(default_factory=lambda: Remembered(SITE_EVERY))
    _dns: Remembered = field(default_factory=lambda: Remembered(DNS_EVERY))
    _inbox_since: datetime | None = None

    def look(self) -> Plan:
        """Measure, judge, and tell what is new. Raises StoreError."""
        parts = self.parts
        measured = operating.gauge_of(parts, self.now).measure()
        canary = coming_back.canary_of(parts.settings)
        with parts.store.read() as conn:
            day = of_the_day(conn, measured, canary)
        alarms = judge(facts_of(measured, day, self._seen()), limits_of(parts))
        hosts = {row.host for row in moving_back.running(parts, measured.at)}
        return settle(parts.store, alarms, mails_of(parts), owners.here().host, hosts, measured.at)

    def _seen(self) -> Seen:
        trouble = self.parts.inbox.trouble if "watch" in self.roles else ""
        self._inbox_since = (self._inbox_since or self.now()) if trouble else None
        return Seen(
            host=owners.here().host, began_at=self.parts.site.created_at, inbox=trouble or "",
            inbox_since=self._inbox_since, publishes=not PUBLISHING.isdisjoint(self.roles),
            outside=self._outside(),
        )  # fmt: skip

    def _outside(self) -> list[tuple[Trouble, str]]:
        settings = self.parts.settings
        public = not is_local(urlsplit(settings.site.base_url).hostname or "")
        if not (settings.alarms.outside and public):
            return []
        now = self.now()
        self._site.again(
            now,
            lambda: list(outside.look(settings.site.base_url, outside.ask, outside.certificate_ends, now)),
        )
        if settings.mail.transport == "smtp":
            self._dns.again(now, lambda: list(self._faults()))
        return [*self._site.believed, *self._dns.believed]

    def _faults(self) -> Sequence[tuple[Trouble, str]]:
        found = findings(signing.sending(self.parts.settings), Resolver(""))
        return [(Trouble.DNS, f"{each.about}: {each.what}") for each in found if each.level is Level.FAULT]


async def send_otherwise(parts: Parts, stop: asyncio.Event) -> DeliverReport:
    """Mails of alarms that the mail server did not take go by `alarms.host`. Raises StoreError, Held."""
    transport = relays.second_transport(parts.settings)
    if transport is None:
        return DeliverReport()
    try:
        return await send_stranded(parts.store, transport, rules_otherwise(parts), stop)
    finally:
        await transport.close()


def rules_otherwise(parts: Parts) -> DeliverRules:
    """How these mails are sent."""
    rules, sender = parts.deliver_rules, parts.settings.alarms.sender
    # Under a name of their own, or the mail loop would take its letters back while they are on the wire.
    rules = replace(rules, owner=owners.for_work(rules.owner, "alarms"))
    # Our signature, and the tag of our bounces, are for the domain of mail.from.
    return replace(rules, sender=sender, return_path=None, signed=None) if sender else rules


def limits_of(parts: Parts) -> Limits:
    """From when on it is an alarm."""
    section = parts.settings.alarms
    return Limits(
        silent=timedelta(days=section.silent), behind=timedelta(minutes=section.behind),
        disk_free=section.disk_free, bounces=section.bounces, complaints=section.complaints,
    )  # fmt: skip


def mails_of(parts: Parts) -> AlarmMails | None:
    """Who is told; None where nobody is."""
    section = parts.settings.alarms
    if not section.to:
        return None
    templates = environment([str(path) for path in parts.template_folders])
    page = f"{parts.site.base_url}{HOME}" if parts.settings.operator.people else ""
    letters = AlarmLetters(templates, parts.site, parts.settings.digest.zone, "alarms.to", page)
    return AlarmMails(letters=letters, to=section.to, lang=section.language, message_id=parts.new_message_id)
