"""/receipt/TOKEN, as the mails of receipts carry it: GET shows, POST does one act on one bulletin, once.

Whoever has the mail needs no other key, also where the desk is off. Mail scanners that open every link
change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds import links, log
from feeds.changes import identity
from feeds.errors import InputError
from feeds.filters.members import Reached
from feeds.intake.folders import WatchedFolder
from feeds.intake.letting_go import release_now
from feeds.intake.mending import choose_more
from feeds.intake.undoing import undo
from feeds.labels import term_named
from feeds.model import LINK, WAITS, Choice, Item, Kind, LinkPurpose, ReceiptAct
from feeds.office import editing
from feeds.pages.receipts import Facts, ReceiptPages
from feeds.store import bulletins
from feeds.web import people
from feeds.web.edge import Posted, posted
from feeds.web.guessing import guarded
from feeds.web.people import PeopleParts

logger = log.get("web")


class Office(NamedTuple):
    """Where a bulletin came in, and how its office speaks."""

    folder: WatchedFolder
    lang: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptParts:
    """What these pages work with. `items_of`: a bulletin's items as they stand, or would if it went now;
    `reach`: how many people get them, None while that is counted; `told`: how many hear of a withdrawal of
    items with these ids.
    """

    people: PeopleParts
    pages: ReceiptPages
    office_of: Callable[[str], Office]
    items_of: Callable[[bulletins.BulletinRow], Sequence[Item]]
    reach: Callable[[Sequence[Item]], Reached | None]
    told: Callable[[Sequence[str]], int]


class Opened(NamedTuple):
    """A link that is good, its act, its bulletin, and how that office speaks."""

    token: str
    act: ReceiptAct
    row: bulletins.BulletinRow
    office: Office
    pages: ReceiptPages


def receipt_routes(parts: ReceiptParts) -> list[Route]:
    """GET and POST of a receipt's link."""
    link = _ReceiptLink(parts)
    return [
        Route("/receipt/{token}", link.ask, methods=["GET"]),
        Route("/receipt/{token}", link.act, methods=["POST"]),
    ]


class _ReceiptLink:
    def __init__(self, parts: ReceiptParts) -> None:
        self._parts = parts

    async def ask(self, request: Request) -> Response:
        return await self._answer(request, self._show)

    async def act(self, request: Request) -> Response:
        form = await posted(request, self._parts.people.origins)
        return await self._answer(request, lambda token: self._press(token, form))

    async def _answer(self, request: Request, answer: Callable[[str], Response]) -> Response:
        token, web = request.path_params["token"], self._parts.people
        client = web.client(request)
        return await run_in_threadpool(
            guarded, web, client, LinkPurpose.RECEIPT, token, lambda: answer(token)
        )

    def _opened(self, token: str) -> Opened | None:
        """The link, if it was not used and its time is not over."""
        parts, web = self._parts, self._parts.people
        with web.store.read() as conn:
            link = links.good(conn, web.rules.tokens, LinkPurpose.RECEIPT, token, web.now())
            if link is None:
                return None
            bulletin_id, act = links.read_about(link.about)
            row = bulletins.find(conn, bulletin_id)
        if row is None:
            return None
        office = parts.office_of(row.name)
        return Opened(token, act, row, office, parts.pages.speaking(office.lang))

    def _show(self, token: str) -> Response:
        opened = self._opened(token)
        if opened is None:
            return self._over()
        facts = self._facts(opened)
        if not possible(opened.act, opened.row, facts.items):
            return people.page(opened.pages.over(facts), 404)
        ask = {
            ReceiptAct.LOOK: opened.pages.look,
            ReceiptAct.RELEASE: opened.pages.ask_release,
            ReceiptAct.TAKE_BACK: opened.pages.ask_take_back,
            ReceiptAct.WITHDRAW: opened.pages.ask_withdraw,
            ReceiptAct.LABELS: opened.pages.ask_labels,
        }
        return people.page(ask[opened.act](facts))

    def _press(self, token: str, form: Posted) -> Response:
        opened = self._opened(token)
        if opened is None:
            return self._over()
        facts = self._facts(opened)
        if opened.act is ReceiptAct.LOOK or not possible(opened.act, opened.row, facts.items):
            return people.page(opened.pages.over(facts), 404)
        if opened.act is ReceiptAct.LABELS and (unknown := self._unknown(facts.items, form)):
            return people.page(opened.pages.ask_labels(facts, unknown=unknown), 422)
        self._do(opened, facts.items, form)
        if opened.act is ReceiptAct.LABELS:  # other labels reach other people
            facts = self._facts(opened._replace(row=self._again(opened.row)))
        web = self._parts.people
        web.store.transact(
            lambda conn: links.use(conn, web.rules.tokens, LinkPurpose.RECEIPT, token, web.now())
        )
        logger.info("receipt-link-used", bulletin=opened.row.id, act=opened.act.value)
        return people.page(opened.pages.done(opened.act, facts))

    def _do(self, opened: Opened, items: Sequence[Item], form: Posted) -> None:
        """The act itself, by the same functions as of the command line. Doing it twice does no more."""
        store, now = self._parts.people.store, self._parts.people.now()
        match opened.act:
            case ReceiptAct.RELEASE:
                release_now(store, opened.row.id, now, LINK)
            case ReceiptAct.TAKE_BACK:
                undo(opened.office.folder, opened.row, now, LINK)
            case ReceiptAct.WITHDRAW:
                reason = editing.shown_words(form.one("reason"), "reason", empty=True)
                ticked = set(form.all("item"))
                editing.withdraw_all(store, opened.row.id, reason, now, LINK, only=ticked)
            case ReceiptAct.LABELS:
                changed = [(item, self._chosen(item, form)) for item in items]
                self._relabel(opened, [(item, choices) for item, choices in changed if choices])
            case ReceiptAct.LOOK:
                pass

    def _relabel(self, opened: Opened, changed: Sequence[tuple[Item, list[Choice]]]) -> None:
        """Labels of items that are out, or as they will go out."""
        store, now = self._parts.people.store, self._parts.people.now()
        if opened.row.receipt.held_until is not None:
            held = {identity(item.date_on, item.title): choices for item, choices in changed}
            if held:
                choose_more(opened.office.folder, opened.row, held, now, LINK)
            return
        for item, choices in changed:
            try:
                editing.relabel(store, item.id, choices, "", now, LINK)
            except InputError:
                logger.info("receipt-link-changes-nothing", item=item.id)

    def _chosen(self, item: Item, form: Posted) -> list[Choice]:
        return chosen(item, form, self._terms(item, form))

    def _again(self, row: bulletins.BulletinRow) -> bulletins.BulletinRow:
        with self._parts.people.store.read() as conn:
            return bulletins.find(conn, row.id) or row

    def _terms(self, item: Item, form: Posted) -> dict[str, tuple[Kind, str] | None]:
        """What was typed for an item, and the label that each of it names."""
        typed = (word.strip() for word in form.one(f"add-{item.id}").split(","))
        return {word: term_named(word, self._parts.people.rules.vocabulary) for word in typed if word}

    def _unknown(self, items: Sequence[Item], form: Posted) -> list[str]:
        return [word for item in items for word, term in self._terms(item, form).items() if term is None]

    def _facts(self, opened: Opened) -> Facts:
        parts, row = self._parts, opened.row
        until, now = row.receipt.held_until, parts.people.now()
        items = parts.items_of(row)
        if opened.act in (ReceiptAct.WITHDRAW, ReceiptAct.LABELS):
            items = [item for item in items if item.withdrawn_at is None]
        reach = parts.reach(items)
        embargo = row.embargo_at if row.embargo_at and row.embargo_at > now else None
        return Facts(
            name=row.name, token=opened.token, zone=opened.office.zone, items=items,
            reach=reach.by_pace if reach else None,
            told=parts.told([item.id for item in items]) if opened.act is ReceiptAct.WITHDRAW else 0,
            until=None if until == WAITS else until, waits=until == WAITS,
            undone=row.receipt.undone_at is not None, embargo=embargo,
        )  # fmt: skip

    def _over(self) -> Response:
        return people.page(self._parts.pages.over(), 404)


def possible(act: ReceiptAct, row: bulletins.BulletinRow, items: Sequence[Item]) -> bool:
    """Whether an act still makes sense for a bulletin as it stands."""
    if act is ReceiptAct.LOOK:
        return bool(items)
    if act in (ReceiptAct.RELEASE, ReceiptAct.TAKE_BACK):
        return row.receipt.held_until is not None
    if act is ReceiptAct.LABELS:
        return bool(items)
    return row.receipt.held_until is None and bool(items)


def chosen(item: Item, form: Posted, typed: dict[str, tuple[Kind, str] | None]) -> list[Choice]:
    """What the form changes about an item's labels: what is not ticked goes, what was typed comes."""
    kept = set(form.all(f"keep-{item.id}"))
    gone = [
        Choice(label.kind, label.code, False)
        for label in item.labels
        if f"{label.kind.value}:{label.code}" not in kept
    ]
    given = [Choice(*term, True) for term in dict.fromkeys(typed.values()) if term is not None]
    return [*gone, *given]
