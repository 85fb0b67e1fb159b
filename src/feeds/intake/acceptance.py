"""Acceptance: bulletins -> rows, in one transaction (P2).

Before the commit the files lie untouched where they were; after it everything
else is work that the database remembers. Files were read and labelled before
(`examining`), so that the transaction stays short; a burst of them shares one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from feeds.intake.batch_decider import BatchDecider, new_bulletin
from feeds.intake.examining import Examined, IngestRules
from feeds.intake.receipts import tell_office
from feeds.model import BulletinReceipt
from feeds.store import Connection, Store, bulletins, items


@dataclass(frozen=True, slots=True)
class Accepted:
    """A bulletin in the database, and what became of its items."""

    bulletin_id: int
    receipt: BulletinReceipt


def accept(
    store: Store,
    rules: IngestRules,
    files: Sequence[Examined],
    now: datetime,
    notify: str = "default",
    lies: Callable[[Examined], bool] = lambda _: True,
) -> list[Accepted | None]:
    """Take in files of the inbox. One transaction: digests, items, labels and the work to do (P2).

    `notify` is ``default`` (items older than `max_age` are not mailed), ``all`` or ``none``. A file that
    was accepted but not moved when a process died gives the receipt it had; an unreadable one is recorded
    as rejected. With `rules.hold` what would be announced is kept for later, in the database. None for
    those that `lies` says are gone from the inbox: another process took them in meanwhile.
    """

    def run(conn: Connection) -> list[Accepted | None]:
        items.hold_announcements(conn)
        waiting = bulletins.unfiled(conn, [file.name for file in files])
        known = {(row.name, row.sha256): Accepted(row.id, row.receipt) for row in waiting}
        # Asked while nobody else accepts: what another process accepted and has not moved is known,
        # what it has moved does not lie there.
        fresh = [file for file in files if (file.name, file.sha256) not in known and lies(file)]
        take = _hold if rules.hold else _decide
        taken = dict(zip(map(id, fresh), take(conn, rules, fresh, now, notify), strict=True))
        return [known.get((file.name, file.sha256)) or taken.get(id(file)) for file in files]

    return store.transact(run)


def accept_where_it_lies(
    store: Store, rules: IngestRules, files: Sequence[Examined], now: datetime, notify: str = "default"
) -> list[Accepted]:
    """Take in files that are not moved: those that a person named."""

    def run(conn: Connection) -> list[Accepted]:
        items.hold_announcements(conn)
        return _decide(conn, rules, files, now, notify, stays=True)

    return store.transact(run)


def _decide(
    conn: Connection,
    rules: IngestRules,
    files: Sequence[Examined],
    now: datetime,
    notify: str,
    *,
    stays: bool = False,
) -> list[Accepted]:
    deciding = BatchDecider(conn, rules, files, now, notify, stays=stays)
    done = []
    for file in files:
        done.append(deciding.decide(file))
        deciding.keep(done[-1])
    deciding.write()
    return [Accepted(one.bulletin_id, one.receipt) for one in done]


def _hold(
    conn: Connection, rules: IngestRules, files: Sequence[Examined], now: datetime, notify: str
) -> list[Accepted]:
    """Keep files for later: each receipt says what would be announced, and when.

    Their bytes are kept in the database, so that the files may go their way.
    """
    new = []
    for file in files:
        decided = BatchDecider(conn, rules, [file], now, notify).decide(file)
        if file.drafts:
            decided.receipt = replace(decided.receipt, held_until=now + rules.hold)
            bulletins.hold_together(conn, file.name, now + rules.hold)
        new.append(new_bulletin(decided, notify, content=file.data if file.drafts else None))
    ids = bulletins.insert(conn, new)
    tell_office(conn, rules.mails, zip(ids, [row.receipt for row in new], strict=True), now)
    return [Accepted(key, row.receipt) for key, row in zip(ids, new, strict=True)]


def let_go(
    store: Store, rules: IngestRules, row: bulletins.BulletinRow, file: Examined, now: datetime
) -> Accepted | None:
    """Take a held bulletin in for good, as `file` reads by now; None when another process did, or it was
    undone.
    """

    def run(conn: Connection) -> Accepted | None:
        items.hold_announcements(conn)
        deciding = BatchDecider(conn, rules, [file], now, row.notify)
        decided = deciding.decide(file)
        decided.bulletin_id = row.id
        if not bulletins.let_go(conn, row.id, decided.receipt):
            return None
        deciding.keep(decided)
        deciding.write()
        return Accepted(row.id, decided.receipt)

    return store.transact(run)
