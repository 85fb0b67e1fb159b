"""A file's bytes -> what acceptance decides about: read and labelled, the database not yet asked.

Owns what the configuration says about taking bulletins in, and the one way from
bytes to drafts with labels. Reading and labelling take most of the time, so they
happen before any transaction begins.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import PurePosixPath

from feeds import changes
from feeds.errors import BulletinError
from feeds.intake.receipts import ReceiptMails
from feeds.labels import Labeller, chosen, label_draft
from feeds.model import Bulletin, Draft, DraftChoice, Fault, Kind, Label, Moment, Vocabulary
from feeds.reading import ReadingOptions, read, timely
from feeds.reading.encoding import decode
from feeds.reading.faults import DOUBTFUL
from feeds.reading.timing import dates_ahead


class Doubtful(StrEnum):
    """What becomes of a file in which items may be glued together or stand under a wrong day.

    `GO`: it is taken in like others. `WAIT`: until a person lets it go. `LEAVE_OUT`: it is taken in without
    the items in doubt.
    """

    GO = "go"
    WAIT = "wait"
    LEAVE_OUT = "leave-out"


# Whose bytes are their text.
TEXTS = (".txt", ".md", ".markdown", ".html", ".htm")

Reader = Callable[[str, bytes, ReadingOptions], Bulletin]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRules:
    """What the configuration says about taking bulletins in.

    `tag` is the site's tag: prefix for new ids; `max_age` decides what is too
    old to be mailed; for `hold` a bulletin of the inbox can be taken back;
    `doubtful` says what becomes of a doubtful one; `mails` where receipts go by mail; `reader` reads a file.
    With `waits` every bulletin waits until a person lets it go: so it is at the desk.
    """

    reading: ReadingOptions
    labeller: Labeller
    vocabulary: Vocabulary
    lang: str
    tag: str
    max_age: timedelta
    hold: timedelta = timedelta(0)
    doubtful: Doubtful = Doubtful.GO
    waits: bool = False
    mails: ReceiptMails | None = None
    reader: Reader = read


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One draft with what was found out about it before the transaction."""

    draft: Draft
    lang: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, kw_only=True)
class Examined:
    """One file, read and labelled. Without drafts it will be rejected, for its faults.

    `not_before` and `expires_at` are what its head says of its time; what comes of that is known when it is
    decided about (`at`). `waited_for` is the embargo that is over now. `tries` is the key under
    which tries at reading it are counted.
    """

    name: str
    data: bytes = b""
    encoding: str = ""
    drafts: tuple[Read, ...] = ()
    faults: tuple[Fault, ...] = ()
    not_before: Moment | None = None
    expires_at: Moment | None = None
    waited_for: datetime | None = None
    tries: str = ""

    @cached_property
    def sha256(self) -> str:
        """The digest of its bytes; empty when they could not be had."""
        return hashlib.sha256(self.data).hexdigest() if self.data else ""


def examine(rules: IngestRules, name: str, data: bytes) -> Examined:
    """Read and label one file without touching anything."""
    try:
        bulletin = rules.reader(name, data, rules.reading)
    except BulletinError as error:
        return Examined(name=name, data=data, faults=(error.fault,))
    drafts, faults = [], list(bulletin.faults)
    for draft in bulletin.drafts:
        item_id = changes.item_id(changes.identity(draft.date_on, draft.title))  # unless it is known already
        lang, labels, warnings = label_draft(rules.labeller, rules.vocabulary, draft, rules.lang, item_id)
        drafts.append(Read(draft=draft, lang=lang, labels=labels))
        faults += warnings
    encoding = bulletin.encoding if drafts else ""
    return Examined(
        name=name, data=data, encoding=encoding, drafts=tuple(drafts), faults=tuple(faults),
        not_before=bulletin.not_before, expires_at=bulletin.expires_at,
    )  # fmt: skip


def text_of(rules: IngestRules, name: str, data: bytes) -> str:
    """The text of a file that is one, by whose lines faults are told; empty for others."""
    if PurePosixPath(name).suffix.lower() not in TEXTS:
        return ""
    try:
        return decode(data, rules.reading.fallback_encoding).text
    except BulletinError:
        return ""


def with_choices(file: Examined, made: Sequence[DraftChoice]) -> Examined:
    """The file with the labels that somebody has chosen for its items while it was held: of those kinds they
    count as stated by the file, so that no correction changes them later.
    """
    if not made:
        return file
    return replace(file, drafts=tuple(_with_choices(seen, made) for seen in file.drafts))


def _with_choices(seen: Read, made: Sequence[DraftChoice]) -> Read:
    draft = seen.draft
    key = changes.identity(draft.date_on, draft.title)
    mine = [each.choice for each in made if each.identity == key]
    kinds = {choice.kind for choice in mine}
    labels = chosen(seen.labels, mine)
    codes = {kind: tuple(label.code for label in labels if label.kind is kind) for kind in kinds}
    draft = replace(
        draft, countries=codes.get(Kind.COUNTRY, draft.countries), topics=codes.get(Kind.TOPIC, draft.topics)
    )
    return replace(seen, draft=draft, labels=labels)


def doubts(file: Examined, now: datetime, zone: str) -> list[Fault]:
    """The faults after which items may be glued together in it, or stand under a wrong day."""
    ahead = dates_ahead((each.draft for each in file.drafts), now, zone) if not file.not_before else []
    return [*(fault for fault in file.faults if fault.code in DOUBTFUL), *ahead]


def without_doubtful(file: Examined, why: Sequence[Fault]) -> Examined:
    """The file without the items in doubt, each with a fault that says so; refused if none is left."""
    lines = [fault.line for fault in why if fault.line]
    doubtful = [each for each in file.drafts if any(_is_in(line, each.draft) for line in lines)]
    if not doubtful:
        return file
    kept = tuple(each for each in file.drafts if each not in doubtful)
    told = [
        Fault(code="item-doubtful", line=each.draft.line, detail=each.draft.title[:200]) for each in doubtful
    ]
    return replace(file, drafts=kept, faults=(*file.faults, *told))


def _is_in(line: int, draft: Draft) -> bool:
    return draft.line <= line <= draft.end_line


def at(file: Examined, now: datetime) -> Examined:
    """The file as it is at an instant: refused if its time is over, `not_before` only if that is to come."""
    if file.not_before is None and file.expires_at is None:
        return file
    told = Bulletin(
        name=file.name, encoding="", faults=file.faults, not_before=file.not_before,
        expires_at=file.expires_at,
    )  # fmt: skip
    try:
        told = timely(told, now)
    except BulletinError as error:
        return replace(refused(file.name, [error.fault], file.data), tries=file.tries)
    return replace(file, faults=told.faults, not_before=told.not_before)


def refused(name: str, faults: Sequence[Fault], data: bytes = b"") -> Examined:
    """A file whose bytes could not be had, or that we failed on."""
    return Examined(name=name, data=data, faults=tuple(faults))
