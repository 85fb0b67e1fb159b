"""What would become of a bulletin if it were let go now: its items as they would stand. Nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feeds.intake.examining import Examined, with_choices
from feeds.intake.examining import examine as read_and_label
from feeds.intake.folders import WatchedFolder
from feeds.intake.planning import Task, load, plan
from feeds.model import BulletinReceipt, DraftChoice, Item, Outcome
from feeds.store import Connection
from feeds.store.bulletins import BulletinRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A file as it reads, the receipt that it would get, and the items that it speaks of as they would be."""

    file: Examined
    receipt: BulletinReceipt
    items: dict[str, Item]

    def of(self, *outcomes: Outcome) -> list[Item]:
        """The items with these outcomes, in the order of the file, each once."""
        ids = dict.fromkeys(line.item_id for line in self.receipt.lines if line.outcome in outcomes)
        return [self.items[key] for key in ids if key in self.items]


def examine(folder: WatchedFolder, name: str, data: bytes) -> Examined:
    """A file of this folder, read and labelled; `name` is as people see it."""
    return read_and_label(folder.rules, name, data)


def preview(
    conn: Connection, folder: WatchedFolder, row: BulletinRow, file: Examined, now: datetime
) -> Preview:
    """What letting a held bulletin go would do; `file` is it as it reads, without labels chosen for it."""
    return decided(conn, folder, file, row.choices, row.notify, now)


def decided(
    conn: Connection,
    folder: WatchedFolder,
    file: Examined,
    choices: tuple[DraftChoice, ...],
    notify: str,
    now: datetime,
) -> Preview:
    """The same for a file that nothing is stored of."""
    file = with_choices(file, choices)
    planned = plan(conn, Task(folder.rules, now, notify, releasing=True), [file])
    (one,) = planned.decided
    known = {line.item_id for line in one.receipt.lines if line.item_id}
    items = load(conn, sorted(known)).items if known else {}
    items |= {row.item.id: row.item for row in one.writes.new.values()}
    items |= {each.item.id: each.item for each in one.writes.changed.values()}
    return Preview(file=one.file, receipt=one.receipt, items=items)
