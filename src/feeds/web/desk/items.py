"""/desk/items/ID/: one item that is out, corrected, relabelled, withdrawn or restored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds.errors import InputError
from feeds.model import Item, Kind
from feeds.office import editing
from feeds.pages.desk.frame import HOME
from feeds.pages.desk.items import Typed, typed_of
from feeds.store import audit, items, reached
from feeds.web import people
from feeds.web.desk.bulletin import chosen_of
from feeds.web.desk.laying_open import deed_of
from feeds.web.desk.parts import DeskParts, may_see
from feeds.web.edge import Posted
from feeds.web.signing_in import Who

_TRAIL = 50


class OneItem:
    """The page of an item and its forms."""

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts

    def show(self, who: Who, request: Request) -> Response:
        said = self._parts.speaking(who).done(request.query_params.get("said", ""))
        return self._page(who, self._item(who, request), said=said)

    def act(self, who: Who, request: Request, form: Posted) -> Response:
        item, parts, reason = self._item(who, request), self._parts, form.one("reason").strip()
        now = parts.now()
        try:
            match form.one("do"):
                case "correct":
                    return self._correct(who, item, form)
                case "withdraw" if not reason:
                    return self._page(who, item, faults={"reason": parts.speaking(who).no_reason()})
                case "withdraw":
                    editing.withdraw(parts.store, item.id, reason, now, who.by)
                    return self._back(item, "withdrawn")
                case "restore":
                    editing.restore(parts.store, item.id, reason, now, who.by)
                    return self._back(item, "restored")
                case _:
                    return self._page(who, item)
        except InputError:
            return self._back(item, "changed-meanwhile")

    def _correct(self, who: Who, item: Item, form: Posted) -> Response:
        parts = self._parts
        typed = Typed(
            title=form.one("title"), summary=form.one("summary").replace("\r\n", "\n"), day=form.one("day"),
            link=form.one("link").strip(), reason=form.one("reason").strip(),
        )  # fmt: skip
        words, faults = read_words(item, typed, parts.speaking(who).words_of)
        if faults or words is None:
            return self._page(who, item, typed, faults=faults)
        if words == editing.Words():
            return self._page(who, item, typed, faults={"title": parts.speaking(who).words_of("same")})
        editing.correct(parts.store, parts.labeller(), item.id, words, typed.reason, parts.now(), who.by)
        return self._back(item, "corrected")

    def labels(self, who: Who, request: Request) -> Response:
        """The form with its labels."""
        item = self._item(who, request)
        here = f"{HOME}items/{item.id}/"
        pages = self._parts.speaking(who)
        return people.page(
            pages.choose_labels(item, f"{here}labels", here, self._parts.seen(who), pages.nobody_told())
        )

    def label(self, who: Who, request: Request, form: Posted) -> Response:
        """Give it the labels that were ticked."""
        item, parts = self._item(who, request), self._parts
        before = {(kind, code) for kind in Kind for code in item.codes(kind)}
        choices = chosen_of(form, before)
        try:
            editing.relabel(parts.store, item.id, choices, "", parts.now(), who.by)
        except InputError:
            return self._back(item, "changed-meanwhile")
        return self._back(item, "relabelled")

    def _item(self, who: Who, request: Request) -> Item:
        """The item of the path, if it came in with a bulletin that they may see."""
        with self._parts.store.read() as conn:
            item = items.get(conn, request.path_params["item"])
            name = items.bulletin_of(conn, item.id) if item else None
        if item is None or name is None or not may_see(who.staff, name):
            raise HTTPException(404)
        return item

    def _back(self, item: Item, said: str) -> Response:
        return people.elsewhere(f"{self._parts.at.people.prefix}{HOME}items/{item.id}/?said={said}")

    def _page(
        self, who: Who, item: Item, typed: Typed | None = None, said: str = "",
        faults: Mapping[str, str] | None = None,
    ) -> Response:  # fmt: skip
        parts = self._parts
        with parts.store.read() as conn:
            again = reached.told_of_withdrawal if item.withdrawn_at else reached.told
            told = again(conn, [item.id])
            trail = [deed_of(each) for each in audit.listing(conn, limit=_TRAIL, item_id=item.id)]
            number = items.bulletin_id_of(conn, item.id)
        pages = parts.speaking(who)
        data = pages.item_desk(item, parts.seen(who), told, trail, typed, said, faults, number)
        return people.page(data, 422 if faults else 200)


def read_words(
    item: Item, typed: Typed, words_of: Callable[[str], str]
) -> tuple[editing.Words | None, dict[str, str]]:
    """What of a form is different from the item, or what is wrong with it, beside its field."""
    before, faults = typed_of(item), dict[str, str]()
    title = _shown(typed.title)
    if not title:
        faults["title"] = words_of("title")
    try:
        day = date.fromisoformat(typed.day.strip())
    except ValueError:
        day = item.date_on
        faults["day"] = words_of("day")
    try:
        link = editing.web_address(typed.link, "link")
    except InputError:
        link = ""
        faults["link"] = words_of("link")
    if faults:
        return None, faults
    summary = _shown(typed.summary)
    return editing.Words(
        title=title if title != before.title else None,
        summary=summary if typed.summary.strip() != before.summary.strip() else None,
        date_on=day if day != item.date_on else None,
        link=link if link != before.link else None,
    ), {}  # fmt: skip


def _shown(text: str) -> str:
    return editing.shown_words(text, "text", empty=True)
