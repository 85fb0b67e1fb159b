"""A held bulletin mended before it goes: its text, the labels of its items, and when it is to go.

One transaction each, with a line of the audit trail. Once its text was mended the desk decides about it, and
no file in held/ any more; that gets the new words all the same. Labels leave the file as it lies: whoever
takes it away still takes the bulletin back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from feeds import log
from feeds.changes import identity
from feeds.intake.dropping import NotTakenError, faults
from feeds.intake.examining import Examined
from feeds.intake.filing import remember_filed
from feeds.intake.folders import WatchedFolder
from feeds.intake.previewing import Preview, decided, examine
from feeds.intake.writing_out import mended_name
from feeds.model import Act, By, Choice, DraftChoice
from feeds.store import Connection, audit, bulletins
from feeds.store.bulletins import BulletinRow, Mended

logger = log.get("ingest")


def mend(folder: WatchedFolder, row: BulletinRow, before: str, data: bytes, now: datetime, by: By) -> bool:
    """Put another text in place of that of the digest `before`; False when that is not what is held any more.

    A document or a mail becomes a text (`writing_out`), and its file stays, in undone/. Raises NotTakenError
    for a text from which nothing can be read: what was held stays.
    """
    name = mended_name(row.name)
    if found := faults(folder, name.removeprefix(folder.prefix), data):
        raise NotTakenError(found)
    file = examine(folder, name, data)
    if not file.drafts:
        raise NotTakenError(file.faults)
    line = audit.NewLine(act=Act.MENDED, bulletin_id=row.id)
    return _write(folder, row, before, file, row.choices, line, now, by)


def choose(
    folder: WatchedFolder,
    row: BulletinRow,
    file: Examined,
    chosen: Mapping[str, Sequence[Choice]],
    now: datetime,
    by: By,
) -> bool:
    """Give items of a held bulletin other labels, by identity, in place of those chosen for them before.

    False when the bulletin is not held any more. `file` is it as it reads.
    """
    others = tuple(each for each in row.choices if each.identity not in chosen)
    made = [DraftChoice(key, each) for key, choices in chosen.items() for each in choices]
    told = " ".join(map(_spelt, made))
    line = audit.NewLine(act=Act.CHOSEN, bulletin_id=row.id, reason=told)
    return _write(folder, row, row.sha256, file, (*others, *made), line, now, by)


def choose_more(
    folder: WatchedFolder, row: BulletinRow, changes: Mapping[str, Sequence[Choice]], now: datetime, by: By
) -> bool:
    """Change labels of items of a held bulletin, by identity, beside what was chosen for them before; False
    when it is not held any more.
    """
    with folder.store.read() as conn:
        data = bulletins.content(conn, row.id)
    if data is None:
        return False
    file = examine(folder, row.name, data)
    known = {identity(each.draft.date_on, each.draft.title) for each in file.drafts}
    chosen = {}
    for key in changes.keys() & known:
        before = {
            (each.choice.kind, each.choice.code): each.choice for each in row.choices if each.identity == key
        }
        chosen[key] = [*(before | {(each.kind, each.code): each for each in changes[key]}).values()]
    return choose(folder, row, file, chosen, now, by)


def _write(
    folder: WatchedFolder,
    row: BulletinRow,
    before: str,
    file: Examined,
    choices: tuple[DraftChoice, ...],
    line: audit.NewLine,
    now: datetime,
    by: By,
) -> bool:
    if row.filed_at is None and file.name != row.name:
        return False  # the next pass files it: a document that lies in the inbox yet would be taken in anew
    with folder.store.read() as conn:
        seen = decided(conn, folder, file, choices, row.notify, now)
    mended = _mended(row, seen, file, choices)

    def run(conn: Connection) -> bool:
        done = bulletins.mend(conn, row.id, before, mended)
        if done:
            audit.write(conn, [line], by, now)
        return done

    if not folder.store.transact(run):
        return False
    try:
        _file(folder, row, mended, now)
    except OSError as error:
        logger.error("bulletin-not-filed", name=row.name, reason=str(error.strerror))
    return True


def _file(folder: WatchedFolder, row: BulletinRow, mended: Mended, now: datetime) -> None:
    """Put what is held now into held/; the file of a document moves to undone/ after that."""
    inbox, before = folder.inbox, (row.filed_as or "").removeprefix(folder.prefix)
    receipt = folder.render(mended.receipt)
    if mended.receipt.name == row.name:
        if before:
            inbox.rewrite(before, "held", mended.content if mended.sha256 != row.sha256 else None, receipt)
            inbox.sync()
        return
    filed_as = inbox.put(mended.receipt.name.removeprefix(folder.prefix), "held", mended.content, receipt)
    remember_filed(folder, {row.id: filed_as}, now)
    if before:
        slip = folder.render(replace(row.receipt, held_until=None, undone_at=now))
        inbox.refile(before, "held", "undone", slip, row.sha256)
        inbox.sync()


def _mended(row: BulletinRow, seen: Preview, file: Examined, choices: tuple[DraftChoice, ...]) -> Mended:
    receipt = replace(seen.receipt, received_at=row.receipt.received_at, held_until=row.receipt.held_until)
    return Mended(
        content=file.data, sha256=hashlib.sha256(file.data).hexdigest(), encoding=file.encoding,
        choices=choices, receipt=receipt,
    )  # fmt: skip


def _spelt(made: DraftChoice) -> str:
    """A choice as the command line has it: ``+country:pa``."""
    return f"{'+' if made.choice.give else '-'}{made.choice.kind}:{made.choice.code}"
