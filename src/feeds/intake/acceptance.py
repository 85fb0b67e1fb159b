"""Acceptance: bulletins -> rows, in one transaction (P2).

Before the commit the files lie untouched where they were; after it everything
else is work that the database remembers. Files were read and labelled before
(`examining`) and decided about (`planning`), so that the transaction only looks
whether all is still so, and writes; a burst of files shares one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from feeds.intake.batch_decider import Decided
from feeds.intake.examining import Examined, IngestRules
from feeds.intake.planning import Plan, Task, plan
from feeds.intake.receipts import queue
from feeds.model import Act, BulletinReceipt, By, Item
from feeds.store import (
    Connection,
    Store,
    audit,
    bulletins,
    history,
    items,
    publishing,
    translations,
    wordings,
)

T = TypeVar("T")

# So often something else came between; then it is decided while all others wait.
TRIES_OUTSIDE = 3


@dataclass(frozen=True, slots=True)
class Accepted:
    """A bulletin in the database, and what became of its items. `ours`: this call took it in, no earlier one
    and no other process."""

    bulletin_id: int
    receipt: BulletinReceipt
    ours: bool = True


def accept(
    store: Store,
    rules: IngestRules,
    files: Sequence[Examined],
    now: datetime,
    notify: str = "default",
    lies: Callable[[Examined], bool] = lambda _: True,
    by: By | None = None,
) -> list[Accepted | None]:
    """Take in files of the inbox. One transaction: digests, items, labels and the work to do (P2).

    `notify` is ``default`` (items older than `max_age` are not mailed), ``all`` or ``none``. A file that
    was accepted but not moved when a process died gives the receipt it had; an unreadable one is recorded
    as rejected. What is held is kept for later, in the database. None for those that `lies` says are gone
    from the inbox: another process took them in meanwhile. `by` is who brought them, for the audit trail.
    """
    task = Task(rules, now, notify, by=by)

    def fresh(conn: Connection) -> tuple[dict[int, Accepted], list[Examined]]:
        waiting = bulletins.unfiled(conn, [file.name for file in files])
        before = {(row.name, row.sha256): Accepted(row.id, row.receipt, ours=False) for row in waiting}
        known = {
            id(file): found for file in files if (found := before.get((file.name, file.sha256))) is not None
        }
        # Asked while nobody else accepts: what another process accepted and has not moved is known,
        # what it has moved does not lie there.
        return known, [file for file in files if id(file) not in known and lies(file)]

    def decide(conn: Connection) -> Plan:
        return plan(conn, task, fresh(conn)[1])

    def write(conn: Connection, planned: Plan) -> list[Accepted | None] | None:
        known, left = fresh(conn)
        if list(map(id, left)) != list(map(id, planned.files)):
            return None
        taken = dict(zip(map(id, left), _write(conn, task, planned), strict=True))
        return [known.get(id(file)) or taken.get(id(file)) for file in files]

    return _decided_then_written(store, decide, write)


def accept_where_it_lies(
    store: Store, rules: IngestRules, files: Sequence[Examined], now: datetime, notify: str = "default"
) -> list[Accepted]:
    """Take in files that are not moved: those that a person named."""
    task = Task(rules, now, notify, stays=True)
    return _decided_then_written(
        store, lambda conn: plan(conn, task, files), lambda conn, planned: _write(conn, task, planned)
    )


def let_go(
    store: Store, rules: IngestRules, row: bulletins.BulletinRow, file: Examined, now: datetime
) -> Accepted | None:
    """Take a held bulletin in for good, as `file` reads by now; None when another process did, or it was
    undone.
    """
    task = Task(rules, now, row.notify, releasing=True)

    def write(conn: Connection, planned: Plan) -> list[Accepted]:
        (decided,) = planned.decided
        if not bulletins.let_go(conn, row.id, decided.receipt):
            return []
        return _write(conn, task, planned, ids=[row.id])

    return next(iter(_decided_then_written(store, lambda conn: plan(conn, task, [file]), write)), None)


def _decided_then_written(
    store: Store, decide: Callable[[Connection], Plan], write: Callable[[Connection, Plan], T | None]
) -> T:
    """Decide without holding anything up, and write if nothing came between; else once more."""
    for _ in range(TRIES_OUTSIDE):
        with store.read() as conn:
            planned = decide(conn)
        written = store.transact(partial(_if_it_holds, planned=planned, write=write))
        if written is not None:
            return written

    def all_at_once(conn: Connection) -> T | None:
        items.hold_announcements(conn)
        return write(conn, decide(conn))

    written = store.transact(all_at_once)
    assert written is not None  # nothing comes between here
    return written


def _if_it_holds(conn: Connection, planned: Plan, write: Callable[[Connection, Plan], T | None]) -> T | None:
    items.hold_announcements(conn)
    return write(conn, planned) if planned.holds(conn) else None


def _write(conn: Connection, task: Task, planned: Plan, ids: Sequence[int] = ()) -> list[Accepted]:
    """Write all that was decided, in one go. `ids` are those of bulletins that are recorded already."""
    decided = planned.decided
    for one in decided:
        if one.receipt.held_until is not None:
            bulletins.hold_together(conn, one.file.name, one.receipt.held_until)
    recorded = list(ids) or bulletins.insert(conn, [_bulletin(one, task) for one in decided])
    items.announced_up_to(conn, planned.last, planned.instants, task.now)
    bulletins.forget_failures(conn, {one.file.tries for one in decided if one.file.tries})
    now_taken = [
        (key, one, changed)
        for key, one, changed in zip(recorded, decided, planned.changes, strict=True)
        if one.receipt.held_until is None
    ]
    _write_items(conn, now_taken, dict(planned.read))
    related = translations.put(
        conn, {item_id: key for _, one, _ in now_taken for item_id, key in one.writes.translations.items()}
    )
    touched = {key for _, one, _ in now_taken for key in one.writes.stale}
    publishing.mark_stale(conn, touched | {publishing.ITEM_PREFIX + each for each in related}, task.now)
    for bulletin_id, one, mail in zip(recorded, decided, planned.mails, strict=True):
        if mail is not None and task.rules.mails is not None:
            queue(conn, task.rules.mails, bulletin_id, one.receipt, mail, task.now)
    if task.by is not None:
        came = [audit.NewLine(act=Act.CAME_IN, bulletin_id=key) for key in recorded]
        audit.write(conn, came, task.by, task.now)
    return [Accepted(key, one.receipt) for key, one in zip(recorded, decided, strict=True)]


def _write_items(
    conn: Connection,
    taken: Sequence[tuple[int, Decided, Sequence[history.Change]]],
    stored: dict[str, Item],
) -> None:
    """`stored`: items as they stand, which follow the changes."""
    keyed = [(bulletin_id, row) for bulletin_id, one, _ in taken for row in one.writes.new.values()]
    items.insert(conn, [replace(row, bulletin_id=key) for key, row in keyed])
    stored |= {row.item.id: row.item for _, row in keyed}
    for _, one, changed in taken:  # in their order: a later file may change what an earlier one did
        history.revise_all(conn, changed, stored)
        stored |= {each.item.id: each.item for each in changed}
        better = list(one.writes.read_better.values())
        items.read_better(conn, better)
        stored |= {each.id: each for each in better}
        items.announce(conn, one.writes.announced)
        wordings.name(conn, one.writes.office_keys)
    wordings.remember(conn, [said for _, one, _ in taken for said in one.writes.said])


def _bulletin(decided: Decided, task: Task) -> bulletins.NewBulletin:
    """The row of a file as it was read; the bytes of one that is held are kept."""
    file, held = decided.file, decided.receipt.held_until is not None
    return bulletins.NewBulletin(
        receipt=decided.receipt,
        sha256=file.sha256,
        size=len(file.data),
        encoding=file.encoding,
        notify=task.notify if file.drafts else "default",
        content=file.data if held else None,
        stays=task.stays,
    )
