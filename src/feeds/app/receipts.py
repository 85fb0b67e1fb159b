"""Wiring of the links in receipts: whose bulletin it is, its items, and how many people get them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from feeds.filters.members import Reached
from feeds.intake.examining import examine
from feeds.intake.planning import Task, load, plan
from feeds.model import Item
from feeds.pages.receipts import ReceiptPages
from feeds.store import bulletins, items, reached
from feeds.templating import environment
from feeds.web.people import PeopleParts
from feeds.web.receipts import Office, ReceiptParts

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.app.parts import Parts


def receipt_parts_of(parts: Parts, web: PeopleParts, now: Callable[[], datetime]) -> ReceiptParts:
    """What the pages behind the links of receipts work with."""
    templates = environment([str(path) for path in parts.template_folders])
    offices = {f"{name}/": each for name, each in parts.settings.offices().items()}

    def office_of(name: str) -> Office:
        folder = next(
            (each for each in parts.watched_folders if each.is_mine(name)), parts.watched_folders[0]
        )
        office = offices.get(folder.prefix, parts.settings.inbox)
        return Office(folder, office.language, parts.zone_of(office))

    def items_of(row: bulletins.BulletinRow) -> Sequence[Item]:
        with parts.store.read() as conn:
            data = bulletins.content(conn, row.id)
            if data is None:
                return items.of_bulletin(conn, row.id)
            folder = office_of(row.name).folder
            file = examine(folder.rules, row.name, data)
            (one,) = plan(conn, Task(folder.rules, now(), row.notify, releasing=True), [file]).decided
            known = {line.item_id for line in one.receipt.lines if line.item_id}
            found = load(conn, sorted(known)).items if known else {}
        found |= {new.item.id: new.item for new in one.writes.new.values()}
        found |= {each.item.id: each.item for each in one.writes.changed.values()}
        ids = dict.fromkeys(line.item_id for line in one.receipt.lines if line.item_id)
        return [found[key] for key in ids if key in found]

    def reach(some: Sequence[Item]) -> Reached:
        return parts.reaching.reach(some).together

    def told(ids: Sequence[str]) -> int:
        with parts.store.read() as conn:
            return reached.told(conn, ids)

    return ReceiptParts(
        people=web, pages=ReceiptPages(templates, parts.site, parts.vocabulary), office_of=office_of,
        items_of=items_of, reach=reach, told=told,
    )  # fmt: skip
