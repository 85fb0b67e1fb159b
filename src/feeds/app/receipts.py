"""Wiring of the links in receipts: whose bulletin it is, its items, and how many people get them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from feeds.filters.members import Reached
from feeds.intake.previewing import examine, preview
from feeds.model import Item, Outcome
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
        return Office(folder, office.language, parts.settings.zone_of(office))

    def items_of(row: bulletins.BulletinRow) -> Sequence[Item]:
        with parts.store.read() as conn:
            data = bulletins.content(conn, row.id)
            if data is None:
                return items.of_bulletin(conn, row.id)
            folder = office_of(row.name).folder
            seen = preview(conn, folder, row, examine(folder, row.name, data), now())
        return seen.of(Outcome.NEW, Outcome.CHANGED, Outcome.SAME)

    def reach(some: Sequence[Item]) -> Reached | None:
        found = parts.reaching.reach_soon(some)
        return found.together if found else None

    def told(ids: Sequence[str]) -> int:
        with parts.store.read() as conn:
            return reached.told(conn, ids)

    return ReceiptParts(
        people=web, pages=ReceiptPages(templates, parts.site, parts.vocabulary), office_of=office_of,
        items_of=items_of, reach=reach, told=told,
    )  # fmt: skip
