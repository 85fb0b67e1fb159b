"""A file's bytes -> what acceptance decides about: read and labelled, the database not yet asked.

Owns what the configuration says about taking bulletins in, and the one way from
bytes to drafts with labels. Reading and labelling take most of the time, so they
happen before any transaction begins.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from feeds import changes
from feeds.errors import BulletinError
from feeds.intake.receipts import ReceiptMails
from feeds.labels import Labeller, label_draft
from feeds.model import Draft, Fault, Label, Vocabulary
from feeds.reading import ReadingOptions, read


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRules:
    """What the configuration says about taking bulletins in.

    `tag` is the site's tag: prefix for new ids; `max_age` decides what is too
    old to be mailed; for `hold` a bulletin of the inbox can be taken back;
    `mails` says where receipts go by mail.
    """

    reading: ReadingOptions
    labeller: Labeller
    vocabulary: Vocabulary
    lang: str
    tag: str
    max_age: timedelta
    hold: timedelta = timedelta(0)
    mails: ReceiptMails | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One draft with what was found out about it before the transaction."""

    draft: Draft
    lang: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, kw_only=True)
class Examined:
    """One file, read and labelled. Without drafts it will be rejected, for its faults.

    `not_before`: nothing of it is to be shown earlier, as its head says.
    """

    name: str
    data: bytes = b""
    encoding: str = ""
    drafts: tuple[Read, ...] = ()
    faults: tuple[Fault, ...] = ()
    not_before: datetime | None = None

    @cached_property
    def sha256(self) -> str:
        """The digest of its bytes; empty when they could not be had."""
        return hashlib.sha256(self.data).hexdigest() if self.data else ""


def examine(rules: IngestRules, name: str, data: bytes) -> Examined:
    """Read and label one file without touching anything."""
    try:
        bulletin = read(name, data, rules.reading)
    except BulletinError as error:
        return Examined(name=name, data=data, faults=(error.fault,))
    drafts, faults = [], list(bulletin.faults)
    for draft in bulletin.drafts:
        item_id = changes.item_id(changes.identity(draft.date_on, draft.title))  # unless it is known already
        lang, labels, warnings = label_draft(rules.labeller, rules.vocabulary, draft, rules.lang, item_id)
        drafts.append(Read(draft=draft, lang=lang, labels=labels))
        faults += warnings
    encoding = bulletin.encoding if drafts else ""
    return Examined(name=name, data=data, encoding=encoding, drafts=tuple(drafts), faults=tuple(faults))


def refused(name: str, faults: Sequence[Fault], data: bytes = b"") -> Examined:
    """A file whose bytes could not be had, or that we failed on."""
    return Examined(name=name, data=data, faults=tuple(faults))
