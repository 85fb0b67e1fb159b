"""/move/TOKEN: the owner of a new address takes the mails over; opening it changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds.mail.addresses import masked
from feeds.model import LinkPurpose
from feeds.people import moving
from feeds.web import people
from feeds.web.edge import posted
from feeds.web.guessing import guarded
from feeds.web.people import PeopleParts


def move_routes(parts: PeopleParts) -> list[Route]:
    """GET and POST /move/{token}."""

    def show(token: str) -> Response:
        asked = moving.movable(parts.store, parts.rules, token, parts.now())
        if asked is None:
            return people.page(parts.pages.leaving.link_over("/preferences/"), 404)
        pages = parts.speaking(asked.lang).leaving
        return people.page(pages.move(token, masked(asked.address)))

    def take(token: str) -> Response:
        done = moving.move(parts.store, parts.rules, token, parts.now())
        if done is None:
            return people.page(parts.pages.leaving.link_over("/preferences/"), 404)
        pages = parts.speaking(done.lang).leaving
        if isinstance(done, moving.Taken):
            return people.page(pages.address_taken(), 409)
        return people.page(pages.moved(done.address_hint))

    async def answer(request: Request, act: Callable[[str], Response]) -> Response:
        token = request.path_params["token"]
        return await run_in_threadpool(
            guarded, parts, parts.client(request), LinkPurpose.MOVE, token, lambda: act(token)
        )

    async def ask(request: Request) -> Response:
        return await answer(request, show)

    async def act(request: Request) -> Response:
        await posted(request, parts.origins)
        return await answer(request, take)

    return [Route("/move/{token}", ask, methods=["GET"]), Route("/move/{token}", act, methods=["POST"])]
