"""The ways to one's own subscriptions: /preferences/TOKEN opens them once, /change/TOKEN mails such a link.

Neither shows anything to who merely opens it, and a HEAD or GET uses nothing up.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds import links
from feeds.model import LinkPurpose
from feeds.people import opening
from feeds.web import people
from feeds.web.edge import posted
from feeds.web.people import PeopleParts

COOKIE = "preferences"


def opening_routes(parts: PeopleParts) -> list[Route]:
    """GET and POST of both."""

    def over() -> Response:
        return people.page(parts.pages.leaving.link_over("/preferences/"), 404)

    def show(token: str) -> Response:
        if not opening.openable(parts.store, parts.rules, token, parts.now()):
            return over()
        return people.page(parts.pages.leaving.open_link(token))

    def use(token: str) -> Response:
        secret = opening.use_link(parts.store, parts.rules, token, parts.now())
        if secret is None:
            return over()
        answer = people.elsewhere(f"{parts.prefix}/preferences/")
        answer.set_cookie(
            COOKIE, secret, max_age=int(links.LIVES[LinkPurpose.SESSION].total_seconds()),
            path=f"{parts.prefix}/preferences/", secure=parts.secure, httponly=True, samesite="lax",
        )  # fmt: skip
        return answer

    def offer(token: str) -> Response:
        if parts.rules.tokens.read_change(token) is None:
            return people.page(parts.pages.leaving.unknown(), 404)
        return people.page(parts.pages.leaving.mail_link(token))

    def mail(token: str) -> Response:
        told = opening.ask_link_by(parts.store, parts.rules, token, parts.now())
        if told is None:
            return people.page(parts.pages.leaving.unknown(), 404)
        return people.page(parts.speaking(told.lang).leaving.link_mailed(told.address_hint))

    async def get_link(request: Request) -> Response:
        return await run_in_threadpool(show, request.path_params["token"])

    async def post_link(request: Request) -> Response:
        await posted(request, parts.origins)
        return await run_in_threadpool(use, request.path_params["token"])

    async def get_change(request: Request) -> Response:
        return await run_in_threadpool(offer, request.path_params["token"])

    async def post_change(request: Request) -> Response:
        await posted(request, parts.origins)
        return await run_in_threadpool(mail, request.path_params["token"])

    return [
        Route("/preferences/{token}", get_link, methods=["GET"]),
        Route("/preferences/{token}", post_link, methods=["POST"]),
        Route("/change/{token}", get_change, methods=["GET"]),
        Route("/change/{token}", post_change, methods=["POST"]),
    ]
