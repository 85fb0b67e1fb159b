"""/desk/new: a bulletin dropped or pasted at the desk."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from feeds.intake.dropping import NotTakenError, drop
from feeds.pages.desk.frame import HOME
from feeds.web import people
from feeds.web.desk.parts import DeskParts
from feeds.web.edge import Posted
from feeds.web.signing_in import Who


class ComingIn:
    """The form, and what it brings."""

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts

    def show(self, who: Who, _: Request) -> Response:
        return self._page(who)

    def act(self, who: Who, _: Request, form: Posted) -> Response:
        parts = self._parts
        typed, name = form.one("text").replace("\r\n", "\n"), form.one("name").strip()
        file = form.file("file")
        if file is None and not typed.strip():
            return self._page(who, typed, name, {"text": parts.speaking(who).no_bulletin()})
        given, data = file or (name_of(name, parts.now().strftime("%Y%m%d-%H%M%S")), typed.encode())
        try:
            with parts.filing:
                accepted = drop(parts.own_folder(who), given, data, parts.now(), who.by)
        except NotTakenError as error:
            field = "file" if file else "text"
            return self._page(who, typed, name, {field: parts.speaking(who).fault_words(error.faults)})
        where = f"{parts.at.people.prefix}{HOME}bulletins/{accepted.bulletin_id}/"
        return people.elsewhere(where if accepted.receipt.rejected else f"{where}?said=came-in")

    def _page(
        self, who: Who, typed: str = "", name: str = "", faults: Mapping[str, str] | None = None
    ) -> Response:
        parts = self._parts
        inbox = parts.own_folder(who).inbox
        data = parts.speaking(who).new(
            parts.seen(who), inbox.patterns, f"{inbox.max_bytes / 1_048_576:g}", typed, name, faults
        )
        return people.page(data, 422 if faults else 200)


def name_of(typed: str, now: str) -> str:
    """The file name of a pasted bulletin: what somebody calls it, else the hour; always a .txt or .md."""
    plain = " ".join(typed.replace("/", " ").replace("\\", " ").split()).strip(". ")[:120]
    if not plain:
        return f"desk-{now}.txt"
    return plain if plain.lower().endswith((".txt", ".md")) else f"{plain}.txt"
