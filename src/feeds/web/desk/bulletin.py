"""/desk/bulletins/N/: one bulletin, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds.changes import identity
from feeds.intake.dropping import NotTakenError
from feeds.intake.embargoing import release_under_embargo
from feeds.intake.letting_go import release_at, release_now
from feeds.intake.mending import choose, mend
from feeds.intake.undoing import undo
from feeds.model import Choice, Kind, Strength
from feeds.office import editing
from feeds.pages.desk.bulletin import SOON_MINUTES, OpenItem, When, moment_of
from feeds.pages.desk.frame import HOME
from feeds.store import bulletins
from feeds.store.bulletins import BulletinRow
from feeds.web import people
from feeds.web.desk.laying_open import goes_out, lay_open, looked_at
from feeds.web.desk.parts import DeskParts
from feeds.web.edge import Posted
from feeds.web.signing_in import Who

Do = Callable[[Who, BulletinRow, Posted], Response]


class OneBulletin:
    """The page of a bulletin and its forms."""

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts
        self._acts: Mapping[str, Do] = {
            "release": self._release, "take-back": self._take_back, "withdraw": self._withdraw,
            "restore": self._restore,
        }  # fmt: skip

    def row(self, who: Who, request: Request) -> BulletinRow:
        """The bulletin of the path, if it is theirs to see."""
        return self._parts.bulletin(who, request.path_params["number"])

    def show(self, who: Who, request: Request) -> Response:
        said = self._parts.speaking(who).done(request.query_params.get("said", ""))
        return self._page(who, self.row(who, request), said=said)

    def act(self, who: Who, request: Request, form: Posted) -> Response:
        row = self.row(who, request)
        do = self._acts.get(form.one("do"))
        return do(who, row, form) if do else self._page(who, row)

    def text(self, who: Who, request: Request, form: Posted) -> Response:
        """Put a mended text in place of what is held."""
        parts, row = self._parts, self.row(who, request)
        typed = form.one("text").replace("\r\n", "\n")
        folder = parts.folder_of(row)
        try:
            with parts.filing:
                done = mend(folder, row, form.one("before"), typed.encode(), parts.now(), who.by)
        except NotTakenError as error:
            faults = parts.speaking(who).fault_words(error.faults)
            return self._page(who, row, faults={"text": faults}, typed=typed)
        return self._back(row, "mended" if done else "changed-meanwhile")

    def labels(self, who: Who, request: Request) -> Response:
        """The form with the labels of one item of a held bulletin."""
        row = self.row(who, request)
        item = self._item(row, request.path_params["item"])
        pages = self._parts.speaking(who)
        action = f"{HOME}bulletins/{row.id}/labels/{item.number}"
        return people.page(
            pages.choose_labels(item.item, action, f"{HOME}bulletins/{row.id}/", self._parts.seen(who))
        )

    def label(self, who: Who, request: Request, form: Posted) -> Response:
        """Give one item of a held bulletin the labels that were ticked."""
        parts, row = self._parts, self.row(who, request)
        folder, data = parts.folder_of(row), self._content(row)
        file = parts.examined(folder, row, data)
        item = self._item(row, request.path_params["item"]).item
        key = identity(item.date_on, item.title)
        read = next(
            (each for each in file.drafts if identity(each.draft.date_on, each.draft.title) == key), None
        )
        if read is None:
            return self._back(row, "changed-meanwhile")
        found = {(each.kind, each.code) for each in read.labels if each.strength is Strength.ABOUT}
        with parts.filing:
            done = choose(folder, row, file, {key: chosen_of(form, found)}, parts.now(), who.by)
        return self._back(row, "labelled" if done else "changed-meanwhile")

    def _item(self, row: BulletinRow, number: int) -> OpenItem:
        parts = self._parts
        data, folder = self._content(row), parts.folder_of(row)
        seen = looked_at(parts, folder, row, parts.examined(folder, row, data), parts.now())
        found = next((each for each in goes_out(seen) if each.number == number), None)
        if found is None:
            raise HTTPException(404)
        return found

    def _content(self, row: BulletinRow) -> bytes:
        with self._parts.store.read() as conn:
            data = bulletins.content(conn, row.id)
        if data is None:
            raise HTTPException(404)
        return data

    def _release(self, who: Who, row: BulletinRow, form: Posted) -> Response:
        parts, now = self._parts, self._parts.now()
        choice = form.one("when", "now")
        if choice == "at":
            return self._embargo(who, row, When("at", form.one("day"), form.one("hour")), now)
        if choice == "now":
            done, said = release_now(parts.store, row.id, now, who.by), "released"
        else:
            soon = now + timedelta(minutes=SOON_MINUTES)
            done, said = release_at(parts.store, row.id, soon, now, who.by), "scheduled"
        if row.embargo_at and row.embargo_at > now:
            said = "under-embargo"
        return self._back(row, said if done else "not-held")

    def _embargo(self, who: Who, row: BulletinRow, when: When, now: datetime) -> Response:
        parts = self._parts
        until = moment_of(when, now, who.staff.zone)
        if until is None:
            wrong = {"day": parts.speaking(who).no_time()}
            return self._page(who, row, when=replace(when, faults=wrong))
        done = release_under_embargo(parts.store, row.id, until, now, who.by)
        return self._back(row, "scheduled" if done else "not-held")

    def _take_back(self, who: Who, row: BulletinRow, _: Posted) -> Response:
        parts = self._parts
        with parts.filing:
            done = undo(parts.folder_of(row), row, parts.now(), who.by)
        return self._back(row, "taken-back" if done else "not-held")

    def _withdraw(self, who: Who, row: BulletinRow, form: Posted) -> Response:
        reason = form.one("reason").strip()
        if not reason:
            return self._page(who, row, faults={"reason": self._parts.speaking(who).no_reason()})
        editing.withdraw_all(self._parts.store, row.id, reason, self._parts.now(), who.by)
        return self._back(row, "withdrawn")

    def _restore(self, who: Who, row: BulletinRow, form: Posted) -> Response:
        editing.restore_all(self._parts.store, row.id, form.one("reason").strip(), self._parts.now(), who.by)
        return self._back(row, "restored")

    def _back(self, row: BulletinRow, said: str) -> Response:
        """To the page of the bulletin, by a redirect: nothing is done twice by going back."""
        return people.elsewhere(f"{self._parts.at.people.prefix}{HOME}bulletins/{row.id}/?said={said}")

    def _page(
        self, who: Who, row: BulletinRow, when: When | None = None, said: str = "",
        faults: Mapping[str, str] | None = None, typed: str = "",
    ) -> Response:  # fmt: skip
        parts = self._parts
        opened = lay_open(parts, who, row)
        data = parts.speaking(who).bulletin(opened, parts.seen(who), when, said, faults, typed)
        return people.page(data, 422 if faults or (when and when.faults) else 200)


def chosen_of(form: Posted, before: set[tuple[Kind, str]]) -> list[Choice]:
    """What was ticked beside what was found: given, or taken away."""
    on = {(kind, code) for kind in Kind for code in form.all(kind.value)}
    given = [Choice(kind, code, give=True) for kind, code in sorted(on - before)]
    return given + [Choice(kind, code, give=False) for kind, code in sorted(before - on)]
