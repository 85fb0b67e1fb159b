"""Wiring of the press desk and of the doors by which people of the house come in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from feeds import log
from feeds.composing.reaching import Reaching
from feeds.config import StaffSection
from feeds.intake.folders import WatchedFolder
from feeds.model import Place, Staff
from feeds.pages.desk.pages import DeskPages
from feeds.pages.signing_in import SigningInPages
from feeds.people.signing_in import Door
from feeds.publishing.editions import feed_source
from feeds.syndication.keys import ALL
from feeds.templating import environment
from feeds.web.desk import DeskParts
from feeds.web.people import PeopleParts
from feeds.web.signing_in import At

if TYPE_CHECKING:
    from feeds.app.parts import Parts

logger = log.get("web")


def desk_of(parts: Parts, web: PeopleParts, now: Callable[[], datetime]) -> DeskParts | None:
    """What the desk works with; None unless the configuration names people for it."""
    named = parts.settings.desk.people
    if not named:
        return None
    sheets = (folder / "web" / "desk" / "desk.css" for folder in parts.template_folders)
    templates = environment([str(path) for path in parts.template_folders])
    return DeskParts(
        at=door_of(parts, web, Place.DESK, named), store=parts.store, folders=_own_folders(parts),
        pages=DeskPages(templates, parts.site, parts.vocabulary), site_pages=parts.pages,
        source=feed_source(parts.press, ALL, None, parts.site.languages[0]), letters=parts.letters,
        labeller=lambda: parts.labeller, vocabulary=parts.vocabulary, reaching=parts.reaching,
        message_id=parts.people.message_id,
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


def reaching_of(parts: Parts, clock: Callable[[], float]) -> Reaching:
    """Who gets it, told before anybody decides; `clock` only grows, in seconds."""
    return Reaching(parts.store, parts.vocabulary, clock, _in_its_own_time)


def _in_its_own_time(work: Callable[[], None]) -> None:
    threading.Thread(target=_fenced, args=(work,), daemon=True).start()


def _fenced(work: Callable[[], None]) -> None:
    """Whoever asks next has it done again; the log says why it was not."""
    try:
        work()
    except Exception:
        logger.exception("readers-not-counted")


def _own_folders(parts: Parts) -> list[WatchedFolder]:
    """The watched folders, for somebody else than who watches them: an inbox is for one thread."""
    return [replace(each, inbox=parts.inbox_in(each.prefix.rstrip("/"))) for each in parts.watched_folders]
