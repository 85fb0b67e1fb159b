"""The composition root: settings -> the parts that commands and the service work with.

Clock and randomness come from here. Parts are made when first asked for: a small command pays for its own.
"""

from __future__ import annotations

import os
import random
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from feeds import changes, config
from feeds.app import brand, coming_back, desk, hubs, operating, owners, people, receipts, signing
from feeds.app.looks import look_of, page_templates, template_folders
from feeds.app.offices import doubtful_of
from feeds.app.relays import transports_of
from feeds.app.samples import demonstration_of
from feeds.composing.reaching import Reaching
from feeds.composing.rules import ComposeRules
from feeds.config import OfficeSection, Settings
from feeds.delivering.deliver import DeliverRules, lease_for
from feeds.delivering.hosts import Hosts
from feeds.filters.members import Reach
from feeds.inbox import Inbox
from feeds.intake.examining import IngestRules
from feeds.intake.folders import WatchedFolder
from feeds.intake.limited_reading import LimitedReader
from feeds.intake.receipts import ReceiptMails
from feeds.labels import Labeller, build, build_vocabulary, with_kept
from feeds.letters import Letters
from feeds.mail import Transport
from feeds.model import BulletinReceipt, Item, SiteInfo, Suppression, Vocabulary
from feeds.pages.archive_pages import ArchivePages
from feeds.people import ending
from feeds.people.joining import JoiningDefaults
from feeds.people.rules import PeopleRules
from feeds.publishing.filtered import Filtered
from feeds.publishing.press import Press
from feeds.reading import ReadingOptions
from feeds.site import Site
from feeds.store import Store, labels, open_store, publishing
from feeds.templating import environment
from feeds.tokens import Tokens
from feeds.web import WebParts
from feeds.web.people import PeopleParts
from feeds.web.tallying import Tally

_Made = TypeVar("_Made")


def now() -> datetime:
    """The one clock."""
    return datetime.now(UTC)


def _opaque() -> str:
    """The left side of a Message-ID: nobody can guess it."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class Parts:
    """All parts of one site, made when first used."""

    settings: Settings

    @cached_property
    def store(self) -> Store:
        return open_store(self.settings.store_url())

    @cached_property
    def tally(self) -> Tally:
        """What the web site has answered so far, for its metrics."""
        return Tally()

    def close(self) -> None:
        """Give back the connections that were used."""
        if "store" in self.__dict__:
            self.store.close()

    def _from_rules(self, make: Callable[..., _Made]) -> _Made:
        settings = self.settings
        return make(
            settings.topics, settings.places, settings.site.languages,
            sources=settings.sources, overrides=settings.overrides, identity=changes.identity,
        )  # fmt: skip

    @cached_property
    def _labels(self) -> tuple[Labeller, Vocabulary]:
        return self._from_rules(build)

    @property
    def labeller(self) -> Labeller:
        return self._labels[0]

    @cached_property
    def _terms(self) -> Vocabulary:
        """Of the labeller, if that is made; else alone, which takes a fraction of the time."""
        return self._labels[1] if "_labels" in self.__dict__ else self._from_rules(build_vocabulary)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The site's terms; topics also under the slugs that earlier configurations gave them."""
        with self.store.read() as conn:
            return with_kept(self._terms, labels.renames(conn))

    @cached_property
    def _facts(self) -> publishing.SiteFacts:
        """What the site decided once for ever: its tag and its birthday (P1)."""
        with self.store.read() as conn:  # a database that is locked for writing holds up no start
            if (known := publishing.known_facts(conn)) is not None:
                return known
        site = self.settings.site
        tag = f"tag:{site.tag_domain},{site.tag_date}:"
        return self.store.transact(lambda conn: publishing.site_facts(conn, tag, now()))

    @cached_property
    def site(self) -> SiteInfo:
        return brand.site_info(self.settings, self._assets, self._facts.created_at)

    @cached_property
    def _assets(self) -> dict[str, bytes]:
        return brand.assets(self.settings)

    @cached_property
    def template_folders(self) -> list[Path]:
        """An operator's own templates/ in the site's folder win over the shipped ones, file by file."""
        return template_folders(self.settings)

    @cached_property
    def letters(self) -> Letters:
        folders = [str(path) for path in self.template_folders]
        # The list is named by the domain that ids carry: a new base_url does not break mail filters.
        domain = self._facts.tag.removeprefix("tag:").partition(",")[0]
        return Letters(
            environment(folders),
            self.site,
            self.vocabulary,
            list_id=f"digest.{domain}",
            leave_by_mail=coming_back.leave_by_mail(self.settings),
        )

    @cached_property
    def pages(self) -> ArchivePages:
        folders = [str(path) for path in self.template_folders]
        return ArchivePages(
            environment(folders), self.site, self.vocabulary, formats=self.settings.publish.formats
        )

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens([config.secret(self.settings)])

    @cached_property
    def inbox(self) -> Inbox:
        return self.inbox_in("")

    def inbox_in(self, folder: str) -> Inbox:
        """A sub-folder of the inbox, or itself; each made anew, because it is for one thread."""
        section = self.settings.inbox
        return Inbox(
            self.settings.path(section.path) / folder,
            settle_s=section.settle,
            patterns=tuple(section.patterns),
            max_bytes=section.max_bytes,
            host=owners.here().host,
        )

    @cached_property
    def reader(self) -> LimitedReader:
        """Who reads files: costly ones in a process of their own."""
        return LimitedReader()

    @cached_property
    def ingest_rules(self) -> IngestRules:
        return self._ingest_rules(self.settings.inbox)

    def _ingest_rules(self, office: OfficeSection, folder: str = "") -> IngestRules:
        reading = ReadingOptions(
            max_bytes=self.settings.inbox.max_bytes,
            fallback_encoding=office.fallback_encoding,
            date_order=office.date_order,
            zone=self.settings.zone_of(office),
        )
        return IngestRules(
            reading=reading,
            labeller=self.labeller,
            vocabulary=self.vocabulary,
            lang=office.language,
            tag=self._facts.tag,
            max_age=timedelta(days=self.settings.digest.max_age),
            hold=timedelta(minutes=office.hold),
            doubtful=doubtful_of(office, desk=self.settings.is_told_at_the_desk(folder)),
            mails=self.receipt_mails(office, folder),
            reader=self.reader,
        )

    def receipt_text(self, receipt: BulletinReceipt, office: OfficeSection | None = None) -> str:
        """A bulletin's receipt in the language and zone of an office, else of the inbox."""
        office = office or self.settings.inbox
        return self.letters.receipt(receipt, office.language, self.settings.zone_of(office))

    @cached_property
    def watched_folders(self) -> list[WatchedFolder]:
        """The inbox and each of its sub-folders that has settings of its own."""
        main = WatchedFolder(
            store=self.store, inbox=self.inbox, rules=self.ingest_rules, render=self.receipt_text
        )
        return [main, *(self._folder(name, office) for name, office in self.settings.offices().items())]

    @cached_property
    def reaching(self) -> Reaching:
        """Who gets it, told before anybody decides."""
        return desk.reaching_of(self, time.monotonic)

    def _folder(self, name: str, office: OfficeSection) -> WatchedFolder:
        return WatchedFolder(
            store=self.store,
            inbox=self.inbox_in(name),
            rules=self._ingest_rules(office, name),
            render=lambda receipt: self.receipt_text(receipt, office),
            prefix=f"{name}/",
        )

    def receipt_mails(self, office: OfficeSection, folder: str = "") -> ReceiptMails | None:
        """Where the receipts of the inbox, or of its sub-folder, are mailed; None if nowhere."""
        if not office.receipts_to:
            return None
        return ReceiptMails(
            letters=self.letters,
            address=office.receipts_to,
            lang=office.language,
            zone=self.settings.zone_of(office),
            only_faults=office.receipts_when == "faults",
            setting=self.settings.receipts_key(folder),
            domain=self._mail_domain,
            opaque=_opaque,
            reach=self._reach,
        )

    def begin_counting(self) -> None:
        """Have it counted who has what before the press office asks, if it may."""
        offices = [self.settings.inbox, *self.settings.offices().values()]
        if self.settings.desk.people or any(each.receipts_to for each in offices):
            self.reaching.begin()

    def _reach(self, some: Sequence[Item]) -> Reach:
        return self.reaching.reach(some)

    def unread_folders(self) -> list[str]:
        """Sub-folders of the inbox in which bulletins wait although no setting says that they are read."""
        return self.inbox.unread_folders(self.settings.offices().keys())

    @cached_property
    def public(self) -> Site:
        """The folder of feeds and pages that this host serves."""
        return Site(self.settings.path(self.settings.publish.path))

    @cached_property
    def press(self) -> Press:
        style = next(
            data for path, data in page_templates(self.settings).items() if path.endswith("/style.css")
        )
        return Press(
            public=self.public,
            site=self.site,
            vocabulary=self.vocabulary,
            pages=self.pages,
            tag=self._facts.tag,
            length=self.settings.publish.length,
            formats=tuple(self.settings.publish.formats),
            style=brand.coloured(style, self.settings),
            assets=self._assets,
            started_at=now(),
            look=look_of(self.settings),
        )

    @cached_property
    def compose_rules(self) -> ComposeRules:
        return ComposeRules(
            letters=self.letters,
            vocabulary=self.vocabulary,
            max_late=timedelta(hours=self.settings.digest.max_late),
            gap=timedelta(minutes=self.settings.digest.gap),
            domain=self._mail_domain,
            opaque=_opaque,
        )

    @property
    def _mail_domain(self) -> str:
        """The right side of Message-IDs."""
        return self.settings.mail.sender.rpartition("@")[2]

    @cached_property
    def deliver_rules(self) -> DeliverRules:
        mail = self.settings.mail
        return DeliverRules(
            letters=self.letters,
            tokens=self.tokens,
            sender=mail.sender,
            sender_name=mail.from_name or self.settings.site.name,
            owner=owners.me(),
            now=now,
            jitter=random.random,
            lease=lease_for(mail.data_timeout),
            bounced=self._bounced,
            letters_per_s=mail.rate,
            hold=mail.doubtful == "hold",
            return_path=coming_back.return_path(self),
            signed=signing.signed(self.settings),
            hosts=Hosts(random.random),
            notes=self.settings.path(self.settings.store.journal).parent / "handed-over",
        )

    @property
    def joining_defaults(self) -> JoiningDefaults:
        """What counts when a subscriber says nothing."""
        section = self.settings.digest
        lang = self.settings.site.languages[0]
        return JoiningDefaults(lang=lang, zone=section.zone, hour=section.hour, weekday=section.weekday)

    @cached_property
    def people(self) -> PeopleRules:
        """What the acts of people need: who writes their mails, keys, defaults."""
        return people.rules_of(self, now, self.new_message_id)

    def new_message_id(self) -> str:
        """With its brackets; nobody can guess it."""
        return f"<{_opaque()}@{self._mail_domain}>"

    @property
    def outbox(self) -> Path:
        return self.settings.path(self.settings.mail.outbox)

    def transports(self) -> list[Transport]:
        """As many as letters may be on their way at the same time."""
        return transports_of(self.settings, self.outbox)

    @cached_property
    def filtered(self) -> Filtered:
        """Feeds and pages of filters, for the web."""
        return Filtered(self.store, self.press, time.monotonic)

    def web_parts(self) -> WebParts:
        return WebParts(
            store=self.store,
            pages=self.pages,
            tokens=self.tokens,
            public=self.settings.path(self.settings.publish.path),
            demonstration=demonstration_of(self),
            now=now,
            moved={f"topic/{old}": f"topic/{new}" for old, new in self.vocabulary.renamed.items()},
            prefix=urlsplit(self.settings.site.base_url).path,
            homes=[self.site.below(lang) for lang in self.site.langs],
            filtered=self.filtered,
            hosts=people.hosts_of(self.settings),
            digest_kept=timedelta(days=self.settings.digest.page_days),
            memory=hubs.memory_of(self.settings),
            people=self._people_web,
            desk=desk.desk_of(self, self._people_web, now),
            receipts=receipts.receipt_parts_of(self, self._people_web, now),
            metrics=operating.metrics_of(self, now),
            tally=self.tally,
            operator=operating.operator_of(self, self._people_web, now, operating.rounds(self.settings)),
        )

    @cached_property
    def _people_web(self) -> PeopleParts:
        return people.web_parts_of(self, now)

    def _bounced(self, subscriber_id: int, reason: str) -> None:
        """No more mail to somebody whose mailbox is gone, until they ask again."""
        ending.end(self.store, self.tokens, subscriber_id, Suppression.BOUNCED, reason, now())

    def dead_owners(self, found: Sequence[str]) -> list[str]:
        return owners.dead(found)


def open_parts(option: str | None = None) -> Parts:
    """The parts of the site that --config, $FEEDS_CONFIG or ./config/feeds.toml names.

    Raises ConfigError with every fault, those of the label tables included.
    """
    return Parts(config.load(config.find(option), judge=partial(build, identity=changes.identity)))


def umask() -> None:
    """State, inbox and outbox are nobody else's business; public/ sets its own modes (T20)."""
    os.umask(0o077)
