"""A bulletin laid open: what it holds and whom it reaches, from the database and from its bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from feeds.intake.examining import Examined, text_of
from feeds.intake.folders import WatchedFolder
from feeds.intake.previewing import Preview, preview
from feeds.intake.releasing import embargo_of
from feeds.intake.writing_out import is_text
from feeds.letters.receipt import row as in_words
from feeds.model import Fault, Item, Outcome, ReceiptLine
from feeds.pages.desk.bulletin import Deed, Opened, OpenItem
from feeds.pages.desk.lines import read_lines
from feeds.store import Connection, audit, bulletins, items, reached
from feeds.store.bulletins import BulletinRow
from feeds.web.desk.parts import DeskParts
from feeds.web.signing_in import Who

_GOES_OUT = (Outcome.NEW, Outcome.CHANGED, Outcome.SAME)
_TRAIL = 50


def lay_open(parts: DeskParts, who: Who, row: BulletinRow) -> Opened:
    """Everything that the page of a bulletin shows."""
    now, folder = parts.now(), parts.folder_of(row)
    with parts.store.read() as conn:
        data = bulletins.content(conn, row.id)
        trail = [deed_of(each) for each in audit.of_bulletin(conn, row.id, _TRAIL)]
        if data is None:
            return _ended(conn, parts, who, row, trail)
    file = parts.examined(folder, row, data)
    seen = looked_at(parts, folder, row, file, now)
    every = goes_out(seen)
    found = parts.reaching.reach_soon([each.item for each in every])
    written_anew = not is_text(row.name)
    text = parts.written_out(folder, row, file) if written_anew else text_of(folder.rules, row.name, data)
    counted = [replace(each, reached=found.each[each.item.id].total) if found else each for each in every]
    drafts = [read.draft for read in file.drafts]
    faults = [line.fault for line in seen.receipt.lines if line.fault]
    lines = read_lines(text, drafts, faults) if text and not written_anew else []
    beside = {line.number for line in lines}
    return Opened(
        row=row, items=counted, lines=lines, reach=found.together if found else None, trail=trail, text=text,
        before=row.sha256,
        faults=_faults(parts, who, [line for line in seen.receipt.lines if (line.line or 0) not in beside]),
        embargo_at=embargo_of(row, file), written_anew=written_anew,
    )  # fmt: skip


def looked_at(
    parts: DeskParts, folder: WatchedFolder, row: BulletinRow, file: Examined, now: datetime
) -> Preview:
    """What would become of a held bulletin if it were let go now."""
    with parts.store.read() as conn:
        return preview(conn, folder, row, file, now)


def goes_out(seen: Preview) -> list[OpenItem]:
    """The items of a held bulletin in the order of its file."""
    found: list[OpenItem] = []
    lines = [line for line in seen.receipt.lines if line.outcome in _GOES_OUT]
    for line in lines:
        item = seen.items.get(line.item_id or "")
        if item is not None:
            found.append(OpenItem(number=len(found) + 1, item=item, outcome=line.outcome, why=line.reason))
    return found


def _ended(conn: Connection, parts: DeskParts, who: Who, row: BulletinRow, trail: list[Deed]) -> Opened:
    """One that is not held: its items as they stand."""
    mine = items.of_bulletin(conn, row.id)
    by_id = {item.id: item for item in mine}
    told: dict[str, ReceiptLine] = {}
    for line in row.receipt.lines:
        if line.item_id in by_id and line.outcome in _GOES_OUT:
            told.setdefault(str(line.item_id), line)
    ordered: list[Item] = [by_id[key] for key in told] + [item for item in mine if item.id not in told]
    shown = [
        OpenItem(number=n, item=item, outcome=told[item.id].outcome if item.id in told else Outcome.NEW)
        for n, item in enumerate(ordered, 1)
    ]
    standing = [item.id for item in mine if item.withdrawn_at is None]
    gone = [item.id for item in mine if item.withdrawn_at is not None]
    return Opened(
        row=row, items=shown, trail=trail, told=reached.told(conn, standing),
        told_gone=reached.told_of_withdrawal(conn, gone),
        faults=_faults(parts, who, row.receipt.lines),
    )  # fmt: skip


def _faults(
    parts: DeskParts, who: Who, lines: tuple[ReceiptLine, ...] | list[ReceiptLine]
) -> list[tuple[int | None, str, str]]:
    """(line, what is wrong, what to do), in the words of the receipt."""
    t = parts.speaking(who).translator
    rows = [in_words(line, parts.vocabulary, t) for line in lines if isinstance(line.fault, Fault)]
    return [(row.line, row.what, row.remedy) for row in rows if row.what]


def deed_of(line: audit.Line) -> Deed:
    """A line of the audit trail as pages show it."""
    return Deed(at=line.at, who=line.who, way=line.way, act=line.act, reason=line.reason)
