"""What is to be written for the files of a part: decided from what one look at the database shows.

Deciding takes time and holds no lock. What it was decided upon is kept, so that the transaction
that writes (`acceptance`) can see whether it still holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from feeds import schedule
from feeds.intake.batch_decider import BatchDecider, Decided
from feeds.intake.examining import Doubtful, Examined, IngestRules, at, doubts, text_of, without_doubtful
from feeds.intake.receipts import receipt_mail
from feeds.intake.stored_items import Loaded
from feeds.model import WAITS, BulletinReceipt, By, Fault, Item, Outcome, ReceiptLine, RenderedMail
from feeds.store import Connection, bulletins, history, items, wordings


@dataclass(frozen=True, slots=True)
class Task:
    """Files to be taken in, and how. `stays`: they are not moved, and their receipts not mailed. `by` brought
    them, where that is to be written down."""

    rules: IngestRules
    now: datetime
    notify: str = "default"
    stays: bool = False
    releasing: bool = False
    by: By | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written, and on what that was decided.

    `last` is the instant of the last announcement, which moves whenever an item changes. `read` are the
    items that would be written, as they were read; `changes` has what becomes of them, and `mails` the mail
    of each receipt, file by file.
    """

    files: tuple[Examined, ...]
    decided: tuple[Decided, ...]
    mails: tuple[RenderedMail | None, ...]
    last: datetime | None
    instants: int
    read: dict[str, Item]
    changes: tuple[tuple[history.Change, ...], ...]

    def holds(self, conn: Connection) -> bool:
        """Whether all is still as it was when this was decided; asked while nobody else announces."""
        return items.last_announced(conn) == self.last


def load(conn: Connection, item_ids: Sequence[str]) -> Loaded:
    """Items as they are stored."""
    return Loaded(items.by_ids(conn, item_ids), history.labelled_by_hand(conn, item_ids))


def plan(conn: Connection, task: Task, given: Sequence[Examined]) -> Plan:
    """Decide about files."""
    files = [_certain(task, at(file, task.now)) for file in given]
    last = items.last_announced(conn)
    count = sum(len(file.drafts) for file in files)
    instants = items.instants_after(last, count, task.now)

    def decider(some: Sequence[Examined]) -> BatchDecider:
        return BatchDecider(
            task.rules, some, instants, task.now, task.notify,
            known=lambda wanted: wordings.known(conn, wanted), load=lambda ids: load(conn, ids),
        )  # fmt: skip

    waits = {id(file): until for file in files if (until := held_until(task, file)) is not None}
    together = decider([file for file in files if id(file) not in waits])
    decided = [
        _held(conn, task, decider([file]).decide(file), waits[id(file)])
        if id(file) in waits
        else together.decide(file)
        for file in files
    ]
    mails = None if task.stays else task.rules.mails
    told = [
        receipt_mail(mails, one.receipt, _brought(one), _text(task.rules, one) if mails else "")
        for one in decided
    ]
    return Plan(
        tuple(given), tuple(decided), tuple(told), last, count, _changing(together.stored.read, decided),
        tuple(tuple(each.revised() for each in one.writes.changed.values()) for one in decided),
    )  # fmt: skip


def _brought(decided: Decided) -> list[Item]:
    """The items that a file brings, or would."""
    return [row.item for row in decided.writes.new.values()]


def _text(rules: IngestRules, decided: Decided) -> str:
    """The text of a file with something wrong in one of its lines."""
    wrong = any(line.fault and (line.line or line.fault.line) for line in decided.receipt.lines)
    return text_of(rules, decided.file.name, decided.file.data) if wrong else ""


def _certain(task: Task, file: Examined) -> Examined:
    """Without what is in doubt, where nobody would be told that it waits. What a person names is theirs."""
    leaves_out = task.rules.doubtful is Doubtful.LEAVE_OUT and not (task.stays or task.releasing)
    return without_doubtful(file, _doubts(task, file)) if leaves_out else file


def _doubts(task: Task, file: Examined) -> list[Fault]:
    return doubts(file, task.now, task.rules.reading.zone)


def held_until(task: Task, file: Examined) -> datetime | None:
    """Until when a file waits for somebody to take it back, or for the instant in its head."""
    if task.releasing or not file.drafts:
        return None
    if task.rules.waits:
        return WAITS
    if task.rules.doubtful is Doubtful.WAIT and not task.stays and _doubts(task, file):
        return WAITS
    hold = timedelta(0) if task.stays else task.rules.hold
    until = max(task.now + hold, file.not_before.at if file.not_before else task.now)
    return until if until > task.now else None


def _held(conn: Connection, task: Task, decided: Decided, until: datetime) -> Decided:
    """A file that is kept for later: its receipt says what would be announced, and when."""
    receipt = replace(decided.receipt, held_until=until)
    if until == WAITS:
        earlier = [row.receipt.held_until for row in bulletins.held_of(conn, receipt.name)]
        receipt = with_earlier(receipt, earlier, task.rules.reading.zone)
    return replace(decided, receipt=receipt)


def with_earlier(receipt: BulletinReceipt, earlier: Iterable[datetime | None], zone: str) -> BulletinReceipt:
    """The receipt of a file that waits, with a line about those of its name that go by themselves at these
    instants: it does not hold them up.
    """
    going = [until for until in earlier if until is not None and until != WAITS]
    if not going:
        return receipt
    last = schedule.wall_clock(max(going), zone)
    fault = Fault(code="earlier-held", detail=f"{last:%Y-%m-%d %H:%M} ({zone})")
    line = ReceiptLine(outcome=Outcome.WARNING, line=None, fault=fault)
    return replace(receipt, lines=(line, *receipt.lines))


def _changing(read: Loaded, decided: Sequence[Decided]) -> dict[str, Item]:
    """Of the items that were read, those that would be written."""
    ids = {key for one in decided for key in one.writes.changed}
    return {key: read.items[key] for key in ids if key in read.items}
