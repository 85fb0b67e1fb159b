"""The ways to one's own subscriptions: /preferences/TOKEN opens them once, /change/TOKEN mails such a link.

Neither shows anything to who merely opens it, and a HEAD or GET uses nothing up.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds import links
from feeds.model import LinkPurpose
from feeds.people import opening
from feeds.web import people
from feeds.web.edge import posted
from feeds.web.guessing import guarded, guarded_signed
from feeds.web.people import PeopleParts

COOKIE = "preferences"


def opening_routes(parts: PeopleParts) -> list[Route]:
    """GET and POST of both."""
    link, change = _Preferences(parts), _Change(parts)
    return [
        Route("/preferences/{token}", link.ask, methods=["GET"]),
        Route("/preferences/{token}", link.act, methods=["POST"]),
        Route("/change/{token}", change.ask, methods=["GET"]),
        Route("/change/{token}", change.act, methods=["POST"]),
    ]


def let_in(parts: PeopleParts, path: str, cookie: str, secret: str, session: LinkPurpose) -> Response:
    """To the pages below a path, with the session's secret in a cookie that no script reads."""
    answer = people.elsewhere(f"{parts.prefix}{path}")
    answer.set_cookie(
        cookie, secret, max_age=int(links.LIVES[session].total_seconds()), path=f"{parts.prefix}{path}",
        secure=parts.secure, httponly=True, samesite="lax",
    )  # fmt: skip
    return answer


class Asking:
    """A link that shows a button, and what the button does."""

    def __init__(self, parts: PeopleParts) -> None:
        self._parts = parts

    async def ask(self, request: Request) -> Response:
        return await self._answer(request, self._show)

    async def act(self, request: Request) -> Response:
        await posted(request, self._parts.origins)
        return await self._answer(request, self._press)

    async def _answer(self, request: Request, act: Callable[[str], Response]) -> Response:
        token, client = request.path_params["token"], self._parts.client(request)
        return await run_in_threadpool(self._guarded, client, token, lambda: act(token))

    def _guarded(self, client: str, token: str, answer: Callable[[], Response]) -> Response:
        raise NotImplementedError

    def _show(self, token: str) -> Response:
        raise NotImplementedError

    def _press(self, token: str) -> Response:
        raise NotImplementedError


class _Preferences(Asking):
    """The mailed link that opens one's subscriptions, once."""

    def _guarded(self, client: str, token: str, answer: Callable[[], Response]) -> Response:
        return guarded(self._parts, client, LinkPurpose.PREFERENCES, token, answer)

    def _show(self, token: str) -> Response:
        parts = self._parts
        if not opening.openable(parts.store, parts.rules, token, parts.now()):
            return self._over()
        return people.page(parts.pages.leaving.open_link(token))

    def _press(self, token: str) -> Response:
        parts = self._parts
        secret = opening.use_link(parts.store, parts.rules, token, parts.now())
        if secret is None:
            return self._over()
        return let_in(parts, "/preferences/", COOKIE, secret, LinkPurpose.SESSION)

    def _over(self) -> Response:
        return people.page(self._parts.pages.leaving.link_over("/preferences/"), 404)


class _Change(Asking):
    """The link of a digest that shows nobody's data, but mails its owner a link."""

    def _guarded(self, client: str, token: str, answer: Callable[[], Response]) -> Response:
        return guarded_signed(self._parts, client, self._parts.rules.tokens.read_change, token, answer)

    def _show(self, token: str) -> Response:
        pages = self._parts.pages.leaving
        if self._parts.rules.tokens.read_change(token) is None:
            return people.page(pages.unknown(), 404)
        return people.page(pages.mail_link(token))

    def _press(self, token: str) -> Response:
        parts = self._parts
        told = opening.ask_link_by(parts.store, parts.rules, token, parts.now())
        if told is None:
            return people.page(parts.pages.leaving.unknown(), 404)
        return people.page(parts.speaking(told.lang).leaving.link_mailed(told.address_hint))
