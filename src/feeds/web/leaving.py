"""/unsubscribe/TOKEN and /pause/TOKEN, as mails carry them: GET asks, POST acts, one click does (RFC 8058).

Links of earlier releases work for ever. What is posted by a mail program names no button: it leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds import log, schedule, timewords
from feeds.model import LinkPurpose
from feeds.pages.leaving import MONTHS, LeavingPages
from feeds.people import changing, kept, leaving
from feeds.people.leaving import Offer
from feeds.web import people
from feeds.web.edge import Posted, posted
from feeds.web.guessing import guarded, guarded_signed
from feeds.web.people import PeopleParts

logger = log.get("web")

Ids = tuple[int, int]


def leaving_routes(parts: PeopleParts) -> list[Route]:
    """GET and POST of both links, and POST /undo."""
    found = []
    for path, read in (
        ("unsubscribe", parts.rules.tokens.read_unsubscribe),
        ("pause", parts.rules.tokens.read_pause),
    ):
        link = _Link(parts, path, read)
        found += [
            Route(f"/{path}/{{token}}", link.ask, methods=["GET"]),
            Route(f"/{path}/{{token}}", link.act, methods=["POST"]),
        ]

    def back(form: Posted) -> Response:
        done = leaving.come_back(parts.store, parts.rules.tokens, form.one("undo"), parts.now())
        if done is None:
            return people.page(parts.pages.leaving.link_over(), 404)
        return people.page(parts.speaking(done.lang).leaving.back())

    async def undo(request: Request) -> Response:
        form, client = await posted(request, parts.origins), parts.client(request)
        secret = form.one("undo")
        return await run_in_threadpool(guarded, parts, client, LinkPurpose.UNDO, secret, lambda: back(form))

    return [*found, Route("/undo", undo, methods=["POST"])]


class _Link:
    """One of the two links."""

    def __init__(self, parts: PeopleParts, path: str, read: Callable[[str], Ids | None]) -> None:
        self._parts = parts
        self._path = path
        self._read = read

    async def ask(self, request: Request) -> Response:
        return await self._answer(request, self._ask)

    async def act(self, request: Request) -> Response:
        # From anywhere: mail programs post one-click requests.
        form = await posted(request)
        return await self._answer(request, lambda token: self._act(token, form))

    async def _answer(self, request: Request, act: Callable[[str], Response]) -> Response:
        token, client = request.path_params["token"], self._parts.client(request)
        return await run_in_threadpool(
            guarded_signed, self._parts, client, self._read, token, lambda: act(token)
        )

    def _ask(self, token: str) -> Response:
        found = self._found(token)
        if found is None:
            return self._unknown()
        ids, offer, pages = found
        if not _meant(offer):
            return people.page(self._left_before(token, ids, offer, pages))
        return people.page(self._asking(token, ids, offer, pages))

    def _asking(self, token: str, ids: Ids, offer: Offer, pages: LeavingPages) -> bytes:
        change = self._parts.rules.tokens.change(*ids)
        ends = [self._in_months(offer, n) for n in MONTHS]
        if self._path == "pause":
            return pages.ask_pause(token, change, offer, ends)
        return pages.ask_leave(token, change, offer, ends[0])

    def _left_before(self, token: str, ids: Ids, offer: Offer, pages: LeavingPages) -> bytes:
        """What the mail names is gone; whoever still gets others is told, and can stop them here."""
        if not offer.rest:
            return pages.left([], "", "", everything=False)
        prefix = self._parts.prefix
        change = f"{prefix}/change/{self._parts.rules.tokens.change(*ids)}"
        return pages.left_before(f"{prefix}/{self._path}/{token}", change, len(offer.rest))

    def _act(self, token: str, form: Posted) -> Response:
        found = self._found(token)
        if found is None:
            return self._unknown()
        ids, offer, pages = found
        do = (
            "all" if form.has("everything") else form.one("do", "pause" if self._path == "pause" else "leave")
        )
        wanted = [one.id for one in _meant(offer)]
        if form.has("chosen"):
            wanted = [each for each in wanted if each in form.numbers("subscription")]
        if do != "all" and not _meant(offer):
            return people.page(self._left_before(token, ids, offer, pages))
        if not wanted and do != "all":  # nothing is ticked: asked once more
            return people.page(self._asking(token, ids, offer, pages), 422)
        return self._done(do, ids, wanted, offer, form, pages)

    def _done(
        self, do: str, ids: Ids, wanted: list[int], offer: Offer, form: Posted, pages: LeavingPages
    ) -> Response:
        parts, now = self._parts, self._parts.now()
        told = [one.filter for one in offer.subscriptions if one.id in wanted]
        unnamed = len(wanted) - len(told)
        if do == "weekly":
            changing.less_often(parts.store, ids[0], wanted, now)
            return people.page(pages.weekly(told, offer, unnamed))
        if do in ("month", "pause") and wanted:
            months = form.number("months") if do == "pause" else 1
            until = self._in_months(offer, months if months in MONTHS else 1)
            changing.pause(
                parts.store, ids[0], wanted, schedule.local_instant(until, offer.hour, offer.zone), now
            )
            return people.page(pages.paused(told, until, unnamed))
        every = do == "all"
        left = leaving.leave(
            parts.store, ids[0], None if every else ids[1], now, "unsubscribe link",
            ids=None if every else wanted, tokens=parts.rules.tokens,
        )  # fmt: skip
        if left is None:
            return self._unknown()
        logger.info("unsubscribed", subscriber=ids[0], filters=len(left.filters))
        undo = f"{parts.prefix}/undo"
        named = [one.filter for one in offer.subscriptions if one.filter in left.filters]
        unnamed = len(left.filters) - len(named)
        return people.page(
            pages.left(named, undo, left.undo or "", everything=left.everything, unnamed=unnamed)
        )

    def _found(self, token: str) -> tuple[Ids, Offer, LeavingPages] | None:
        ids = self._read(token)
        offer = leaving.offer(self._parts.store, *ids) if ids else None
        if ids is None or offer is None:
            return None
        return ids, offer, self._parts.speaking(offer.lang).leaving

    def _unknown(self) -> Response:
        return people.page(self._parts.pages.leaving.unknown(), 404)

    def _in_months(self, offer: Offer, months: int) -> date:
        """The same day of the month, so many months on, as its owner's calendar counts."""
        return months_on(timewords.local_day(self._parts.now(), offer.zone), months)


def _meant(offer: Offer) -> list[kept.Held]:
    """What the mail stands for: what it names, and what took the place of that since."""
    return [*offer.subscriptions, *offer.instead]


def months_on(day: date, months: int) -> date:
    """The same day of a later month, or its last day."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
