"""Wiring of the press desk and of the doors by which people of the house come in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from feeds.config import StaffSection
from feeds.model import Place, Staff
from feeds.pages.desk.pages import DeskPages
from feeds.pages.signing_in import SigningInPages
from feeds.people.signing_in import Door
from feeds.templating import environment
from feeds.web.desk import DeskParts
from feeds.web.people import PeopleParts
from feeds.web.signing_in import At

if TYPE_CHECKING:
    from feeds.app.parts import Parts


def desk_of(parts: Parts, web: PeopleParts, now: Callable[[], datetime]) -> DeskParts | None:
    """What the desk works with; None unless the configuration names people for it."""
    named = parts.settings.desk.people
    if not named:
        return None
    sheets = (folder / "web" / "desk" / "desk.css" for folder in parts.template_folders)
    templates = environment([str(path) for path in parts.template_folders])
    return DeskParts(
        at=door_of(parts, web, Place.DESK, named), store=parts.store, folders=parts.watched_folders,
        pages=DeskPages(templates, parts.site, parts.vocabulary),
        sheet=next(path for path in sheets if path.is_file()).read_bytes(), now=now,
    )  # fmt: skip


def door_of(parts: Parts, web: PeopleParts, place: Place, named: Sequence[StaffSection]) -> At:
    """A door for the people whom the configuration names there."""
    templates = environment([str(path) for path in parts.template_folders])
    pages = SigningInPages(templates, parts.site, parts.vocabulary)
    zone = parts.settings.digest.zone
    staff = [
        Staff(
            address=each.address, lang=each.language, zone=each.zone or zone,
            office=getattr(each, "office", ""),
        )
        for each in named
    ]  # fmt: skip
    return At(web, Door(place, staff), pages)
